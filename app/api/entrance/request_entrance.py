"""The route class of every router: the key first, then a bounded body, then the request in its turn."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import anyio.to_thread
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.api.entrance.json_tokenizer import Invalid, Malformed, Messages, read_pieces
from app.api.entrance.key_gate import Digest, Gate, Place, gate_of
from app.api.entrance.request_bodies import (
    INLINE_BYTES,
    NOTHING_BYTES,
    Field,
    ReadRequest,
    Sent,
    malformed,
    parsed,
    read,
    refuse_body,
    validated,
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
class Takes:
    """What a route lets in: with a key or without, and how large a body."""

    is_open: bool = False
    bound: int | Callable[[Settings], int] = BODY_BYTES
    messages: Messages | None = None
    is_stream: bool = False  # the route reads the body itself


def takes(
    *,
    is_open: bool = False,
    bound: int | Callable[[Settings], int] = BODY_BYTES,
    messages: Messages | None = None,
    is_stream: bool = False,
) -> Callable[[Endpoint], Endpoint]:
    """Declare what the route of this function lets in, where that is not the usual."""

    def declared(endpoint: Endpoint) -> Endpoint:
        cast(Any, endpoint).takes = Takes(is_open, bound, messages, is_stream)
        return endpoint

    return declared


class EntranceRoute(APIRoute):
    """A route that nobody without a key can make the process work for."""

    def get_route_handler(self) -> Handler:
        """The handler, behind the gate."""
        handle = super().get_route_handler()
        said: Takes = getattr(self.endpoint, "takes", Takes())
        takes_body = self.body_field is not None
        field = cast(Field, self.body_field)

        async def let_in(request: Request) -> Response:
            gate, sent = gate_of(request), Sent(request)
            key = None if said.is_open else await _key_of(request, gate, sent, sent.has_body or takes_body)
            if not takes_body:
                if sent.has_body and not said.is_stream:
                    refuse_body(await read(request, sent, NOTHING_BYTES, gate.limits))
                return await _in_turn(gate, key, handle, request)
            bound = said.bound
            if not isinstance(bound, int):
                bound = bound(request.app.state.resources.settings)
            size = bound if sent.size is None else sent.size if sent.size <= bound else 0
            try:
                if size <= gate.limits.small_bytes:
                    body = await _body(request, gate, sent, said, field, bound)
                    return await _in_turn(gate, key, handle, body)
                async with gate.room.of(key or b"", size):
                    body = await _body(request, gate, sent, said, field, bound)
                    return await _in_turn(gate, key, handle, body)
            except RequestValidationError:
                if sent.key is not None:  # whoever has no good key is told so and nothing else
                    await _look_up(request, gate, sent.key, hash_key(sent.key))
                raise

        return let_in


async def _key_of(request: Request, gate: Gate, sent: Sent, is_to_check: bool) -> Digest | None:
    """The hash of the caller's key, which may send a body if `is_to_check`. Raises `Unauthorized`."""
    if sent.key is None:
        raise Unauthorized
    digest = hash_key(sent.key)
    if is_to_check and not gate.permits.hold(digest):
        await _look_up(request, gate, sent.key, digest)
    return digest


async def _look_up(request: Request, gate: Gate, key: str, digest: Digest) -> None:
    gate.permits.take(digest)
    await anyio.to_thread.run_sync(keys.authenticate, request.app.state.resources, key, limiter=gate.lookups)
    gate.permits.give(digest)


async def _in_turn(gate: Gate, key: Digest | None, handle: Handler, request: Request) -> Response:
    if key is None:
        return await handle(request)
    place = Place(gate.shares, key)
    request.state.place = place
    await place.enter()
    try:
        return await handle(request)
    finally:
        place.leave()


async def _body(request: Request, gate: Gate, sent: Sent, said: Takes, field: Field, bound: int) -> Request:
    """The request with its body read, and validated if that takes long."""
    raw = await read(request, sent, bound, gate.limits)
    if not raw or not sent.is_json:
        return ReadRequest(request, bytes(raw[:1]), None)  # FastAPI says what is wrong with it
    if len(raw) <= INLINE_BYTES:
        return ReadRequest(request, _EMPTY_OBJECT, parsed(raw))
    if said.messages is not None and len(raw) > LARGE_BYTES:
        message = await anyio.to_thread.run_sync(
            _large, raw, said.messages, field, limiter=gate.parsing_large
        )
    else:
        message = await anyio.to_thread.run_sync(lambda: validated(parsed(raw), field), limiter=gate.parsing)
    return ReadRequest(request, _EMPTY_OBJECT, message)


def _large(raw: bytes | bytearray, messages: Messages, field: Field) -> Any:
    try:
        value = read_pieces(raw, messages)
    except Malformed as exc:
        raise malformed(exc.at, exc.what) from None
    except Invalid as exc:
        raise RequestValidationError(exc.errors) from None
    except (ValueError, RecursionError):
        raise HTTPException(400, "There was an error parsing the body") from None
    return validated([] if value is None else value, field)
