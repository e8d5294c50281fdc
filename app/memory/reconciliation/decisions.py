"""Whose word counts how much, and when two texts are equal or differ in what counts."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence

from app.core.vocabulary import Origin
from app.memory.text.analysis_text import analyse_original
from app.memory.types import Slot

SOURCE_AUTHORITY = {
    Origin.EDIT: 5,
    Origin.USER: 4,
    Origin.TOOL: 3,
    Origin.ASSISTANT: 2,
    Origin.COPY: 1,  # another user's memory ends nothing that this user stated
    Origin.INFERENCE: 0,
}
SOURCE_RELIABILITY = {
    Origin.EDIT: 0.95,
    Origin.USER: 0.8,
    Origin.TOOL: 0.6,
    Origin.ASSISTANT: 0.4,
    Origin.COPY: 0.5,
    Origin.INFERENCE: 0.5,
}
MAX_CONFIDENCE = 0.99
CONFLICT_FACTOR = 0.7  # factor (chosen) by which both sides of a contradiction lose confidence
YES_NO_VALUES = {"yes", "no"}

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
# English, German, Italian, French, Spanish, Portuguese, Dutch, Russian, Chinese, Japanese. A word too many
# only keeps two texts apart.
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nothing|without|cannot|nicht|kein\w*|nie|niemals|ohne|non|mai|senza|pas|jamais|sans"
    r"|nunca|jamás|sin|não|nem|sem|niet|geen|nooit|не|нет|никогда|без)\b|n['’]t\b|[不没沒無无未]|ない|ません",
    re.IGNORECASE,
)
_DATE_WORD = re.compile(
    r"\b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.IGNORECASE,
)


def normalise_text(text: str) -> str:
    """Normalise case, width, marks, punctuation and spaces, so that equal statements compare equal."""
    folded = unicodedata.normalize("NFKC", analyse_original(text).text).casefold()
    return " ".join(re.sub(r"[^\w\s:+@./-]", " ", folded).strip(" .").split())


def content_hash(text: str) -> bytes:
    """SHA-256 of the normalised text, 32 bytes."""
    return hashlib.sha256(normalise_text(text).encode()).digest()


def details_differ(left: str, right: str) -> bool:
    """Whether two texts differ in a number, date word or negation; then their similarity is no evidence."""
    # Numbers are compared first: most pairs differ in them, and a search compares many pairs.
    return (
        _find_tokens(_NUMBER, left) != _find_tokens(_NUMBER, right)
        or _find_tokens(_DATE_WORD, left) != _find_tokens(_DATE_WORD, right)
        or _has_negation(left) != _has_negation(right)
    )


def extract_details(text: str) -> tuple[frozenset[str], frozenset[str], bool]:
    """(numbers, date words, whether there is a negation) of a text."""
    return _find_tokens(_NUMBER, text), _find_tokens(_DATE_WORD, text), _has_negation(text)


def _find_tokens(pattern: re.Pattern[str], text: str) -> frozenset[str]:
    return frozenset(map(str.casefold, pattern.findall(text)))


def _has_negation(text: str) -> bool:
    return _NEGATION.search(text) is not None


def is_retraction(slot: Slot | None, polarity: int) -> bool:
    """Whether a statement retracts a value, rather than giving a yes/no slot its negative."""
    return slot is not None and polarity < 0 and slot.value not in YES_NO_VALUES


def combine_confidences(reliability_by_session: Sequence[tuple[str, float]]) -> float:
    """Noisy-or of independent sources, 1 - prod(1 - r), at most `MAX_CONFIDENCE`.

    Takes (session_id, reliability in [0, 1]) pairs; only the strongest of each session counts.
    """
    best: dict[str, float] = {}
    for session_id, reliability in reliability_by_session:
        best[session_id] = max(best.get(session_id, 0.0), reliability)
    doubt = 1.0
    for reliability in best.values():
        doubt *= 1.0 - reliability
    return round(min(1.0 - doubt, MAX_CONFIDENCE), 4)
