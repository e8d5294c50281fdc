"""Routes of search and context."""

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from app.api.entrance.dependencies import KeyDep, ResourcesDep
from app.api.entrance.guarded_route import GuardedRoute
from app.api.entrance.job_waiting import wait_while_connected
from app.api.entrance.known_users import tell_unknown_user
from app.api.entrance.responses import json_response
from app.core.security import Principal
from app.resources import Resources
from app.schemas.search.search import BuildContext, ContextOut, SearchMemory, SearchOut
from app.services.platform import keys
from app.services.search import context
from app.services.search import search as searching

router = APIRouter(route_class=GuardedRoute, prefix="/v1", tags=["search"])


@router.post("/search", operation_id="search_memory", response_model=SearchOut)
async def search_memory(
    body: SearchMemory, request: Request, resources: ResourcesDep, key: KeyDep
) -> Response:
    """The turns and memories that answer a question, best first, with their sources."""
    waited = await _wait_for_job(request, resources, key, body)
    return await run_in_threadpool(_run_search, resources, key, body, waited)


@router.post("/context", operation_id="build_context", response_model=ContextOut)
async def build_context(
    body: BuildContext, request: Request, resources: ResourcesDep, key: KeyDep
) -> Response:
    """The same as a block for the prompt, within a token budget."""
    waited = await _wait_for_job(request, resources, key, body)
    return await run_in_threadpool(_run_context, resources, key, body, waited)


def _run_search(resources: Resources, key: str, body: SearchMemory, waited: bool | None) -> Response:
    principal, state = keys.authenticate_with_user_state(resources, key, body.user_id)
    found = searching.search_memory(resources, principal, body, state, waited)
    response = json_response(found)
    if not found.items:
        tell_unknown_user(response, resources, principal, body.user_id)
    return response


def _run_context(resources: Resources, key: str, body: BuildContext, waited: bool | None) -> Response:
    principal = keys.authenticate_key(resources, key)
    built = context.build_context(resources, principal, body, waited)
    response = json_response(built)
    if not (built.memory_ids or built.turn_ids):
        tell_unknown_user(response, resources, principal, body.user_id)
    return response


async def _wait_for_job(
    request: Request, resources: Resources, key: str, body: SearchMemory | BuildContext
) -> bool | None:
    """Whether the job that the request waits for has ended; None if it waits for none.

    Raises `ClientDisconnect` if the client closes the connection meanwhile.
    """
    if body.wait_for is None:
        return None

    def check_wait() -> tuple[Principal, bool]:
        principal = keys.authenticate_key(resources, key)
        return principal, searching.must_wait_for_job(resources, principal, body)

    principal, is_to_wait = await run_in_threadpool(check_wait)
    if not is_to_wait:
        return True
    if body.wait_seconds <= 0:
        return False
    return await wait_while_connected(request, resources, principal, body.wait_for, body.wait_seconds)
