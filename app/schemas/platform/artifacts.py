"""Artifacts on the wire."""

import hashlib
import json
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from app.core import json_values
from app.core.vocabulary import ArtifactType, ReferenceType
from app.schemas.common import (
    STORED,
    Instant,
    Message,
    Metadata,
    Name,
    NoNul,
    PathId,
    check_json_value,
    normalize_id,
)

MAX_PATH, MAX_SEGMENT = 500, 200


def _check_path(value: str, info: ValidationInfo) -> str:
    if info.context is STORED:
        return value
    value = normalize_id(value)
    if len(value.encode(errors="replace")) > MAX_PATH:
        raise ValueError(f"must be at most {MAX_PATH} bytes of UTF-8")
    segments = value.split("/")
    if any(segment in {"", ".", ".."} or len(segment) > MAX_SEGMENT for segment in segments):
        raise ValueError(
            f"must be segments of 1 to {MAX_SEGMENT} characters joined by /, none of them . or .."
        )
    if "\\" in value:
        raise ValueError("must not contain a backslash")
    if len(segments) > 1 and segments[-1] == "versions":
        raise ValueError("must not end in /versions")
    return value


def _check_payload(value: Any) -> Any:
    # A text stands in Postgres as it is, JSON as text with its escapes.
    fault = json_values.find_json_fault(value, as_text=not isinstance(value, str))
    if fault is not None:
        raise ValueError(fault)
    return value


ArtifactPath = Annotated[str, AfterValidator(_check_path)]
# Checked behind the union, so that a fault is one of the field and not of each of its types.
Payload = Annotated[str | dict[str, Any] | list[Any], AfterValidator(_check_payload)]


class ArtifactReference(Message):
    """A payload that a serving engine holds, not this service: kept as it is and never fetched."""

    type: ReferenceType = Field(description="A KV cache, or weights such as a LoRA")
    uri: Annotated[str, Field(min_length=1, max_length=2_000), NoNul, AfterValidator(check_json_value)]
    model: Name = Field(description="The model that the payload belongs to")
    checksum: Name = Field(description="Of the payload, e.g. `sha256:…`")


class PutArtifact(Message):
    """A new version: a text, a JSON document or a reference."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"user_id": "ann", "content": {"steps": ["Run the tests.", "Tag the release."]}}]
        },
    )

    user_id: PathId
    # Without a type in the document: generators make no code that compiles of one type or another.
    content: Annotated[Payload | None, WithJsonSchema({})] = Field(
        default=None,
        description="A text, a JSON object or a list. A procedure is an object with a list of `steps`",
    )
    reference: ArtifactReference | None = None
    metadata: Metadata = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check_one_payload(self) -> "PutArtifact":
        if (self.content is None) == (self.reference is None):
            raise ValueError("give content or reference, and not both")
        return self


class ArtifactVersionOut(BaseModel):
    """What is known of one version, without its content."""

    path: str
    version: int
    type: ArtifactType
    checksum: str = Field(
        description="`sha256:` of the text, of compact JSON in UTF-8, or of the reference as such JSON"
    )
    bytes: int
    metadata: dict[str, Any]
    actor: str
    at: Instant


class ArtifactOut(ArtifactVersionOut):
    """An artifact at one version."""

    user_id: str
    newest: int = Field(description="The newest version of this artifact")
    content: Any = Field(description="As it was put; None for a reference")
    reference: ArtifactReference | None


class ArtifactPage(BaseModel):
    """A page of artifacts at their newest version."""

    items: list[ArtifactVersionOut]
    next_cursor: str | None


class ArtifactVersionPage(BaseModel):
    """A page of versions, newest first."""

    items: list[ArtifactVersionOut]
    next_cursor: str | None


class ProcedureStep(Message):
    """Where the execution of a procedure stands."""

    artifact: ArtifactPath
    version: int = Field(ge=1, le=2**31 - 1)
    step: int = Field(ge=0, le=2**31 - 1, description="How many of its steps are done")


def check_content_type(content: str, info: ValidationInfo) -> str:
    """The content of a record, if a PUT of an artifact of this type could have written it."""
    kind = info.data.get("content_type")
    if kind in {"activation", "parametric"}:
        try:
            ArtifactReference.model_validate_json(content, context=STORED)
        except ValidationError as exc:
            raise ValueError("must be a reference, as content_type says") from exc
    elif kind == "json":
        try:
            value = json.loads(content)
        except (ValueError, RecursionError) as exc:
            raise ValueError("must be JSON, as content_type says") from exc
        fault = json_values.find_json_fault(value, as_text=True)
        if fault is not None or not isinstance(value, dict | list):
            raise ValueError(fault or "must be an object or a list, as content_type says")
    return content


def check_checksum(checksum: str, info: ValidationInfo) -> str:
    """The checksum of a record, if it is that of the content."""
    content = info.data.get("content")
    if content is not None and checksum != "sha256:" + hashlib.sha256(content.encode()).hexdigest():
        raise ValueError("is not the checksum of the content")
    return checksum


def check_size(size: int, info: ValidationInfo) -> int:
    """The bytes of a record, if they are those of the content."""
    content = info.data.get("content")
    if content is not None and size != len(content.encode()):
        raise ValueError("is not the size of the content")
    return size
