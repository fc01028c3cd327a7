"""The socket that the service listens on."""

import asyncio
import socket

import pytest

from app.cli.serving import listening
from app.errors import UnavailableError


def test_answers_are_sent_without_delay() -> None:
    async def delayed() -> bool:
        told: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def accepted(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            own = writer.get_extra_info("socket")
            told.set_result(not own.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

        with listening("127.0.0.1", 0) as listener:
            async with await asyncio.start_server(accepted, sock=listener):
                _, writer = await asyncio.open_connection(*listener.getsockname())
                try:
                    return await told
                finally:
                    writer.close()

    assert not asyncio.run(delayed())


def test_a_port_that_is_taken_is_named() -> None:
    with listening("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(UnavailableError, match=f"127.0.0.1:{port}"):
            listening("127.0.0.1", port)
