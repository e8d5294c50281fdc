"""A fact, and whether the texts that it may be derived from have what can be checked of it."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from app.memory.extraction.denials import (
    denies_openly,
    find_denied_words,
    is_denial_derivable,
    is_flipped,
    says_end,
)
from app.memory.extraction.names import NOT_NAMES, WordIndex, find_long_names, find_names, fold_words
from app.memory.extraction.quotes import WordedText, fold_letters
from app.memory.text.analysis import stem_english
from app.memory.text.dates.date_spans import DateSpan, find_dates
from app.memory.text.dates.periods import MONTH_NAMES
from app.memory.text.dates.tense import TenseFinder
from app.memory.text.dates.verb_groups import Tense
from app.memory.text.languages import detect_sentence_language
from app.memory.text.quantities import CARDINAL_WORDS, Quantities
from app.memory.text.stop_words import ENGLISH, STOP_WORDS, any_word_of
from app.memory.text.word_lists import MONTHS_AND_DAYS
from app.memory.types import Fact

DAY = timedelta(days=1)
_MONTH = timedelta(days=31)
# How far a date may lie from the one that the sentence names, by the precision of that (chosen).
_TOLERANCE = {"hour": DAY, "day": DAY, "week": 8 * DAY, "month": 32 * DAY, "year": 366 * DAY}
_VAGUE_TIME_TOLERANCE = 400 * DAY  # from when it was said, if the sentence only says "recently" (chosen)
_VAGUE_TIME = any_word_of(
    r"""
    ago recent\w* late(?:r|ly) soon last next past previous following coming this since for until till
    by before after during when then anniversary birthday christmas easter thanksgiving halloween
    holidays? weekends? summer winter spring autumn fall (?:mon|tues|wednes|thurs|fri|satur|sun)days?
    fortnight years? months? weeks? days? decades? tonight today tomorrow yesterday earlier upcoming
    turn(?:s|ed|ing)? old age[ds]? jan feb mar apr jun jul aug sept? oct nov dec january february march
    april may june july august september october november december
    """
)
_DIGITS = re.compile(r"\d+(?:[.,:']\d+)*")
_CLOCK = re.compile(r"\b(\d{1,2}):([0-5]\d)\b")
_YEAR = re.compile(r"(?:19|20)\d\d")
_COUNT_WORDS = frozenset(CARDINAL_WORDS) - {"zero", "one"}
_VALUE_WORDS_WITHOUT_CONTENT = frozenset({"yes", "no", "true", "false", "none", "null", "unknown", "nobody"})
# A content shares these with a sentence that says something else.
_GENERAL_STEMS = frozenset({"user", "live", "work", "like", "name", "new"})
_GERMAN = "german"  # it writes every noun with a capital letter


class Basis:
    """A text from which something may be derived, with what it states."""

    def __init__(self, text: str, observed_at: datetime) -> None:
        self.text = text
        self._observed_at = observed_at
        self.names = WordIndex(text)
        self.quantities = Quantities(text)

    @cached_property
    def dates(self) -> list[DateSpan]:
        """The dates that the text names, resolved by when it was said.

        A date of which the text itself does not tell whether it lies ahead ("sorry, I meant Friday", "no,
        Friday") is the last one as well as the next: it has the tense of what it corrects or answers.
        """
        dates = find_dates(self.text, self._observed_at)
        finder = TenseFinder(self.text)
        tenseless = {
            span.start_char for span in dates if finder.tense_of(span.start_char, span.end_char) is None
        }
        if not tenseless:
            return dates
        read = (find_dates(self.text, self._observed_at, tense) for tense in (Tense.PAST, Tense.FUTURE))
        return [*dates, *(span for spans in read for span in spans if span.start_char in tenseless)]


@dataclass(frozen=True)
class Claim:
    """A fact and the texts from which it may be derived: its sentence alone, or what that points back to as
    well.
    """

    fact: Fact
    observed_at: datetime
    sentence: Basis
    timed: Basis
    strict: Basis
    lenient: Basis
    speakers: frozenset[str]
    related: frozenset[str]

    @cached_property
    def worded(self) -> WordedText:
        """The content with its words."""
        return WordedText(self.fact.content)

    @property
    def content(self) -> str:
        """The content, analysed."""
        return self.worded.text

    @cached_property
    def languages(self) -> tuple[str, str]:
        """The languages of content and sentence."""
        return detect_sentence_language(self.content), detect_sentence_language(self.sentence.text)

    def is_proved(self) -> bool:
        """Whether the texts have what can be checked of the fact."""
        return (
            self._has_numbers(self.content)
            and self._has_names(self.content, self.lenient)
            and self._denies_alike()
            and self._has_value()
            and self._shares_a_word()
        )

    def _has_numbers(self, text: str) -> bool:
        basis, english = self.strict, self.languages[1] == ENGLISH
        dates = [span for span in find_dates(text, self.observed_at) if _names_calendar(span.text)]
        # What a sentence points back to is long: it is read for dates only if the sentence is not enough.
        if not all(self._derives_date(span, self.timed) or self._derives_date(span, basis) for span in dates):
            return False
        for match in _DIGITS.finditer(text):
            if any(span.start_char <= match.start() < span.end_char for span in dates):
                continue
            if not self._derives_number(match[0], text, match.start(), basis):
                return False
        if not english or self.languages[0] != ENGLISH:
            return True
        counts = _COUNT_WORDS.intersection(re.findall(r"[a-z]+", text.lower()))
        if not counts:
            return True
        known = basis.quantities.values | basis.quantities.counted
        return all(CARDINAL_WORDS[word] in known for word in counts)

    def _derives_number(self, number: str, text: str, at: int, basis: Basis) -> bool:
        if self.sentence.quantities.state(number) or basis.quantities.state(number):
            return True
        clock = _CLOCK.match(text, at)
        if clock:
            return (int(clock[1]) * 60 + int(clock[2])) % 720 in basis.quantities.clocks
        if _YEAR.fullmatch(number):
            years = {date.from_.year for date in basis.dates} | {date.to.year for date in basis.dates}
            return int(number) in years or (
                abs(int(number) - self.observed_at.year) <= 1 and _VAGUE_TIME.search(basis.text) is not None
            )
        # Number words of other languages are not known; their small numbers are mostly words.
        return self.languages[1] != ENGLISH and len(number) <= 2

    def _derives_date(self, span: DateSpan, basis: Basis) -> bool:
        said, until = self.observed_at, _end_of(span)
        # The same words denote the same, though in another tense they are resolved otherwise.
        if span.text in basis.text or (span.from_ - said <= DAY and said - until <= DAY):
            return True
        for date in basis.dates:
            slack = max(_TOLERANCE.get(date.precision, DAY), DAY)
            if date.from_ - until <= slack and span.from_ - _end_of(date) <= slack:
                return True
        if self._states_parts(span, basis):
            return True
        if self.languages[1] != ENGLISH:
            # Few of its dates are known: only the numbers are looked at.
            return all(
                self._derives_number(number, number, 0, basis) for number in _DIGITS.findall(span.text)
            )
        if basis.dates:
            return False
        is_vague = _VAGUE_TIME.search(basis.text) is not None
        return is_vague and max(span.from_ - said, said - until) <= _VAGUE_TIME_TOLERANCE

    def _states_parts(self, span: DateSpan, basis: Basis) -> bool:
        """Whether a text states day and month of a date, in whatever form ("the 3rd of June", "3.6.")."""
        start = span.from_
        month = MONTH_NAMES[start.month - 1].lower()
        numbers = basis.quantities.values
        has_month = (
            month in basis.names.words or month[:3] in basis.names.words or float(start.month) in numbers
        )
        has_day = float(start.day) in numbers or span.to - span.from_ > 2 * DAY
        is_near = abs(start - self.observed_at) <= _MONTH
        if is_near and re.search(rf"\b{start.day}(?:st|nd|rd|th)\b", basis.text):
            return True  # "the 19th" is that of this month, or of the next or the last one
        has_year = self._derives_number(str(start.year), str(start.year), 0, basis)
        return has_month and has_day and (has_year or abs(start.year - self.observed_at.year) <= 1)

    def _has_names(self, text: str, basis: Basis) -> bool:
        if self.languages[0] == _GERMAN:
            return True
        if self._scripts_differ():
            return True
        spelled_out = {
            name
            for long_name in find_long_names(text)
            if basis.names.spells_out(long_name)
            for name in fold_words(long_name)
        }
        names = find_names(text, check_first=self.languages[0] == ENGLISH)
        return all(name in spelled_out or self._is_known_name(name, basis) for name in names)

    def _scripts_differ(self) -> bool:
        return (
            self.content.isascii() and sum(map(str.isascii, self.sentence.text)) < len(self.sentence.text) / 2
        )

    def _is_known_name(self, name: str, basis: Basis) -> bool:
        # The sentence is looked at first, as the text that it points back to is long.
        return (
            name in self.speakers
            or name in self.related
            or self.sentence.names.has_name(name)
            or basis.names.has_name(name)
        )

    def _denies_alike(self) -> bool:
        if self.languages != (ENGLISH, ENGLISH):
            return True
        content, sentence = self.worded, WordedText(self.sentence.text)
        if denies_openly(self.content) or self.fact.polarity < 0:
            return is_denial_derivable(content, self.strict.text, sentence)
        if says_end(self.content):
            return True
        return not any(
            is_flipped(content, denied) for denied in find_denied_words(sentence.text, sentence.words)
        )

    def _has_value(self) -> bool:
        slot = self.fact.slot
        if slot is None or self.fact.polarity < 0:
            return True
        value = slot.value if slot.value.lower() not in _VALUE_WORDS_WITHOUT_CONTENT else ""
        item = slot.attribute.partition(":")[2]
        text = WordedText(f"{value} {item}".strip()).text
        if not self._has_numbers(text):
            return False
        words = set(fold_words(text)) - STOP_WORDS - self.speakers
        capitalised = {
            fold_letters(word) for word in re.findall(r"\b[A-Z][^\W\d_]+", f"{self.content} {text}")
        }
        names = (words & capitalised) - NOT_NAMES
        if self.languages[0] != _GERMAN and not self._scripts_differ():
            first = next(iter(fold_words(self.content)), "")
            names -= {first} - set(find_names(self.content, check_first=True))
            if not all(self.strict.names.has_name(name) for name in names):
                return False
        if _DIGITS.search(text):
            return True  # its number is proved, and a unit may be known from before ("It is 1,510 now")
        # A word that only a related memory has was taken from there.
        common = words - names
        borrowed = {word for word in common if word in self.related and not self.lenient.names.has_name(word)}
        return not (borrowed and borrowed == common)

    def _shares_a_word(self) -> bool:
        """Whether a content with nothing else to check shares a telling word with what it is derived from."""
        if self.languages != (ENGLISH, ENGLISH):
            return True
        words = set(fold_words(self.content)) - STOP_WORDS - self.speakers
        names = set(find_names(self.content, check_first=True)) - self.speakers
        if names or _DIGITS.search(self.content) or not words.isdisjoint(_COUNT_WORDS):
            return True
        if says_end(self.content) and says_end(self.lenient.text):
            return True
        stems = {stem_english(word) for word in words} - _GENERAL_STEMS
        return not stems or any(
            not stems.isdisjoint(basis.names.stems) for basis in (self.sentence, self.lenient)
        )


def _end_of(span: DateSpan) -> datetime:
    """The end of the period that a date names; of "since 2019" the day with which it begins."""
    return min(span.from_ + DAY, span.to) if span.since else span.to


def _names_calendar(text: str) -> bool:
    return bool(re.search(r"\d", text)) or not MONTHS_AND_DAYS.isdisjoint(re.findall(r"[a-z]+", text.lower()))
