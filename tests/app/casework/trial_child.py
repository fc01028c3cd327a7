"""A trial that is killed while its graph is up: it says so on standard output, and waits."""

import sys
import time
from pathlib import Path

from app.casework.trial import scratch
from app.graph.server import EmbeddedServer
from app.settings import Settings

settings = Settings(data=Path(sys.argv[1]), neo4j_heap="512m", neo4j_page_cache="64m")
with scratch(settings) as own:
    EmbeddedServer.of(own).start()
    print("up", flush=True)
    time.sleep(600)
