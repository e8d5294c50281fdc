"""Value types of the domain; all are frozen and free of I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core.vocabulary import ChangeKind, Form, GoalStatus, Kind, Origin, Role, Status
from app.memory.geography import Area
from app.memory.metadata_filters import Condition

NEVER_TRUE = -2  # polarity of an assertion that corrects a memory: it was never true


@dataclass(frozen=True, slots=True)
class Location:
    """Where something happened: a name, and coordinates in degrees (WGS 84) if known."""

    name: str
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One message: `position` orders the turns of a session, `observed_at` is when it was said."""

    id: UUID
    user_id: str
    session_id: str
    position: int
    role: Role
    content: str
    observed_at: datetime
    name: str | None = None
    ref: str | None = None
    agent_id: str | None = None
    shown_memory_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """The (subject, attribute) of a state and its value; a slot with `single` has one current value."""

    subject: str
    attribute: str
    value: str
    single: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """What a statement does to an earlier one: of the two, the later in valid time changes the earlier.

    `target_id` is the memory that a language model named among those it was shown; without it the target is
    the current state of `subject` (of the statement, if None) that shares `attribute` (a canonical attribute
    or topic) or all of `words` (content words that name its object, in lower case).
    """

    kind: ChangeKind
    target_id: UUID | None = None
    subject: str | None = None
    attribute: str | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """A statement that the extractor found in a segment, before the guard and reconciliation have seen it.

    `content` is one self-contained sentence in the third person, in the language of the turn. `quote` is the
    exact span of the turn that says it. `polarity` is -1 for a denial ("is not allergic to nuts").
    `asserted_at` is the date from which it holds, if the turn names one; otherwise the turn's `observed_at`
    counts. Event dates are a range [event_from, event_to). `goal` says that the fact opens a goal of its
    session, or that a goal is done or dropped. `importance` and `confidence` are in [0, 1]. `subject` is who
    or what the statement is about, as a slot's subject is written ("user" for the account's person); None if
    it is not known. `changes` say what it does to earlier statements; `same_as` is the memory that a language
    model, to which it was shown, named as saying the same.
    """

    turn_id: UUID
    content: str
    quote: str
    kind: Kind = Kind.FACT
    form: Form = Form.STATE
    slot: Slot | None = None
    polarity: int = 1
    asserted_at: datetime | None = None
    event_from: datetime | None = None
    event_to: datetime | None = None
    event_precision: str | None = None
    location: Location | None = None
    keywords: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    context: str | None = None
    importance: float = 0.3
    confidence: float = 0.8
    other_turn_ids: tuple[UUID, ...] = ()
    goal: GoalStatus | None = None
    subject: str | None = None
    changes: tuple[Change, ...] = ()
    same_as: UUID | None = None


@dataclass(frozen=True, slots=True)
class Assertion:
    """Provenance row: one turn states a memory's content on one date, with the quote.

    `polarity` is 1 for a statement of the memory, -1 for one that ends it from that date on, and
    `NEVER_TRUE` for one that takes back all that was said of it before.
    The `owner_*` fields are set on assertions of copied memories: the owner's user, memory and version.
    """

    memory_id: UUID
    asserted_at: datetime
    recorded_at: datetime
    session_id: str = ""
    position: int = 0
    turn_id: UUID | None = None
    quote: str = ""
    origin: Origin = Origin.USER
    polarity: int = 1
    owner_user_id: str | None = None
    owner_memory_id: UUID | None = None
    owner_version: int | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """The part of a stored memory that reconciliation needs.

    `similarity` is the cosine to the fact under decision, in [-1, 1]; `confidence` is in [0, 1].
    """

    id: UUID
    kind: Kind
    form: Form
    content: str
    status: Status
    version: int
    origin: Origin
    slot: Slot | None = None
    polarity: int = 1
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    confidence: float = 0.5
    frozen: bool = False
    similarity: float = 0.0
    subject: str | None = None
    event_from: datetime | None = None
    event_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class MemoryFilter:
    """Which memories a list contains; None and empty do not restrict. A memory has all of `tags`.

    `session_id` is that of a turn which states it.
    """

    status: Sequence[Status] | None = None
    kinds: Sequence[Kind] | None = None
    subject: str | None = None
    attribute: str | None = None
    tags: Sequence[str] | None = None
    agent_id: str | None = None
    area: Area | None = None
    session_id: str | None = None
    metadata: Condition | None = None
