"""The slots that a clause fills, of the speaker or of a person that it tells of."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from app.memory.extraction.offline.grammar.persons import Person
from app.memory.extraction.offline.grammar.sentence_tree import SentenceTree
from app.memory.extraction.offline.grammar.splitting import ClauseSpan
from app.memory.extraction.offline.grammar.third_person import (
    conjugate_third_person,
    expand_contractions,
    possessive_form,
)
from app.memory.extraction.offline.slots.slot_patterns import match_slot_values
from app.memory.extraction.offline.slots.slot_values import SlotValue, extract_birthday
from app.memory.text.dates.date_spans import DateSpan
from app.memory.text.limits import MAX_SENTENCE_CHARS
from app.memory.text.parsed_text import Token
from app.memory.text.word_lists import ADVERBS

_PERFECT_STATE = re.compile(
    r"^I have (?P<adverbs>(?:\w+ly |always )?)(?P<verb>lived|worked|played)\b", re.IGNORECASE
)
_PRESENT_FORMS = {"lived": "am living", "worked": "am working", "played": "play"}
_FIRST_PERSON_FORMS = {"is": "am", "has": "have", "does": "do", "'s": "am"}
_TITLE_SPACE = "\u02b9"  # a letter in place of a space, so that rules see a title as one word
_FILLER_END = re.compile(
    r"(?:,? (?:right now|now|currently|at the moment|though|too|as well|lately|recently|these days))+$",
    re.IGNORECASE,
)


def find_slot_values(
    tree: SentenceTree,
    clause: ClauseSpan,
    first: int,
    last: int,
    dates: Sequence[DateSpan],
    titles: frozenset[int],
    *,
    lacks_subject: bool,
) -> list[SlotValue]:
    """The slots of the speaker that the clause tokens[first:last + 1] fills; `titles` are words of titles."""
    subject = tree.subject(clause.head)
    start = tree.subtree(subject)[0] if subject is not None else first
    # "Actually I live here": what only modifies the sentence hides its subject from a rule.
    if first < start <= last and all(
        tree.tokens[i].tag in ("RB", ",", "CC", "UH") for i in range(first, start)
    ):
        first = start
    text = _undated_text(tree, first, last, dates)
    if clause.subject is not None or lacks_subject:
        words = "I"
        if clause.subject is not None:
            words = tree.text[tree.tokens[clause.subject[0]].start : tree.tokens[clause.subject[1]].end]
        text = f"{words} {text[:1].lower()}{text[1:]}"
    text = expand_contractions(text)
    if any(date.since for date in dates):
        text = _PERFECT_STATE.sub(lambda m: f"I {_PRESENT_FORMS.get(m['verb'].lower(), m['verb'])}", text)
    joined = text
    for title in _title_words(tree, first, last, titles):
        joined = joined.replace(title, title.replace(" ", _TITLE_SPACE))
    return [_with_spaces(value) for value in _match(joined, dates)]


def _title_words(tree: SentenceTree, first: int, last: int, titles: frozenset[int]) -> Iterator[str]:
    """Yield the titles of several words in a clause."""
    start = None
    for index in range(first, last + 2):
        if index <= last and index in titles:
            start = index if start is None else start
        elif start is not None:
            yield tree.text[tree.tokens[start].start : tree.tokens[index - 1].end]
            start = None


def _with_spaces(value: SlotValue) -> SlotValue:
    if not any(_TITLE_SPACE in text for text in (value.attribute, value.value, value.sentence or "")):
        return value
    return replace(
        value,
        attribute=value.attribute.replace(_TITLE_SPACE, " "),
        value=value.value.replace(_TITLE_SPACE, " "),
        sentence=value.sentence and value.sentence.replace(_TITLE_SPACE, " "),
    )


def find_values_of_person(
    tree: SentenceTree, clause: ClauseSpan, last: int, dates: Sequence[DateSpan], person: Person
) -> list[SlotValue]:
    """The slots of the person who is the subject, read as if the person told them ("I work in Oslo")."""
    subject = tree.tokens[person.token]
    verb = clause.head
    finite = next(iter(tree.auxiliaries(verb)), verb)
    if tree.subject(verb) is not subject or finite.tag not in ("VBZ", "VBD") or finite.index <= subject.index:
        return []
    rest = _undated_text(tree, finite.index + 1, last, dates) if finite.index < last else ""
    word = finite.text.lower().replace("’", "'")
    return _match(
        expand_contractions(f"I {_FIRST_PERSON_FORMS.get(word) or _base_form(finite)} {rest}"), dates
    )


def _base_form(finite: Token) -> str:
    return finite.text if finite.tag == "VBD" else finite.lemma


def _match(text: str, dates: Sequence[DateSpan]) -> list[SlotValue]:
    if len(text) > MAX_SENTENCE_CHARS:
        return []
    happens = next((date for date in dates if not date.since), None)
    return extract_birthday(text, happens) or match_slot_values(_FILLER_END.sub("", text))


def _undated_text(tree: SentenceTree, first: int, last: int, dates: Sequence[DateSpan]) -> str:
    """The clause as it was said, without its dates."""
    parts: list[str] = []
    at, end = tree.tokens[first].start, tree.tokens[last].end
    for date in dates:
        if at <= date.start_char and date.end_char <= end:
            parts.append(tree.text[at : date.start_char].rstrip())
            at = date.end_char
    text = " ".join(" ".join([*parts, tree.text[at:end]]).replace("’", "'").split())
    return text.lstrip(" ,")


def tell(sentence: str, speaker: str) -> str:
    """A short first-person sentence of a slot, in the third person."""
    subject, _, rest = sentence.partition(" ")
    if subject == "My":
        return f"{_capitalise(possessive_form(speaker))} {rest}"
    words = rest.split(" ")
    at = next((i for i, word in enumerate(words) if word not in ADVERBS and not word.endswith("ly")), 0)
    words[at] = conjugate_third_person(words[at])
    return f"{_capitalise(speaker)} {' '.join(words)}"


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]
