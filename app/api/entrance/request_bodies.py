"""Reads request bodies within a size and time limit and parses large ones in a worker thread."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from email.message import Message as Header
from typing import Any, Protocol

from fastapi.exceptions import RequestValidationError
from fastapi.security.utils import get_authorization_scheme_param
from starlette.requests import ClientDisconnect, Request

from app.api.entrance.admission_limits import AdmissionLimits
from app.core.errors import InvalidInput, MalformedJson, RequestTimeout, TooLarge, UnsupportedMediaType

EMPTY_BODY_BYTES = 64  # bytes; an empty object with white space, for a route that reads no body
INLINE_BYTES = 16 * 1024  # bytes; parsing it takes less time than handing it to another thread


class BodyField(Protocol):
    """The part of FastAPI's body field that is used here."""

    def validate(
        self, value: Any, values: dict[str, Any], *, loc: tuple[int | str, ...]
    ) -> tuple[Any, Any]: ...


class BufferedRequest(Request):
    """A request whose body was read, parsed and, if that was worth a thread, validated."""

    def __init__(self, request: Request, raw: bytes, parsed: Any) -> None:
        super().__init__(request.scope, request.receive)
        self._raw, self._parsed = raw, parsed

    async def body(self) -> bytes:
        """The bytes of the body, or a non-empty placeholder."""
        return self._raw

    async def json(self) -> Any:
        """The parsed body; FastAPI accepts a validated model as it is."""
        return self._parsed


class RequestHead:
    """The parts of the request head that admission needs: bearer key, content type and content length.

    It is parsed by hand, as every request passes through here.
    """

    __slots__ = ("content_type", "has_body", "is_json", "key", "size")

    def __init__(self, request: Request) -> None:
        # the first of repeated headers counts
        headers: dict[bytes, bytes] = dict(reversed(request.scope["headers"]))
        length = headers.get(b"content-length", b"")
        self.size = int(length) if length.isdigit() else None  # None = not declared
        self.has_body = bool(self.size) or b"transfer-encoding" in headers
        kind = headers.get(b"content-type", b"")
        self.content_type = kind.decode("latin-1")
        self.is_json = kind == b"application/json" or _is_json(self.content_type)
        scheme, key = get_authorization_scheme_param(headers.get(b"authorization", b"").decode("latin-1"))
        self.key = key if key and scheme.lower() == "bearer" else None


def _is_json(content_type: str) -> bool:
    header = Header()
    header["content-type"] = content_type
    subtype = header.get_content_subtype()
    return header.get_content_maintype() == "application" and (subtype == "json" or subtype.endswith("+json"))


async def iter_body(
    request: Request, head: RequestHead, bound: int, limits: AdmissionLimits
) -> AsyncGenerator[bytes]:
    """Yield the chunks of the body. Raises `TooLarge`, `RequestTimeout`, `ClientDisconnect`."""
    if (head.size or 0) > bound:
        raise _too_large_error(bound)
    clock, received, more = asyncio.get_running_loop().time, 0, True
    started = clock()
    while more:
        time_left = limits.grace_seconds + received / limits.bytes_per_second - (clock() - started)
        try:
            async with asyncio.timeout(min(limits.stall_seconds, time_left)):
                message = await request.receive()
        except TimeoutError:
            raise RequestTimeout from None
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        received += len(chunk)
        if received > bound:
            raise _too_large_error(bound)
        if chunk:
            yield chunk
        more = message.get("more_body", False)


def _too_large_error(bound: int) -> TooLarge:
    return TooLarge(f"The body is too large: at most {bound} bytes.")


async def read_body(
    request: Request, head: RequestHead, bound: int, limits: AdmissionLimits
) -> bytes | bytearray:
    """The whole body. Raises as `iter_body` does."""
    whole: bytes | bytearray = b""
    async for chunk in iter_body(request, head, bound, limits):
        if not whole:
            whole = chunk
        else:
            if isinstance(whole, bytes):
                whole = bytearray(whole)
            whole += chunk
    return whole


def reject_body(raw: bytes | bytearray) -> None:
    """Reject a body with content for a route that reads none; many clients send an empty object.

    Raises `InvalidInput`.
    """
    if raw.strip() not in {b"", b"{}", b"null"}:
        raise InvalidInput("This route takes no body, so what it says would be ignored.", field="body")


def parse_body(raw: bytes | bytearray) -> Any:
    """The JSON of a body. Raises `MalformedJson`."""
    try:
        return json.loads(raw)
    except json.JSONDecodeError as exc:
        raise json_syntax_error(len(exc.doc[: exc.pos].encode(errors="surrogatepass")), exc.msg) from None
    except (ValueError, RecursionError) as exc:
        raise unreadable_json_error(exc) from None


def json_syntax_error(at: int, what: str) -> MalformedJson:
    """The error of a fault of JSON at a byte of a body."""
    return MalformedJson(f"The body is not JSON at byte {at}: {what}.")


def unreadable_json_error(exc: ValueError | RecursionError) -> MalformedJson:
    """The error of a body that Python can't read as JSON, though it may be."""
    if isinstance(exc, UnicodeDecodeError):
        return MalformedJson(f"The body is not UTF-8 at byte {exc.start}.")
    if isinstance(exc, RecursionError):
        return MalformedJson("The body is nested too deeply.")
    return MalformedJson("The body has a number of too many digits.")


def unsupported_type_error(content_type: str) -> UnsupportedMediaType:
    """The error of a body whose type is missing or none that is read."""
    kind = content_type.split(";", maxsplit=1)[0].strip()
    came = f"`{kind}` came" if re.fullmatch(r"[\w.+-]{1,60}/[\w.+-]{1,60}", kind) else "none came"
    return UnsupportedMediaType(f"Say `Content-Type: application/json` with the body; {came}.")


def validate_body(value: Any, field: BodyField) -> Any:
    """The validated model of a body. Raises `RequestValidationError`."""
    message, errors = field.validate(value, {}, loc=("body",))
    if errors:
        raise RequestValidationError(errors)
    return message
