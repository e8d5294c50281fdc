"""The words of a text that tell of a topic."""

import re
from collections.abc import Sequence

from app.memory.text.analysis import analyze_text
from app.memory.text.languages import detect_language
from app.memory.text.stop_words import LOW_CONTENT_WORDS, STOP_WORDS_BY_LANGUAGE

_WORD = re.compile(r"\w+")
_CHARS_OF_LANGUAGE = 4_000  # of a text, by which its language is told
_LOW_CONTENT_TERMS = frozenset(analyze_text(LOW_CONTENT_WORDS))


def has_content_words(text: str) -> bool:
    """Whether a text has a word that tells of a topic: "What happened then?" has none."""
    words = _WORD.findall(text.lower())
    return bool(find_content_words(words, detect_language(words)))


def detect_text_language(text: str) -> str:
    """The language of a text, by the words at its start."""
    return detect_language(_WORD.findall(text[:_CHARS_OF_LANGUAGE].lower()))


def find_content_words(words: Sequence[str], language: str) -> list[str]:
    """The words that carry the topic: no stop words and no `_LOW_CONTENT_TERMS`."""
    words_left = (word for word in words if word not in STOP_WORDS_BY_LANGUAGE[language])
    return [word for word in words_left if not _LOW_CONTENT_TERMS.issuperset(analyze_text(word, language))]
