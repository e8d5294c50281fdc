"""Detects the language of a text by counting stop words."""

from collections import Counter
from collections.abc import Iterable

from app.memory.text.stop_words import ENGLISH, STOP_WORDS_BY_LANGUAGE

MIN_STOP_WORDS = 2  # chosen


def _index_stop_words() -> dict[str, tuple[str, ...]]:
    languages_by_word: dict[str, list[str]] = {}
    for language, words in STOP_WORDS_BY_LANGUAGE.items():
        for word in words:
            languages_by_word.setdefault(word, []).append(language)
    return {word: tuple(languages) for word, languages in languages_by_word.items()}


_LANGUAGES_BY_STOP_WORD = _index_stop_words()


def detect_language(words: Iterable[str]) -> str:
    """The language with the most stop words among `words` (lower case), English if there are few.

    English wins a tie. Another language needs at least `MIN_STOP_WORDS` ("Take care!" is not Czech). Among
    equal counts the first language in alphabetical order wins.
    """
    counts = Counter(language for word in words for language in _LANGUAGES_BY_STOP_WORD.get(word, ()))
    most = max(counts.values(), default=0)
    if most < MIN_STOP_WORDS or counts[ENGLISH] == most:
        return ENGLISH
    return min(candidate for candidate in counts if counts[candidate] == most)
