"""Facts of sentences that are not English: whole sentences, chosen by whether they tell something.

Rules reach no further here: a sentence is kept as it was said, or left. What is asked, imagined, reported, or
brought as material is left; so is the rest of a turn after it was asked to be translated.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.core.vocabulary import Form, Kind
from app.memory.extraction.offline.foreign import foreign_cues as cues
from app.memory.extraction.offline.frames.words import LANGUAGES
from app.memory.text.analysis_text import AnalysisText
from app.memory.text.dates.date_spans import DateSpan, find_dates
from app.memory.text.language_profiles import PROFILES, SCRIPTS
from app.memory.text.languages import detect_sentence_language, is_english
from app.memory.text.limits import MAX_CHARS_READ, MAX_CLAUSES, MAX_SENTENCE_CHARS
from app.memory.text.stop_words import ENGLISH
from app.memory.types import Fact, Slot, Turn

MIN_WORDS = 2  # a single word is a greeting or an answer (chosen)
MAX_ANSWER_WORDS = 4  # so short a sentence that thanks or agrees says nothing else (chosen)
MIN_UNSPACED_CHARS = 4  # the same for a script without spaces (chosen)
MAX_KEYWORDS = 8
CONFIDENCE = 0.7
IDENTITY_IMPORTANCE, STATE_IMPORTANCE, EVENT_IMPORTANCE = 0.8, 0.5, 0.4

_SENTENCE_END = re.compile(r"[.!?]+[\"')\]]*(?=\s|$)|[\u3002\uff01\uff1f\u061f\u0964]+[\"')\u300d\u300f]*|\n")
_NO_END = re.compile(
    r"(?:^|[\s(])(?:[^\W\d_]|z|d|u|Dr|Sr|Sra|Srta|Mme|Mlle|Hr|Fr|St|Nr|Prof|usw|ca|bzw|ul|np|bl|evtl|inkl|tel|av|etc)$",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"(?:^|\s)\d{1,2}$")
_MONTH = re.compile(
    r"\s*(?:jan|feb|mär|mar|apr|mai|maj|jun|jul|aug|sep|okt|oct|nov|dez|des|dec|stycz|lut|kwie|czerw|lip|sierp|wrze|paźd"
    r"|list|grud|klasse|geburtstag|stock|etage)",
    re.IGNORECASE,
)
_UNSPACED = re.compile(f"[{SCRIPTS['chinese']}{SCRIPTS['japanese']}{SCRIPTS['thai']}]")
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_INNER_NAME = re.compile(r"(?<=[^\W\d_] )[^\W\d_a-zß-öø-ÿ][^\W\d_]+")
_NUMBER = re.compile(r"\d")
# "English please: …" and "In Spanish: …" ask for a translation of what follows.
_ASKS_FOR_LANGUAGE = re.compile(
    rf"\W*(?:(?:and|now|please|pls|in|into|to|the|ok) )*(?:{'|'.join(sorted(LANGUAGES))})"
    r"(?: (?:version|translation))?(?:,? (?:please|pls|plz|for me))*\s?[:\u2014\u2013-]",
    re.IGNORECASE,
)
_OPENING_MARKS = re.compile(r"^[\s\"'>*#-]+|[\s\"'*]+$")


@dataclass(frozen=True, slots=True)
class ForeignSentence:
    """A sentence text[start:end] of an analysed turn, and its language."""

    start: int
    end: int
    text: str
    language: str


def find_foreign_facts(turn: Turn, analysis: AnalysisText) -> list[Fact]:
    """The facts of the sentences of a user's turn that are not English, in order."""
    return [_build_fact(turn, analysis, sentence) for sentence in find_told_sentences(analysis.text)]


def find_told_sentences(text: str) -> list[ForeignSentence]:
    """The sentences that are not English, and that their speaker puts forward and tells something by."""
    told: list[ForeignSentence] = []
    spans = list(split_sentences(text[:MAX_CHARS_READ]))
    if all(is_english(text[start:end]) for start, end in spans):
        return []  # most turns: nothing of them is foreign, and the cues below are long
    for start, end in spans:
        sentence = text[start:end]
        if _brings_material(sentence) or cues.OPENS_IMAGINED.search(sentence):
            break
        if cues.JOKE.search(sentence):
            del told[-1:]  # what was said before is taken back
            continue
        language = detect_sentence_language(sentence)
        if language != ENGLISH and is_asserted(sentence) and is_worth_keeping(sentence, language):
            told.append(ForeignSentence(start, end, sentence, language))
    return told[:MAX_CLAUSES]


def _brings_material(sentence: str) -> bool:
    """Whether a sentence asks for work on a text; "I translate novels" does not."""
    if _ASKS_FOR_LANGUAGE.match(sentence):
        return True
    if not cues.OPENS_MATERIAL.search(sentence):
        return False
    asks = cues.QUESTION.search(sentence) or cues.REQUEST.search(sentence) or cues.NEED.search(sentence)
    return bool(asks) or ":" in sentence or cues.FIRST_PERSON.search(sentence) is None


def split_sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where sentences begin and end, without the spaces and marks around them."""
    start = 0
    for match in _SENTENCE_END.finditer(text):
        before = text[max(0, match.start() - 8) : match.start()]
        is_inner = match[0] == "." and (
            _NO_END.search(before) or (_ORDINAL.search(before) and _MONTH.match(text, match.end()))
        )
        if not is_inner:
            yield from _trim(text, start, match.end())
            start = match.end()
    yield from _trim(text, start, len(text))


def _trim(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    sentence = text[start:end]
    for match in _OPENING_MARKS.finditer(sentence):
        if not match.start():
            start += match.end()
        elif match.end() == len(sentence):
            end -= match.end() - match.start()
    if start < end:
        yield start, end


def is_asserted(sentence: str) -> bool:
    """Whether a sentence is put forward as true: not asked, wished, imagined, reported or quoted."""
    if cues.REMEMBER.search(sentence):
        return True
    if cues.QUESTION.search(sentence) or cues.HYPOTHETICAL.search(sentence):
        return False
    if cues.REPORTED.search(sentence) or cues.QUOTED.search(sentence):
        return False
    return cues.REQUEST.search(sentence) is None or cues.ALWAYS.search(sentence) is not None


def is_worth_keeping(sentence: str, language: str) -> bool:
    """Whether a sentence tells something of its speaker, of persons near to them, or of somebody by name."""
    if len(sentence) > MAX_SENTENCE_CHARS or cues.MOMENTARY.search(sentence):
        return False
    unspaced = len(_UNSPACED.findall(sentence))
    words = [word for word in _WORD.findall(sentence) if len(word) > 1 or language not in PROFILES]
    if unspaced < MIN_UNSPACED_CHARS and len(words) < MIN_WORDS:
        return False
    is_short = len(words) <= MAX_ANSWER_WORDS and unspaced <= 2 * MIN_UNSPACED_CHARS
    if is_short and cues.ACKNOWLEDGEMENT.search(sentence):
        return False
    if (
        is_told_of_oneself(sentence, language)
        or cues.REMEMBER.search(sentence)
        or cues.ALWAYS.search(sentence)
    ):
        return True
    # The first word has a capital letter in any case, and in German every noun.
    begins_with_name = (
        language in PROFILES and words[0].istitle() and words[0].lower() not in PROFILES[language]
    )
    has_name = language != "german" and (begins_with_name or _INNER_NAME.search(sentence) is not None)
    return cues.RELATIVES.search(sentence) is not None and (has_name or _NUMBER.search(sentence) is not None)


def is_told_of_oneself(sentence: str, language: str) -> bool:
    """Whether a sentence has "I", "my", "we" or a verb in that form."""
    if cues.FIRST_PERSON.search(sentence):
        return True
    return language in ("japanese", "korean") and cues.UNSAID_FIRST_PERSON.search(sentence) is not None


def _build_fact(turn: Turn, analysis: AnalysisText, sentence: ForeignSentence) -> Fact:
    text = sentence.text
    own = is_told_of_oneself(text, sentence.language)
    slot = _find_slot(text) if own else None
    date = next((span for span in find_dates(text, turn.observed_at) if not span.since), None)
    kind, form = _classify(text, date) if slot is None else (Kind.FACT, Form.STATE)
    is_event = form is Form.EVENT and date is not None
    words = [word.lower() for word in _WORD.findall(text) if len(word) > 3]
    return Fact(
        turn_id=turn.id,
        content=text.strip(),
        quote=analysis.quote(sentence.start, sentence.end),
        kind=kind,
        form=form,
        slot=slot,
        event_from=date.from_ if date and is_event else None,
        event_to=date.to if date and is_event else None,
        event_precision=date.precision if date and is_event else None,
        keywords=tuple(dict.fromkeys(words))[:MAX_KEYWORDS],
        importance=IDENTITY_IMPORTANCE
        if slot
        else EVENT_IMPORTANCE
        if form is Form.EVENT
        else STATE_IMPORTANCE,
        confidence=CONFIDENCE,
        subject="user" if own else None,
    )


def _classify(text: str, date: DateSpan | None) -> tuple[Kind, Form]:
    if cues.PREFERENCE.search(text) or cues.ALWAYS.search(text):
        return Kind.PREFERENCE, Form.STATE
    if date is not None or cues.EVENT.search(text):
        return Kind.EVENT, Form.EVENT
    return Kind.FACT, Form.STATE


def _find_slot(text: str) -> Slot | None:
    """The name or home that a sentence tells; only if it tells one of them."""
    slots = [
        Slot("user", attribute, match[group].strip())
        for attribute, group, patterns in (
            ("name", "name", cues.NAME_PATTERNS),
            ("residence", "place", cues.RESIDENCE_PATTERNS),
        )
        for pattern in patterns
        if (match := pattern.search(text))
    ]
    return slots[0] if len(slots) == 1 else None
