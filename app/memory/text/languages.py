"""Detects the language of a text by counting stop words, and that of a single sentence by a closer look."""

import re
from collections import Counter
from collections.abc import Iterable

from app.core.text_caches import text_cache
from app.memory.text.language_profiles import (
    BORROWED_WORDS,
    DIACRITICS,
    ENGLISH_PROFILE,
    PROFILES,
    SCRIPTS,
)
from app.memory.text.stop_words import ENGLISH, STOP_WORDS_BY_LANGUAGE

MIN_STOP_WORDS = 2  # chosen
SHARED_WORD_WEIGHT = 0.4  # of a word that another language has too, as "me", "die", "son" (chosen)
ENGLISH_SHARED_WEIGHT = 0.7  # the same for English, which is the likelier one (chosen)
LETTER_WEIGHT = 0.6  # of a letter that English does not have (chosen)
MIN_FOREIGN_SCORE = 0.9  # below it a sentence shows no language, and is read as English (chosen)
MIN_SCRIPT_SHARE = (
    0.3  # share of the letters in another script that makes a sentence another language's (chosen)
)
MAX_CHARS_LOOKED_AT = 1_000
_KNOWN_SENTENCES = 256  # sentences of which the language is kept

_SENTENCE_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_FOREIGN_LETTER = {
    letter: frozenset(language for language, letters in DIACRITICS.items() if letter in letters)
    for letters in DIACRITICS.values()
    for letter in letters
}
_SCRIPT_PATTERNS = {language: re.compile(f"[{ranges}]") for language, ranges in SCRIPTS.items()}
_ENGLISH_CONTRACTION = re.compile(r"\bI['\u2019](?:m|ve|ll|d)\b|\w\wn['\u2019]t\b")
_APOSTROPHE = re.compile(r"[\u2018\u2019\u02bc]")


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


def is_english(sentence: str) -> bool:
    """Whether a sentence is English, or shows no language ("Bergen, 42")."""
    return detect_sentence_language(sentence) == ENGLISH


# A statement's sentence, its parts and the memory of it are asked for by several rules.
@text_cache(_KNOWN_SENTENCES)
def detect_sentence_language(sentence: str) -> str:
    """The language of one sentence: that of its script, or the one whose frequent words it has most of.

    English wins a tie and what shows no language: names and loanwords alone are no other language.
    """
    sentence = sentence[:MAX_CHARS_LOOKED_AT]
    if _ENGLISH_CONTRACTION.search(sentence):
        return ENGLISH  # "I'm vegetarian": the rest may be Swedish as well
    script = _detect_script(sentence)
    if script is not None:
        return script
    words = _words_outside_names(sentence)
    parts = words | {part for word in words if "'" in word for part in word.split("'")}
    scores = {language: _score_words(parts, profile) for language, profile in PROFILES.items()}
    for letter in set("".join(words)) & _FOREIGN_LETTER.keys():
        for language in _FOREIGN_LETTER[letter]:
            # A letter counts only beside a word: "the Müller family", "crème brûlée".
            scores[language] += LETTER_WEIGHT if scores[language] else 0
    english = sum(
        ENGLISH_SHARED_WEIGHT if word in _FOREIGN_WORDS else 1.0 for word in words & ENGLISH_PROFILE
    )
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] >= MIN_FOREIGN_SCORE and scores[best] > english else ENGLISH


_FOREIGN_WORDS = frozenset[str]().union(*PROFILES.values())
_SHARED_WORDS = ENGLISH_PROFILE | BORROWED_WORDS


def _words_outside_names(sentence: str) -> set[str]:
    """The words in lower case, without those that a capital letter shows to be part of a name."""
    found = _SENTENCE_WORD.findall(_APOSTROPHE.sub("'", sentence))
    begins_with_name = _NAME_FIRST.match(_APOSTROPHE.sub("'", sentence)) is not None or (
        found and found[0] in _PARTICLES and found[1:] and found[1].istitle()
    )
    first = found[0].lower() if found and not begins_with_name else ""
    return (
        {word for word in found[1:] if word[0].islower() or word.isupper()}
        | {first}
        | {word.lower() for word in found if word in ("I", "I'm", "I've", "I'd", "I'll")}
    )


# "Bo reports to Ann", "Mia's manager": what an English subject is followed by shows that it is a name,
# although "bo" and "mia" are frequent words of other languages.
_NAME_FIRST = re.compile(
    r"\W*[A-Z][\w-]*(?:'s [a-z]{2,}\b| [a-z]{2,}(?<!mo)(?<!on)(?<!ai)(?<!ei)(?<!ou)s"
    r" (?:to|at|in|for|on|with|the|from|as|about|an|by)\b)"
)
_PARTICLES = frozenset(
    {"La", "Le", "Les", "El", "Los", "Las", "Il", "De", "Des", "Der", "Die", "Das", "Van", "Von", "San"}
)


def _score_words(words: set[str], profile: frozenset[str]) -> float:
    return sum(SHARED_WORD_WEIGHT if word in _SHARED_WORDS else 1.0 for word in words & profile)


def _detect_script(sentence: str) -> str | None:
    """The language of the script in which a good part of the letters is written; None if they are Latin."""
    letters = sum(map(str.isalpha, sentence))
    counts = {language: len(pattern.findall(sentence)) for language, pattern in _SCRIPT_PATTERNS.items()}
    found = sum(counts.values())
    if not found or found < MIN_SCRIPT_SHARE * letters:
        return None
    if counts["japanese"]:  # Japanese has Chinese characters as well
        return "japanese"
    return max(counts, key=counts.__getitem__)
