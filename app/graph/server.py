"""The embedded server: a real Neo4j as a child process that belongs to a data folder and outlives its parent.

At any moment a home folder has at most one server. `start` finds the one that runs, whoever started it; a
lock in the home folder lets one process at a time start, stop or swap.
"""

import os
import secrets
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from app.errors import BadInputError, BusyError, UnavailableError
from app.graph import config, java, processes
from app.graph.files import disk_errors, need_room, write_atomically
from app.graph.jars import jar_files
from app.graph.ports import answers, choose_port
from app.graph.processes import State, User
from app.graph.report import start_failure, told_error
from app.settings import Settings

USER = "neo4j"
_FOLDERS = ("conf", "data", "logs", "run", "import", "plugins")
_ROOM = 200_000_000  # bytes a start needs at least: stores, logs, the archive of classes
_LOCK_SECONDS = 900  # for another process that starts it, download included
_START_SECONDS = 600  # recovery of a large store takes its time
_ATTEMPTS = 3  # a free port may be taken between choosing and listening

# A server that this process started stays its child: kept here so that its end is seen and reaped.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Connection:
    """Where a running server is. `uri` is the Bolt address, `http` the address of Neo4j Browser."""

    uri: str
    http: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Status:
    """What is known of a home's server. `started` in seconds since 1970; None where it does not run."""

    running: bool
    mounted: str
    pid: int | None = None
    started: float | None = None
    uri: str | None = None
    http: str | None = None
    user: str = USER


class EmbeddedServer:
    """Neo4j below `home`, with its jars in `cache`. Making one touches nothing; `start` does."""

    def __init__(
        self,
        home: Path,
        cache: Path,
        *,
        heap: str = "2g",
        page_cache: str = "1g",
        bolt_port: int = 0,
        http_port: int = 0,
        offline: Path | None = None,
        mirror: str | None = None,
        jvm_options: Sequence[str] = (),
        conf: Mapping[str, str] | None = None,
    ) -> None:
        self.home = home.absolute()
        self._cache = cache.absolute()
        self._heap, self._page_cache = heap, page_cache
        self._bolt_port, self._http_port = bolt_port, http_port
        self._offline, self._mirror = offline, mirror
        self._jvm_options, self._more_conf = list(jvm_options), conf
        self._conf = self.home / "conf" / "neo4j.conf"
        self._state = self.home / "state.json"
        self._users = self.home / "users.json"
        self._run_folder = self.home / "run"
        self._arguments = self._run_folder / "server.args"
        self.password_file = self.home / "password"
        self.log_path = self.home / "logs" / "neo4j.log"
        self._console = self.home / "logs" / "console.log"

    @classmethod
    def of(cls, settings: Settings) -> "EmbeddedServer":
        """The server of a data folder."""
        return cls(
            settings.neo4j_home,
            settings.cache,
            heap=settings.neo4j_heap,
            page_cache=settings.neo4j_page_cache,
            bolt_port=settings.neo4j_bolt_port,
            http_port=settings.neo4j_http_port,
            offline=settings.neo4j_offline,
            mirror=settings.neo4j_mirror,
        )

    # ---- start, stop, status

    def start(self) -> Connection:
        """Start the server, or find it running, and wait until it answers.

        Raises UnavailableError (no jars, no room, port taken, a server that does not come up, with the end
        of its log) and BusyError (another process has been starting or stopping it for 15 minutes).
        """
        with self._lock():
            state = self._living()
            if state and state.database != self.mounted:
                # A swap was interrupted between its commit (the conf) and the restart.
                self._end(state)
                state = None
            if state is None or not self._wait(state):
                state = self._launch()
            processes.add_user(self._users, processes.this_process())
            return self._connection(state)

    def users(self) -> list[User]:
        """The processes that have asked for the server and still live, the oldest first."""
        return processes.read_users(self._users)

    def stop(self, timeout: float = 120, *, force: bool = False) -> bool:
        """Stop the server, by force after `timeout` seconds. Whether one was running.

        Raises BusyError, which names them, where other processes work with it, unless it is to be by `force`.
        """
        if not self.home.exists():
            return False
        with self._lock():
            state = self._living()
            others = [user for user in self.users() if user.pid != os.getpid()]
            if state and others and not force:
                named = ", ".join(f"process {user.pid} ({user.command})" for user in others)
                raise BusyError(
                    f"Neo4j is in use by {named}: end that first, or stop it all the same with "
                    "cluegraph neo4j stop --force."
                )
            if state:
                self._end(state, timeout)
            # The state file stays: the next start takes the same ports where they are still free.
            return self._end_strays() or state is not None

    def connection(self) -> Connection | None:
        """The running server, or None; never starts one."""
        state = self._living()
        return self._connection(state) if state else None

    def status(self) -> Status:
        """Whether it runs, since when and where."""
        state = self._living()
        if state is None:
            return Status(False, self.mounted)
        found = self._connection(state)
        return Status(True, state.database, state.pid, state.started, found.uri, found.http)

    # ---- the two databases

    @property
    def mounted(self) -> str:
        """The database that the next start mounts (and a running server has mounted)."""
        return config.mounted(self._conf)

    @property
    def other(self) -> str:
        """The database that is not mounted: where `import_full` may write."""
        return next(name for name in config.DATABASES if name != self.mounted)

    def mount(self, database: str) -> None:
        """Mount `database` from now on; restarts the server where it runs. Safe to repeat after a kill.

        The configuration is replaced atomically, which is the commit: a start that finds a server with
        another database restarts it.
        """
        if database not in config.DATABASES:
            raise BadInputError(
                f"There is no database {database}: the two are {' and '.join(config.DATABASES)}."
            )
        with self._lock():
            self._make_folders()
            state = self._living()
            last = state or processes.read_state(self._state)
            self._write_conf(last.bolt if last else 0, last.http if last else 0, database)
            if state and state.database != database:
                self._end(state)
                self._launch()

    def import_full(self, arguments: Sequence[str], *, heap: str | None = None) -> str:
        """Bulk-import into `other`, replacing it; works before the first start and beside a server.

        `arguments` are those of `database import full` but for the name of the database and
        `--overwrite-destination`. Gives what the importer printed. Raises UnavailableError with its reason.
        """
        return self.admin(
            "database",
            "import",
            "full",
            self.other,
            "--overwrite-destination",
            f"--report-file={self.home / 'run' / 'import.report'}",
            *arguments,
            heap=heap,
        )

    def admin(self, *arguments: str, heap: str | None = None) -> str:
        """Run Neo4j's own administration tool on this home and give what it printed.

        Raises UnavailableError with the tool's reason where it fails.
        """
        with self._lock("admin"):
            self._make_folders()
            if not self._conf.exists():
                self._write_conf(0, 0, self.mounted)
            file = self._run_folder / "admin.args"
            # What a killed parent left running would hold the files of its database.
            for stray in processes.with_argument(f"@{file}"):
                processes.end(stray, 10)
            jars = self._jars()
            command = java.argument_file(
                file,
                [
                    *java.ClassArchive(self._cache, jars).arguments(),
                    # A run of seconds: the simplest collector takes a fifth less of the processors.
                    "-XX:+UseSerialGC",
                    *self._jvm_options,
                    *java.jvm_arguments(jars, [], heap or self._heap),
                    java.ADMIN,
                    *arguments,
                    "--verbose",  # else it keeps the reason of a failure to itself
                ],
            )
            environment = {"NEO4J_HOME": str(self.home), "NEO4J_CONF": str(self._conf.parent)}
            try:
                done = subprocess.run(  # noqa: S603 - our own words
                    command,
                    env=java.environment(environment),
                    cwd=self._run_folder,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    errors="replace",
                    check=False,
                )
            finally:
                file.unlink(missing_ok=True)
        if done.returncode != 0:
            told = f"Neo4j's {' '.join(arguments[:3])} failed: {told_error(done.stderr or done.stdout)}"
            if self.password_file.exists():
                told = told.replace(self.password_file.read_text("utf-8"), "(the password)")
            raise UnavailableError(told)
        return done.stdout

    # ---- inside

    @contextmanager
    def _lock(self, name: str = "lock") -> Iterator[None]:
        with disk_errors(self.home):
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with FileLock(self.home / f"{name}.lck", timeout=_LOCK_SECONDS), disk_errors(self.home):
                yield
        except Timeout as error:
            raise BusyError(
                f"Another process has been busy with the Neo4j of {self.home} for "
                f"{_LOCK_SECONDS // 60} minutes; end it and try again."
            ) from error

    def _living(self) -> State | None:
        state = processes.read_state(self._state)
        if state is None:
            return None
        child = _children.get(state.pid)
        if child is not None and child.poll() is not None:
            del _children[state.pid]
        return state if processes.is_alive(state, f"@{self._arguments}") else None

    def _connection(self, state: State) -> Connection:
        try:
            password = self.password_file.read_text("utf-8")
        except FileNotFoundError as error:
            raise UnavailableError(
                f"The password {self.password_file} is gone: stop the server, remove the folder {self.home} "
                "and build the graph again with cluegraph project --rebuild."
            ) from error
        return Connection(f"bolt://127.0.0.1:{state.bolt}", f"http://127.0.0.1:{state.http}", USER, password)

    def _jars(self) -> list[Path]:
        return jar_files(self._cache, offline=self._offline, mirror=self._mirror)

    def _make_folders(self) -> None:
        for name in _FOLDERS:
            (self.home / name).mkdir(exist_ok=True)

    def _write_conf(self, bolt: int, http: int, database: str) -> None:
        sizes = {"heap": self._heap, "page_cache": self._page_cache}
        text = config.render(bolt=bolt, http=http, database=database, **sizes, more=self._more_conf)
        write_atomically(self._conf, text)

    def _launch(self) -> State:
        self._end_strays()
        jars = self._jars()
        need_room(self.home, _ROOM, "Neo4j")
        self._make_folders()
        last = processes.read_state(self._state)
        failure = ""
        for _ in range(_ATTEMPTS):
            bolt = choose_port(self._bolt_port, last.bolt if last else 0, "CLUEGRAPH_NEO4J_BOLT_PORT")
            http = choose_port(self._http_port, last.http if last else 0, "CLUEGRAPH_NEO4J_HTTP_PORT")
            self._write_conf(bolt, http, self.mounted)
            self._set_password()
            log_start = self.log_path.stat().st_size if self.log_path.exists() else 0
            state = self._run(jars, bolt, http)
            if self._wait(state):
                return state
            self._end(state, 10)
            failure = start_failure(self.log_path, log_start, self._console)
            last = None
            if "Address already in use" not in failure:
                break
        raise UnavailableError(f"The embedded Neo4j did not start: {failure} (whole log: {self.log_path})")

    def _set_password(self) -> None:
        """Before the very first start: a random password, for the owner's eyes. Repeatable after a kill."""
        if (self.home / "data" / "databases" / "system").exists():
            return
        if not self.password_file.exists():
            # Digits and a to f alone: the administration tool takes a leading - for an option.
            write_atomically(self.password_file, secrets.token_hex(24))
        self.admin("dbms", "set-initial-password", self.password_file.read_text("utf-8"))

    def _run(self, jars: list[Path], bolt: int, http: int) -> State:
        archive = java.ClassArchive(self._cache, jars)
        plugins = sorted((self.home / "plugins").glob("*.jar"))
        command = java.argument_file(
            self._arguments,
            [
                *archive.arguments(self._run_folder),
                *self._jvm_options,
                *java.jvm_arguments(jars, plugins, self._heap),
                java.SERVER,
                f"--home-dir={self.home}",
                f"--config-dir={self._conf.parent}",
            ],
        )
        with self._console.open("wb") as console:
            # Its own session: neither Ctrl-C nor the end of this process reaches it.
            child = subprocess.Popen(  # noqa: S603 - our own words
                command,
                env=java.environment({}),
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        _children[child.pid] = child
        state = State(child.pid, processes.created(child.pid), bolt, http, self.mounted)
        processes.write_state(self._state, state)
        return state

    def _wait(self, state: State) -> bool:
        """Wait until the server answers; False where it ended, UnavailableError where it does neither."""
        until = time.monotonic() + _START_SECONDS
        while self._living() == state:
            if answers(state.http):
                return True
            if time.monotonic() > until:
                raise UnavailableError(
                    f"The embedded Neo4j (process {state.pid}) has not answered for {_START_SECONDS // 60} "
                    f"minutes; look into {self.log_path}, or stop it with cluegraph neo4j stop."
                )
        return False

    def _end(self, state: State, timeout: float = 120) -> None:
        try:
            by_itself = processes.end(psutil.Process(state.pid), timeout)
        except psutil.NoSuchProcess:
            return
        if by_itself:
            java.keep_archive(self._run_folder, self._cache)

    def _end_strays(self) -> bool:
        """End servers of this home that no state file knows: their parent was killed before it wrote one."""
        strays = processes.with_argument(f"@{self._arguments}")
        for stray in strays:
            processes.end(stray, 120)
        return bool(strays)
