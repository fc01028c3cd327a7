"""Jobs that a command beside the service hands it. Internal to cluegraph, so no part of the described API."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Request
from fastapi.responses import StreamingResponse

router = APIRouter(include_in_schema=False)
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Jobs:
    """`worker` is the command line of a process that does one job; whoever asks for one must know `token`."""

    worker: Sequence[str]
    token: str = field(default_factory=secrets.token_urlsafe, repr=False)


@router.post("/jobs")
async def do_job(request: Request, authorization: Annotated[str, Header()] = "") -> StreamingResponse:
    """Does the job of the body, and answers with what its worker tells, a line of JSON an event.

    The worker's own lock keeps jobs one after another. What body and lines say is between command and worker.
    """
    jobs: Jobs = request.app.state.jobs
    if not secrets.compare_digest(authorization.encode(), f"Bearer {jobs.token}".encode()):
        raise HTTPException(401, "This needs the token in the data folder.", {"WWW-Authenticate": "Bearer"})
    return StreamingResponse(_told(jobs.worker, await request.body()), media_type="application/x-ndjson")


async def _told(worker: Sequence[str], job: bytes) -> AsyncIterator[bytes]:
    process = await asyncio.create_subprocess_exec(
        *worker,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,  # its signals are its own: what it started ends with it
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(job.replace(b"\n", b" ") + b"\n")
        await process.stdin.drain()
        while chunk := await process.stdout.read(_CHUNK):
            yield chunk
    finally:
        # Also when the command has gone away or the service stops: the worker ends when this is closed, by us
        # or by the end of this process, whatever ended it.
        process.stdin.close()
