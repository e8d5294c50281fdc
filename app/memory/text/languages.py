"""Which language a text is in, by the small words that every sentence of it has."""

from collections import Counter
from collections.abc import Iterable

import Stemmer
from stop_words import AVAILABLE_LANGUAGES, get_stop_words

from app.memory.text.stop_words import STOP_WORDS

ENGLISH = "english"
# Whose small words are known and for which Snowball has a stemmer (https://snowballstem.org).
LANGUAGES = tuple(sorted({*AVAILABLE_LANGUAGES, ENGLISH} & set(Stemmer.algorithms())))
FEWEST = 2
STOPPED: dict[str, frozenset[str]] = {
    language: STOP_WORDS if language == ENGLISH else frozenset(get_stop_words(language))
    for language in LANGUAGES
}


def _speaking() -> dict[str, tuple[str, ...]]:
    of: dict[str, list[str]] = {}
    for language, words in STOPPED.items():
        for word in words:
            of.setdefault(word, []).append(language)
    return {word: tuple(languages) for word, languages in of.items()}


_SPEAKING = _speaking()


def language_of(words: Iterable[str]) -> str:
    """The language with most of its small words among `words` (lower case); English where none has more.

    Another one needs two of them ("Take care!" is not Czech); between those with as many, the first by name.
    """
    counts = Counter(language for word in words for language in _SPEAKING.get(word, ()))
    most = max(counts.values(), default=0)
    if most < FEWEST or counts[ENGLISH] == most:
        return ENGLISH
    return min(one for one in counts if counts[one] == most)
