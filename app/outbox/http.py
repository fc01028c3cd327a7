"""One POST to an address of elsewhere: bounded in time and size, no redirect followed, no proxy asked."""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from threading import Event, Timer
from urllib.parse import urlsplit

from app.errors import BadInputError
from app.outbox.outcome import Policy

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_LARGEST = 64 * 1024
"""Bytes of an answer that are read."""
_MOST_MACHINES = 4
"""Machines of one name that are tried: an attempt ends before its lease."""


class UnreachableError(Exception):
    """Nobody answered; the text says how, and names no value."""


@dataclass(frozen=True)
class Answer:
    """Status and body of an answer, and after how many seconds the receiver wants to be asked again."""

    status: int
    body: bytes
    wait: float | None


def anywhere(_: Address) -> bool:
    """Every machine may be asked."""
    return True


def check_address(address: str, allowed: Callable[[Address], bool] = anywhere) -> str:
    """The address, if it is one to post to; else BadInputError, which does not repeat it.

    http or https, a host, no user or password in it. A machine that it names by number must be `allowed`.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise BadInputError("What was given is no address: give one like https://host/path.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise BadInputError("What was given is no address of http or https: give one like https://host/path.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadInputError("An address holds no user, no password and no fragment: leave them out.")
    if len(address) > 500 or not address.isascii() or not address.isprintable() or " " in address:
        raise BadInputError("An address has at most 500 characters, none of them a space or beyond ASCII.")
    named = "127.0.0.1" if parts.hostname.endswith("localhost") else parts.hostname
    with suppress(ValueError):
        if not allowed(_plain(ipaddress.ip_address(named))):
            raise BadInputError("Nothing is sent to that machine: see docs/settings.md.")
    return address


def post(
    address: str,
    body: bytes,
    headers: Mapping[str, str],
    policy: Policy,
    allowed: Callable[[Address], bool] = anywhere,
) -> Answer:
    """Post a body to an address that `check_address` let pass; raises UnreachableError.

    The name is resolved once and what is connected to is what was checked, so that a name which points
    elsewhere a moment later leads nowhere else.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    opened = _connected(host, port, policy, allowed)
    # A receiver that sends a byte now and then would never run into a time-out of the socket.
    late = Event()
    cut = Timer(policy.attempt, _cut, [opened, late])
    cut.daemon = True
    cut.start()
    connection = HTTPConnection(host, port, timeout=policy.attempt)
    try:
        if parts.scheme == "https":
            context = ssl.create_default_context()
            secured = context.wrap_socket(opened, server_hostname=host, do_handshake_on_connect=False)
            opened, cut.args = secured, [secured, late]
            secured.do_handshake()
        connection.sock = opened
        connection.request("POST", target, body, {"Host": parts.netloc, **headers})
        answer = connection.getresponse()
        told = Answer(answer.status, answer.read(_LARGEST), _seconds(answer.getheader("Retry-After")))
        if late.is_set():  # what was cut off looks like an answer that ends
            raise TimeoutError
        return told
    except TimeoutError:
        raise UnreachableError("no answer in time") from None
    except ssl.SSLError:
        raise UnreachableError("no trustworthy TLS") from None
    except (OSError, HTTPException, ValueError) as error:
        how = "no answer in time" if late.is_set() else f"no answer ({type(error).__name__})"
        raise UnreachableError(how) from None
    finally:
        cut.cancel()
        connection.close()
        opened.close()


def _connected(host: str, port: int, policy: Policy, allowed: Callable[[Address], bool]) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise UnreachableError("its name is not known") from None
    fits = [one for one in found if allowed(_plain(ipaddress.ip_address(str(one[4][0]).partition("%")[0])))]
    if not fits:
        raise UnreachableError("nothing is sent to that machine")
    for family, kind, protocol, _, where in fits[:_MOST_MACHINES]:
        opened = socket.socket(family, kind, protocol)
        try:
            opened.settimeout(policy.connect)
            opened.connect(where)
            opened.settimeout(policy.attempt)
            return opened
        except OSError:
            opened.close()
    raise UnreachableError("nobody listens there")


def _plain(address: Address) -> Address:
    """An IPv4 address that is written as one of IPv6 is judged as what it is."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _cut(opened: socket.socket, late: Event) -> None:
    late.set()
    with suppress(OSError):
        socket.socket.shutdown(opened, socket.SHUT_RDWR)  # the plain one: TLS would wait for a farewell


def _seconds(header: str | None) -> float | None:
    return float(header) if header is not None and header.isascii() and header.isdigit() else None
