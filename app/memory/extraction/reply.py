"""The model of a language model's extraction reply; `memory.extraction.prompt` explains each field to the
model.
"""

import math
from typing import Annotated, Literal

from pydantic import BeforeValidator, OnErrorOmit, StringConstraints
from pydantic.json_schema import SkipJsonSchema

from app.core.vocabulary import Form, GoalStatus, Kind
from app.memory.model_replies import Entry, ReplyModel, WholeNumber, clean_text
from app.memory.text.limits import MAX_FACTS

MAX_CONTENT_CHARS = 2000
MAX_FIELD_CHARS = 200
MAX_ENTRIES_READ = 4 * MAX_FACTS
DatePrecision = Literal["year", "month", "week", "day", "hour", "minute"]
Text = Annotated[str, BeforeValidator(clean_text), StringConstraints(max_length=MAX_FIELD_CHARS)]
LongText = Annotated[str, BeforeValidator(clean_text), StringConstraints(max_length=MAX_CONTENT_CHARS)]
Words = tuple[OnErrorOmit[Text], ...]


def _clamp_share(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not -math.inf < value < math.inf:
        raise ValueError("no finite number")
    return float(min(1.0, max(0.0, value)))


def _parse_flag(value: object) -> bool | None:
    return None if value is None else value is True


def _strip_text(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _first_entries(value: object) -> object:
    return value[: MAX_ENTRIES_READ + 1] if isinstance(value, list) else value


Share = Annotated[float, BeforeValidator(_clamp_share)]


class ExtractedFact(ReplyModel):
    """A fact as a language model writes it; the extraction prompt explains each field."""

    turn: WholeNumber
    other_turns: tuple[OnErrorOmit[WholeNumber], ...] = ()
    content: Annotated[LongText, StringConstraints(min_length=1)]
    quote: Annotated[LongText, StringConstraints(min_length=1)]
    kind: Literal[Kind.FACT, Kind.PREFERENCE, Kind.EVENT, Kind.PROCEDURE, Kind.EXAMPLE] = Kind.FACT
    form: Form | SkipJsonSchema[None] = None
    subject: Text | None = None
    attribute: Text | None = None
    value: Text | None = None
    single_valued: Annotated[bool | SkipJsonSchema[None], BeforeValidator(_parse_flag)] = None
    negated: Annotated[bool, BeforeValidator(_parse_flag)] = False
    asserted_at: Text | None = None
    event_from: Text | None = None
    event_to: Text | None = None
    event_precision: Annotated[DatePrecision | None, BeforeValidator(_strip_text)] = None
    place: Text | None = None
    keywords: Words = ()
    tags: Words = ()
    entities: Words = ()
    context: LongText | None = None
    importance: Share = 0.3
    confidence: Share = 0.8
    goal: GoalStatus | None = None


class ExtractionReply(ReplyModel):
    """The reply to `prompt.build_extraction_messages`; at most `MAX_ENTRIES_READ` + 1 entries are read."""

    facts: Annotated[list[Entry[ExtractedFact]], BeforeValidator(_first_entries)]
