"""Text analysis for lexical search: tokenising, stop-word removal, stemming, CJK bigrams."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

import Stemmer

from app.memory.text.languages import detect_language
from app.memory.text.limits import MAX_WORD_CHARS
from app.memory.text.stop_words import ENGLISH, STOP_WORDS_BY_LANGUAGE, SUPPORTED_LANGUAGES

_WORD = re.compile(r"\w+", re.UNICODE)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
_stemmers = {language: Stemmer.Stemmer(language, 0) for language in SUPPORTED_LANGUAGES}


def analyze_text(text: str, language: str = ENGLISH) -> list[str]:
    """Stemmed words of a text without stop words; runs of CJK characters become character bigrams.

    `language` is one of `SUPPORTED_LANGUAGES`.
    """
    return _stem_words(_WORD.findall(text.lower()), language)


def analyze_detecting_language(text: str) -> tuple[list[str], str]:
    """The terms of a text, analysed in the language that was detected, and that language."""
    words = _WORD.findall(text.lower())
    language = detect_language(words)
    return _stem_words(words, language), language


def analyze_query(query: str, languages: Iterable[str]) -> list[str]:
    """The distinct terms of a query, analysed in each of `languages`.

    Stop words of the query's own language are removed first: in another language they would count as rare
    words.
    """
    words = _WORD.findall(query.lower())
    stopped = STOP_WORDS_BY_LANGUAGE[detect_language(words)]
    content_words = [word for word in words if word not in stopped]
    return list(dict.fromkeys(term for one in languages for term in _stem_words(content_words, one)))


def _stem_words(words: Sequence[str], language: str) -> list[str]:
    terms: list[str] = []
    for word in words:
        if not word.isascii() and _CJK.search(word):
            terms += [word[i : i + 2] for i in range(max(1, len(word) - 1))]
            continue
        # A longer run is not a word: it would fill the cache, and stemming it would cost time.
        stem = _stem_word(word, language) if len(word) <= MAX_WORD_CHARS else word
        if stem:
            terms.append(stem)
    return terms


@lru_cache(maxsize=100_000)
def _stem_word(word: str, language: str) -> str:
    """The stem, or "" for a stop word."""
    return "" if word in STOP_WORDS_BY_LANGUAGE[language] else _stemmers[language].stemWord(word)


def stem_english(word: str) -> str:
    """The stem of an English word in lower case, a stop word's as well."""
    return _stemmers[ENGLISH].stemWord(word) if len(word) <= MAX_WORD_CHARS else word


def clear_stem_cache() -> None:
    """Empty the cache of stemmed words."""
    _stem_word.cache_clear()
