"""The tense in which a text speaks of a date: it tells whether "3 December" is the last one or the next.

A date belongs to the verb group before it in its sentence, else to the first one after it.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass

from app.memory.text.dates import verb_forms as forms
from app.memory.text.dates.verb_groups import (
    CONJUNCTIONS,
    PREPOSITIONS,
    WORD,
    GroupKind,
    SentenceReader,
    Tense,
    VerbGroup,
)

_SENTENCE_END = re.compile(r"(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bSt)(?<!\bMrs)(?<!\bProf)[.!?](?=\s)|\n")
_WEEKDAY = re.compile(r"day\b", re.IGNORECASE)
_CLOCK_TIME = re.compile(r"\b(?:at \d|\d{1,2}(?::\d\d)? ?[ap]\.?m\b|\d{1,2}:\d\d)", re.IGNORECASE)
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_LAST_WORD = re.compile(r"([^\W\d_]+)\W*$")
_AIMS = frozenset(["for", "to", "until", "till", "from", "by", "before"])
_MAX_LEAD = 24  # characters before a date that are looked at


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    words: frozenset[str]
    groups: tuple[VerbGroup, ...]


class TenseFinder:
    """Finds the tense of the dates of a text; each sentence is read once, however many dates it has."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends: list[re.Match[str]] | None = None
        self._sentences: dict[int, _Sentence] = {}

    def tense_of(self, start: int, end: int) -> Tense | None:
        """The tense in which the text speaks of the date text[start:end]; None if it can't be told."""
        sentence = self._sentence_at(start)
        preposition = self._preposition_of(sentence, start, end)
        if preposition == "since":
            return Tense.PAST
        group = self._group_of(sentence, start, end)
        if group is None:
            return self._verbless_tense(sentence)
        comes_later = group.start >= end
        if group.kind is GroupKind.UNSURE or (comes_later and group.kind is GroupKind.REARRANGED):
            return None
        if group.kind in {GroupKind.PLAIN, GroupKind.COMMITTED}:
            is_habit = group.tense is Tense.PRESENT and not forms.HABIT_WORDS.isdisjoint(sentence.words)
            return Tense.HABIT if is_habit else group.tense
        return self._arranged_tense(group, preposition, _WEEKDAY.search(self._text, start, end) is not None)

    def _verbless_tense(self, sentence: _Sentence) -> Tense | None:
        is_plan = not forms.PLAN_NOUNS.isdisjoint(sentence.words)
        return (
            Tense.FUTURE if is_plan or _CLOCK_TIME.search(self._text, sentence.start, sentence.end) else None
        )

    @staticmethod
    def _arranged_tense(group: VerbGroup, preposition: str, is_weekday: bool) -> Tense | None:
        if group.kind is GroupKind.IS_ARRANGED or preposition in _AIMS:
            return Tense.FUTURE
        # "I booked it on Monday" tells when it was booked; with "on 3 May" either may be meant.
        return Tense.PAST if group.kind is GroupKind.REARRANGED or is_weekday else None

    def _preposition_of(self, sentence: _Sentence, start: int, end: int) -> str:
        inside = _FIRST_WORD.match(self._text, start, end)
        before = _LAST_WORD.search(self._text, max(sentence.start, start - _MAX_LEAD), start)
        words = (inside[0].lower() if inside else "", before[1].lower() if before else "")
        return next((word for word in words if word in PREPOSITIONS), "")

    def _group_of(self, sentence: _Sentence, start: int, end: int) -> VerbGroup | None:
        before = [group for group in sentence.groups if group.start < start]
        after = [group for group in sentence.groups if group.start >= end]
        if after and (not before or self._opens_clause(sentence, start, end)):
            return after[0]
        return before[-1] if before else None

    def _opens_clause(self, sentence: _Sentence, start: int, end: int) -> bool:
        """Whether the date stands before the subject of its clause: "…, but on Friday we …"."""
        lead = WORD.findall(self._text[max(sentence.start, start - _MAX_LEAD) : start])
        while lead and lead[-1].lower() in PREPOSITIONS:
            lead.pop()
        rest = WORD.search(self._text, end, sentence.end)
        if not lead or rest is None or lead[-1].lower() not in CONJUNCTIONS:
            return False
        return rest[0] == "," or rest[0].lower() in forms.SUBJECTS | forms.DETERMINERS

    def _sentence_at(self, position: int) -> _Sentence:
        if self._ends is None:
            self._ends = list(_SENTENCE_END.finditer(self._text))
        # A sentence end is one character long.
        number = bisect_left(self._ends, position, key=lambda end: end.start())
        if number not in self._sentences:
            start = self._ends[number - 1].end() if number else 0
            end = self._ends[number].start() if number < len(self._ends) else len(self._text)
            reader = SentenceReader(self._text, start, end)
            self._sentences[number] = _Sentence(start, end, frozenset(reader.words), tuple(reader.groups))
        return self._sentences[number]
