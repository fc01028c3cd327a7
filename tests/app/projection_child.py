"""Run as a process that is killed: projects a data folder, and kills itself at the given step."""

import os
import signal
import sys
import threading
from pathlib import Path

from projection_world import Project

from app.graph.driver import Graph
from app.graph.server import EmbeddedServer
from app.projection import project_embedded
from app.projection.increment import write_increment

# As the shared server of the tests has it.
QUICK_JVM = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")


def main(data: str, step: str, calls: int, after: float, target: list[str]) -> None:
    """`step` is the progress whose call number `calls` brings the kill, `after` seconds later."""
    seen = 0

    def tell(told: str, *_: object) -> None:
        nonlocal seen
        if told == step:
            seen += 1
            if seen == calls:
                threading.Timer(after, os.kill, (os.getpid(), signal.SIGKILL)).start()
                if after == 0:
                    threading.Event().wait()

    project = Project(Path(data))
    if target[0] == "bolt":
        with Graph.connect(*target[1:]) as graph:
            write_increment(project.ledger, project.casebook, graph, tell)
    else:
        home, cache = Path(target[1]), Path(target[2])
        server = EmbeddedServer(home, cache, heap="512m", page_cache="64m", jvm_options=QUICK_JVM)
        project_embedded(project.ledger, project.casebook, server, rebuild=True, tell=tell)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), sys.argv[5:])
