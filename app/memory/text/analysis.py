"""Text analysis for lexical search: tokenising, stop-word removal, stemming.

Scripts without spaces between words are cut into overlapping pairs: of characters in Chinese, Japanese and
Korean, of orthographic syllables in Thai, Lao, Khmer and Burmese (McNamee and Mayfield 2004, "Character
n-gram tokenization for European language text retrieval", compare n-grams with words).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise

import Stemmer

from app.core.text_caches import text_cache
from app.memory.text.languages import detect_language
from app.memory.text.limits import MAX_WORD_CHARS
from app.memory.text.stop_words import ENGLISH, STOP_WORDS_BY_LANGUAGE, SUPPORTED_LANGUAGES

# Thai, Lao, Burmese and Khmer have vowels and tones that are marks, and a regex takes a mark for no letter.
_SYLLABIC = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_WORD_WITH_MARKS = re.compile(rf"[\w{_SYLLABIC}]+")
_SYLLABIC_LETTER = re.compile(rf"[{_SYLLABIC}]")
_WORD = re.compile(r"\w+")
_HAN = r"\u3005\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_KANA_AND_HANGUL = r"\u3040-\u30ff\uac00-\ud7af"
_UNSPACED = re.compile(rf"[{_HAN}{_KANA_AND_HANGUL}{_SYLLABIC}]")
# A word of another script, or a run of one that has no spaces.
_RUN = re.compile(rf"[{_SYLLABIC}]+|[{_HAN}{_KANA_AND_HANGUL}]+|[^{_SYLLABIC}{_HAN}{_KANA_AND_HANGUL}]+")
# What follows a base letter in its orthographic syllable, with the vowels that are letters; a vowel may stand
# before it in Thai and Lao, and Khmer stacks consonants.
_AFTER_BASE = (
    r"[\u0e30-\u0e3a\u0e45\u0e47-\u0e4e\u0eb0-\u0ebd\u0ec8-\u0ece\u102b-\u103e\u1056-\u1059\u105e-\u1060"
    r"\u17b4-\u17d1\u17d3\u17dd]"
)
_SYLLABLE = re.compile(
    rf"[\u0e40-\u0e44\u0ec0-\u0ec4]?[{_SYLLABIC}]" rf"(?:{_AFTER_BASE}|\u17d2[\u1780-\u17b3])*"
)
_HAN_CHARACTER = re.compile(rf"[{_HAN}]")
# Han characters that are grammar; in a pair they belong to a word.
_HAN_STOP_CHARACTERS = frozenset(
    "的了是在不有和我你他她它们們这這那个個么麼什吗嗎呢吧啊就都也很还還要会會能可以到说說去来來上下与與及或"
)
_HANGUL = re.compile(r"[\uac00-\ud7af]{2}")
_PAIR = 2
_FIRST_EAST_ASIAN = 0x3000
_stemmers = {language: Stemmer.Stemmer(language, 0) for language in SUPPORTED_LANGUAGES}


def analyze_text(text: str, language: str = ENGLISH) -> list[str]:
    """Stemmed words of a text without stop words, and pairs of a script without spaces.

    A Han character is a term by itself too, as one is often a word. `language` is one of
    `SUPPORTED_LANGUAGES`.
    """
    return _stem_words(_find_words(text), language)


def analyze_detecting_language(text: str) -> tuple[list[str], str]:
    """The terms of a text, analysed in the language that was detected, and that language."""
    words = _find_words(text)
    language = detect_language(words)
    return _stem_words(words, language), language


def analyze_query(query: str, languages: Iterable[str]) -> list[str]:
    """The distinct terms of a query, analysed in each of `languages`.

    Stop words of the query's own language are removed first: in another language they would count as rare
    words.
    """
    words = _find_words(query)
    stopped = STOP_WORDS_BY_LANGUAGE[detect_language(words)]
    content_words = [word for word in words if word not in stopped]
    return list(dict.fromkeys(term for one in languages for term in _stem_words(content_words, one)))


def is_unspaced(text: str) -> bool:
    """Whether most letters of a text are of scripts without spaces between words."""
    if text.isascii():
        return False
    letters = sum(map(str.isalpha, text))
    return letters > 0 and 2 * len(_UNSPACED.findall(text)) > letters


def _find_words(text: str) -> list[str]:
    """The words in lower case, of composed letters and in their plain width."""
    if text.isascii():
        return _WORD.findall(text.lower())
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    pattern = _WORD_WITH_MARKS if _SYLLABIC_LETTER.search(text) else _WORD
    return pattern.findall(text.lower())


def _stem_words(words: Sequence[str], language: str) -> list[str]:
    terms: list[str] = []
    for word in words:
        if not word.isascii() and _UNSPACED.search(word):
            for run in _RUN.findall(word):
                terms += _split_unspaced(run) if _UNSPACED.match(run) else _stem_words([run], language)
            continue
        # A longer run is not a word: it would fill the cache, and stemming it would cost time.
        stem = _stem_word(word, language) if len(word) <= MAX_WORD_CHARS else word
        if stem:
            terms.append(stem)
    return terms


def _split_unspaced(run: str) -> list[str]:
    """The pairs of a run, one of a single character as it is, and the single characters that may be words.

    These are Han characters that are no grammar, the first of two Korean syllables, the second of which is
    often its particle, and syllables of more than one letter.
    """
    units = list(run)
    if ord(run[0]) < _FIRST_EAST_ASIAN:
        units = _SYLLABLE.findall(run) or units
    pairs = ["".join(pair) for pair in pairwise(units)] or units
    if len(units) < _PAIR:
        return pairs
    if len(units) == _PAIR and _HANGUL.match(run):
        return [*pairs, units[0]]
    single = (one for one in units if len(one) > 1 or _HAN_CHARACTER.match(one))
    return pairs + [one for one in single if one not in _HAN_STOP_CHARACTERS]


@text_cache(100_000)
def _stem_word(word: str, language: str) -> str:
    """The stem, or "" for a stop word."""
    return "" if word in STOP_WORDS_BY_LANGUAGE[language] else _stemmers[language].stemWord(word)


def stem_english(word: str) -> str:
    """The stem of an English word in lower case, a stop word's as well."""
    return _stemmers[ENGLISH].stemWord(word) if len(word) <= MAX_WORD_CHARS else word
