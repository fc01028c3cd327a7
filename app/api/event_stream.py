"""Streams of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html), bounded.

A reader that is slow waits by itself, one that does not read at all is let go, and all end with the service.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from app.errors import UnavailableError


@dataclass
class Places:
    """How many streams there may be at once, and are."""

    most: int = 32
    taken: int = 0


@dataclass(frozen=True)
class Beat:
    """Seconds between two looks at the casebook, between two comments, and until a reader that does not read
    is let go; `stopping` says that the service ends."""

    look: float = 0.25
    comment: float = 15
    patience: float = 30
    stopping: Callable[[], bool] = field(default=lambda: False)

    async def ticks(self, request: Request) -> AsyncIterator[bool]:
        """One tick a look, until the reader has gone or the service ends; True where a comment is due."""
        waited = 0.0
        while not self.stopping() and not await request.is_disconnected():
            yield waited >= self.comment
            waited = 0.0 if waited >= self.comment else waited + self.look
            await asyncio.sleep(self.look)


def places(request: Request) -> Places:
    """The places of the running service."""
    found: Places = request.app.state.places
    return found


def take_place(free: Places) -> Callable[[], None]:
    """Take one of the places; gives what frees it. UnavailableError where none is left."""
    if free.taken >= free.most:
        raise UnavailableError(f"There are {free.most} streams already: try again later, or page the list.")
    free.taken += 1

    def release() -> None:
        free.taken -= 1

    return release


class EventStream(StreamingResponse):
    """A stream of events that holds a place until it ends."""

    media_type = "text/event-stream"

    def __init__(self, content: AsyncIterator[str], release: Callable[[], None], beat: Beat) -> None:
        super().__init__(content, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._release, self._patience = release, beat.patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def patient(message: Message) -> None:
            await asyncio.wait_for(send(message), self._patience)

        try:
            await super().__call__(scope, receive, patient)
        except (TimeoutError, ClientDisconnect):
            pass  # whoever does not read gets no more; it resumes from the last id that it has seen
        finally:
            self._release()
