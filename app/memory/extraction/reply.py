"""The model of a language model's extraction reply; `memory.extraction.prompt` explains each field to the
model.

The order of the fields is that in which a grammar makes a model write them: the evidence comes before the
content. Whatever the code can compute from these fields is not among them, since each word of an answer is
paid for with every fact; `memory.extraction.computed_fields` has the rest.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, StringConstraints

from app.core.vocabulary import ChangeKind, Kind
from app.memory.model_replies import Entry, ReplyModel, WholeNumber, clean_text
from app.memory.text.limits import MAX_FACTS

MAX_CONTENT_CHARS = 2000
MAX_FIELD_CHARS = 200
MAX_ENTRIES_READ = 4 * MAX_FACTS
MAX_CHANGES_READ = 16  # changes of one fact (chosen); a death may end as many statements as are shown
Text = Annotated[str, BeforeValidator(clean_text), StringConstraints(max_length=MAX_FIELD_CHARS)]
LongText = Annotated[str, BeforeValidator(clean_text), StringConstraints(max_length=MAX_CONTENT_CHARS)]


class Mode(StrEnum):
    """How a fact is put: it holds, it is denied or over, it is planned, or it is about a goal of the talk."""

    IS = "is"
    NOT = "not"
    PLAN = "plan"
    GOAL = "goal"
    DONE = "done"
    DROPPED = "dropped"


class Effect(StrEnum):
    """What a fact does to a related memory; `same` says it once more."""

    REPLACES = "replaces"
    ENDS = "ends"
    CORRECTS = "corrects"
    CANCELS = "cancels"
    RESCHEDULES = "reschedules"
    CONFIRMS = "confirms"
    SAME = "same"


CHANGE_KINDS = {
    Effect.REPLACES: ChangeKind.REPLACE,
    Effect.ENDS: ChangeKind.END,
    Effect.CORRECTS: ChangeKind.CORRECT,
    Effect.CANCELS: ChangeKind.CANCEL,
    Effect.RESCHEDULES: ChangeKind.RESCHEDULE,
    Effect.CONFIRMS: ChangeKind.CONFIRM,
}
# Words that models write instead of those that they were asked for, where only one meaning is possible.
_KIND_WORDS = {"instruction": "procedure", "rule": "procedure", "plan": "event", "state": "fact"}
_MODE_WORDS = {
    "true": "is",
    "yes": "is",
    "false": "not",
    "no": "not",
    "negated": "not",
    "denied": "not",
    "ended": "not",
    "over": "not",
    "planned": "plan",
    "future": "plan",
    "open": "goal",
}
_EFFECT_WORDS = {str(kind): str(effect) for effect, kind in CHANGE_KINDS.items()} | {
    "supersedes": "replaces",
    "updates": "replaces",
    "retracts": "ends",
    "confirm": "confirms",
    "repeats": "same",
}


def _canonical_word(value: object, synonyms: dict[str, str]) -> str:
    word = clean_text(str(value) if isinstance(value, bool) else value).lower()
    return synonyms.get(word, word)


def _first_entries(value: object) -> object:
    return value[: MAX_ENTRIES_READ + 1] if isinstance(value, list) else value


def _first_changes(value: object) -> object:
    return value[:MAX_CHANGES_READ] if isinstance(value, list) else value


FactKind = Annotated[
    Literal[Kind.FACT, Kind.PREFERENCE, Kind.EVENT, Kind.PROCEDURE, Kind.EXAMPLE],
    BeforeValidator(lambda value: _canonical_word(value, _KIND_WORDS)),
]
FactMode = Annotated[Mode, BeforeValidator(lambda value: _canonical_word(value, _MODE_WORDS))]
FactEffect = Annotated[Effect, BeforeValidator(lambda value: _canonical_word(value, _EFFECT_WORDS))]


class NamedChange(ReplyModel):
    """What a fact does to the related memory that was shown under the number `id`."""

    id: WholeNumber
    how: FactEffect


class ExtractedFact(ReplyModel):
    """A fact as a language model writes it; the extraction prompt explains each field."""

    turn: WholeNumber
    quote: Annotated[LongText, StringConstraints(min_length=1)]
    content: Annotated[LongText, StringConstraints(min_length=1)]
    kind: FactKind = Kind.FACT
    subject: Text | None = None
    attribute: Text | None = None
    value: Text | None = None
    when: Text | None = None
    mode: FactMode = Mode.IS
    changes: Annotated[tuple[Entry[NamedChange], ...], BeforeValidator(_first_changes)] = ()


class ExtractionReply(ReplyModel):
    """The reply to `prompt.build_extraction_messages`; at most `MAX_ENTRIES_READ` + 1 entries are read."""

    facts: Annotated[list[Entry[ExtractedFact]], BeforeValidator(_first_entries)]
