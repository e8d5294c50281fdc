"""The HTTP app: routers, one error format, and the resources while it runs."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI
from starlette.concurrency import run_in_threadpool

from app.api.consolidation import derived, forgetting
from app.api.contract.document import build_openapi
from app.api.contract.pages import add_pages
from app.api.entrance import cross_origin
from app.api.entrance.admission import AdmissionLimits, LoopAdmission
from app.api.entrance.middleware import RequestMiddleware
from app.api.entrance.problems import add_exception_handlers
from app.api.entrance.query_validation import strict_query
from app.api.entrance.trailing_slashes import TrailingSlashes
from app.api.ingestion import turns
from app.api.memories import chronology, conflicts, entities, lifecycle, memories, snapshots, tags
from app.api.models import reembedding
from app.api.operations import health
from app.api.platform import artifacts, callers, jobs, keys, usage, user_lists
from app.api.portability import bundles, erasures, session_erasures
from app.api.search import answers, ranker, retrievals, search, search_batches
from app.api.sessions import session_states, store_items
from app.api.sharing import grants
from app.core.settings import Settings
from app.core.version import VERSION
from app.doors.chat_proxy import routes as chat_proxy
from app.doors.console.application import add_console
from app.doors.mcp import route as mcp
from app.doors.mem0 import door as mem0_door
from app.resources import Resources, open_resources
from app.schemas.common import Problem
from app.services.operations import operations
from app.services.platform.keys import bootstrap_admin_key

# Routes are tried in this order, so the most frequently called ones come first.
_ROUTE_MODULES = (
    turns,
    search,
    search_batches,
    answers,
    jobs,
    memories,
    lifecycle,
    entities,
    tags,
    conflicts,
    derived,
    forgetting,
    retrievals,
    ranker,
    chronology,
    session_states,
    artifacts,
    store_items,
    snapshots,
    grants,
    user_lists,
    session_erasures,
    callers,
    keys,
    usage,
    erasures,
    bundles,
    reembedding,
)
OPEN_ROUTES = {"/healthz", "/readyz", "/metrics"}
_PROBLEMS: dict[int | str, dict[str, Any]] = {"default": {"model": Problem}}


def create_app(
    settings: Settings | None = None,
    resources: Resources | None = None,
    limits: AdmissionLimits | None = None,
) -> FastAPI:
    """Create the app. Given `resources` are closed by the caller."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        if resources is not None:
            app.state.resources = resources
            yield
            return
        with open_resources(settings or Settings()) as opened:
            await run_in_threadpool(run_startup_checks, opened)
            app.state.resources = opened
            yield

    app = FastAPI(
        title="memcubed",
        version=VERSION,
        summary="Memory as a service for LLM chat apps and agents",
        lifespan=lifespan,
        openapi_url="/openapi.json",
        redirect_slashes=False,  # a redirection would echo the host that the request names
        docs_url=None,  # the framework's pages load their scripts from a CDN
        redoc_url=None,
        # FastAPI's own would send rejected requests to a collector, and with them the text of a message.
        telemetry={"logs": False},
    )
    app.state.gates = LoopAdmission(limits or AdmissionLimits())
    app.add_middleware(TrailingSlashes, router=app.router)
    app.add_middleware(RequestMiddleware)
    known_settings = settings if resources is None else resources.settings
    if known_settings is not None and known_settings.allowed_origins:
        cross_origin.allow_origins(app, known_settings.allowed_origins)
    add_exception_handlers(app)
    for part in _ROUTE_MODULES:
        app.include_router(part.router, responses=_PROBLEMS, dependencies=[Depends(strict_query)])
    app.include_router(chat_proxy.router, dependencies=[Depends(strict_query)])
    app.include_router(mcp.router, dependencies=[Depends(strict_query)])
    app.include_router(health.router)
    add_console(app)
    app.mount(mem0_door.PATH, mem0_door.create_door())
    add_pages(app)
    app.openapi = lambda: build_openapi(app)
    return app


def run_startup_checks(resources: Resources) -> None:
    """Check that this process fits its database, create the first key, and load the embedding model."""
    operations.check_startup(resources)
    bootstrap_admin_key(resources)
    resources.active_embedder.embed_query("warm up")
