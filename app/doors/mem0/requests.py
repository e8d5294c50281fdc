"""The bodies of mem0's calls: what is understood, what is refused with a reason, and nothing else."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, ValidationError

from app.core.errors import InvalidInput
from app.doors.mem0.refusals import NotOffered, join_path
from app.schemas.common import MAX_CONTENT_BYTES, Name
from app.schemas.ingestion.turns import MAX_TURNS, Metadata

MAX_BATCH = 1_000
MAX_TOP_K = 200
_INSTRUCTIONS = "what is remembered is decided by the service's own rules and model"
_CATEGORIES = "memories have tags, which the service chooses"
# Refused unless they are empty or false: each would change what is stored or found.
_NOT_OFFERED: Mapping[str, str] = {
    "custom_instructions": _INSTRUCTIONS,
    "agent_custom_instructions": _INSTRUCTIONS,
    "includes": _INSTRUCTIONS,
    "excludes": _INSTRUCTIONS,
    "prompt": _INSTRUCTIONS,
    "prompt_profile_id": _INSTRUCTIONS,
    "custom_categories": _CATEGORIES,
    "structured_data_schema": "memories are sentences, no records of a client's schema",
    "memory_type": "the kind of a memory follows from what it says",
    "immutable": "freeze a memory with POST /v1/memories/{id}/freeze",
    "enable_graph": "entities and relations are at GET /v1/entities",
    "temporal_reasoning": "dates are always read; what was true when is asked with as_of at POST /v1/search",
    "timezone": "send `timestamp`; days are those of UTC here",
    "observation_date": "send `timestamp`",
    "observation_datetime": "send `timestamp`",
    "show_expired": "the text of what has expired is deleted",
    "only_metadata_based_search": "list memories with the filter instead",
    "filter_memories": "results are those that pass `filters` and `threshold`",
    "explain": "POST /v1/search with `explain` has every feature of a score",
    "feedback_reason": "reasons of feedback are not kept; send the feedback without",
}
# Labels of the client that change nothing.
_LABELS = frozenset({"source", "version"})
Model = TypeVar("Model", bound=BaseModel)


def _join_parts(value: Any) -> Any:
    """The text of content in parts. Raises `NotOffered` for a part that is no text."""
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        return value
    texts: list[str] = []
    for part in value:
        if isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str):
            texts.append(part["text"])
        elif isinstance(part, dict) and isinstance(part.get("type"), str) and part["type"] != "text":
            raise NotOffered(
                f"Content of the type {part['type'][:40]!r}: only texts are read.", field="messages"
            )
        else:
            raise ValueError("a part of content is {type: text, text}")
    return "\n".join(texts)


class Body(BaseModel):
    """Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Message(Body):
    """One message of a conversation."""

    role: Literal["user", "assistant", "system", "tool"]
    content: Annotated[str, BeforeValidator(_join_parts), Field(min_length=1, max_length=MAX_CONTENT_BYTES)]
    name: Name | None = None


def _to_messages(value: Any) -> Any:
    if isinstance(value, str):
        return [{"role": "user", "content": value}]
    return [value] if isinstance(value, dict) else value


class AddRequest(Body):
    """Messages to remember."""

    messages: Annotated[
        list[Message], BeforeValidator(_to_messages), Field(min_length=1, max_length=MAX_TURNS)
    ]
    user_id: Any = None
    agent_id: Any = None
    app_id: Any = None
    run_id: Any = None
    filters: dict[str, Any] | None = None
    metadata: Metadata | None = None
    infer: StrictBool | None = None
    timestamp: int | float | None = None
    expiration_date: str | None = None
    async_mode: StrictBool | None = None
    output_format: Literal["v1.0", "v1.1"] | None = None


class SearchRequest(Body):
    """A question, and what is looked at."""

    query: str = Field(min_length=1, max_length=4_000)
    filters: dict[str, Any] | None = None
    user_id: Any = None
    agent_id: Any = None
    app_id: Any = None
    run_id: Any = None
    metadata: dict[str, Any] | None = None
    categories: list[Any] | None = Field(default=None, max_length=100)
    top_k: int | None = Field(default=None, ge=1, le=MAX_TOP_K)
    limit: int | None = Field(default=None, ge=1, le=MAX_TOP_K)
    threshold: float | None = Field(default=None, ge=0, le=1)
    fields: list[str] | None = Field(default=None, max_length=50)
    reference_date: str | int | float | None = None
    latest_only: StrictBool | None = None
    rerank: StrictBool | None = None  # the ranking is always the whole one: by meaning, words and time
    keyword_search: StrictBool | None = None
    output_format: Literal["v1.0", "v1.1"] | None = None


class ListRequest(Body):
    """Which memories to list."""

    filters: dict[str, Any] | None = None
    user_id: Any = None
    agent_id: Any = None
    app_id: Any = None
    run_id: Any = None
    metadata: dict[str, Any] | None = None
    start_date: str | int | float | None = None
    end_date: str | int | float | None = None
    categories: list[Any] | None = Field(default=None, max_length=100)
    keywords: str | None = None
    fields: list[str] | None = Field(default=None, max_length=50)
    latest_only: StrictBool | None = None
    page: int | None = None
    page_size: int | None = None
    output_format: Literal["v1.0", "v1.1"] | None = None


class UpdateRequest(Body):
    """What to change of a memory; null takes an expiration date away."""

    text: str | None = None
    metadata: dict[str, Any] | None = None
    expiration_date: str | None = None
    timestamp: int | float | str | None = None


class BatchMember(Body):
    """A memory of a batch, and what to change of it."""

    memory_id: Any
    text: str | None = None
    metadata: dict[str, Any] | None = None


class BatchRequest(Body):
    """Many memories."""

    memories: list[BatchMember] = Field(min_length=1, max_length=MAX_BATCH)


class FeedbackRequest(Body):
    """Whether a memory was of use."""

    memory_id: Any
    feedback: Literal["POSITIVE", "NEGATIVE", "VERY_NEGATIVE"] | None = None


def parse_request(model: type[Model], body: Mapping[str, Any], tenant_id: str) -> Model:
    """The request of a body. Raises `NotOffered`, `InvalidInput` naming the field."""
    known = model.model_fields.keys()
    given: dict[str, Any] = {}
    for name, value in body.items():
        if name in _LABELS:
            continue
        if name in {"org_id", "project_id"}:
            _check_tenant(name, value, tenant_id)
        elif name in _NOT_OFFERED and name not in known:
            if value not in (None, False, "", [], {}):
                raise NotOffered(f"{name} is not offered: {_NOT_OFFERED[name]}.", field=name)
        else:
            given[name] = value
    return build_message(model, given)


def build_message(model: type[Model], values: Mapping[str, Any]) -> Model:
    """The message of these values. Raises `InvalidInput` naming the field."""
    try:
        return model.model_validate(values)
    except ValidationError as exc:
        first = exc.errors(include_url=False)[0]
        field = join_path(first["loc"]) or "body"
        raise InvalidInput(str(first["msg"]).removeprefix("Value error, "), field=field) from exc


def _check_tenant(name: str, value: Any, tenant_id: str) -> None:
    """Raise `InvalidInput` for an account of mem0's: here the key alone says whose memories it opens."""
    if value not in (None, "", tenant_id):
        raise InvalidInput(f"There are no organisations and projects here: leave {name} out.", field=name)
