"""Every error as RFC 9457 problem details (`application/problem+json`), and the same in OpenAPI."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.clues.faults import STORE_ERRORS, store_error
from app.errors import BadInputError, BusyError, CluegraphError, NotFoundError, UnavailableError
from app.masking import without_numbers_of_persons

MEDIA_TYPE = "application/problem+json"
STATUS = {BadInputError: 422, NotFoundError: 404, UnavailableError: 503, BusyError: 503}

log = structlog.get_logger("cluegraph.api")


class Mistake(BaseModel):
    """One parameter that cannot be used."""

    where: str = Field(description="Where it stands: path, query, header or body.", examples=["query"])
    name: str = Field(description="Name of the parameter.", examples=["limit"])
    what: str = Field(
        description="What is wrong with it.", examples=["Input should be less than or equal to 500"]
    )


class Problem(BaseModel):
    """Problem details (RFC 9457). `type` is always about:blank: the status says what kind it is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Not Found",
                    "status": 404,
                    "detail": "There is no finding f-unknown.",
                    "instance": "/v1/findings/f-unknown",
                }
            ]
        }
    )

    type: str = Field(
        default="about:blank", description="Kind of problem, as a URI.", examples=["about:blank"]
    )
    title: str = Field(description="The HTTP status in words.", examples=["Not Found"])
    status: int = Field(description="The HTTP status.", examples=[404])
    detail: str = Field(
        description="One sentence: what was wrong and what to do.",
        examples=["There is no finding f-unknown."],
    )
    instance: str = Field(description="Path that was asked for.", examples=["/v1/findings/f-unknown"])
    errors: list[Mistake] | None = Field(
        default=None, description="Parameters that cannot be used (status 422 only)."
    )


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route: the errors that it may answer with."""
    return {status: {"model": Problem, "description": MEANING[status]} for status in statuses}


MEANING = {
    404: "There is no such thing, or no such address.",
    405: "This address does not answer that method.",
    413: "The body is too large.",
    415: "The body is of a type that is not read.",
    422: "A parameter cannot be used; `errors` names each.",
    500: "A fault of the service; its log tells more.",
    503: "A part that is needed (graph, casebook, ledger) cannot be used now.",
}


def problem(
    request: Request,
    status: int,
    detail: str,
    errors: Iterable[Mistake] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """The response that tells of a problem; it repeats no number of a person that an address held."""
    body = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=without_numbers_of_persons(detail),
        instance=without_numbers_of_persons(request.url.path),
        errors=None if errors is None else [_masked(one) for one in errors],
    )
    return JSONResponse(body.model_dump(exclude_none=True), status, headers, media_type=MEDIA_TYPE)


def _masked(mistake: Mistake) -> Mistake:
    return Mistake(
        where=mistake.where,
        name=without_numbers_of_persons(mistake.name),
        what=without_numbers_of_persons(mistake.what),
    )


class UnknownParametersError(BadInputError):
    """Query parameters that the address does not know: a misspelt filter must not answer everything."""

    def __init__(self, names: Iterable[str], known: Iterable[str]) -> None:
        self.names = sorted(names)
        allowed = ", ".join(sorted(known)) or "none"
        super().__init__(f"Unknown query parameter {', '.join(self.names)}; known here: {allowed}.")


class Faults:
    """What nothing else answers for: a problem, and no trace of its cause.

    A handler of Exception would answer too, and raise again: the server then logs a traceback, which may
    quote values of documents.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        begun = False

        async def sent(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except Exception as error:
            if scope["type"] != "http":
                raise
            request = Request(scope)
            log.error(
                "request failed",
                path=without_numbers_of_persons(request.url.path),
                error=type(error).__name__,
            )
            if not begun:  # else the connection is cut: half an answer cannot be taken back
                await problem(request, 500, MEANING[500])(scope, receive, send)


def install(app: FastAPI) -> None:
    """Registers the handlers on `app` and makes its OpenAPI tell the true media type of errors."""

    @app.exception_handler(CluegraphError)
    def _ours(request: Request, error: CluegraphError) -> JSONResponse:
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
        errors = None
        if isinstance(error, UnknownParametersError):
            errors = [Mistake(where="query", name=name, what="unknown parameter") for name in error.names]
        return problem(request, status, str(error), errors)

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        # Only place and message: the value given may be a personal number.
        errors = [
            Mistake(
                where=str(item["loc"][0]), name=".".join(map(str, item["loc"][1:])), what=str(item["msg"])
            )
            for item in error.errors()
        ]
        named = ", ".join(f"{item.name}: {item.what}" for item in errors)
        return problem(request, 422, f"A parameter cannot be used ({named}).", errors)

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> JSONResponse:
        detail = MEANING.get(error.status_code, str(error.detail))
        return problem(request, error.status_code, detail, headers=dict(error.headers or {}))

    for kind in STORE_ERRORS:

        @app.exception_handler(kind)
        def _store(request: Request, error: Exception) -> JSONResponse:
            log.error(
                "store failed", path=without_numbers_of_persons(request.url.path), error=type(error).__name__
            )
            return problem(request, 503, store_error(error) or MEANING[503])

    app.add_middleware(Faults)

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title,
                version=app.version,
                summary=app.summary,
                description=app.description,
                routes=app.routes,
                tags=app.openapi_tags,
            )
            for methods in schema["paths"].values():
                for operation in methods.values():
                    for status, response in operation["responses"].items():
                        if int(status) >= 400:
                            (described,) = response["content"].values()
                            response["content"] = {MEDIA_TYPE: described}
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
