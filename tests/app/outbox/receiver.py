"""A receiver for tests: a real HTTP server of this machine that notes what it gets."""

import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson


@dataclass
class Request:
    """One POST that came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> str:
        return self.headers["idempotency-key"]

    @property
    def message(self) -> dict[str, Any]:
        return dict(orjson.loads(self.body))


Reply = tuple[int, dict[str, str], bytes]


@dataclass
class Receiver:
    """Where it listens, what came, and what it answers: `reply` is asked for every request."""

    port: int = 0
    requests: list[Request] = field(default_factory=list)
    replies: deque[int] = field(default_factory=deque)
    reply: Callable[[Request], Reply] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/instructions?system=clearance"

    @property
    def keys(self) -> list[str]:
        return [request.key for request in self.requests]

    def answer(self, request: Request) -> Reply:
        if self.reply is not None:
            return self.reply(request)
        return (self.replies.popleft() if self.replies else 200), {}, b""


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver that listens on a port of its own until the block ends."""
    receiver = Receiver()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if len(body) < length:  # whoever sent it was killed in the midst of it: it has not come
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.path, headers, body)
            with lock:
                receiver.requests.append(request)
            status, more, text = receiver.answer(request)
            self.send_response(status)
            for name, value in {**more, "Content-Length": str(len(text))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass  # whoever was asking has been killed, or has had enough

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
