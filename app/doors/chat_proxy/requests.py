"""What a request to the chat proxy asks for: whose memory, which session, and the body for the endpoint."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request
from pydantic import Field, TypeAdapter, ValidationError

from app.core.errors import Conflict, InvalidInput
from app.core.security import Principal
from app.core.vocabulary import KeyScope
from app.doors.chat_proxy import conversation
from app.doors.chat_proxy.fence import add_fence, build_fence, strip_instructions
from app.doors.chat_proxy.memory import ChatOwner, Recalled
from app.llm.chat_passthrough import ChatEndpoint
from app.resources import Resources
from app.schemas.common import PathId

USER_HEADER, SESSION_HEADER = "X-Memcubed-User", "X-Memcubed-Session"
TOKENS_HEADER, STORE_HEADER = "X-Memcubed-Context-Tokens", "X-Memcubed-Store"
CONTEXT_HEADER = "X-Memcubed-Context"
CONTEXT_TOKENS = 1_000
_NAME = TypeAdapter[str](PathId)
_TOKENS = TypeAdapter[int](Annotated[int, Field(ge=0, le=20_000)])
_NO_ENDPOINT = "This service has no LLM to forward to: set MEMCUBED_LLM_BASE_URL or MEMCUBED_CHAT_BASE_URL."


def require_endpoint(resources: Resources) -> ChatEndpoint:
    """Where to forward to. Raises `Conflict` when no LLM is configured."""
    endpoint = ChatEndpoint.from_settings(resources.settings)
    if endpoint is None:
        raise Conflict(_NO_ENDPOINT)
    return endpoint


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A request that is understood; `is_stored` tells whether it is to be remembered."""

    owner: ChatOwner
    body: dict[str, Any]
    messages: list[Any]
    max_tokens: int
    is_stored: bool

    @classmethod
    def parse(cls, request: Request, principal: Principal, body: dict[str, Any]) -> "ChatRequest":
        """Read body and headers. Raises `Forbidden`, and `InvalidInput` that names the field."""
        principal.require_scope(KeyScope.WRITE)
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages:
            raise InvalidInput("Give the messages of the conversation.", field="messages")
        for index, message in enumerate(messages):
            if not isinstance(message, Mapping):
                raise InvalidInput("A message is an object.", field=f"messages[{index}]")
        user_id = _find_user(request, principal, body)
        session = _read_header(request, SESSION_HEADER)
        session_id = _to_name(session, SESSION_HEADER) if session else conversation.derive_session(messages)
        stored = (_read_header(request, STORE_HEADER) or "yes").lower()
        if stored not in {"yes", "no", "true", "false"}:
            raise InvalidInput("Say `no` to keep a chat out of the memory.", field=STORE_HEADER)
        tokens = _read_header(request, TOKENS_HEADER)
        try:
            max_tokens = _TOKENS.validate_python(tokens) if tokens is not None else CONTEXT_TOKENS
        except ValidationError:
            raise InvalidInput("Give a number of tokens from 0 to 20000.", field=TOKENS_HEADER) from None
        owner = ChatOwner(principal, user_id, session_id)
        return cls(owner, body, messages, max_tokens, stored in {"yes", "true"})

    @property
    def is_streamed(self) -> bool:
        """Whether the client wants the answer as events."""
        return self.body.get("stream") is True

    def to_upstream(self, endpoint: ChatEndpoint, recalled: Recalled) -> bytes:
        """The body for the endpoint: the client's with the recalled text, and the endpoint's model.

        Raises `InvalidInput` for a number that JSON does not have.
        """
        messages = strip_instructions(self.messages)
        if recalled.text:
            messages = add_fence(messages, build_fence(recalled.text))
        model = self.body.get("model")
        mapped = endpoint.models.get(model, model) if isinstance(model, str) and model else None
        forwarded = {**self.body, "messages": messages, "model": mapped or endpoint.default_model}
        try:
            return json.dumps(forwarded, allow_nan=False, separators=(",", ":")).encode()
        except ValueError:
            raise InvalidInput("JSON has no NaN and no infinite numbers.", field="body") from None


def _find_user(request: Request, principal: Principal, body: Mapping[str, Any]) -> str:
    """The user by header or body, or the one that the key is bound to."""
    told, named = _read_header(request, USER_HEADER), body.get("user")
    if named is not None and not isinstance(named, str):
        raise InvalidInput("The user is a string.", field="user")
    user_id = _to_name(told, USER_HEADER) if told else None
    if named:
        in_body = _to_name(named, "user")
        if user_id is not None and user_id != in_body:
            raise InvalidInput(f"`user` and {USER_HEADER} name two users.", field="user")
        user_id = in_body
    user_id = user_id or principal.user_id
    if user_id is None:
        raise InvalidInput(f"Name the user whose memory it is: `user`, or {USER_HEADER}.", field="user")
    principal.require_user(user_id, "user" if named else USER_HEADER)
    return user_id


def _read_header(request: Request, name: str) -> str | None:
    """A header as UTF-8; None if it is not there. Raises `InvalidInput` if it is there twice."""
    values = request.headers.getlist(name)
    if len(values) > 1:
        raise InvalidInput("Send one, not several.", field=name)
    try:
        return values[0].encode("latin-1").decode() if values else None
    except UnicodeDecodeError:
        raise InvalidInput("A header is UTF-8 here.", field=name) from None


def _to_name(value: str, field: str) -> str:
    try:
        return _NAME.validate_python(value)
    except ValidationError as exc:
        raise InvalidInput(str(exc.errors()[0]["msg"]), field=field) from None
