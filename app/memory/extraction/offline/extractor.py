"""Extraction without a model: rules that turn first-person statements into facts.

They would rather miss a statement than invent one: a wrong value of a single-valued slot hides a true one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core.vocabulary import Form, Role
from app.memory.extraction.labelled_examples import find_labelled_examples
from app.memory.extraction.offline.clauses import (
    Clause,
    find_declarative_sentences,
    find_first_person_clauses,
)
from app.memory.extraction.offline.events import EventClass, classify_event
from app.memory.extraction.offline.slot_patterns import match_slot_values
from app.memory.extraction.offline.slot_values import (
    IDENTITY_IMPORTANCE,
    TASTE_IMPORTANCE,
    SlotValue,
    extract_birthday,
)
from app.memory.extraction.offline.third_person import expand_contractions, to_third_person
from app.memory.reconciliation.relations import parse_relation
from app.memory.text.dates import DateSpan, find_dates
from app.memory.text.limits import MAX_CHARS_READ, MAX_CLAUSES, MAX_FACTS
from app.memory.text.word_lists import KEYWORD_STOP_WORDS, LANGUAGE_NAMES, MONTHS_AND_DAYS
from app.memory.types import Fact, Location, Slot, Turn

DEFAULT_SPEAKER = "the user"
MAX_KEYWORDS = 8
CERTAIN_CONFIDENCE, HEDGED_CONFIDENCE = 0.8, 0.6
MAX_CLAUSE_CHARS = (
    1_000  # characters, once dates and names are written out; a longer memory is refused as well
)
TOO_MANY_FACTS = f"only the first {MAX_FACTS} facts of a segment are kept; the rest is left out"
TURN_TOO_LONG = "only the first statements of so long a turn are read; the rest is left out"

_IRREALIS_MARKER = re.compile(
    r"\b(?:if|unless|would|wish|could|should|might|supposed to|imagine|whether|hopefully|someone"
    r"|somebody)\b",
    re.IGNORECASE,
)
_HEDGE_WORDS = re.compile(r"\b(?:maybe|perhaps|probably|possibly|sort of|kind of)\b", re.IGNORECASE)
_SECOND_PERSON = re.compile(r"\b(?:you|your|yours|you're|u|ya|y'all|yourself)\b", re.IGNORECASE)
_PLURAL_YOU = re.compile(r"\byou (?:two|both|guys|all|folks)\b", re.IGNORECASE)
_BEFORE_DATE = re.compile(
    r"\b(?:until|till|by|from|of|for|before|after|around|during|to|spent|spend|spending|entire|whole)\s*$",
    re.IGNORECASE,
)
_TRAILING_FILLER = re.compile(
    r"(?:,? (?:right now|now|currently|speaking of(?: which)?|thanks|thank you|at the moment|though"
    r"|too|as well|lately|recently|haha|lol|!))+$",
    re.IGNORECASE,
)
_CAPITALISED = r"[A-Z][\w'&-]*"
_LOCATION_PHRASE = re.compile(
    rf"\b(?:at|in) (?:the )?(?P<name>{_CAPITALISED}(?:(?: of| de| the)? {_CAPITALISED})*)"
)
_ENTITY_NAME = re.compile(rf"(?<=[\w,] )(?:{_CAPITALISED})(?: {_CAPITALISED})*")
_WORD = re.compile(r"[^\W_][\w'-]+")
_PERFECT_STATE = re.compile(
    r"^I have (?P<adverbs>(?:\w+ly |always )?)(?P<verb>lived|worked|played)\b", re.IGNORECASE
)
_PRESENT_FORMS = {"lived": "am living", "worked": "am working", "played": "play"}


@dataclass(frozen=True, slots=True)
class _ResolvedClause:
    """A clause with its dates resolved: `dated` has them written out, `bare` has them taken out."""

    turn: Turn
    quote: str
    text_with_dates: str
    text_without_dates: str
    date_spans: tuple[DateSpan, ...]
    confidence: float

    @property
    def speaker_name(self) -> str:
        return self.turn.name or DEFAULT_SPEAKER

    @property
    def since_date(self) -> DateSpan | None:
        return next((span for span in self.date_spans if span.since), None)

    @property
    def event_date(self) -> DateSpan | None:
        return next((span for span in self.date_spans if not span.since), None)


def extract_facts(turns: Sequence[Turn]) -> list[Fact]:
    """The facts that users state about themselves, in order; at most `FACTS_MOST`."""
    return extract_with_omissions(turns)[0]


def extract_with_omissions(turns: Sequence[Turn]) -> tuple[list[Fact], dict[UUID, str]]:
    """The facts that users state about themselves, in order, and of which turns what was left out.

    Other roles' turns give nothing. A turn of labelled examples gives these and nothing else: its "I" is not
    the speaker.
    """
    speakers = {turn.name for turn in turns if turn.role is Role.USER and turn.name}
    facts: dict[tuple[UUID, str], Fact] = {}
    left_out: dict[UUID, str] = {}
    for turn in turns:
        if turn.role is not Role.USER:
            continue
        others = speakers - {turn.name}
        listener = next(iter(others)) if turn.name and len(others) == 1 else None
        for fact, again in _extract_turn_facts(turn, listener, left_out):
            key = (turn.id, fact.content)
            if key not in facts and len(facts) >= MAX_FACTS:
                left_out[turn.id] = TOO_MANY_FACTS
                break
            if again or key not in facts:
                facts[key] = fact
    return list(facts.values()), left_out


def _extract_turn_facts(
    turn: Turn, listener: str | None, left_out: dict[UUID, str]
) -> Iterator[tuple[Fact, bool]]:
    """The facts of a turn, each with whether it stands for one of the same words that was found before."""
    examples = False
    for fact in find_labelled_examples(turn):
        examples = True
        yield fact, True
    if examples:
        return
    length = 0
    for number, clause in enumerate(find_first_person_clauses(turn.content)):
        length += clause.end - clause.start
        if number >= MAX_CLAUSES or length > MAX_CHARS_READ:
            left_out[turn.id] = TURN_TOO_LONG
            break
        said = _resolve_clause(turn, clause, listener)
        for fact in _extract_clause_facts(said) if said else ():
            yield fact, False
    for fact in _extract_relations(turn):
        yield fact, True


def _extract_relations(turn: Turn) -> Iterator[Fact]:
    """What the turn tells of two others whom it names ("Ann manages Bo")."""
    for start, end in find_declarative_sentences(turn.content):
        quote = turn.content[start:end]
        found = parse_relation(quote)
        if found is not None:
            yield Fact(
                turn_id=turn.id,
                content=quote,
                quote=quote,
                slot=found.relation_slot,
                polarity=found.polarity,
                entities=(found.source, found.target),
                keywords=_extract_keywords(quote),
                importance=IDENTITY_IMPORTANCE,
                confidence=CERTAIN_CONFIDENCE,
            )


def _resolve_clause(turn: Turn, clause: Clause, listener: str | None) -> _ResolvedClause | None:
    """The clause made ready for the rules; None if it states nothing or can't stand alone."""
    text = expand_contractions(clause.text)
    if _IRREALIS_MARKER.search(text) or (listener is None and _SECOND_PERSON.search(text)):
        return None
    spans = find_dates(text, turn.observed_at)
    lead = _find_leading_date(turn, clause, text)
    if clause.leading_date and lead is None:
        return None
    dated, bare = _resolve_dates(text, spans)
    if lead is not None:
        dated = f"{dated} {lead.absolute_text[0].lower()}{lead.absolute_text[1:]}"
        spans = [lead, *spans]
    if listener is not None:
        dated, bare = _name_addressee(dated, listener), _name_addressee(bare, listener)
        if _SECOND_PERSON.search(dated):
            return None
    if max(len(dated), len(bare)) > MAX_CLAUSE_CHARS:
        return None
    hedged = clause.is_hedged or _HEDGE_WORDS.search(text)
    quote = turn.content[clause.start : clause.end]
    return _ResolvedClause(
        turn, quote, dated, bare, tuple(spans), HEDGED_CONFIDENCE if hedged else CERTAIN_CONFIDENCE
    )


def _name_addressee(text: str, listener: str) -> str:
    """`text` with the one whom it speaks to named."""
    if _PLURAL_YOU.search(text):
        return text
    for words, written in (
        ("you were", "{} was"),
        ("you(?: are|'re)", "{} is"),
        ("you(?: have|'ve)", "{} has"),
        ("your", "{}'s"),
    ):
        named = written.format(listener)  # put in by a function: a name is no template
        text = re.sub(rf"\b{words}\b", lambda _, named=named: named, text, flags=re.IGNORECASE)
    return re.sub(r"\byou\b", lambda _: listener, text, flags=re.IGNORECASE)


def _find_leading_date(turn: Turn, clause: Clause, text: str) -> DateSpan | None:
    """The time expression in front of the subject, if that is all that is there."""
    if not clause.leading_date:
        return None
    found = find_dates(f"{clause.leading_date}, {text}", turn.observed_at)
    return (
        found[0]
        if found and found[0].start_char == 0 and found[0].end_char >= len(clause.leading_date)
        else None
    )


def _resolve_dates(text: str, spans: Sequence[DateSpan]) -> tuple[str, str]:
    """The text with its dates made absolute, and without them."""
    dated = bare = text
    for span in reversed(spans):
        before, after = text[: span.start_char], text[span.end_char :]
        words = span.absolute_text
        if _BEFORE_DATE.search(before) or after.startswith("'s"):
            words = re.sub(r"^(?:on|in) ", "", words)
        dated = dated[: span.start_char] + words + dated[span.end_char :]
        bare = bare[: span.start_char].rstrip() + bare[span.end_char :]
    return dated, " ".join(bare.split())


def _extract_clause_facts(clause: _ResolvedClause) -> Iterator[Fact]:
    bare = clause.text_without_dates
    if clause.since_date:
        bare = _PERFECT_STATE.sub(lambda m: f"I {_PRESENT_FORMS[m['verb'].lower()]}", bare)
    found = extract_birthday(bare, clause.event_date) or match_slot_values(bare)
    for state in found:
        yield _fact_from_slot_value(clause, state)
    if all(state.is_aside or state.starts_at_date for state in found):
        told = classify_event(
            _TRAILING_FILLER.sub("", clause.text_without_dates), clause.event_date, bool(clause.turn.name)
        )
        if told is not None:
            yield _fact_from_event(clause, told)


def _fact_from_slot_value(clause: _ResolvedClause, slot_value: SlotValue) -> Fact:
    content = _third_person_content(clause, slot_value.sentence or clause.text_with_dates)
    start = clause.since_date or (clause.event_date if slot_value.starts_at_date else None)
    if start is not None and start.from_ > clause.turn.observed_at:
        start = None
    if start is not None and slot_value.sentence:
        content = f"{content} (since {re.sub(r'^(?:on|in|since) ', '', start.absolute_text)})"
    subject = clause.turn.name.strip().lower() if clause.turn.name else "user"
    return _build_fact(
        clause,
        content,
        kind=slot_value.kind,
        slot=Slot(subject, slot_value.attribute, slot_value.value) if slot_value.attribute else None,
        polarity=slot_value.polarity,
        asserted_at=start.from_ if start else None,
        importance=slot_value.importance,
    )


def _fact_from_event(clause: _ResolvedClause, event_class: EventClass) -> Fact:
    event = event_class.form is Form.EVENT
    date = clause.event_date if event else None
    return _build_fact(
        clause,
        _third_person_content(clause, clause.text_with_dates),
        kind=event_class.kind,
        form=event_class.form,
        tags=("plan",) if event_class.is_plan else (),
        asserted_at=clause.since_date.from_ if clause.since_date and not event else None,
        event_from=date.from_ if date else None,
        event_to=date.to if date else None,
        event_precision=date.precision if date else None,
        importance=TASTE_IMPORTANCE if date else 0.3,
    )


def _third_person_content(clause: _ResolvedClause, text: str) -> str:
    told = to_third_person(_TRAILING_FILLER.sub("", text.strip(" .!,")), clause.speaker_name)
    return " ".join(told.split())


def _build_fact(clause: _ResolvedClause, content: str, **rest: object) -> Fact:
    names = _entity_names(clause)
    place = _LOCATION_PHRASE.search(clause.text_without_dates)
    named = (
        place["name"]
        if place and _is_name(place["name"]) and place["name"] not in _speaker_names(clause)
        else None
    )
    return Fact(
        turn_id=clause.turn.id,
        content=content,
        quote=clause.quote,
        location=Location(named) if named else None,
        entities=names,
        keywords=_extract_keywords(clause.text_without_dates),
        confidence=clause.confidence,
        **rest,  # pyright: ignore[reportArgumentType]
    )


def _speaker_names(clause: _ResolvedClause) -> set[str]:
    return {clause.turn.name} if clause.turn.name else set()


def _entity_names(clause: _ResolvedClause) -> tuple[str, ...]:
    found = [m[0] for m in _ENTITY_NAME.finditer(clause.text_without_dates) if _is_name(m[0])]
    return tuple(dict.fromkeys([*_speaker_names(clause), *found]))


def _is_name(text: str) -> bool:
    return text.split(maxsplit=1)[0].lower() not in MONTHS_AND_DAYS | LANGUAGE_NAMES | {"i", "i'm", "i've"}


def _extract_keywords(text: str) -> tuple[str, ...]:
    words = [word.lower().removesuffix("'s") for word in _WORD.findall(text)]
    return tuple(dict.fromkeys(w for w in words if w not in KEYWORD_STOP_WORDS and len(w) > 2))[:MAX_KEYWORDS]
