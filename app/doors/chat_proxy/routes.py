"""Routes of the chat proxy: OpenAI's chat completions and models, forwarded with memory."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import AsyncExitStack, contextmanager, suppress
from functools import partial
from typing import Annotated, Any, TypeVar

import anyio
import orjson
from fastapi import APIRouter, Body, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app.api.entrance.admission import RequestSlot
from app.api.entrance.dependencies import PrincipalDep, ResourcesDep
from app.api.entrance.guarded_route import request_policy
from app.core.errors import TooManyRequests
from app.core.vocabulary import KeyScope
from app.doors.chat_proxy import memory
from app.doors.chat_proxy.conversation import find_query, list_new_turns
from app.doors.chat_proxy.memory import Recalled
from app.doors.chat_proxy.openai_errors import OpenAIRoute, error_response
from app.doors.chat_proxy.replies import Reply
from app.doors.chat_proxy.requests import CONTEXT_HEADER, ChatRequest, require_endpoint
from app.llm.chat_passthrough import ChatExchange, open_exchange
from app.llm.client import EndpointFailed, Usage
from app.resources import Resources
from app.schemas.ingestion.turns import NewTurn

router = APIRouter(route_class=OpenAIRoute, prefix="/v1", tags=["chat"], include_in_schema=False)
T = TypeVar("T")
MAX_BODY_BYTES = 16 * 2**20
MAX_CHATS_PER_TENANT = 64  # that one process forwards at once
MAX_EVENT_BYTES = 4 * 2**20
_OWN_KEY_REFUSED = (401, 403)
_PASSED_HEADERS = ("retry-after",)
_PASSED_PREFIXES = ("x-ratelimit-", "openai-")
_DONE = b"[DONE]"


class ChatSeats:
    """Limits the chats of a tenant that are forwarded at once."""

    def __init__(self, most: int) -> None:
        self._most, self._taken, self._lock = most, Counter[str](), threading.Lock()

    @contextmanager
    def take(self, tenant_id: str) -> Generator[None]:
        """Hold a seat for this block. Raises `TooManyRequests`."""
        with self._lock:
            if self._taken[tenant_id] >= self._most:
                raise TooManyRequests("This tenant has too many chats under way; wait for their answers.")
            self._taken[tenant_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._taken[tenant_id] -= 1


_seats = ChatSeats(MAX_CHATS_PER_TENANT)


@router.post("/chat/completions")
@request_policy(bound=MAX_BODY_BYTES)
async def create_chat_completion(
    body: Annotated[dict[str, Any], Body()],
    request: Request,
    resources: ResourcesDep,
    principal: PrincipalDep,
) -> Response:
    """Forward a chat with what is remembered of its user, and remember what is said in it."""
    endpoint = require_endpoint(resources)
    chat = await run_in_threadpool(ChatRequest.parse, request, principal, body)
    async with AsyncExitStack() as stack:
        stack.enter_context(_seats.take(principal.tenant_id))
        query = await run_in_threadpool(find_query, chat.messages)
        recalled = await memory.recall_context(resources, chat.owner, query, chat.max_tokens)
        raw = await run_in_threadpool(chat.to_upstream, endpoint, recalled)
        opening = stack.enter_async_context(open_exchange(endpoint, "POST", "/chat/completions", raw))
        began = time.monotonic()
        try:
            exchange = await _unless_left(request, opening)
            headers = {CONTEXT_HEADER: recalled.told} | _passed_headers(exchange)
            if exchange.is_stream:
                slot: RequestSlot = request.state.place
                waited = time.monotonic() - began
                events = _Streaming(request, resources, chat, recalled, exchange, slot, waited).iter_events()
                return _ClosingStream(events, headers, stack.pop_all())
            answered = await _unless_left(request, exchange.read())
        except EndpointFailed as failure:
            usage = Usage.of_failure(time.monotonic() - began)
            await memory.remember_turns(resources, chat.owner, list, usage)
            return _failed_response(failure, recalled)
    seconds = time.monotonic() - began
    if not exchange.response.is_success:
        await memory.remember_turns(resources, chat.owner, list, Usage.of_failure(seconds))
        return _upstream_error(exchange, answered, headers)
    reply = _read_reply(answered)
    turns = _turns_to_remember(chat, recalled, reply)
    await memory.remember_turns(resources, chat.owner, turns, Usage.of_answer(seconds) + reply.usage)
    return Response(answered, exchange.status, headers, exchange.header("content-type") or "application/json")


@router.get("/models")
async def list_models(request: Request, resources: ResourcesDep, principal: PrincipalDep) -> Response:
    """The endpoint's models."""
    principal.require_scope(KeyScope.READ)
    endpoint = require_endpoint(resources)
    async with AsyncExitStack() as stack:
        stack.enter_context(_seats.take(principal.tenant_id))
        opening = stack.enter_async_context(open_exchange(endpoint, "GET", "/models"))
        try:
            exchange = await _unless_left(request, opening)
            answered = await _unless_left(request, exchange.read())
        except EndpointFailed as failure:
            return _failed_response(failure, Recalled())
    if not exchange.response.is_success:
        return _upstream_error(exchange, answered, _passed_headers(exchange))
    return Response(answered, exchange.status, media_type=exchange.header("content-type"))


async def _unless_left(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The result of the work, which ends when the client hangs up. Raises `ClientDisconnect` then."""
    task, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_wait_for_disconnect(request))
    try:
        await asyncio.wait((task, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientDisconnect
        return task.result()
    finally:
        for one in (task, leaving):
            one.cancel()
        await asyncio.gather(task, leaving, return_exceptions=True)


async def _wait_for_disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _turns_to_remember(chat: ChatRequest, recalled: Recalled, reply: Reply) -> Callable[[], list[NewTurn]]:
    """What makes the turns of the chat, in the thread that stores them."""
    return partial(list_new_turns, chat.messages, reply.message, recalled.ids) if chat.is_stored else list


def _read_reply(answered: bytes) -> Reply:
    reply = Reply()
    with suppress(orjson.JSONDecodeError):  # the client gets it as it is, and there is nothing to remember
        reply.add(orjson.loads(answered))
    return reply


class _Streaming:
    """A streamed answer: its events go on as they come, and what they say is remembered at the end."""

    def __init__(
        self,
        request: Request,
        resources: Resources,
        chat: ChatRequest,
        recalled: Recalled,
        exchange: ChatExchange,
        slot: RequestSlot,
        waited: float,
    ) -> None:
        self._request, self._resources, self._slot = request, resources, slot
        self._chat, self._recalled, self._exchange = chat, recalled, exchange
        self._reply, self._is_remembered = Reply(), False
        self._waited, self._has_failed = waited, False  # what the client takes to read does not count

    async def iter_events(self) -> AsyncGenerator[bytes]:
        """Yield the endpoint's events. The request keeps its place among those of its key until the end."""
        await self._slot.acquire_slot(again=True)
        try:
            async for event in self._iter_parts():
                if _DONE in event[-32:]:
                    await self._remember()  # so that whoever has read the end finds it remembered
                else:
                    self._reply.add_event(event)
                yield event
        except EndpointFailed as failure:
            self._has_failed = True
            yield b"data: %s\n\n" % _failed_response(failure, self._recalled).body
        finally:
            self._slot.release_slot()
            with anyio.CancelScope(shield=True):  # what was shown to a client that has left was said
                await self._remember()

    async def _iter_parts(self) -> AsyncGenerator[bytes]:
        """Yield whole events, until the endpoint ends or the client leaves."""
        waiting, parts = b"", self._exchange.iter_bytes()
        while True:
            began = time.monotonic()
            try:
                part = await _unless_left(self._request, _next_part(parts))
            except ClientDisconnect:
                return
            finally:
                self._waited += time.monotonic() - began
            if part is None:
                break
            waiting += part.replace(b"\r\n", b"\n")
            *events, waiting = waiting.split(b"\n\n")
            for event in events:
                yield event + b"\n\n"
            if len(waiting) > MAX_EVENT_BYTES:
                raise EndpointFailed("An event of the model endpoint is too long.", retryable=False)
        if waiting:
            yield waiting

    async def _remember(self) -> None:
        if not self._is_remembered:
            self._is_remembered = True
            turns = _turns_to_remember(self._chat, self._recalled, self._reply)
            of_call = Usage.of_failure if self._has_failed else Usage.of_answer
            usage = of_call(self._waited) + self._reply.usage
            await memory.remember_turns(self._resources, self._chat.owner, turns, usage)


async def _next_part(parts: AsyncGenerator[bytes]) -> bytes | None:
    return await anext(parts, None)


class _ClosingStream(StreamingResponse):
    """A stream that closes what it reads from, also if nobody read it."""

    def __init__(
        self, events: AsyncGenerator[bytes], headers: dict[str, str], opened: AsyncExitStack
    ) -> None:
        super().__init__(
            events, media_type="text/event-stream", headers={"Cache-Control": "no-store"} | headers
        )
        self._events, self._opened = events, opened

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream, then end the call of the endpoint."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                await self._events.aclose()
                await self._opened.aclose()


def _passed_headers(exchange: ChatExchange) -> dict[str, str]:
    return {
        name: value
        for name, value in exchange.response.headers.items()
        if name in _PASSED_HEADERS or name.startswith(_PASSED_PREFIXES)
    }


def _failed_response(failure: EndpointFailed, recalled: Recalled) -> Response:
    """The error of an endpoint that gave no answer."""
    headers = {CONTEXT_HEADER: recalled.told}
    return error_response(failure.http_status or 502, "upstream_failed", failure.message, None, headers)


def _upstream_error(exchange: ChatExchange, answered: bytes, headers: dict[str, str]) -> Response:
    """The endpoint's own error; one that is about the service's key is not the client's to read."""
    if exchange.status in _OWN_KEY_REFUSED:
        message = "The model endpoint refused the service's key."
        return error_response(502, "upstream_refused", message, None, headers)
    try:
        has_form = isinstance(orjson.loads(answered)["error"], dict)
    except (orjson.JSONDecodeError, KeyError, TypeError):
        has_form = False
    if has_form:
        return Response(answered, exchange.status, headers, "application/json")
    message = f"The model endpoint answered {exchange.status}."
    status = exchange.status if exchange.status >= 400 else 502
    return error_response(status, "upstream_failed", message, None, headers)
