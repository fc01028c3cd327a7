"""The application: `create_app(settings)`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from fastapi import Depends, FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware.trustedhost import TrustedHostMiddleware

from app import __version__
from app.api.event_stream import Beat, Places
from app.api.problems import install
from app.api.routers import (
    assessments,
    classes,
    clusters,
    consumers,
    documents,
    enterprises,
    findings,
    handovers,
    health,
    instructions,
    jobs,
    measures,
    people,
    platforms,
    portraits,
    referrals,
    rule_life,
    rules,
    scorecard,
    selections,
    warnings,
    webhooks,
)
from app.api.state import Assessing, Stores, known_parameters_only, open_stores
from app.settings import Settings, require_loopback

ROUTERS = (
    assessments,  # the one that must not wait
    findings,
    documents,
    enterprises,
    consumers,
    clusters,
    referrals,
    rule_life,  # before `rules`, whose {id} would take its addresses
    rules,
    platforms,
    people,
    portraits,
    scorecard,
    classes,
    instructions,
    warnings,
    webhooks,
    measures,
    selections,
    handovers,
    health,
)

DESCRIPTION = """
What cluegraph found, and what it knows, by key. Only a `POST` changes anything, and says who decided.

**This service has no accounts yet: it listens on loopback only** and serves whoever works here.

* Persons appear as keys and masked text; `cluegraph key` turns a value into its key, for the operator.
* Lists answer `{data, count, next}`: `next` is an opaque cursor for the following page, null on the last.
* Hubs (platforms, payment companies, carriers) are bounded: an answer says what it cut.
* Errors are problem details (RFC 9457). A query parameter that an address does not know is refused.
"""

TAGS = [
    {"name": "findings", "description": "What was found, why, and the documents behind it."},
    {"name": "documents", "description": "Documents handed in as they arise, and what became of them."},
    {
        "name": "rules",
        "description": "What each rule asks, what its last run looked at, how often it is right.",
    },
    {"name": "platforms", "description": "Checks of platforms: their state, what to check next, new ones."},
    {"name": "enterprises", "description": "Platforms, payment companies and others, by code."},
    {"name": "consumers", "description": "Consumers, by key, masked."},
    {"name": "clusters", "description": "Communities that detection found."},
    {"name": "referrals", "description": "What the payment authority is asked, and what it replied."},
    {"name": "portraits", "description": "Enterprises by period: indicators, peers, points."},
    {"name": "classes", "description": "Classes of enterprises: ratings, adjustments, history."},
    {"name": "assessments", "description": "Declarations before release: lane, reasons, quota, replay."},
    {"name": "instructions", "description": "Control instructions, from draft to acknowledgement."},
    {"name": "warnings", "description": "What changed in findings: a list, a stream, webhooks."},
    {"name": "measures", "description": "Measures by class, their effect, and the day's selections."},
    {"name": "clues", "description": "Dossiers, clues handed over, and who asked for personal values."},
    {"name": "service", "description": "State of the service."},
]


def create_app(settings: Settings, opened: Stores | None = None, taking: jobs.Jobs | None = None) -> FastAPI:
    """The service over the stores of a data folder: those `opened`, or its own for as long as it runs.

    It takes jobs from commands where `taking` says how they are done.

    Raises BadInputError where the settings name an address that is not loopback.
    """
    require_loopback(settings.api_host)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with nullcontext(opened) if opened else open_stores(settings) as stores:
            app.state.stores = stores
            try:
                yield
            finally:
                app.state.assessing.close()

    # /docs brings its own scripts: neither a page of ours nor its reader's browser asks another machine.
    app = FastAPIOffline(
        title="cluegraph",
        version=__version__,
        summary="Supervision of cross-border e-commerce: explained findings.",
        description=DESCRIPTION,
        openapi_tags=TAGS,
        lifespan=lifespan,
        dependencies=[Depends(known_parameters_only)],
        redoc_url=None,
        swagger_ui_parameters={"validatorUrl": "none"},
    )
    # Without accounts, a page of elsewhere must not reach us by a name that it has pointed here.
    app.add_middleware(
        TrustedHostMiddleware, allowed_hosts=["localhost", "127.0.0.1", "::1", "[::1]", settings.api_host]
    )
    install(app)
    app.state.beat, app.state.places, app.state.assessing = Beat(), Places(), Assessing(settings)
    for module in ROUTERS:
        app.include_router(module.router)
    if taking is not None:
        app.state.jobs = taking
        app.include_router(jobs.router)
    return app
