"""The lock of the server's jars: which ones, how large, with which SHA-256.

`python -m app.graph.lock` resolves the two artifacts below anew and rewrites `jars.lock`. The names of the
repositories are those that `jgo` knows; none stands here.
"""

import hashlib
import shutil
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

ROOTS = ("org.neo4j:neo4j:5.26.30", "org.neo4j.client:neo4j-browser:5.24.0")
LOCK_NAME = "jars.lock"


@dataclass(frozen=True)
class Jar:
    """One jar of the server. `size` is in bytes, `sha256` in hex."""

    group: str
    artifact: str
    version: str
    classifier: str
    size: int
    sha256: str

    @property
    def file_name(self) -> str:
        """Name under which the jar is kept, unique within the lock."""
        return "-".join(part for part in (self.artifact, self.version, self.classifier) if part) + ".jar"

    @property
    def path(self) -> PurePosixPath:
        """Path within a Maven repository."""
        return PurePosixPath(self.group.replace(".", "/"), self.artifact, self.version, self.file_name)


def parse(text: str) -> tuple[Jar, ...]:
    """Read a lock: a jar a line (`group artifact version classifier|- size sha256`), `#` for comments."""
    jars = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            group, artifact, version, classifier, size, sha256 = line.split()
            jars.append(
                Jar(group, artifact, version, "" if classifier == "-" else classifier, int(size), sha256)
            )
    return tuple(jars)


def render(jars: tuple[Jar, ...]) -> str:
    """The inverse of `parse`."""
    head = f"# Jars of {', '.join(ROOTS)}\n# group artifact version classifier size sha256\n"
    return head + "".join(
        f"{jar.group} {jar.artifact} {jar.version} {jar.classifier or '-'} {jar.size} {jar.sha256}\n"
        for jar in jars
    )


@cache
def locked_jars() -> tuple[Jar, ...]:
    """The jars of the committed lock, in the order of the class path."""
    return parse((files("app.graph") / LOCK_NAME).read_text("utf-8"))


def resolve(repository_cache: Path) -> tuple[Jar, ...]:
    """Resolve `ROOTS` and all they need at run time, downloading into `repository_cache` (140 MB)."""
    from jgo.maven import MavenContext

    context = MavenContext(repo_cache=repository_cache)
    _, nodes = context.resolver.get_dependency_list([context.create_dependency(root) for root in ROOTS])
    dependencies = [node.dep for node in nodes] + [context.create_dependency(root) for root in ROOTS]
    jars: dict[Jar, bool] = {}
    for dependency in dependencies:
        if dependency.scope not in ("compile", "runtime", None) or dependency.type != "jar":
            continue
        path = dependency.artifact.resolve()
        data = path.read_bytes()
        jar = Jar(
            dependency.groupId,
            dependency.artifactId,
            dependency.version,
            dependency.classifier or "",
            len(data),
            hashlib.sha256(data).hexdigest(),
        )
        jars[jar] = _names_others(path)
    # Neo4j's own jars first: they are the ones whose classes a start reads most. Those whose manifest adds
    # others to the class path last: Java refuses an archive of classes where these stand after them.
    ordered = sorted(
        jars, key=lambda jar: (jars[jar], not jar.group.startswith("org.neo4j"), jar.group, jar.file_name)
    )
    names = [jar.file_name for jar in ordered]
    if len(set(names)) != len(names):
        raise ValueError("two jars of the lock have one file name")
    return tuple(ordered)


def _names_others(path: Path) -> bool:
    with ZipFile(path) as jar:
        manifest = "META-INF/MANIFEST.MF"
        return manifest in jar.namelist() and b"\nClass-Path:" in jar.read(manifest)


def main() -> None:
    """Rewrite the lock beside this file."""
    folder = Path(tempfile.mkdtemp(prefix="cluegraph-lock-"))
    try:
        jars = resolve(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    Path(__file__).with_name(LOCK_NAME).write_text(render(jars), "utf-8")
    sys.stdout.write(f"{len(jars)} jars, {sum(jar.size for jar in jars) / 1e6:.0f} MB\n")


if __name__ == "__main__":
    main()
