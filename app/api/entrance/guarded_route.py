"""Route class of all routers: checks the API key, reads a bounded body, then waits for one of the key's
request slots.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import anyio.to_thread
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.api.entrance.admission import AdmissionControl, Digest, RequestSlot, get_admission
from app.api.entrance.incremental_json import InvalidMessages, MalformedJson, MessageArray, parse_large_object
from app.api.entrance.request_bodies import (
    EMPTY_BODY_BYTES,
    INLINE_BYTES,
    BodyField,
    BufferedRequest,
    RequestHead,
    json_syntax_error,
    parse_body,
    read_body,
    reject_body,
    validate_body,
)
from app.core.errors import Unauthorized
from app.core.security import hash_key
from app.core.settings import Settings
from app.services.platform import keys

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Handler = Callable[[Request], Coroutine[Any, Any, Response]]
BODY_BYTES = 512 * 2**10  # of a body of which nothing else is said, with room for JSON escapes
LARGE_BYTES = 2**20  # read in pieces from here on, where a route says how
_EMPTY_OBJECT = b"{}"


@dataclass(frozen=True, slots=True)
class RequestPolicy:
    """What a route lets in: with a key or without, and how large a body."""

    is_open: bool = False
    bound: int | Callable[[Settings], int] = BODY_BYTES
    messages: MessageArray | None = None
    is_stream: bool = False  # the route reads the body itself


def request_policy(
    *,
    is_open: bool = False,
    bound: int | Callable[[Settings], int] = BODY_BYTES,
    messages: MessageArray | None = None,
    is_stream: bool = False,
) -> Callable[[Endpoint], Endpoint]:
    """Declare what the route of this function lets in, where that is not the usual."""

    def set_policy(endpoint: Endpoint) -> Endpoint:
        cast(Any, endpoint).takes = RequestPolicy(is_open, bound, messages, is_stream)
        return endpoint

    return set_policy


class GuardedRoute(APIRoute):
    """A route that nobody without a key can make the process work for."""

    def get_route_handler(self) -> Handler:
        """The handler, behind the gate."""
        handle = super().get_route_handler()
        said: RequestPolicy = getattr(self.endpoint, "takes", RequestPolicy())
        takes_body = self.body_field is not None
        field = cast(BodyField, self.body_field)

        async def guarded_handler(request: Request) -> Response:
            gate, sent = get_admission(request), RequestHead(request)
            key = (
                None
                if said.is_open
                else await _get_key_digest(request, gate, sent, sent.has_body or takes_body)
            )
            if not takes_body:
                if sent.has_body and not said.is_stream:
                    reject_body(await read_body(request, sent, EMPTY_BODY_BYTES, gate.limits))
                return await _run_in_slot(gate, key, handle, request)
            bound = said.bound
            if not isinstance(bound, int):
                bound = bound(request.app.state.resources.settings)
            size = bound if sent.size is None else sent.size if sent.size <= bound else 0
            try:
                if size <= gate.limits.small_body_bytes:
                    body = await _receive_body(request, gate, sent, said, field, bound)
                    return await _run_in_slot(gate, key, handle, body)
                async with gate.body_memory.reserve_bytes(key or b"", size):
                    body = await _receive_body(request, gate, sent, said, field, bound)
                    return await _run_in_slot(gate, key, handle, body)
            except RequestValidationError:
                if sent.key is not None:  # whoever has no good key is told so and nothing else
                    await _verify_key(request, gate, sent.key, hash_key(sent.key))
                raise

        return guarded_handler


async def _get_key_digest(
    request: Request, gate: AdmissionControl, sent: RequestHead, is_to_check: bool
) -> Digest | None:
    """The hash of the caller's key, which may send a body if `is_to_check`. Raises `Unauthorized`."""
    if sent.key is None:
        raise Unauthorized
    digest = hash_key(sent.key)
    if is_to_check and not gate.verified_keys.is_verified(digest):
        await _verify_key(request, gate, sent.key, digest)
    return digest


async def _verify_key(request: Request, gate: AdmissionControl, key: str, digest: Digest) -> None:
    gate.verified_keys.discard_key(digest)
    await anyio.to_thread.run_sync(
        keys.authenticate_key, request.app.state.resources, key, limiter=gate.lookups
    )
    gate.verified_keys.mark_verified(digest)


async def _run_in_slot(
    gate: AdmissionControl, key: Digest | None, handle: Handler, request: Request
) -> Response:
    if key is None:
        return await handle(request)
    place = RequestSlot(gate.concurrency, key)
    request.state.place = place
    await place.acquire_slot()
    try:
        return await handle(request)
    finally:
        place.release_slot()


async def _receive_body(
    request: Request,
    gate: AdmissionControl,
    sent: RequestHead,
    said: RequestPolicy,
    field: BodyField,
    bound: int,
) -> Request:
    """The request with its body read, and validated if that takes long."""
    raw = await read_body(request, sent, bound, gate.limits)
    if not raw or not sent.is_json:
        return BufferedRequest(request, bytes(raw[:1]), None)  # FastAPI says what is wrong with it
    if len(raw) <= INLINE_BYTES:
        return BufferedRequest(request, _EMPTY_OBJECT, parse_body(raw))
    if said.messages is not None and len(raw) > LARGE_BYTES:
        message = await anyio.to_thread.run_sync(
            _parse_large_body, raw, said.messages, field, limiter=gate.parsing_large
        )
    else:
        message = await anyio.to_thread.run_sync(
            lambda: validate_body(parse_body(raw), field), limiter=gate.parsing
        )
    return BufferedRequest(request, _EMPTY_OBJECT, message)


def _parse_large_body(raw: bytes | bytearray, messages: MessageArray, field: BodyField) -> Any:
    try:
        value = parse_large_object(raw, messages)
    except MalformedJson as exc:
        raise json_syntax_error(exc.at, exc.what) from None
    except InvalidMessages as exc:
        raise RequestValidationError(exc.errors) from None
    except (ValueError, RecursionError):
        raise HTTPException(400, "There was an error parsing the body") from None
    return validate_body([] if value is None else value, field)
