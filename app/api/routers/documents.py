"""Documents as they are posted: kept at once, loaded in small batches, followed by the id of their body."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Path, Request, Response

from app.api.documents_models import Load
from app.api.problems import documented
from app.api.state import StoresDep
from app.live.inbox import FORMS, Inbox
from app.live.receipts import Receipt

router = APIRouter(prefix="/v1", tags=["documents"])

_ORDER = {
    "table": "orders",
    "ebpCode": "4401968001",
    "orderNo": "ORDER-1",
    "goodsValue": "120.00",
}
_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"type": "array", "items": {"type": "object", "required": ["table"]}},
            "examples": {"flat documents": {"value": [_ORDER]}},
        },
        "application/xml": {"schema": {"type": "string"}},
    },
}


@router.post(
    "/documents",
    summary="Hand in documents",
    status_code=202,
    responses={
        200: {"model": Load, "description": "The same body came before."},
        **documented(413, 415, 422, 503),
    },
    openapi_extra={"requestBody": _BODY},
)
async def post_documents(
    request: Request,
    response: Response,
    opened: StoresDep,
    content_type: Annotated[
        str,
        Header(
            description="application/xml: a message; application/json: an array of flat documents (each "
            "names its `table`), or payment data.",
            examples=["application/json"],
        ),
    ] = "",
) -> Load:
    """A message of the customs standard, or an array of flat documents; kept durably before the answer.

    The same body again is answered with what became of it, and loaded once. `GET /v1/loads/{id}` follows it.
    """
    form = FORMS.get(content_type.partition(";")[0].strip().lower())
    if form is None:
        raise HTTPException(415, f"The body is of no type that is read: send {' or '.join(sorted(FORMS))}.")
    body = await _bounded(request, opened.settings.body_limit)
    receipt = Inbox.of(opened.settings).put(body, form, datetime.now(UTC))
    response.headers["Location"] = f"/v1/loads/{receipt.id}"
    if receipt.state != "waiting":
        response.status_code = 200
    return _load(receipt)


@router.get("/loads/{id}", summary="Follow documents", responses=documented(404, 422, 503))
def load(
    opened: StoresDep,
    id: Annotated[
        str,
        Path(
            title="Body",
            description="SHA-256 of the body, as the answer to its post has it.",
            pattern="^[0-9a-f]{64}$",
            examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
        ),
    ],
) -> Load:
    """Whether it waits or was loaded, with counts, and what was refused with the reason."""
    return _load(Inbox.of(opened.settings).receipt(id))


async def _bounded(request: Request, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise HTTPException(413, f"The body is larger than {limit} bytes: hand it in in parts.")
        parts.append(part)
    return b"".join(parts)


def _load(receipt: Receipt) -> Load:
    return Load.model_validate(receipt.as_dict())
