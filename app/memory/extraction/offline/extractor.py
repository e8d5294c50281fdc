"""Extraction without a model: rules that turn first-person statements into facts.

They would rather miss a statement than invent one: a wrong value of a single-valued slot hides a true one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core.vocabulary import Form, Role
from app.memory.extraction.labelled_examples import labelled
from app.memory.extraction.offline.clauses import Clause, clauses, statements
from app.memory.extraction.offline.events import Happening, happening
from app.memory.extraction.offline.slot_patterns import states
from app.memory.extraction.offline.slot_values import IDENTITY, TASTE, State, birthday
from app.memory.extraction.offline.third_person import expand, third_person
from app.memory.reconciliation.relations import told
from app.memory.text.dates import DateSpan, find_dates
from app.memory.text.limits import CLAUSES_MOST, FACTS_MOST, READ_MOST
from app.memory.text.word_lists import LANGUAGES, MONTHS_AND_DAYS, STOP
from app.memory.types import Fact, Place, Slot, Turn

NOBODY = "the user"
MAX_KEYWORDS = 8
SURE, HEDGED = 0.8, 0.6
LONGEST_SAID = 1_000  # characters, once dates and names are written out; a longer memory is refused as well
MANY_FACTS = f"only the first {FACTS_MOST} facts of a segment are kept; the rest is left out"
MUCH_TEXT = "only the first statements of so long a turn are read; the rest is left out"

_NOT_REAL = re.compile(
    r"\b(?:if|unless|would|wish|could|should|might|supposed to|imagine|whether|hopefully|someone"
    r"|somebody)\b",
    re.IGNORECASE,
)
_HEDGES = re.compile(r"\b(?:maybe|perhaps|probably|possibly|sort of|kind of)\b", re.IGNORECASE)
_YOU = re.compile(r"\b(?:you|your|yours|you're|u|ya|y'all|yourself)\b", re.IGNORECASE)
_SEVERAL = re.compile(r"\byou (?:two|both|guys|all|folks)\b", re.IGNORECASE)
_BEFORE_DATE = re.compile(
    r"\b(?:until|till|by|from|of|for|before|after|around|during|to|spent|spend|spending|entire|whole)\s*$",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:,? (?:right now|now|currently|speaking of(?: which)?|thanks|thank you|at the moment|though"
    r"|too|as well|lately|recently|haha|lol|!))+$",
    re.IGNORECASE,
)
_CAPITALISED = r"[A-Z][\w'&-]*"
_PLACE = re.compile(rf"\b(?:at|in) (?:the )?(?P<name>{_CAPITALISED}(?:(?: of| de| the)? {_CAPITALISED})*)")
_ENTITY = re.compile(rf"(?<=[\w,] )(?:{_CAPITALISED})(?: {_CAPITALISED})*")
_WORD = re.compile(r"[^\W_][\w'-]+")
_LASTED = re.compile(
    r"^I have (?P<adverbs>(?:\w+ly |always )?)(?P<verb>lived|worked|played)\b", re.IGNORECASE
)
_ALREADY = {"lived": "am living", "worked": "am working", "played": "play"}


@dataclass(frozen=True, slots=True)
class _Said:
    """A clause with its dates resolved: `dated` has them written out, `bare` has them taken out."""

    turn: Turn
    quote: str
    dated: str
    bare: str
    spans: tuple[DateSpan, ...]
    confidence: float

    @property
    def speaker(self) -> str:
        return self.turn.name or NOBODY

    @property
    def since(self) -> DateSpan | None:
        return next((span for span in self.spans if span.since), None)

    @property
    def date(self) -> DateSpan | None:
        return next((span for span in self.spans if not span.since), None)


def extract(turns: Sequence[Turn]) -> list[Fact]:
    """The facts that users state about themselves, in order; at most `FACTS_MOST`."""
    return read(turns)[0]


def read(turns: Sequence[Turn]) -> tuple[list[Fact], dict[UUID, str]]:
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
        for fact, again in _of_turn(turn, listener, left_out):
            key = (turn.id, fact.content)
            if key not in facts and len(facts) >= FACTS_MOST:
                left_out[turn.id] = MANY_FACTS
                break
            if again or key not in facts:
                facts[key] = fact
    return list(facts.values()), left_out


def _of_turn(turn: Turn, listener: str | None, left_out: dict[UUID, str]) -> Iterator[tuple[Fact, bool]]:
    """The facts of a turn, each with whether it stands for one of the same words that was found before."""
    examples = False
    for fact in labelled(turn):
        examples = True
        yield fact, True
    if examples:
        return
    length = 0
    for number, clause in enumerate(clauses(turn.content)):
        length += clause.end - clause.start
        if number >= CLAUSES_MOST or length > READ_MOST:
            left_out[turn.id] = MUCH_TEXT
            break
        said = _said(turn, clause, listener)
        for fact in _facts(said) if said else ():
            yield fact, False
    for fact in _relations(turn):
        yield fact, True


def _relations(turn: Turn) -> Iterator[Fact]:
    """What the turn tells of two others whom it names ("Ann manages Bo")."""
    for start, end in statements(turn.content):
        quote = turn.content[start:end]
        found = told(quote)
        if found is not None:
            yield Fact(
                turn_id=turn.id,
                content=quote,
                quote=quote,
                slot=found.slot,
                polarity=found.polarity,
                entities=(found.one, found.other),
                keywords=_keywords(quote),
                importance=IDENTITY,
                confidence=SURE,
            )


def _said(turn: Turn, clause: Clause, listener: str | None) -> _Said | None:
    """The clause made ready for the rules; None if it states nothing or can't stand alone."""
    text = expand(clause.said)
    if _NOT_REAL.search(text) or (listener is None and _YOU.search(text)):
        return None
    spans = find_dates(text, turn.observed_at)
    lead = _lead(turn, clause, text)
    if clause.lead and lead is None:
        return None
    dated, bare = _resolved(text, spans)
    if lead is not None:
        dated = f"{dated} {lead.absolute[0].lower()}{lead.absolute[1:]}"
        spans = [lead, *spans]
    if listener is not None:
        dated, bare = _addressed(dated, listener), _addressed(bare, listener)
        if _YOU.search(dated):
            return None
    if max(len(dated), len(bare)) > LONGEST_SAID:
        return None
    hedged = clause.hedged or _HEDGES.search(text)
    quote = turn.content[clause.start : clause.end]
    return _Said(turn, quote, dated, bare, tuple(spans), HEDGED if hedged else SURE)


def _addressed(text: str, listener: str) -> str:
    """`text` with the one whom it speaks to named."""
    if _SEVERAL.search(text):
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


def _lead(turn: Turn, clause: Clause, text: str) -> DateSpan | None:
    """The time expression in front of the subject, if that is all that is there."""
    if not clause.lead:
        return None
    found = find_dates(f"{clause.lead}, {text}", turn.observed_at)
    return found[0] if found and found[0].start_char == 0 and found[0].end_char >= len(clause.lead) else None


def _resolved(text: str, spans: Sequence[DateSpan]) -> tuple[str, str]:
    """The text with its dates made absolute, and without them."""
    dated = bare = text
    for span in reversed(spans):
        before, after = text[: span.start_char], text[span.end_char :]
        words = span.absolute
        if _BEFORE_DATE.search(before) or after.startswith("'s"):
            words = re.sub(r"^(?:on|in) ", "", words)
        dated = dated[: span.start_char] + words + dated[span.end_char :]
        bare = bare[: span.start_char].rstrip() + bare[span.end_char :]
    return dated, " ".join(bare.split())


def _facts(said: _Said) -> Iterator[Fact]:
    bare = said.bare
    if said.since:
        bare = _LASTED.sub(lambda m: f"I {_ALREADY[m['verb'].lower()]}", bare)
    found = birthday(bare, said.date) or states(bare)
    for state in found:
        yield _of_state(said, state)
    if all(state.aside or state.since for state in found):
        told = happening(_TAIL.sub("", said.bare), said.date, bool(said.turn.name))
        if told is not None:
            yield _of_happening(said, told)


def _of_state(said: _Said, state: State) -> Fact:
    content = _content(said, state.sentence or said.dated)
    start = said.since or (said.date if state.since else None)
    if start is not None and start.from_ > said.turn.observed_at:
        start = None
    if start is not None and state.sentence:
        content = f"{content} (since {re.sub(r'^(?:on|in|since) ', '', start.absolute)})"
    subject = said.turn.name.strip().lower() if said.turn.name else "user"
    return _fact(
        said,
        content,
        kind=state.kind,
        slot=Slot(subject, state.attribute, state.value) if state.attribute else None,
        polarity=state.polarity,
        asserted_at=start.from_ if start else None,
        importance=state.importance,
    )


def _of_happening(said: _Said, told: Happening) -> Fact:
    event = told.form is Form.EVENT
    date = said.date if event else None
    return _fact(
        said,
        _content(said, said.dated),
        kind=told.kind,
        form=told.form,
        tags=("plan",) if told.plan else (),
        asserted_at=said.since.from_ if said.since and not event else None,
        event_from=date.from_ if date else None,
        event_to=date.to if date else None,
        event_precision=date.precision if date else None,
        importance=TASTE if date else 0.3,
    )


def _content(said: _Said, text: str) -> str:
    told = third_person(_TAIL.sub("", text.strip(" .!,")), said.speaker)
    return " ".join(told.split())


def _fact(said: _Said, content: str, **rest: object) -> Fact:
    names = _names(said)
    place = _PLACE.search(said.bare)
    named = (
        place["name"] if place and _is_name(place["name"]) and place["name"] not in _people(said) else None
    )
    return Fact(
        turn_id=said.turn.id,
        content=content,
        quote=said.quote,
        place=Place(named) if named else None,
        entities=names,
        keywords=_keywords(said.bare),
        confidence=said.confidence,
        **rest,  # pyright: ignore[reportArgumentType]
    )


def _people(said: _Said) -> set[str]:
    return {said.turn.name} if said.turn.name else set()


def _names(said: _Said) -> tuple[str, ...]:
    found = [m[0] for m in _ENTITY.finditer(said.bare) if _is_name(m[0])]
    return tuple(dict.fromkeys([*_people(said), *found]))


def _is_name(text: str) -> bool:
    return text.split(maxsplit=1)[0].lower() not in MONTHS_AND_DAYS | LANGUAGES | {"i", "i'm", "i've"}


def _keywords(text: str) -> tuple[str, ...]:
    words = [word.lower().removesuffix("'s") for word in _WORD.findall(text)]
    return tuple(dict.fromkeys(w for w in words if w not in STOP and len(w) > 2))[:MAX_KEYWORDS]
