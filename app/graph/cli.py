"""`cluegraph neo4j …`: start, stop and look at the embedded server."""

import json
import os
import time
from collections import deque
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from app.errors import BadInputError, NotFoundError
from app.graph.server import EmbeddedServer
from app.settings import Settings

neo4j_app = typer.Typer(
    help="The embedded Neo4j of the data folder.", no_args_is_help=True, pretty_exceptions_enable=False
)
_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@neo4j_app.command()
def start(context: typer.Context, as_json: _Json = False) -> None:
    """Start the embedded Neo4j (the first time it is downloaded) and say where it is."""
    server = _server(context)
    before = time.monotonic()
    was_running = server.status().running
    server.start()
    if not (as_json or was_running):
        typer.echo(f"Neo4j started in {time.monotonic() - before:.1f} s.")
    _show(server, as_json)


@neo4j_app.command()
def stop(
    context: typer.Context,
    force: Annotated[bool, typer.Option("--force", help="Also while other processes work with it.")] = False,
    as_json: _Json = False,
) -> None:
    """Stop the embedded Neo4j, unless another process works with it."""
    stopped = _server(context).stop(force=force)
    if as_json:
        typer.echo(json.dumps({"stopped": stopped}))
    else:
        typer.echo("Neo4j stopped." if stopped else "Neo4j was not running.")


@neo4j_app.command()
def status(context: typer.Context, as_json: _Json = False) -> None:
    """Say whether the embedded Neo4j runs, where, and who works with it."""
    _show(_server(context), as_json)


@neo4j_app.command()
def log(
    context: typer.Context,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many of the last lines.")] = 40,
    as_json: _Json = False,
) -> None:
    """Print the end of the embedded Neo4j's log."""
    path = _server(context).log_path
    if not path.exists():
        raise NotFoundError(f"There is no log {path} yet: the embedded Neo4j has never been started.")
    with path.open(encoding="utf-8", errors="replace") as file:
        end = [line.rstrip("\n") for line in deque(file, lines)]
    typer.echo(
        json.dumps({"log": str(path), "lines": end}, ensure_ascii=False) if as_json else "\n".join(end)
    )


def _server(context: typer.Context) -> EmbeddedServer:
    settings = context.obj
    if not isinstance(settings, Settings):
        raise TypeError("the command needs Settings as its context object")
    if settings.neo4j_uri is not None:
        raise BadInputError(
            f"CLUEGRAPH_NEO4J_URI names a Neo4j of your own ({settings.neo4j_uri}), which is not ours to "
            "start, stop or look at; unset it for the embedded one."
        )
    return EmbeddedServer.of(settings)


def _show(server: EmbeddedServer, as_json: bool) -> None:
    found = server.status()
    started = _instant(found.started) if found.started else None
    # Asking is no use of it.
    users = [user for user in server.users() if user.pid != os.getpid()] if found.running else []
    data: dict[str, Any] = asdict(found) | {
        "started": started,
        "browser": f"{found.http}/browser/" if found.http else None,
        "user": found.user,
        "password_file": str(server.password_file),
        "log": str(server.log_path),
        "users": [asdict(user) | {"started": _instant(user.started)} for user in users],
    }
    if as_json:
        typer.echo(json.dumps(data, ensure_ascii=False))
    elif not found.running:
        typer.echo("Neo4j is not running; cluegraph neo4j start starts it.")
    else:
        typer.echo(
            f"Neo4j runs since {started}, process {found.pid}, on this machine alone.\n"
            f"  Browser   {data['browser']}\n"
            f"  Bolt      {found.uri}\n"
            f"  log in    user {found.user}, password in {server.password_file} (yours alone to read)\n"
            f"  log       {server.log_path}"
        )
        for user in data["users"]:
            typer.echo(f"  in use by process {user['pid']} ({user['command']}) since {user['started']}")


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
