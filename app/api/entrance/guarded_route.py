"""Route class of all routers: checks the API key, reads a bounded body, then waits for a request slot."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import anyio.to_thread
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from app.api.entrance.admission import AdmissionControl, Digest, RequestSlot, get_admission
from app.api.entrance.incremental_json import InvalidMessages, JsonFault, MessageArray, parse_large_object
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
    unreadable_json_error,
    unsupported_type_error,
    validate_body,
)
from app.core.errors import MalformedJson, Unauthorized, UnsupportedMediaType
from app.core.security import hash_key
from app.core.settings import Settings
from app.services.platform import keys

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Handler = Callable[[Request], Coroutine[Any, Any, Response]]
BODY_BYTES = 512 * 2**10  # default limit of a body, with room for JSON escapes
LARGE_BYTES = 2**20  # larger bodies are parsed incrementally, where the route has `messages`
_EMPTY_OBJECT = b"{}"


@dataclass(frozen=True, slots=True)
class RequestPolicy:
    """Request policy of a route: whether it needs no key, and the maximum body size in bytes.

    `messages` is a member of the body that is parsed incrementally.
    """

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
    """Declare the request policy of this route function, if it is not the default."""

    def set_policy(endpoint: Endpoint) -> Endpoint:
        cast(Any, endpoint).takes = RequestPolicy(is_open, bound, messages, is_stream)
        return endpoint

    return set_policy


class GuardedRoute(APIRoute):
    """A route that does no work for a request without a valid API key."""

    def get_route_handler(self) -> Handler:
        """The route's handler, preceded by admission control."""
        handle = super().get_route_handler()
        policy: RequestPolicy = getattr(self.endpoint, "takes", RequestPolicy())
        takes_body = self.body_field is not None
        field = cast(BodyField, self.body_field)

        async def guarded_handler(request: Request) -> Response:
            admission, head = get_admission(request), RequestHead(request)
            key = (
                None
                if policy.is_open
                else await _get_key_digest(request, admission, head, head.has_body or takes_body)
            )
            if not takes_body:
                if head.has_body and not policy.is_stream:
                    reject_body(await read_body(request, head, EMPTY_BODY_BYTES, admission.limits))
                return await _run_in_slot(admission, key, handle, request)
            bound = policy.bound
            if not isinstance(bound, int):
                bound = bound(request.app.state.resources.settings)
            size = bound if head.size is None else head.size if head.size <= bound else 0
            try:
                if size <= admission.limits.small_body_bytes:
                    body = await _receive_body(request, admission, head, policy, field, bound)
                    return await _run_in_slot(admission, key, handle, body)
                async with admission.body_memory.reserve_bytes(key or b"", size):
                    body = await _receive_body(request, admission, head, policy, field, bound)
                    return await _run_in_slot(admission, key, handle, body)
            except (RequestValidationError, MalformedJson, UnsupportedMediaType):
                if head.key is not None:  # a caller without a valid key is told only that
                    await _verify_key(request, admission, head.key, hash_key(head.key))
                raise

        return guarded_handler


async def _get_key_digest(
    request: Request, admission: AdmissionControl, head: RequestHead, is_to_check: bool
) -> Digest | None:
    """The hash of the caller's key, which is verified if `is_to_check`. Raises `Unauthorized`."""
    if head.key is None:
        raise Unauthorized
    digest = hash_key(head.key)
    if is_to_check and not admission.verified_keys.is_verified(digest):
        await _verify_key(request, admission, head.key, digest)
    return digest


async def _verify_key(request: Request, admission: AdmissionControl, key: str, digest: Digest) -> None:
    admission.verified_keys.discard_key(digest)
    await anyio.to_thread.run_sync(
        keys.authenticate_key, request.app.state.resources, key, limiter=admission.lookups
    )
    admission.verified_keys.mark_verified(digest)


async def _run_in_slot(
    admission: AdmissionControl, key: Digest | None, handle: Handler, request: Request
) -> Response:
    if key is None:
        return await handle(request)
    slot = RequestSlot(admission.concurrency, key)
    request.state.place = slot
    await slot.acquire_slot()
    try:
        return await handle(request)
    finally:
        slot.release_slot()


async def _receive_body(
    request: Request,
    admission: AdmissionControl,
    head: RequestHead,
    policy: RequestPolicy,
    field: BodyField,
    bound: int,
) -> Request:
    """The request with its body read, parsed, and validated in a thread if that takes long."""
    raw = await read_body(request, head, bound, admission.limits)
    if not raw:
        return BufferedRequest(request, b"", None)  # the framework knows whether there must be one
    if not head.is_json:
        raise unsupported_type_error(head.content_type)
    if len(raw) <= INLINE_BYTES:
        return BufferedRequest(request, _EMPTY_OBJECT, parse_body(raw))
    if policy.messages is not None and len(raw) > LARGE_BYTES:
        message = await anyio.to_thread.run_sync(
            _parse_large_body, raw, policy.messages, field, limiter=admission.parsing_large
        )
    else:
        message = await anyio.to_thread.run_sync(
            lambda: validate_body(parse_body(raw), field), limiter=admission.parsing
        )
    return BufferedRequest(request, _EMPTY_OBJECT, message)


def _parse_large_body(raw: bytes | bytearray, messages: MessageArray, field: BodyField) -> Any:
    try:
        value = parse_large_object(raw, messages)
    except JsonFault as exc:
        raise json_syntax_error(exc.at, exc.what) from None
    except InvalidMessages as exc:
        raise RequestValidationError(exc.errors) from None
    except (ValueError, RecursionError) as exc:
        raise unreadable_json_error(exc) from None
    return validate_body([] if value is None else value, field)
