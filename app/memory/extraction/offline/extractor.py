"""Extraction without a model: rules that convert first-person statements to facts.

The rules prefer to miss a statement rather than to invent one, as a wrong value of a single-valued slot hides
the true one.
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
from app.memory.text.stop_words import KEYWORD_STOP_WORDS
from app.memory.text.word_lists import LANGUAGE_NAMES, MONTHS_AND_DAYS
from app.memory.types import Fact, Location, Slot, Turn

DEFAULT_SPEAKER = "the user"
MAX_KEYWORDS = 8
CERTAIN_CONFIDENCE, HEDGED_CONFIDENCE = 0.8, 0.6
MAX_CLAUSE_CHARS = 1_000  # characters after dates and names are expanded; a longer memory is rejected as well
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
    """A clause with resolved dates: absolute in `text_with_dates`, removed in `text_without_dates`."""

    turn: Turn
    quote: str
    text_with_dates: str
    text_without_dates: str
    date_spans: tuple[DateSpan, ...]
    confidence: float

    @property
    def speaker_name(self) -> str:
        """The name of the speaker, or `DEFAULT_SPEAKER`."""
        return self.turn.name or DEFAULT_SPEAKER

    @property
    def since_date(self) -> DateSpan | None:
        """The first date from which the statement holds."""
        return next((span for span in self.date_spans if span.since), None)

    @property
    def event_date(self) -> DateSpan | None:
        """The first date at which something happens."""
        return next((span for span in self.date_spans if not span.since), None)


def extract_facts(turns: Sequence[Turn]) -> list[Fact]:
    """The facts that users state about themselves, in order; at most `MAX_FACTS`."""
    return extract_with_omissions(turns)[0]


def extract_with_omissions(turns: Sequence[Turn]) -> tuple[list[Fact], dict[UUID, str]]:
    """The facts that users state about themselves, in order, and {turn id: what was left out of it}.

    Only turns of the role `user` are read. A turn of labelled examples yields only these, as its "I" is not
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
        for fact, replaces in _extract_turn_facts(turn, listener, left_out):
            key = (turn.id, fact.content)
            if key not in facts and len(facts) >= MAX_FACTS:
                left_out[turn.id] = TOO_MANY_FACTS
                break
            if replaces or key not in facts:
                facts[key] = fact
    return list(facts.values()), left_out


def _extract_turn_facts(
    turn: Turn, listener: str | None, left_out: dict[UUID, str]
) -> Iterator[tuple[Fact, bool]]:
    """Yield (fact, whether it replaces an earlier fact with the same content) of one turn."""
    has_examples = False
    for fact in find_labelled_examples(turn):
        has_examples = True
        yield fact, True
    if has_examples:
        return
    chars_read = 0
    for number, clause in enumerate(find_first_person_clauses(turn.content)):
        chars_read += clause.end - clause.start
        if number >= MAX_CLAUSES or chars_read > MAX_CHARS_READ:
            left_out[turn.id] = TURN_TOO_LONG
            break
        resolved = _resolve_clause(turn, clause, listener)
        for fact in _extract_clause_facts(resolved) if resolved else ():
            yield fact, False
    for fact in _extract_relations(turn):
        yield fact, True


def _extract_relations(turn: Turn) -> Iterator[Fact]:
    """Yield the relations between two named others that the turn states ("Ann manages Bo")."""
    for start, end in find_declarative_sentences(turn.content):
        quote = turn.content[start:end]
        relation = parse_relation(quote)
        if relation is not None:
            yield Fact(
                turn_id=turn.id,
                content=quote,
                quote=quote,
                slot=relation.relation_slot,
                polarity=relation.polarity,
                entities=(relation.source, relation.target),
                keywords=_extract_keywords(quote),
                importance=IDENTITY_IMPORTANCE,
                confidence=CERTAIN_CONFIDENCE,
            )


def _resolve_clause(turn: Turn, clause: Clause, listener: str | None) -> _ResolvedClause | None:
    """Prepare the clause for the rules; None if it states nothing or is not self-contained."""
    text = expand_contractions(clause.text)
    if _IRREALIS_MARKER.search(text) or (listener is None and _SECOND_PERSON.search(text)):
        return None
    spans = find_dates(text, turn.observed_at)
    lead = _find_leading_date(turn, clause, text)
    if clause.leading_date and lead is None:
        return None
    with_dates, without_dates = _resolve_dates(text, spans)
    if lead is not None:
        with_dates = f"{with_dates} {lead.absolute_text[0].lower()}{lead.absolute_text[1:]}"
        spans = [lead, *spans]
    if listener is not None:
        with_dates, without_dates = (
            _name_addressee(with_dates, listener),
            _name_addressee(without_dates, listener),
        )
        if _SECOND_PERSON.search(with_dates):
            return None
    if max(len(with_dates), len(without_dates)) > MAX_CLAUSE_CHARS:
        return None
    is_hedged = clause.is_hedged or _HEDGE_WORDS.search(text)
    quote = turn.content[clause.start : clause.end]
    return _ResolvedClause(
        turn,
        quote,
        with_dates,
        without_dates,
        tuple(spans),
        HEDGED_CONFIDENCE if is_hedged else CERTAIN_CONFIDENCE,
    )


def _name_addressee(text: str, listener: str) -> str:
    """`text` with the second person replaced by the listener's name."""
    if _PLURAL_YOU.search(text):
        return text
    for words, template in (
        ("you were", "{} was"),
        ("you(?: are|'re)", "{} is"),
        ("you(?: have|'ve)", "{} has"),
        ("your", "{}'s"),
    ):
        # A function inserts the name, as a name is not a replacement template.
        named = template.format(listener)
        text = re.sub(rf"\b{words}\b", lambda _, named=named: named, text, flags=re.IGNORECASE)
    return re.sub(r"\byou\b", lambda _: listener, text, flags=re.IGNORECASE)


def _find_leading_date(turn: Turn, clause: Clause, text: str) -> DateSpan | None:
    """The time expression before the subject, if it is all that stands there."""
    if not clause.leading_date:
        return None
    spans = find_dates(f"{clause.leading_date}, {text}", turn.observed_at)
    return (
        spans[0]
        if spans and spans[0].start_char == 0 and spans[0].end_char >= len(clause.leading_date)
        else None
    )


def _resolve_dates(text: str, spans: Sequence[DateSpan]) -> tuple[str, str]:
    """(the text with absolute dates, the text without its dates)."""
    with_dates = without_dates = text
    for span in reversed(spans):
        before, after = text[: span.start_char], text[span.end_char :]
        words = span.absolute_text
        if _BEFORE_DATE.search(before) or after.startswith("'s"):
            words = re.sub(r"^(?:on|in) ", "", words)
        with_dates = with_dates[: span.start_char] + words + with_dates[span.end_char :]
        without_dates = without_dates[: span.start_char].rstrip() + without_dates[span.end_char :]
    return with_dates, " ".join(without_dates.split())


def _extract_clause_facts(clause: _ResolvedClause) -> Iterator[Fact]:
    text = clause.text_without_dates
    if clause.since_date:
        text = _PERFECT_STATE.sub(lambda m: f"I {_PRESENT_FORMS[m['verb'].lower()]}", text)
    slot_values = extract_birthday(text, clause.event_date) or match_slot_values(text)
    for slot_value in slot_values:
        yield _fact_from_slot_value(clause, slot_value)
    if all(slot_value.is_aside or slot_value.starts_at_date for slot_value in slot_values):
        event_class = classify_event(
            _TRAILING_FILLER.sub("", clause.text_without_dates), clause.event_date, bool(clause.turn.name)
        )
        if event_class is not None:
            yield _fact_from_event(clause, event_class)


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
    is_event = event_class.form is Form.EVENT
    date = clause.event_date if is_event else None
    return _build_fact(
        clause,
        _third_person_content(clause, clause.text_with_dates),
        kind=event_class.kind,
        form=event_class.form,
        tags=("plan",) if event_class.is_plan else (),
        asserted_at=clause.since_date.from_ if clause.since_date and not is_event else None,
        event_from=date.from_ if date else None,
        event_to=date.to if date else None,
        event_precision=date.precision if date else None,
        importance=TASTE_IMPORTANCE if date else 0.3,
    )


def _third_person_content(clause: _ResolvedClause, text: str) -> str:
    converted = to_third_person(_TRAILING_FILLER.sub("", text.strip(" .!,")), clause.speaker_name)
    return " ".join(converted.split())


def _build_fact(clause: _ResolvedClause, content: str, **rest: object) -> Fact:
    names = _entity_names(clause)
    location = _LOCATION_PHRASE.search(clause.text_without_dates)
    location_name = (
        location["name"]
        if location and _is_name(location["name"]) and location["name"] not in _speaker_names(clause)
        else None
    )
    return Fact(
        turn_id=clause.turn.id,
        content=content,
        quote=clause.quote,
        location=Location(location_name) if location_name else None,
        entities=names,
        keywords=_extract_keywords(clause.text_without_dates),
        confidence=clause.confidence,
        **rest,  # pyright: ignore[reportArgumentType]
    )


def _speaker_names(clause: _ResolvedClause) -> set[str]:
    return {clause.turn.name} if clause.turn.name else set()


def _entity_names(clause: _ResolvedClause) -> tuple[str, ...]:
    named = [m[0] for m in _ENTITY_NAME.finditer(clause.text_without_dates) if _is_name(m[0])]
    return tuple(dict.fromkeys([*_speaker_names(clause), *named]))


def _is_name(text: str) -> bool:
    return text.split(maxsplit=1)[0].lower() not in MONTHS_AND_DAYS | LANGUAGE_NAMES | {"i", "i'm", "i've"}


def _extract_keywords(text: str) -> tuple[str, ...]:
    words = [word.lower().removesuffix("'s") for word in _WORD.findall(text)]
    return tuple(dict.fromkeys(w for w in words if w not in KEYWORD_STOP_WORDS and len(w) > 2))[:MAX_KEYWORDS]
