"""When an event was that names no date itself: "I've just signed it", "On Friday we met and I signed it"."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.instants import shift_instant
from app.memory.extraction.offline.grammar.sentence_tree import SentenceTree
from app.memory.extraction.offline.open_sentences import OpenSentence, Unit
from app.memory.text.dates.date_spans import DateSpan
from app.memory.text.parsed_text import Token
from app.memory.text.word_sets import word_set
from app.memory.types import Turn

_FINE = frozenset(["minute", "hour", "day", "week"])
_MAX_APART = timedelta(days=60)  # of an event and of when it is told with another one of its day (chosen)
_SHORTLY, _LATELY = timedelta(days=7), timedelta(days=31)
_NOT_YET = word_set("about going trying waiting starting")


@dataclass(frozen=True, slots=True)
class EventTime:
    """The period [from_, to) in which an event was, to `precision`."""

    from_: datetime
    to: datetime
    precision: str


def find_event_time(sentence: OpenSentence, unit: Unit, happens: DateSpan | None) -> EventTime | None:
    """The time of the main verb's event: its date, that of the clause before it, or what its adverb says."""
    if happens is not None:
        return EventTime(happens.from_, happens.to, happens.precision)
    return _find_shared_date(sentence, unit) or _find_recent_time(
        sentence.tree, unit, sentence.statement.turn
    )


def _find_shared_date(sentence: OpenSentence, unit: Unit) -> EventTime | None:
    """The day of the past event before it in the sentence: one tells of one occasion in a sentence."""
    tree, head = sentence.tree, unit.clause.head
    if head.tag != "VBD" or tree.auxiliaries(head) or tree.is_negated(head):
        return None
    start = tree.tokens[unit.first].start
    said_at = sentence.statement.turn.observed_at
    for date in reversed(_before(sentence.dates, start)):
        verb = _dated_verb(tree, date)
        if verb is None or verb.tag != "VBD" or date.precision not in _FINE or date.since:
            return None
        if date.from_ > said_at or said_at - date.from_ > _MAX_APART:
            return None
        return EventTime(date.from_, date.to, date.precision)
    return None


def _before(dates: Sequence[DateSpan], start: int) -> list[DateSpan]:
    return [date for date in dates if date.end_char <= start]


def _dated_verb(tree: SentenceTree, date: DateSpan) -> Token | None:
    token = next((t for t in tree.tokens if date.start_char <= t.start < date.end_char), None)
    if token is None:
        return None
    return next((above for above in tree.ancestors(token) if above.tag.startswith("VB")), None)


def _find_recent_time(tree: SentenceTree, unit: Unit, turn: Turn) -> EventTime | None:
    """When something was that has "just", "recently" or "the other day" happened."""
    head = unit.clause.head
    words = [token.text.lower() for token in tree.tokens[unit.first : unit.last + 1]]
    if head.tag not in ("VBD", "VBN") or tree.is_negated(head):
        return None
    midnight = turn.observed_at.replace(hour=0, minute=0, second=0, microsecond=0)
    end = shift_instant(midnight, timedelta(days=1))
    adverbs = {child.text.lower() for child in tree.children[head.index] if child.relation == "advmod"}
    if "just" in adverbs and not adverbs & _NOT_YET:
        return EventTime(midnight, end, "day")
    if "other" in words and "the other day" in " ".join(words):
        return EventTime(shift_instant(midnight, -_SHORTLY), end, "week")
    if adverbs & {"recently", "lately"}:
        return EventTime(shift_instant(midnight, -_LATELY), end, "month")
    return None
