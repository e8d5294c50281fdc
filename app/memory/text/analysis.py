"""Words of a text for matching."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

import Stemmer

from app.memory.text.languages import ENGLISH, LANGUAGES, STOPPED, language_of
from app.memory.text.limits import LONGEST_WORD

_WORD = re.compile(r"\w+", re.UNICODE)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
_stemmers = {language: Stemmer.Stemmer(language, 0) for language in LANGUAGES}


def analyze(text: str, language: str = ENGLISH) -> list[str]:
    """Stemmed words without stop words; CJK runs become character bigrams.

    `language` is one of `LANGUAGES`.
    """
    return _stems(_WORD.findall(text.lower()), language)


def analyze_as_written(text: str) -> tuple[list[str], str]:
    """The terms of a text in the language that it seems to be in, and that language."""
    words = _WORD.findall(text.lower())
    language = language_of(words)
    return _stems(words, language), language


def analyze_query(query: str, languages: Iterable[str]) -> list[str]:
    """The terms of a query in each of `languages`, each once.

    What is a stop word in the query's own language is none of them: elsewhere it would be a rare word.
    """
    words = _WORD.findall(query.lower())
    stopped = STOPPED[language_of(words)]
    telling = [word for word in words if word not in stopped]
    return list(dict.fromkeys(term for one in languages for term in _stems(telling, one)))


def _stems(words: Sequence[str], language: str) -> list[str]:
    terms: list[str] = []
    for word in words:
        if not word.isascii() and _CJK.search(word):
            terms += [word[i : i + 2] for i in range(max(1, len(word) - 1))]
            continue
        # What is longer is no word: it would be held by the cache, and cost its stemmer the more.
        stem = _stem(word, language) if len(word) <= LONGEST_WORD else word
        if stem:
            terms.append(stem)
    return terms


@lru_cache(maxsize=100_000)
def _stem(word: str, language: str) -> str:
    """The stem, or "" for a stop word."""
    return "" if word in STOPPED[language] else _stemmers[language].stemWord(word)


def forget_words() -> None:
    """Drop the words whose stems are held."""
    _stem.cache_clear()
