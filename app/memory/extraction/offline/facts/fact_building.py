"""Builds the facts of a unit: its resolved sentence, with its slot, and what it says in passing."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from app.core.vocabulary import Form, Frame, Kind
from app.memory.extraction.offline.facts.event_dates import find_event_time
from app.memory.extraction.offline.facts.kinds import (
    PLAN_TAG,
    TASTE_IMPORTANCE,
    classify_clause,
)
from app.memory.extraction.offline.grammar.persons import Person
from app.memory.extraction.offline.grammar.sentence_tree import is_name, is_verb
from app.memory.extraction.offline.open_sentences import OpenSentence, Unit
from app.memory.extraction.offline.repairs.elided_subjects import lacks_subject
from app.memory.extraction.offline.slots.slot_values import SlotValue
from app.memory.extraction.offline.slots.strict_slots import find_slot_values, find_values_of_person, tell
from app.memory.reconciliation.relations import parse_relation
from app.memory.reconciliation.stays import own_end
from app.memory.text.dates.date_spans import DateSpan
from app.memory.text.stop_words import KEYWORD_STOP_WORDS
from app.memory.text.word_lists import LANGUAGE_NAMES, MONTHS_AND_DAYS
from app.memory.text.word_sets import word_set
from app.memory.types import Fact, Location, Slot

MAX_KEYWORDS = 8
CERTAIN_CONFIDENCE, HEDGED_CONFIDENCE = 0.8, 0.6
_HEDGE = re.compile(
    r"\b(?:maybe|perhaps|probably|possibly|sort of|kind of|i think|i guess|i believe|i suppose)\b",
    re.IGNORECASE,
)
_FIRST_PERSON = word_set("i me my mine myself we us our ours ourselves")
_WORD = re.compile(r"[^\W_][\w'-]+")
_CONTENT_WORD = re.compile(r"[a-z0-9]+")
_PLACE_WORDS = frozenset(["in", "at"])


def build_facts(sentence: OpenSentence, unit: Unit) -> Iterator[Fact]:
    """Yield the facts that a unit states: one with its sentence, others for what it says in passing."""
    dates = dates_within(sentence, unit)
    person = _find_subject_person(sentence, unit)
    values = _find_values(sentence, unit, dates, person)
    main = build_statement(sentence, unit, dates, person)
    told = {value: _tell(sentence, value, person) for value in values if value.sentence is not None}
    if _is_list(values, told, main.content):
        for value, content in told.items():
            yield _with_slot(sentence, main, value, dates, content)
        return
    own = next((value for value in values if _says_just_that(value, values, main.content)), None)
    yield _with_slot(sentence, main, own, dates) if own is not None else main
    for value in values:
        if value is not own and value in told and value.attribute:
            yield _with_slot(
                sentence,
                replace(
                    main,
                    form=Form.STATE,
                    kind=value.kind,
                    tags=(),
                    event_from=None,
                    event_to=None,
                    event_precision=None,
                ),
                value,
                (),
                told[value],
            )


def fills_slot(sentence: OpenSentence, unit: Unit) -> bool:
    """Whether the unit states the value of an attribute, rather than naming one in passing."""
    person = _find_subject_person(sentence, unit)
    values = _find_values(sentence, unit, dates_within(sentence, unit), person)
    return any(value.attribute and not value.is_aside for value in values)


def build_statement(
    sentence: OpenSentence, unit: Unit, dates: Sequence[DateSpan], person: Person | None
) -> Fact:
    """The fact of a unit without a slot."""
    turn = sentence.statement.turn
    text = unit_text(sentence, unit)
    happens = next((date for date in dates if not date.since and _dates_main_verb(sentence, date)), None)
    since = next((date for date in dates if date.since), None)
    kind = classify_clause(
        sentence.tree,
        unit.clause,
        text,
        sentence.statement.frame,
        happens,
        said_at=turn.observed_at,
        is_ongoing=since is not None and happens is None,
    )
    content = write_content(sentence, unit)
    if own_end(content, turn.observed_at) is not None:
        kind = replace(kind, kind=Kind.FACT, form=Form.STATE, is_plan=False)  # it goes on till then
    is_event = kind.form is Form.EVENT
    time = find_event_time(sentence, unit, happens) if is_event else None
    names = _entity_names(sentence, unit)
    place = _find_place(sentence, unit)
    return Fact(
        turn_id=turn.id,
        content=content,
        quote=quote_of(sentence, unit),
        kind=kind.kind,
        form=kind.form,
        tags=(PLAN_TAG,) if kind.is_plan else (),
        asserted_at=since.from_ if since is not None and not is_event else None,
        event_from=time.from_ if time is not None else None,
        event_to=time.to if time is not None else None,
        event_precision=time.precision if time is not None else None,
        location=Location(place) if place else None,
        keywords=extract_keywords(_undated(text, dates)),
        entities=names,
        importance=kind.importance,
        confidence=HEDGED_CONFIDENCE if _HEDGE.search(text) else CERTAIN_CONFIDENCE,
        subject=_subject(sentence, person),
    )


def _dates_main_verb(sentence: OpenSentence, date: DateSpan) -> bool:
    """Whether a date tells when the main verb happens: "since I moved last year" tells of the moving."""
    tree = sentence.tree
    token = next((t for t in tree.tokens if date.start_char <= t.start < date.end_char), None)
    if token is None:
        return True
    for above in tree.ancestors(token):
        if is_verb(above) and above.relation in ("relcl", "acl"):
            return False
        marker = tree.child(above, "mark") if is_verb(above) and above.relation == "advcl" else None
        if marker is not None and marker.text.lower() in _OTHER_TIMES:
            return False
    return True


_OTHER_TIMES = frozenset(["since", "because", "as", "although", "though", "if"])


def write_content(sentence: OpenSentence, unit: Unit, *, goes_on: bool = False) -> str:
    """The unit in the third person; as a quotation with speaker and date where that is not safe."""
    content = sentence.writer.write(unit.clause, unit.first, unit.last, goes_on=goes_on)
    if _is_rewritten(sentence, unit, content):
        return content
    turn = sentence.statement.turn
    speaker = sentence.voices.speaker
    said_on = f"{turn.observed_at.day} {turn.observed_at:%B %Y}"
    return f'{speaker[:1].upper()}{speaker[1:]} said on {said_on}: "{unit_text(sentence, unit)}"'


def _is_rewritten(sentence: OpenSentence, unit: Unit, content: str) -> bool:
    """Whether no word for the speaker was left but in titles."""
    left = [
        token
        for token in sentence.tree.tokens[unit.first : unit.last + 1]
        if token.index not in sentence.titles and token.text.lower() in _FIRST_PERSON and token.text != "US"
    ]
    words = re.findall(r"[A-Za-z]+", content)
    kept = sum(word.lower() in _FIRST_PERSON and word != "US" for word in words)
    in_titles = sum(
        sentence.tree.tokens[index].text.lower() in _FIRST_PERSON
        for index in sentence.titles
        if unit.first <= index <= unit.last
    )
    return not left or kept <= in_titles


def quote_of(sentence: OpenSentence, unit: Unit) -> str:
    """The unit as it was said."""
    tokens = sentence.tree.tokens
    return sentence.statement.analysis.quote(tokens[unit.first].start, tokens[unit.last].end)


def unit_text(sentence: OpenSentence, unit: Unit) -> str:
    """The unit in the text that rules read."""
    tokens = sentence.tree.tokens
    return sentence.tree.text[tokens[unit.first].start : tokens[unit.last].end]


def dates_within(sentence: OpenSentence, unit: Unit) -> tuple[DateSpan, ...]:
    """The dates that the unit names."""
    tokens = sentence.tree.tokens
    start, end = tokens[unit.first].start, tokens[unit.last].end
    return tuple(date for date in sentence.dates if start <= date.start_char and date.end_char <= end)


def extract_keywords(text: str) -> tuple[str, ...]:
    """The first words of a text that are no stop words, in lower case."""
    words = [word.lower().removesuffix("'s") for word in _WORD.findall(text)]
    return tuple(dict.fromkeys(w for w in words if w not in KEYWORD_STOP_WORDS and len(w) > 2))[:MAX_KEYWORDS]


def _undated(text: str, dates: Sequence[DateSpan]) -> str:
    for date in dates:
        text = text.replace(date.text, " ")
    return text


def _find_values(
    sentence: OpenSentence, unit: Unit, dates: Sequence[DateSpan], person: Person | None
) -> list[SlotValue]:
    if sentence.statement.frame is Frame.REPORTED:
        return []
    tree, clause = sentence.tree, unit.clause
    relation = parse_relation(unit_text(sentence, unit))
    if relation is not None:
        slot = relation.relation_slot
        return [SlotValue(slot.attribute, slot.value, relation.polarity, subject=slot.subject)]
    # Of clauses that make one memory the first one's slot counts.
    last = min(unit.last, clause.last)
    own = find_slot_values(
        tree,
        clause,
        unit.first,
        last,
        dates,
        sentence.titles,
        lacks_subject=lacks_subject(tree, clause.head, unit.first),
    )
    if person is None or any(not value.is_aside for value in own):
        return own
    return [*own] + [
        replace(value, subject=_subject(sentence, person))
        for value in find_values_of_person(tree, clause, last, dates, person)
    ]


def _find_subject_person(sentence: OpenSentence, unit: Unit) -> Person | None:
    subject = sentence.tree.subject(unit.clause.head)
    return next((p for p in sentence.persons if subject is not None and p.token == subject.index), None)


def _subject(sentence: OpenSentence, person: Person | None) -> str:
    if person is not None:
        return (person.name or person.relation or person.words).lower()
    name = sentence.statement.turn.name
    return name.strip().lower() if name else "user"


def _tell(sentence: OpenSentence, value: SlotValue, person: Person | None) -> str:
    """The short sentence of a value of the person who is told of, or of the speaker's."""
    teller = person.words if person is not None and value.subject is not None else sentence.voices.speaker
    return tell(value.sentence or "", teller)


def _is_list(values: Sequence[SlotValue], told: Mapping[SlotValue, str], content: str) -> bool:
    """Whether the values ("nuts and eggs") have sentences that say all that the unit says."""
    if len(values) < 2 or len(told) < len(values) or any(value.is_aside for value in values):
        return False
    return _content_words(content) - _content_words(" ".join(told.values())) <= _FEW


_NAMING = frozenset(["name", "calle", "named", "our", "other"])
_FEW = word_set("the user and or also really also is am a an of s to both very")


def _content_words(text: str) -> set[str]:
    return {word[:5] for word in _CONTENT_WORD.findall(text.lower())}


def _says_just_that(value: SlotValue, values: Sequence[SlotValue], content: str) -> bool:
    """Whether the unit's own sentence stands for a value: all of them, but for what is said in passing."""
    if not value.is_aside:
        return value is next(v for v in values if not v.is_aside)
    told = _content_words(value.sentence or "")
    return len(values) == 1 and _content_words(content) - told - _FEW <= _NAMING


def _with_slot(
    sentence: OpenSentence,
    fact: Fact,
    value: SlotValue,
    dates: Sequence[DateSpan],
    content: str | None = None,
) -> Fact:
    since = next((date for date in dates if date.since), None)
    happens = next((date for date in dates if not date.since), None)
    start = since or (happens if value.starts_at_date else None)
    if start is not None and start.from_ > sentence.statement.turn.observed_at:
        return fact
    subject = value.subject or _subject(sentence, None)
    has_slot = bool(value.attribute)
    return replace(
        fact,
        content=content or fact.content,
        kind=value.kind,
        form=Form.STATE,
        tags=(),
        slot=Slot(subject, value.attribute, value.value) if has_slot else None,
        polarity=value.polarity,
        asserted_at=start.from_ if start is not None else None,
        event_from=None,
        event_to=None,
        event_precision=None,
        importance=max(value.importance, fact.importance)
        if value.importance > TASTE_IMPORTANCE
        else value.importance,
        subject=subject,
    )


def _entity_names(sentence: OpenSentence, unit: Unit) -> tuple[str, ...]:
    """The speaker's name and the proper nouns of the unit."""
    name = sentence.statement.turn.name
    names = [name] if name else []
    tokens = sentence.tree.tokens
    at = unit.first
    while at <= unit.last:
        end = at
        while (
            end <= unit.last
            and is_name(tokens[end])
            and (end == at or sentence.tree.gap_before(tokens[end]) == " ")
        ):
            end += 1
        words = sentence.tree.text[tokens[at].start : tokens[end - 1].end] if end > at else ""
        if words and words.split()[0].lower() not in MONTHS_AND_DAYS | LANGUAGE_NAMES | {"i"}:
            names.append(words)
        at = max(end, at + 1)
    return tuple(dict.fromkeys(names))


def _find_place(sentence: OpenSentence, unit: Unit) -> str | None:
    """The first name after "in" or "at"."""
    tokens = sentence.tree.tokens
    for token in tokens[unit.first : unit.last]:
        place = sentence.tree.child(token, "pobj")
        if token.text.lower() in _PLACE_WORDS and place is not None and is_name(place):
            first = place.index
            while tokens[first - 1].head == place.index and is_name(tokens[first - 1]):
                first -= 1
            words = sentence.tree.text[tokens[first].start : place.end]
            if words.split()[0].lower() not in MONTHS_AND_DAYS | LANGUAGE_NAMES | sentence.speaking:
                return words
    return None
