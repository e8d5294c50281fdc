"""The route of the door: admission as for every other route, then the protocol."""

from importlib import import_module
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from app.api.entrance.admission import get_admission
from app.api.entrance.dependencies import KeyDep, ResourcesDep
from app.api.entrance.guarded_route import BODY_BYTES, GuardedRoute, request_policy
from app.api.entrance.request_bodies import RequestHead, read_body
from app.doors.mcp.caller import Caller, identify_caller
from app.doors.mcp.origins import check_origin

router = APIRouter(route_class=GuardedRoute, include_in_schema=False)
# Loaded with the first message: it takes 24 MB and a third of a second, which most processes need not spend.
_PROTOCOL = "app.doors.mcp.protocol"


@router.post("/mcp")
@router.post("/mcp/")
@request_policy(is_stream=True)
async def handle_message(request: Request, resources: ResourcesDep, key: KeyDep) -> Response:
    """Answer one message of the protocol."""
    check_origin(request.headers, resources.settings.mcp_allowed_hosts)
    caller = await run_in_threadpool(identify_caller, resources, key, request.headers)
    admission, size = get_admission(request), RequestHead(request).size
    if size is not None and size <= admission.limits.small_body_bytes:
        return await _answer(request, caller)
    reserved = BODY_BYTES if size is None else min(size, BODY_BYTES)
    async with admission.body_memory.reserve_bytes(request.state.place.key, reserved):
        return await _answer(request, caller)


async def _answer(request: Request, caller: Caller) -> Response:
    limits = get_admission(request).limits
    async with request.state.place.without_slot():  # a client that sends slowly must not occupy a slot
        body = await read_body(request, RequestHead(request), BODY_BYTES, limits)
    protocol: Any = await run_in_threadpool(import_module, _PROTOCOL)
    return await protocol.answer_request(request.scope, bytes(body), request.receive, caller)
