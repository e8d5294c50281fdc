"""The lines of a bundle: everything of a user, to be taken to another tenant or service.

The first line is the header, then come the records in the order of `RECORDS`. A field that a later version
adds has a default, so that bundles of this format version stay readable.
"""

import base64
import binascii
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    model_validator,
)

from app.core import instants
from app.core.actors import Actor
from app.core.vocabulary import (
    AliasSource,
    Basis,
    Form,
    Kind,
    Layer,
    LinkType,
    Op,
    Origin,
    Role,
    Stage,
    Status,
    TurnState,
    Volatility,
)
from app.schemas.common import (
    Id,
    Instant,
    Message,
    Metadata,
    Name,
    PathId,
    Place,
    PlaceOut,
    Text,
    check_json_value,
    normalize_path_id,
)
from app.schemas.platform.artifacts import ArtifactPath, check_checksum, check_content_type, check_size
from app.schemas.portability.store_records import StoreItemRecord, StoreVectorRecord
from app.schemas.sessions.session_states import SessionState

FORMAT = "memcubed-bundle"
FORMAT_VERSION = 1
MAX_SNAPSHOT_BYTES = 256 * 1024
_INSTANTS = ("valid_from", "valid_to", "event_from", "event_to", "expires_at")
Count = Annotated[int, Field(ge=0, lt=2**31)]


class _Told(BaseModel):
    """What a reader relies on in the snapshot of a version."""

    model_config = ConfigDict(extra="ignore")
    kind: Kind
    form: Form
    status: Status
    content: str
    confidence: float
    importance: float
    polarity: int = 1
    keywords: list[str] = []
    tags: list[str] = []
    entities: list[str] = []
    origin: Origin
    place: PlaceOut | None = None
    valid_from: Instant | None = None
    valid_to: Instant | None = None
    event_from: Instant | None = None
    event_to: Instant | None = None
    expires_at: Instant | None = None
    layer: Layer | None = None
    strength: float | None = None
    volatility: Volatility | None = None
    metadata: dict[str, Any] | None = None


def _check_json_parts(value: dict[str, Any]) -> dict[str, Any]:
    """A snapshot or a state has the client's JSON inside, which may be as deep as it may be by itself."""
    for part in (list(value), *value.values()):
        check_json_value(part)
    return value


def _check_snapshot(value: dict[str, Any]) -> dict[str, Any]:
    if len(orjson.dumps(_check_json_parts(value))) > MAX_SNAPSHOT_BYTES:
        raise ValueError(f"must be at most {MAX_SNAPSHOT_BYTES} bytes of JSON")
    if value != {"redacted": True}:
        _Told.model_validate(value)
        for name in _INSTANTS:  # history reads them as Python writes them
            if isinstance(value.get(name), str):
                datetime.fromisoformat(value[name])
    return value


def _check_session_state(value: dict[str, Any]) -> dict[str, Any]:
    read = SessionState.model_validate(_check_json_parts(value))
    if not read.goals:
        return value
    # With all that a goal has: who goes on with the state relies on that. What is there stays as it is.
    whole = [goal.model_dump(mode="json") for goal in read.goals]
    return value | {"goals": [one | given for one, given in zip(whole, value["goals"], strict=True)]}


def _check_actor(value: str) -> str:
    Actor.parse(value)
    return value


def _check_day(value: str) -> str:
    day = date.fromisoformat(value)
    if instants.find_instant_fault(datetime(day.year, day.month, day.day, tzinfo=UTC)) is not None:
        raise ValueError("must be within the years 2 to 9998")
    return value


def _check_base64(value: str) -> str:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise ValueError("must be base64") from exc
    return value


class BundleModel(Message):
    """The embedding model whose vectors a bundle holds."""

    model_id: Name
    dimensions: int = Field(gt=0, le=4000)


class BundleHeader(Message):
    """The first line of a bundle."""

    type: Literal["header"]
    format: Literal["memcubed-bundle"]
    format_version: int
    user_id: Text = Field(description="As it was there: an import gives it its one form, or another name")
    exported_at: Instant
    counts: dict[str, Count] = Field(description="Records of each type")
    checksum: str = Field(description="`sha256:` and the hash of all bytes behind the first line")
    embedding_model: BundleModel | None


class SessionRecord(Message):
    """A conversation."""

    type: Literal["session"]
    session_id: PathId
    next_position: Count
    closed_at: Instant | None
    touched_at: Instant | None = None
    created_at: Instant


class JobRecord(Message):
    """What a job made of its turns; one that was running is to be done again."""

    type: Literal["job"]
    id: UUID
    session_id: PathId
    stage: Stage
    status: Literal["queued", "succeeded", "failed", "dead"]
    attempts: Count
    run_after: Instant
    turns_total: Count
    turns_done: Count
    close_session: bool
    alone: bool
    error: Text | None
    llm_calls: Count
    llm_failed_calls: Count
    prompt_tokens: Count
    completion_tokens: Count
    created_at: Instant
    started_at: Instant | None
    finished_at: Instant | None


UtcOffset = Annotated[int, Field(ge=-959, le=959)]


class TurnRecord(Message):
    """A turn, and what became of it."""

    type: Literal["turn"]
    id: UUID
    session_id: PathId
    agent_id: Id | None
    position: Count
    role: Role
    name: Name | None
    content: Text
    ref: Id | None
    observed_at: Instant
    utc_offset: UtcOffset = 0
    recorded_at: Instant
    place: Place | None
    metadata: Metadata
    shown_memory_ids: list[UUID] = Field(max_length=500)
    job_id: UUID
    segment_id: UUID | None
    state: TurnState
    state_reason: Text | None
    extracted: Count


class SegmentRecord(Message):
    """A run of turns that one extraction read."""

    type: Literal["segment"]
    id: UUID
    session_id: PathId
    first_turn_id: UUID
    last_turn_id: UUID
    turns: Count
    extractor: Text
    created_at: Instant


class MemoryRecord(Message):
    """A memory as it is now."""

    type: Literal["memory"]
    id: UUID
    agent_id: Id | None
    kind: Kind
    form: Form
    status: Status
    content: Text
    subject: Text | None
    attribute: Text | None
    value: Text | None
    polarity: Literal[-1, 1]
    keywords: list[Text]
    tags: list[Text]
    entities: list[Text]
    context: Text | None
    place: Place | None
    event_from: Instant | None
    event_to: Instant | None
    event_precision: Text | None
    valid_from: Instant | None
    valid_to: Instant | None
    utc_offset: UtcOffset = 0
    recorded_at: Instant
    retired_at: Instant | None
    updated_at: Instant
    origin: Origin
    volatility: Volatility
    confidence: float = Field(ge=0, le=1)
    importance: float = Field(ge=0, le=1)
    layer: Layer
    strength: float = Field(ge=0, le=1000)
    anchor_at: Instant
    use_days: Count
    last_cited_on: date | None
    frozen: bool
    pinned: bool
    expires_at: Instant | None
    stale: bool
    version: int = Field(ge=1, lt=2**31)
    extractor: Text | None
    metadata: Metadata


class AssertionRecord(Message):
    """One turn, or one edit, that says a memory's content."""

    type: Literal["assertion"]
    id: UUID
    memory_id: UUID
    turn_id: UUID | None
    origin: Origin
    asserted_at: Instant
    recorded_at: Instant
    session_id: Annotated[Text, BeforeValidator(normalize_path_id)]
    position: Count
    polarity: Literal[-2, -1, 1]
    quote: Text
    owner_user_id: PathId | None = None
    owner_memory_id: UUID | None = None
    owner_version: int | None = Field(default=None, ge=1, lt=2**31)


class VersionRecord(Message):
    """One change of a memory."""

    type: Literal["version"]
    memory_id: UUID
    version: int = Field(ge=1, lt=2**31)
    op: Op
    actor: Annotated[Text, AfterValidator(_check_actor)]
    reason: Text | None
    model: Text | None
    snapshot: Annotated[dict[str, Any], AfterValidator(_check_snapshot)]
    at: Instant


class LinkRecord(Message):
    """A typed edge between two memories."""

    type: Literal["link"]
    source_id: UUID
    target_id: UUID
    link_type: LinkType
    weight: float = Field(ge=0, le=1)
    created_by: Text
    at: Instant
    dismissed_at: Instant | None


class SnapshotRecord(Message):
    """A moment that the memory can be rolled back to."""

    type: Literal["snapshot"]
    id: UUID
    name: Name | None
    known_at: Instant
    actor: Text
    created_at: Instant


class EntityAliasRecord(Message):
    """A name under which memories know a person, place or thing, and what it is another name of."""

    type: Literal["entity_alias"]
    alias: Name
    name: Name
    source: AliasSource
    is_split: bool
    since: Instant | None
    turn_id: UUID | None
    moved_ids: list[UUID]
    actor: Annotated[Text, AfterValidator(_check_actor)]
    at: Instant


class DerivationRecord(Message):
    """From which state of a session, a day, a cluster, a topic or the user a memory was derived."""

    type: Literal["derivation"]
    basis: Basis
    key: Text
    memory_id: UUID | None
    fingerprint: Annotated[str, AfterValidator(_check_base64)]
    sources: Count
    at: Instant

    @model_validator(mode="after")
    def _normalize_key(self) -> "DerivationRecord":
        if self.basis is Basis.DAY:
            _check_day(self.key)
        if self.basis is Basis.SESSION:
            self.key = normalize_path_id(self.key)
        return self

    @property
    def fingerprint_bytes(self) -> bytes:
        """The fingerprint."""
        return base64.b64decode(self.fingerprint)


class ShownItem(Message):
    """An item that a search showed; without features when no ranker brought it."""

    id: UUID
    features: dict[Name, Annotated[float, Field(allow_inf_nan=False)]] | None


class FeedbackRecord(Message):
    """What an answer used of one search."""

    type: Literal["feedback"]
    id: UUID
    ranker: Count
    shown: list[ShownItem] = Field(max_length=500)
    cited_ids: list[UUID] = Field(max_length=500)
    at: Instant


class SessionStateRecord(Message):
    """The state of a session."""

    type: Literal["session_state"]
    session_id: PathId
    version: Count
    state: Annotated[dict[str, Any], AfterValidator(_check_session_state)]
    goals_left_out: Count
    actor: Text
    updated_at: Instant


class ArtifactRecord(Message):
    """An artifact, and the number of its newest version."""

    type: Literal["artifact"]
    path: ArtifactPath
    id: UUID
    version: int = Field(ge=1, lt=2**31)
    created_at: Instant


class ArtifactVersionRecord(Message):
    """One version of an artifact."""

    type: Literal["artifact_version"]
    path: ArtifactPath
    version: int = Field(ge=1, lt=2**31)
    id: UUID
    content_type: Literal["text", "json", "activation", "parametric"]
    content: Annotated[Text, AfterValidator(check_content_type)]
    checksum: Annotated[Text, AfterValidator(check_checksum)]
    bytes: Annotated[Count, AfterValidator(check_size)]
    metadata: Metadata
    actor: Text
    at: Instant


class EmbeddingRecord(Message):
    """The vector of a turn or a memory by the model in the header: base64 of little-endian half floats."""

    type: Literal["embedding"]
    id: UUID
    of_turn: bool
    vector: Annotated[str, AfterValidator(_check_base64)]

    @property
    def vector_bytes(self) -> bytes:
        """The bytes of the vector (d,)."""
        return base64.b64decode(self.vector)


Record = (
    SessionRecord
    | JobRecord
    | TurnRecord
    | SegmentRecord
    | MemoryRecord
    | AssertionRecord
    | VersionRecord
    | LinkRecord
    | SnapshotRecord
    | EntityAliasRecord
    | DerivationRecord
    | FeedbackRecord
    | SessionStateRecord
    | ArtifactRecord
    | ArtifactVersionRecord
    | EmbeddingRecord
    | StoreItemRecord
    | StoreVectorRecord
)
RECORDS: dict[str, type[Record]] = {
    "session": SessionRecord,
    "job": JobRecord,
    "turn": TurnRecord,
    "segment": SegmentRecord,
    "memory": MemoryRecord,
    "assertion": AssertionRecord,
    "version": VersionRecord,
    "link": LinkRecord,
    "snapshot": SnapshotRecord,
    "entity_alias": EntityAliasRecord,
    "derivation": DerivationRecord,
    "feedback": FeedbackRecord,
    "session_state": SessionStateRecord,
    "artifact": ArtifactRecord,
    "artifact_version": ArtifactVersionRecord,
    "embedding": EmbeddingRecord,
    "store_item": StoreItemRecord,
    "store_vector": StoreVectorRecord,
}
ANY_RECORD: TypeAdapter[Record] = TypeAdapter(Annotated[Record, Field(discriminator="type")])


class ImportedBundle(BaseModel):
    """What an import added; a bundle that is there already adds nothing."""

    user_id: str
    added: dict[str, int] = Field(description="Records added, by type")
    embedded: int = Field(description="Texts that had to be embedded here")
