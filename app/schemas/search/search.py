"""Search and context on the wire."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    ValidationInfo,
    WrapSerializer,
)

from app.core.vocabulary import (
    AbstainReason,
    ContextFormat,
    ItemType,
    Kind,
    Reliance,
    Role,
    SearchKind,
    Status,
)
from app.schemas.common import (
    AsOf,
    GeoCircle,
    Id,
    Instant,
    KnownAt,
    Message,
    Name,
    NoNul,
    PathId,
    SpokenInstant,
)
from app.schemas.memories.memories import MemorySource
from app.schemas.memories.metadata_filters import BoundedFilter

Query = Annotated[str, StringConstraints(min_length=1, max_length=4_000, pattern=r"\S"), NoNul]
MAX_WAIT_SECONDS = 30.0


def _check_shared(value: bool, told: ValidationInfo) -> bool:
    if value and (told.data.get("as_of") is not None or told.data.get("known_at") is not None):
        raise ValueError("what others share is told as it is now: not with as_of or known_at")
    return value


Shared = Annotated[
    bool,
    AfterValidator(_check_shared),
    Field(description="Also find the memories, never the turns, that others granted to the user"),
]


class SearchFilters(Message):
    """Only what passes all of them is looked at."""

    roles: list[Role] | None = Field(default=None, max_length=4)
    speaker: Name | None = None
    tags: list[Name] | None = Field(
        default=None, max_length=32, description="Memories with all of these tags"
    )
    since: Instant | None = Field(default=None, description="Said at or after")
    until: Instant | None = Field(default=None, description="Said before")
    place: Name | None = Field(
        default=None, description="Memories of what happened, and turns said, at a place with these words"
    )
    near: GeoCircle | None = Field(
        default=None, description="The same within a distance; places with coordinates"
    )
    metadata: BoundedFilter | None = Field(
        default=None,
        description="What the metadata say; a memory inherits those of the turns that state it",
    )


class ContextFilters(Message):
    """Only what passes all of them is put into a context, the session's last turns too."""

    metadata: BoundedFilter | None = Field(default=None, description="As `filters.metadata` of a search")


class SearchMemory(Message):
    """A question to one user's memory."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"user_id": "ann", "query": "Where does Ann live?", "k": 5}]},
    )

    user_id: PathId
    query: Query
    k: int = Field(default=10, ge=1, le=200)
    kinds: list[SearchKind] | None = Field(
        default=None, max_length=10, description="Memories of these kinds, and turns if `turn` is among them"
    )
    session_id: PathId | None = Field(default=None, description="Only this session")
    asked_in: PathId | None = Field(
        default=None,
        description="The session that the question is asked in: what it is about is searched for too when the"
        " question does not stand on its own",
    )
    agent_id: Id | None = Field(default=None, description="Only what this agent took part in")
    filters: SearchFilters = SearchFilters()
    reference_time: Instant | None = Field(
        default=None,
        description="What `now` is for this question; default: as_of, known_at or now",
    )
    as_of: AsOf = None
    known_at: KnownAt = None
    shared: Shared = False
    include_superseded: bool = False
    neighbours: int = Field(
        default=0, ge=0, le=3, description="Turns to bring before each item's turn, and as many after it"
    )
    wait_for: UUID | None = Field(default=None, description="A job to wait for before searching")
    wait_seconds: float = Field(default=5.0, ge=0, le=MAX_WAIT_SECONDS)
    min_relevance: float | None = Field(
        default=None, ge=0, le=1, description="Leave out items of a smaller `relevance`; default: none"
    )
    explain: bool = False


class NearTurn(BaseModel):
    """A turn said just before or after the turn of an item, in the same session."""

    turn_id: UUID
    offset: int = Field(description="Its place beside the item's turn: -1 is the one before, 1 the one after")
    role: Role
    name: str | None
    content: str
    observed_at: SpokenInstant
    ref: str | None
    superseded_by: list[UUID] = Field(
        default_factory=list[UUID], description="What this turn says is in part no longer true: see these"
    )


class TextSpan(BaseModel):
    """A part of a text: [start, end) in characters (Unicode code points)."""

    start: int
    end: int


class SearchExcerpt(BaseModel):
    """The sentences of a long content that answer the question best."""

    text: str = Field(description="The parts in their order, with an ellipsis for what was left out")
    spans: list[TextSpan] = Field(description="Where the parts stand in `content`")


def _is_empty(value: Any) -> bool:
    return value is None or value is False or (isinstance(value, list | dict) and not value)


def _is_null(value: Any) -> bool:
    return value is None


def _leave_out_nulls(source: MemorySource, serialize: SerializerFunctionWrapHandler):
    return {name: value for name, value in serialize(source).items() if value is not None}


ShownSource = Annotated[MemorySource, WrapSerializer(_leave_out_nulls)]


class SearchItem(BaseModel):
    """A turn or a memory, with the words that prove it. What is null, empty or false is left out."""

    content: str
    score: float = Field(description="By which the items are ordered; it compares items of this answer only")
    sources: list[ShownSource]
    type: ItemType
    id: UUID
    kind: Kind | None = Field(exclude_if=_is_empty, description="None for a turn")
    excerpt: SearchExcerpt | None = Field(
        exclude_if=_is_empty,
        default=None,
        description="The best sentences of a content of more than 600 characters; None of a shorter one",
    )
    relevance: float | None = Field(
        exclude_if=_is_empty,
        default=None,
        description="How probable it is that the item is about what is asked, 0 to 1, on one scale for all"
        " users and questions; None where the embedding model has no such scale",
    )
    valid_from: SpokenInstant | None = Field(
        exclude_if=_is_empty, description="Since when it holds, or when the turn was said"
    )
    valid_to: Instant | None = Field(
        exclude_if=_is_empty,
        description="Until when it held. Of a turn: when the last of its memories that match the question"
        " ended; None while one of them holds, or if nothing is known of an end",
    )
    confidence: float | None = Field(
        exclude_if=_is_empty, description="0 to 1; None for a turn: it was said, whether or not it is true"
    )
    version: int | None = Field(exclude_if=_is_empty, description="The version of a memory")
    status: Status | None = Field(exclude_if=_is_empty, default=None, description="Of a memory")
    agent_id: str | None = Field(
        exclude_if=_is_empty,
        default=None,
        description="The agent that told it first, or that the turn was said to",
    )
    agent_ids: list[str] = Field(
        exclude_if=_is_empty,
        default_factory=list[str],
        description="All agents that told it or took part in a turn that says it",
    )
    metadata: dict[str, Any] = Field(
        exclude_if=_is_empty,
        default_factory=dict[str, Any],
        description="Its own, without what a memory inherits of its turns",
    )
    recorded_at: Instant | None = Field(
        exclude_if=_is_empty, default=None, description="When it was stored; None for what others share"
    )
    updated_at: Instant | None = Field(
        exclude_if=_is_empty, default=None, description="When a memory was changed last; a turn never changes"
    )
    tags: list[str] = Field(
        exclude_if=_is_empty, default_factory=list[str], description="Of a memory; an example has its label"
    )
    pending: bool = Field(
        exclude_if=_is_empty, default=False, description="A turn that extraction has still to read"
    )
    superseded_by: list[UUID] = Field(
        exclude_if=_is_empty,
        default_factory=list[UUID],
        description="The current memories that replaced this memory, or part of what this turn says",
    )
    conflicts: list[UUID] = Field(
        exclude_if=_is_empty,
        default_factory=list[UUID],
        description="Current memories that contradict this one, undecided",
    )
    folded: list[UUID] = Field(
        exclude_if=_is_empty,
        default_factory=list[UUID],
        description="Turns or memories that say the same; their sources are among this item's",
    )
    neighbours: list[NearTurn] = Field(
        exclude_if=_is_empty,
        default_factory=list[NearTurn],
        description="With `neighbours`: in the order in which they were said; no turn twice in one answer",
    )
    reliance: Reliance | None = Field(
        exclude_if=_is_empty,
        default=None,
        description="None for a turn; rely on a memory, check it, or ask the user",
    )
    owner_user_id: str | None = Field(
        exclude_if=_is_empty,
        default=None,
        description="With `shared`: whose memory it is; its sources then say when and nothing else."
        " None = the user's own",
    )
    features: dict[str, float] | None = Field(
        exclude_if=_is_empty, default=None, description="With `explain`"
    )
    weights: dict[str, float] | None = Field(
        exclude_if=_is_empty, default=None, description="With `explain`: of these features"
    )
    via: str | None = Field(
        exclude_if=_is_empty,
        default=None,
        description="With `explain`: the feature that adds most to its score, if any does",
    )


class SearchOut(BaseModel):
    """Best first. What is null is left out, but for `abstained`."""

    items: list[SearchItem]
    abstained: bool = Field(default=False, description="The items hold no answer; what to do is the caller's")
    reason: AbstainReason | None = Field(
        exclude_if=_is_null, default=None, description="With `abstained`: why"
    )
    expanded_by: str | None = Field(
        exclude_if=_is_null,
        default=None,
        description="With `explain`: what of the session `asked_in` was searched for beside the question",
    )
    waited: bool | None = Field(
        exclude_if=_is_null,
        default=None,
        description="With wait_for: whether the job came to its end in time",
    )
    retrieval_id: UUID | None = Field(
        exclude_if=_is_null,
        default=None,
        description="For feedback, within an hour; None while Redis is out of reach",
    )


class BuildContext(Message):
    """What to put before a model that is about to answer `query`."""

    user_id: PathId
    query: Query
    session_id: PathId | None = Field(
        default=None, description="The conversation that goes on: its last turns come first"
    )
    agent_id: Id | None = None
    filters: ContextFilters = ContextFilters()
    max_tokens: int = Field(
        default=2_000, ge=1, le=100_000, description="Counted with the WordPiece tokens of MiniLM"
    )
    k: int = Field(default=30, ge=1, le=200)
    neighbours: int = Field(
        default=1, ge=0, le=3, description="Turns to add before and after what is found, while there is room"
    )
    reference_time: Instant | None = None
    as_of: AsOf = None
    known_at: KnownAt = None
    shared: Shared = False
    format: ContextFormat = ContextFormat.MARKDOWN
    wait_for: UUID | None = None
    wait_seconds: float = Field(default=5.0, ge=0, le=MAX_WAIT_SECONDS)


class ContextOut(BaseModel):
    """A block for the prompt, never longer than the budget."""

    text: str
    tokens: int
    memory_ids: list[UUID] = Field(
        description="Send these back as `shown_memory_ids` with the model's turn. In markdown each is marked"
        " with the last characters of its id, at least 6, in square brackets"
    )
    turn_ids: list[UUID] = Field(
        description="The turns shown, and those that say a memory which is shown; send these back in"
        " `shown_memory_ids` too"
    )
    gated: bool = Field(
        default=False, description="The query is a greeting, thanks or assent: only the last turns are shown"
    )
    waited: bool | None = Field(default=None, description="With wait_for: whether the job ended in time")
    retrieval_id: UUID | None = Field(
        default=None, description="For feedback, within an hour; None while Redis is out of reach"
    )
