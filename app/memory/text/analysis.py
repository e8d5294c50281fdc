"""Text analysis for lexical search: tokenising, stop-word removal, stemming, CJK bigrams."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

import Stemmer

from app.memory.text.languages import ENGLISH, STOP_WORDS_BY_LANGUAGE, SUPPORTED_LANGUAGES, detect_language
from app.memory.text.limits import MAX_WORD_CHARS

_WORD = re.compile(r"\w+", re.UNICODE)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
_stemmers = {language: Stemmer.Stemmer(language, 0) for language in SUPPORTED_LANGUAGES}


def analyze_text(text: str, language: str = ENGLISH) -> list[str]:
    """Stemmed words without stop words; CJK runs become character bigrams.

    `language` is one of `LANGUAGES`.
    """
    return _stem_words(_WORD.findall(text.lower()), language)


def analyze_detecting_language(text: str) -> tuple[list[str], str]:
    """The terms of a text in the language that it seems to be in, and that language."""
    words = _WORD.findall(text.lower())
    language = detect_language(words)
    return _stem_words(words, language), language


def analyze_query(query: str, languages: Iterable[str]) -> list[str]:
    """The terms of a query in each of `languages`, each once.

    What is a stop word in the query's own language is none of them: elsewhere it would be a rare word.
    """
    words = _WORD.findall(query.lower())
    stopped = STOP_WORDS_BY_LANGUAGE[detect_language(words)]
    telling = [word for word in words if word not in stopped]
    return list(dict.fromkeys(term for one in languages for term in _stem_words(telling, one)))


def _stem_words(words: Sequence[str], language: str) -> list[str]:
    terms: list[str] = []
    for word in words:
        if not word.isascii() and _CJK.search(word):
            terms += [word[i : i + 2] for i in range(max(1, len(word) - 1))]
            continue
        # What is longer is no word: it would be held by the cache, and cost its stemmer the more.
        stem = _stem_word(word, language) if len(word) <= MAX_WORD_CHARS else word
        if stem:
            terms.append(stem)
    return terms


@lru_cache(maxsize=100_000)
def _stem_word(word: str, language: str) -> str:
    """The stem, or "" for a stop word."""
    return "" if word in STOP_WORDS_BY_LANGUAGE[language] else _stemmers[language].stemWord(word)


def clear_stem_cache() -> None:
    """Drop the words whose stems are held."""
    _stem_word.cache_clear()
