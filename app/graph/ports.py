"""Loopback ports: choosing free ones and asking whether a server answers."""

import http.client
import socket
import time

from app.errors import UnavailableError

HOST = "127.0.0.1"


def choose_port(wanted: int, last: int, setting: str) -> int:
    """A port to listen on: `wanted`; without a wish (0) `last` where it is free, else any free one.

    Raises UnavailableError naming `setting` where `wanted` is taken.
    """
    if wanted:
        if not _is_free(wanted):
            raise UnavailableError(
                f"Port {wanted} is taken by another program; stop that, or set {setting} to "
                "another port or to 0."
            )
        return wanted
    if last and _is_free(last):
        return last
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the server itself does: connections of the last run that are fading away do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def answers(port: int, pause: float = 0.05) -> bool:
    """Whether an HTTP server answers at this loopback port; waits `pause` seconds before saying no."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        time.sleep(pause)
        return False
    finally:
        connection.close()
