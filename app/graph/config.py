"""neo4j.conf of the embedded server: what it says and why, and reading one value back."""

from collections.abc import Mapping
from pathlib import Path

DATABASES = ("cluegrapha", "cluegraphb")
_MOUNTED = "initial.dbms.default_database"


def render(
    *, bolt: int, http: int, heap: str, page_cache: str, database: str, more: Mapping[str, str] | None = None
) -> str:
    """The whole file. `bolt` and `http` are loopback ports, `heap` and `page_cache` sizes such as 2g; `more`
    comes on top."""
    settings = {
        # Loopback only, whatever the defaults of a later version are.
        "server.default_listen_address": "127.0.0.1",
        "server.default_advertised_address": "127.0.0.1",
        "server.bolt.listen_address": f"127.0.0.1:{bolt}",
        "server.bolt.advertised_address": f"127.0.0.1:{bolt}",
        "server.http.listen_address": f"127.0.0.1:{http}",
        "server.http.advertised_address": f"127.0.0.1:{http}",
        "server.https.enabled": "false",
        _MOUNTED: database,
        "server.memory.heap.max_size": heap,
        "server.memory.pagecache.size": page_cache,
        "dbms.usage_report.enabled": "false",
        "client.allow_telemetry": "false",
        # A runaway query ends before it takes the server down.
        "db.transaction.timeout": "10m",
        "db.memory.transaction.max": "1g",
        # Nothing in a query reaches files or other machines.
        "dbms.security.allow_csv_import_from_file_urls": "false",
        "internal.dbms.cypher_ip_blocklist": "0.0.0.0/0,::/0",
        "dbms.security.procedures.unrestricted": "gds.*",
        # The graph is a projection: short logs, no 256 MB set aside for each database.
        "db.tx_log.preallocate": "false",
        "db.tx_log.rotation.retention_policy": "256M size",
        # Without clients to be polite to, a stop takes 0.4 s and not 10 s.
        "internal.dbms.bolt.netty_server_shutdown_quiet_period": "0",
    }
    return "".join(f"{name}={value}\n" for name, value in (settings | dict(more or {})).items())


def mounted(conf: Path) -> str:
    """The database that `conf` mounts; the first of `DATABASES` where there is no file yet."""
    try:
        lines = conf.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return DATABASES[0]
    return next(line.partition("=")[2] for line in lines if line.startswith(_MOUNTED + "="))
