"""Turns the statements of a conversation into facts: one resolved sentence each, and its slot."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from app.core.vocabulary import Form, Frame, Kind
from app.memory.extraction.offline.facts.fact_building import (
    build_facts,
    build_statement,
    fills_slot,
    unit_text,
    write_content,
)
from app.memory.extraction.offline.facts.grouping import Part, group_parts, leans
from app.memory.extraction.offline.facts.kinds import IDENTITY_IMPORTANCE
from app.memory.extraction.offline.facts.requests import (
    asks_for_style,
    asks_to_remember,
    find_own_name,
    find_preferred_name,
    find_wrapper,
    is_order,
    names_a_fact,
    tells_manner,
)
from app.memory.extraction.offline.foreign.foreign_facts import find_foreign_facts
from app.memory.extraction.offline.grammar.addressing import SECOND_PERSON
from app.memory.extraction.offline.grammar.persons import PersonMemory
from app.memory.extraction.offline.grammar.sentence_tree import is_name, is_verb
from app.memory.extraction.offline.grammar.third_person import possessive_form
from app.memory.extraction.offline.open_sentences import (
    OpenSentence,
    Unit,
    find_units,
    open_sentence,
    unit_after,
)
from app.memory.extraction.offline.statements import Statement
from app.memory.extraction.offline.worth.clause_view import FIRST_PERSON
from app.memory.extraction.offline.worth.judging import EstimateWorth, Worth
from app.memory.extraction.offline.writer import Voices
from app.memory.text.dates.date_spans import DateSpan
from app.memory.text.languages import is_english
from app.memory.text.word_lists import LANGUAGE_NAMES
from app.memory.types import Fact, Slot, Turn

DEFAULT_SPEAKER = "the user"
MAX_STATEMENT_CHARS = 1_000  # of a sentence that is written anew; a longer memory is rejected as well

_MAX_BEFORE_CHARS = 300  # of what was said before a sentence, for the estimate of its worth
_WORD = re.compile(r"[^\W_]+")
_MAX_NAMING_WORDS = 4  # beside a name, of a clause that says no more than that ("you can call me Bo")
_KEPT_FRAMES = frozenset([Frame.ASSERTED, Frame.PLANNED, Frame.ENDED])
_NEWS = re.compile(
    r"\W*(?:(?:and|so|hey|oh|well|ok|okay)\b\W*)?"
    r"(?:guess what|(?:do )?you know what|you won't believe (?:it|this)|you'll never guess)\s*[,:;–—-]\s*\w",
    re.IGNORECASE,
)


class ClauseReader:
    """Reads the turns of one segment in order; `speakers` are the names of its users."""

    def __init__(self, speakers: frozenset[str], estimate_worth: EstimateWorth) -> None:
        self.speakers = speakers
        self._estimate_worth = estimate_worth
        self._speaking = frozenset(word for name in speakers for word in name.lower().split())
        self._persons = PersonMemory()

    def read_turn(self, turn: Turn, statements: Sequence[Statement], heard: str = "") -> Iterator[Fact]:
        """Yield the facts of a turn; `heard` is the turn that it answers, if another speaker said that."""
        others = self.speakers - {turn.name}
        listener = next(iter(others)) if turn.name and len(others) == 1 else None
        voices = Voices((turn.name or "").strip() or DEFAULT_SPEAKER, listener)
        parts: list[Part] = []
        told_dates: list[DateSpan] = []
        words_heard, before = frozenset(_WORD.findall(heard.lower())), heard[-_MAX_BEFORE_CHARS:]
        for statement in statements:
            length = statement.sentence.end - statement.sentence.start
            if not statement.tokens or length > MAX_STATEMENT_CHARS or not _is_english(statement):
                continue
            estimate = partial(self._estimate_worth, before)
            sentence = open_sentence(
                statement, voices, self._speaking, self._persons, estimate, told_dates, words_heard
            )
            begin, end = statement.span
            before = statement.analysis.text[begin:end]
            told_dates += sentence.dates
            asked = self._read_request(sentence)
            if asked is not None:
                yield from asked
            else:
                parts += [
                    Part(sentence, unit, leans(sentence, unit)) for unit in self._read_sentence(sentence)
                ]
            self._persons.remember(sentence.persons)
        for group in group_parts(parts):
            yield from _build_group(group)
        if statements:
            yield from find_foreign_facts(turn, statements[0].analysis)

    def read_persons(self, statements: Iterable[Statement]) -> None:
        """Remember the persons of earlier statements: a pronoun may mean one of them."""
        for statement in statements:
            if statement.tokens and statement.sentence.end - statement.sentence.start <= MAX_STATEMENT_CHARS:
                voices = Voices((statement.turn.name or "").strip() or DEFAULT_SPEAKER, None)
                estimate = partial(self._estimate_worth, "")
                opened = open_sentence(statement, voices, self._speaking, self._persons, estimate)
                self._persons.remember(opened.persons)

    def _read_sentence(self, sentence: OpenSentence) -> Iterator[Unit]:
        """Yield the clauses that may become a memory of the speaker's."""
        frame = sentence.statement.frame
        is_report = frame is Frame.REPORTED and _reports_indirectly(sentence)
        is_news = frame is Frame.QUESTION and _announces(sentence)
        if frame not in _KEPT_FRAMES and not (is_report or is_news):
            return
        for unit in find_units(sentence):
            if not _is_about_talk(sentence, unit):
                continue
            is_told = unit.worth is Worth.LITTLE and (
                _puts_right(sentence.statement) or fills_slot(sentence, unit)
            )
            yield replace(unit, worth=Worth.MEMORY) if is_told else unit

    def _read_request(self, sentence: OpenSentence) -> list[Fact] | None:
        """The facts of a request to remember something or to answer in some way; None if it is none."""
        begin, end = sentence.statement.span
        text = sentence.tree.text[begin:end]
        lead = len(text) - len(text.lstrip(" -*•"))
        if sentence.voices.listener is not None:
            return None
        length = find_wrapper(text[lead:])
        # "Write down that ..." asks for something, as a question does.
        is_style = asks_for_style(text)
        asking = {Frame.HYPOTHETICAL} | (
            {Frame.QUESTION} if length or (is_style and tells_manner(text)) else set()
        )
        if _is_handed_over(sentence):
            lead = length = 0
        elif sentence.statement.frame not in _KEPT_FRAMES | asking:
            return None
        if length or _is_handed_over(sentence):
            unit = unit_after(sentence, begin - sentence.tree.start + lead + length)
            is_asked = sentence.statement.frame is not Frame.QUESTION or asks_to_remember(text[lead:])
            is_asked = is_asked and (not length or names_a_fact(text[lead:]))
            is_told = unit is not None and (is_asked or _states(sentence, unit))
            return list(build_facts(sentence, unit)) if unit is not None and is_told else []
        whole = unit_after(sentence, 0)
        preferred, own = find_preferred_name(text), find_own_name(text)
        if whole is None or not (preferred or own or is_style):
            return None
        fact = replace(
            build_statement(sentence, whole, (), None),
            form=Form.STATE,
            tags=(),
            importance=IDENTITY_IMPORTANCE,
        )
        speaker = sentence.voices.speaker
        told = f"{speaker[:1].upper()}{speaker[1:]}"
        if preferred or own:
            return [
                *self._read_beside_names(sentence, preferred, own),
                *_name_facts(fact, told, preferred, own),
            ]
        if is_order(text):  # "put" and "let" may be a past tense, and have been given a subject
            fact = replace(fact, content=re.sub(rf"^{re.escape(told)} ", "", fact.content))
        if sentence.tree.subject(whole.clause.head) is None or not fact.content.startswith(
            (told, possessive_form(told))
        ):
            is_language = fact.content.partition(" ")[0].lower() in LANGUAGE_NAMES
            first = fact.content[:1] if is_language else fact.content[:1].lower()
            fact = replace(fact, content=f"{told} asks: {first}{fact.content[1:]}")
        return [replace(fact, kind=Kind.PREFERENCE)]

    def _read_beside_names(
        self, sentence: OpenSentence, preferred: str | None, own: str | None
    ) -> Iterator[Fact]:
        """Yield the facts of a sentence that names its speaker, but for those that say only that."""
        for unit in find_units(sentence):
            text = unit_text(sentence, unit)
            names = [name for name in (preferred, own) if name is not None and name.lower() in text.lower()]
            is_name = names and len(text.split()) <= _MAX_NAMING_WORDS + len(names[0].split())
            if unit.worth is Worth.MEMORY and not is_name and _is_about_talk(sentence, unit):
                yield from build_facts(sentence, unit)


def _is_english(statement: Statement) -> bool:
    return is_english(statement.analysis.text[statement.sentence.start : statement.sentence.end])


def _name_facts(fact: Fact, told: str, preferred: str | None, own: str | None) -> Iterator[Fact]:
    """Yield what a sentence says of its speaker's name; `told` is how the speaker is told of so far."""
    if own is not None:
        slot = Slot(fact.subject or "user", "name", own.lower())
        yield replace(fact, content=f"{possessive_form(told)} name is {own}", kind=Kind.FACT, slot=slot)
    if preferred is not None:
        slot = Slot(fact.subject or "user", "nickname", preferred.lower())
        yield replace(fact, content=f"{told} wants to be called {preferred}", kind=Kind.PREFERENCE, slot=slot)


def _build_group(group: list[Part]) -> Iterator[Fact]:
    """Yield the facts of clauses that make one memory: its slot is that of the first."""
    best = next(part for part in group if part.unit.worth is Worth.MEMORY)
    main, *others = build_facts(best.sentence, best.unit)
    if len(group) == 1:
        yield from (main, *others)
        return
    content = "; ".join(
        write_content(part.sentence, part.unit, goes_on=number > 0) for number, part in enumerate(group)
    )
    first, last = group[0], group[-1]
    analysis = first.sentence.statement.analysis
    yield replace(
        main,
        content=content,
        quote=analysis.quote(
            first.sentence.tree.tokens[first.unit.first].start, last.sentence.tree.tokens[last.unit.last].end
        ),
    )
    yield from others


def _reports_indirectly(sentence: OpenSentence) -> bool:
    """Whether what is reported follows its verb without a mark ("my doctor says I have asthma")."""
    tree = sentence.tree
    told = tree.child(tree.root, "ccomp")
    if told is None or told.index < tree.root.index:
        return False
    begin = tree.subtree(told)[0]
    return (
        begin > 0
        and tree.tokens[begin - 1].text[-1:].isalnum()
        and not sentence.titles & set(tree.subtree(told)[:2])
    )


def _states(sentence: OpenSentence, unit: Unit) -> bool:
    """Whether a request to remember names a statement rather than a thing ("that poem of yours")."""
    head = unit.clause.head
    words = {token.text.lower() for token in sentence.tree.tokens[unit.first : unit.last + 1]}
    if words & {"my", "our"}:  # "Note my new number 555-0199"
        return True
    return is_verb(head) or sentence.tree.subject(head) is not None or fills_slot(sentence, unit)


def _announces(sentence: OpenSentence) -> bool:
    """Whether what looks like a question opens news ("Guess what, I ...")."""
    begin, end = sentence.statement.span
    text = sentence.tree.text[begin:end]
    return _NEWS.match(text) is not None and not text.rstrip().endswith("?")


def _is_handed_over(sentence: OpenSentence) -> bool:
    """Whether what follows "Save this:" in one sentence tells of the speaker, and is no text to keep."""
    statement, tree = sentence.statement, sentence.tree
    text = tree.text[tree.start : statement.sentence.end]
    told = statement.span[0] - tree.start
    words = {token.text.lower() for token in statement.tokens}
    return (
        statement.frame is Frame.MATERIAL
        and 0 < told == find_wrapper(text)
        and "\n" not in text.strip()
        and statement.tokens[0].text.lower() in ("i", "my", "our", "we")
        and not words & SECOND_PERSON
    )


def _is_about_talk(sentence: OpenSentence, unit: Unit) -> bool:
    """Whether a unit tells an assistant nothing of "you", or a listener what holds for anybody ("you")."""
    tokens = sentence.tree.tokens[unit.first : unit.last + 1]
    words = {token.text.lower() for token in tokens if token.index not in sentence.titles}
    if sentence.voices.listener is not None:
        is_general = any(token.index in sentence.writer.generic for token in tokens)
        is_named = any(is_name(token) and token.text.lower() not in sentence.speaking for token in tokens)
        return not is_general or is_named or not words.isdisjoint(FIRST_PERSON)
    return words.isdisjoint(SECOND_PERSON)


def _puts_right(statement: Statement) -> bool:
    """Whether a statement stands in the place of one that is taken back, here or earlier."""
    return statement.corrected is not None or statement.retraction is not None
