"""An answer with citations on the wire."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.vocabulary import Kind, NoAnswerReason
from app.schemas.common import AsOf, Id, Instant, KnownAt, Message, PathId
from app.schemas.platform.jobs import LlmUsage
from app.schemas.search.search import Query, SearchFilters, SearchItem, Shared

MAX_SUB_QUESTIONS = 3


class AnswerQuestion(Message):
    """A question that is to be answered from one user's memory."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"user_id": "ann", "query": "Where does Ann live?"}]},
    )

    user_id: PathId
    query: Query
    k: int = Field(default=20, ge=1, le=50, description="Items that the model may be shown")
    kinds: list[Kind] | None = Field(
        default=None, max_length=10, description="Only memories of these kinds, and no turns"
    )
    session_id: PathId | None = Field(default=None, description="Only this session")
    asked_in: PathId | None = Field(default=None, description="The session that the question is asked in")
    agent_id: Id | None = Field(default=None, description="Only what this agent took part in")
    filters: SearchFilters = SearchFilters()
    reference_time: Instant | None = Field(
        default=None, description="What `now` is for this question; default: as_of, known_at or now"
    )
    as_of: AsOf = None
    known_at: KnownAt = None
    shared: Shared = False
    sub_questions: int = Field(
        default=0,
        ge=0,
        le=MAX_SUB_QUESTIONS,
        description="How many further questions the model may look up before it answers, in one second call",
    )
    max_evidence_tokens: int = Field(
        default=3_000,
        ge=100,
        le=16_000,
        description="Of what the model is shown, in WordPiece tokens of MiniLM",
    )
    stream: bool = Field(
        default=False, description="Answer with server-sent events, as with `Accept: text/event-stream`"
    )


class ClaimOut(BaseModel):
    """One sentence of the answer, and what it rests on."""

    text: str
    cited_ids: list[UUID] = Field(description="Ids of items that the model was shown")
    supported: bool = Field(description="Whether it cites anything; only then is it part of `answer`")


class AnswerOut(BaseModel):
    """A short answer in which every sentence cites items, or why there is none."""

    answer: str | None = Field(description="The supported claims; None when it abstains")
    abstained: bool
    reason: NoAnswerReason | None = Field(default=None, description="With `abstained`: why")
    missing: str | None = Field(
        default=None, description="With `not_in_evidence`: what is missing, in the model's words"
    )
    claims: list[ClaimOut]
    items: list[SearchItem] = Field(description="The items that are cited, in the order of the claims")
    shown_ids: list[UUID] = Field(description="All items that the model was shown, best first")
    sub_questions: list[str] = Field(description="What was looked up beside the question")
    usage: LlmUsage
    model: str | None = Field(description="The model that wrote it; None when none was asked")
    retrieval_id: UUID | None = Field(
        default=None, description="For feedback, within an hour; None while Redis is out of reach"
    )


class ShownEvent(BaseModel):
    """The event `shown`: what the model is shown now; the second time with what the sub-questions found."""

    shown_ids: list[UUID]
    sub_questions: list[str]
