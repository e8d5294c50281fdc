"""Route of answers: JSON, or server-sent events while the model writes."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Generator

import anyio
import orjson
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse

from app.api.entrance.admission import RequestSlot
from app.api.entrance.dependencies import PrincipalDep, ResourcesDep
from app.api.entrance.guarded_route import GuardedRoute
from app.api.entrance.problems import to_problem
from app.api.entrance.responses import json_response
from app.core.errors import MemcubedError
from app.core.security import Principal
from app.resources import Resources
from app.schemas.search.answers import AnswerOut, AnswerQuestion, ClaimOut, ShownEvent
from app.services.search import answers
from app.services.search.answers import AnswerEvent, Restart

router = APIRouter(route_class=GuardedRoute, prefix="/v1", tags=["search"])
EVENT_STREAM = "text/event-stream"
_NAMES = {ShownEvent: "shown", ClaimOut: "claim", AnswerOut: "answer"}


@router.post(
    "/answer",
    operation_id="answer_question",
    response_model=AnswerOut,
    responses={
        200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}},
    },
)
async def answer_question(
    body: AnswerQuestion, request: Request, resources: ResourcesDep, principal: PrincipalDep
) -> Response:
    """A short answer from a user's memory in which each sentence cites items; it needs an LLM."""
    answers.require_answerable(resources, principal, body)
    if body.stream or EVENT_STREAM in request.headers.get("accept", ""):
        slot: RequestSlot = request.state.place
        events = _stream(resources, principal, body, slot)
        return StreamingResponse(events, media_type=EVENT_STREAM, headers={"Cache-Control": "no-store"})
    return await _answer_unless_left(request, resources, principal, body)


async def _answer_unless_left(
    request: Request, resources: Resources, principal: Principal, body: AnswerQuestion
) -> Response:
    """The answer. Raises `ClientDisconnect` when nobody waits for it: then the model is not asked again."""
    has_left = threading.Event()
    leaving = asyncio.create_task(_note_disconnect(request, has_left))
    try:
        found = await run_in_threadpool(answers.answer_question, resources, principal, body, has_left.is_set)
    finally:
        leaving.cancel()
    if found is None:
        raise ClientDisconnect
    return json_response(found)


async def _note_disconnect(request: Request, has_left: threading.Event) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    has_left.set()


async def _stream(
    resources: Resources, principal: Principal, body: AnswerQuestion, slot: RequestSlot
) -> AsyncGenerator[bytes]:
    """Yield the events of an answer. The request keeps its place among those of its key until the end."""
    events = answers.iter_answer(resources, principal, body)
    await slot.acquire_slot(again=True)
    try:
        while (event := await run_in_threadpool(_next_event, events)) is not None:
            yield event
    finally:
        slot.release_slot()
        with anyio.CancelScope(shield=True):  # a client that has left ends the call of the model too
            await run_in_threadpool(events.close)


def _next_event(events: Generator[AnswerEvent]) -> bytes | None:
    """The next event as it is sent; None at the end. An error is the last event."""
    try:
        event = next(events, None)
    except MemcubedError as error:
        return _to_event("error", orjson.dumps(to_problem(error).model_dump(exclude_none=True)))
    if event is None:
        return None
    if isinstance(event, Restart):
        return _to_event("restart", b"{}")
    return _to_event(_NAMES[type(event)], event.model_dump_json().encode())


def _to_event(name: str, data: bytes) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), data)
