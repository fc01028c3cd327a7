"""Commands that serve: the API, and the embedded Neo4j."""

import socket
import threading
from datetime import UTC, datetime
from typing import Annotated

import typer

from app.cli.beside import beside, command_of
from app.cli.console import need_data, say, settings_of
from app.cli.handover import announced
from app.errors import UnavailableError
from app.graph.cli import neo4j_app
from app.settings import Settings, require_loopback

_LAST_SECONDS = 2  # for answers under way when the service is told to stop


def register(commands: typer.Typer) -> None:
    """Adds the commands of this module."""
    commands.command()(serve)
    commands.add_typer(neo4j_app, name="neo4j", no_args_is_help=False)


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="A loopback address; also CLUEGRAPH_API_HOST.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="0 takes a free one; also CLUEGRAPH_API_PORT.")
    ] = None,
) -> None:
    """Serve the API on this machine alone, until interrupted: it has no accounts yet."""
    settings = settings_of(context)
    changes = {name: value for name, value in (("api_host", host), ("api_port", port)) if value is not None}
    settings = settings.model_copy(update=changes)
    require_loopback(settings.api_host)
    need_data(settings)
    run_service(settings)


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens on an address of this machine; UnavailableError where it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol told asyncio sends without delay: else a body follows its head 40 ms later.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()  # from here on whoever asks waits, and is not refused
    except OSError as error:
        listener.close()
        raise UnavailableError(
            f"The API cannot listen on {host}:{port} ({error.strerror}): "
            "give another --port, or 0 for a free one."
        ) from error
    return listener


def run_service(settings: Settings) -> None:
    """Serves until interrupted; UnavailableError where the port is taken."""
    # Imported here: FastAPI takes longer to import than the other commands take to run.
    import uvicorn

    from app.api.event_stream import Beat
    from app.api.routers.jobs import Jobs
    from app.api.service import create_app
    from app.api.state import open_stores
    from app.supervision.clearance import clearance

    clearance(settings, datetime.now(UTC))  # an address that cannot be one is told here, not in a log
    listener = listening(settings.api_host, settings.api_port)
    # The stores are opened before the server, so that what is wrong with them is told in one sentence.
    with listener, open_stores(settings) as stores:
        port = listener.getsockname()[1]
        data = settings.data.absolute()
        jobs = Jobs(command_of("app.cli.worker", data))
        service = create_app(settings, stores, jobs)
        server = uvicorn.Server(
            uvicorn.Config(
                service,
                log_level="warning",
                access_log=False,
                # A job may take minutes: it ends with the service, and may be repeated.
                timeout_graceful_shutdown=_LAST_SECONDS,
            )
        )
        threading.Thread(target=service.state.assessing.prepare, daemon=True).start()
        # Streams of events would last for ever.
        service.state.beat = Beat(stopping=lambda: server.should_exit)
        host = f"[{settings.api_host}]" if ":" in settings.api_host else settings.api_host
        address = f"http://{host}:{port}"
        with announced(settings, address, jobs.token), beside(command_of("app.cli.live", data)):
            say(f"API on {address}/docs, for this machine alone: there are no accounts yet.")
            server.run(sockets=[listener])
        if not server.started:
            raise UnavailableError("The API could not start: see the lines above.")
