"""Routes of search and context."""

import asyncio

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from app.api.entrance.admission import RequestSlot, get_admission
from app.api.entrance.dependencies import KeyDep, ResourcesDep
from app.api.entrance.guarded_route import GuardedRoute
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
    return json_response(searching.search_memory(resources, principal, body, state, waited))


def _run_context(resources: Resources, key: str, body: BuildContext, waited: bool | None) -> Response:
    return json_response(
        context.build_context(resources, keys.authenticate_key(resources, key), body, waited)
    )


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
    admission = get_admission(request)
    slot: RequestSlot = request.state.place
    async with slot.without_slot():
        ending = asyncio.create_task(
            admission.job_waiters.wait_for_job(
                resources, slot.key, principal, body.wait_for, body.wait_seconds
            )
        )
        leaving = asyncio.create_task(_wait_for_disconnect(request))
        try:
            await asyncio.wait((ending, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not ending.done():
                raise ClientDisconnect
            return ending.result()
        finally:
            for task in (ending, leaving):
                task.cancel()
            await asyncio.gather(ending, leaving, return_exceptions=True)


async def _wait_for_disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
