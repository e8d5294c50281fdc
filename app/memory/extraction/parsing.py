"""Parses a language model's extraction reply into facts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from app.core.vocabulary import Form, GoalStatus, Kind, Role
from app.memory.extraction.computed_fields import (
    compute_entities,
    compute_importance,
    compute_place,
)
from app.memory.extraction.reply import (
    CHANGE_KINDS,
    MAX_ENTRIES_READ,
    Effect,
    ExtractedFact,
    ExtractionReply,
    Mode,
)
from app.memory.extraction.tags import LABEL_PREFIX
from app.memory.extraction.when import When, parse_when
from app.memory.identity.attributes import find_attribute
from app.memory.identity.slots import make_slot
from app.memory.model_replies import UnreadableEntry
from app.memory.text.limits import MAX_FACTS
from app.memory.types import Change, Fact, Location, Slot, Turn

SELF_WORDS = frozenset(["", "user", "the user", "speaker", "the speaker", "i", "me", "self", "myself"])
MAX_REASONS_REPORTED = 10
_NO_SUCH_TURN = "there is no such turn"
_TASTES = frozenset(["likes", "dislikes", "favourite"])
_GOALS = {Mode.GOAL: GoalStatus.OPEN, Mode.DONE: GoalStatus.DONE, Mode.DROPPED: GoalStatus.DROPPED}


def parse_facts(
    reply: Mapping[str, Any], turns: Sequence[Turn], related: Sequence[UUID] = ()
) -> tuple[list[Fact], list[str]]:
    """Return the facts of a reply to `build_extraction_messages`, and why other parts of it were refused.

    An entry needs turn, quote and content; other fields that are missing or unreadable have defaults.
    `related` are the ids of the memories that were shown, by whose numbers the reply names what it changes; a
    change of another number is refused, and its fact stays. The guard checks the quotes. A reason names the
    entry and the fault, never the text.
    """
    try:
        entries = ExtractionReply.model_validate(reply).facts
    except ValidationError:
        return [], ["the reply has no list of facts"]
    facts: list[Fact] = []
    reasons: list[str] = []
    for number, entry in enumerate(entries, start=1):
        if len(facts) == MAX_FACTS or number > MAX_ENTRIES_READ:
            left_out = f"entries from {number} on: a segment has at most {MAX_FACTS} facts"
            return facts, [*_cap_reasons(reasons), left_out]
        outcome = _explain(entry) if isinstance(entry, UnreadableEntry) else _make_fact(entry, turns)
        if isinstance(outcome, str):
            reasons.append(f"entry {number}: {outcome}")
            continue
        assert not isinstance(entry, UnreadableEntry)
        fact, unknown = _with_changes(outcome, entry, related)
        facts.append(fact)
        if unknown:
            reasons.append(f"entry {number}: {unknown} of its changes name no memory that was shown")
    return facts, _cap_reasons(reasons)


def _explain(entry: UnreadableEntry) -> str:
    if not entry.fields:
        return "it is not an object"
    return _NO_SUCH_TURN if "turn" in entry.fields else "content or quote is missing or too long"


def _cap_reasons(reasons: list[str]) -> list[str]:
    more = len(reasons) - MAX_REASONS_REPORTED
    return reasons if more <= 0 else [*reasons[:MAX_REASONS_REPORTED], f"{more} more entries"]


def _with_changes(fact: Fact, entry: ExtractedFact, related: Sequence[UUID]) -> tuple[Fact, int]:
    """Return the fact with its changes, and the number of changes that can't be used."""
    changes: dict[UUID, Change] = {}
    same_as: UUID | None = None
    unknown = 0
    for named in entry.changes:
        if isinstance(named, UnreadableEntry) or not 1 <= named.id <= len(related):
            unknown += 1
        elif named.how is Effect.SAME:
            same_as = same_as or related[named.id - 1]
        else:
            target = related[named.id - 1]
            changes.setdefault(target, Change(CHANGE_KINDS[named.how], target))
    # A memory that the fact changes is not the one that it repeats.
    same_as = None if same_as in changes else same_as
    return replace(fact, changes=tuple(changes.values()), same_as=same_as), unknown


def _make_fact(entry: ExtractedFact, turns: Sequence[Turn]) -> Fact | str:
    """Return the fact of an entry, or the reason why there is none."""
    if not 1 <= entry.turn <= len(turns):
        return _NO_SUCH_TURN
    turn = turns[entry.turn - 1]
    if turn.role.is_instruction:
        return "it is from a system turn"
    # An example is kept word for word, because a rewritten one could lose its label.
    content = entry.quote if entry.kind is Kind.EXAMPLE else entry.content
    when = parse_when(entry.when, turn.observed_at)
    form = _form_of(entry, turn, when)
    subject, polarity = _parse_subject(entry, turn), -1 if entry.mode is Mode.NOT else 1
    slot: Slot | None = None
    if form is Form.STATE and entry.attribute:
        slot, polarity = make_slot(subject, entry.attribute, entry.value or "", polarity)
    event = when if form is Form.EVENT else None
    attribute = slot.attribute if slot is not None else entry.attribute
    place = compute_place(content)
    return Fact(
        turn_id=turn.id,
        content=content,
        quote=entry.quote,
        kind=Kind.EVENT if entry.kind is Kind.FACT and event else entry.kind,
        form=form,
        slot=slot,
        polarity=polarity,
        asserted_at=_since(when, turn) if form is Form.STATE else None,
        event_from=event.start if event else None,
        event_to=event.end if event else None,
        event_precision=event.precision if event else None,
        location=Location(place) if place else None,
        tags=_tags(entry, attribute),
        entities=compute_entities(content, (turn.name, entry.subject, entry.value)),
        importance=compute_importance(entry.kind, attribute, dated=event is not None),
        goal=_GOALS.get(entry.mode),
        subject=slot.subject if slot is not None else subject,
    )


def _since(when: When | None, turn: Turn) -> datetime | None:
    """From when a state holds, if that is not the day on which it is said: then the moment itself counts."""
    if when is None or (when.precision == "day" and when.start.date() == turn.observed_at.date()):
        return None
    return when.start


def _form_of(entry: ExtractedFact, turn: Turn, when: When | None) -> Form:
    """Whether a fact is a state or an event.

    A plan is an event that lies ahead, also if the model calls it a fact, and so is what holds from a date to
    come; a state that a date has ended belongs to the past like an event. None of them is the current value
    of a slot.
    """
    if entry.kind is Kind.EVENT or entry.mode is Mode.PLAN:
        return Form.EVENT
    if when is not None and entry.mode is Mode.IS:
        lies_ahead = when.start > turn.observed_at and when.start.date() != turn.observed_at.date()
        is_over = when.has_end and when.end is not None and when.end <= turn.observed_at
        if lies_ahead or is_over:
            return Form.EVENT
    return Form.STATE


def _tags(entry: ExtractedFact, attribute: str | None) -> tuple[str, ...]:
    """The topic of a fact by its attribute, unless that is any taste; of an example its label."""
    if entry.kind is Kind.EXAMPLE:
        return (f"{LABEL_PREFIX}{entry.value}",) if entry.value else ()
    spec = find_attribute((attribute or "").partition(":")[0])
    return (spec.name,) if spec is not None and spec.name not in _TASTES else ()


def _parse_subject(entry: ExtractedFact, turn: Turn) -> str:
    """Who a fact is about; the user by the name of the turn, as far as the user speaks it."""
    subject = (entry.subject or "").lower()
    if subject not in SELF_WORDS:
        return subject
    if turn.role is Role.USER:
        return (turn.name or "").strip().lower() or "user"
    # In an assistant's turn "me" is the one whom it talks to; only a fact without a subject is about itself.
    return "user" if subject else (turn.name or "").strip().lower() or "assistant"
