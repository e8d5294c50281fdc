"""Names in a text: which words are names, and whether another text has them in some form."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cached_property

from app.memory.extraction.quotes import fold_letters
from app.memory.text.analysis import stem_english
from app.memory.text.stop_words import STOP_WORDS
from app.memory.text.word_lists import MONTHS_AND_DAYS
from app.memory.text.word_sets import word_set

_MIN_MISSPELT_CHARS = 6  # a shorter name with another letter is another name (chosen)
_MIN_SHORT_NAME_CHARS = 3  # of "Mel" for Melanie (chosen)
_MISSPELT_LIKENESS = 0.85  # of two spellings, as difflib counts it (chosen)
_NAME_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
# Adjectives whose country begins otherwise than they do.
_COUNTRIES = {
    "polish": ("poland",), "french": ("france",), "danish": ("denmark",), "dutch": ("netherlands", "holland"),
    "swiss": ("switzerland",), "english": ("england",), "welsh": ("wales",), "irish": ("ireland",),
    "filipino": ("philippines",), "scots": ("scotland",), "spanish": ("spain",), "british": ("uk", "britain"),
    "american": ("usa", "us", "america", "states"), "swedish": ("sweden",), "finnish": ("finland",),
}  # fmt: skip
_SENTENCE_START = re.compile(r"[.!?:\n\"]\s*$")
_LONG_NAME = re.compile(r"\b[A-Z][\w'-]*(?: (?:(?:of|the|and|for|de) ){0,2}[A-Z][\w'-]*)+")
# Capitalised words that name nobody in particular.
NOT_NAMES = (
    MONTHS_AND_DAYS
    | STOP_WORDS
    | word_set(
        """
        user users assistant mr mrs ms miss dr prof professor sir madam st mt i'm i've i'd i'll am
        pm ok tv pc uk us usa eu english internet web january february march april may june july
        august september october november december monday tuesday wednesday thursday friday saturday
        sunday mon tue wed thu fri sat sun jan feb mar apr jun jul aug sep sept oct nov dec
        gbp usd eur chf jpy cad aud nzd sek nok dkk inr pln christmas easter god also please
        remember currently
        """
    )
)
# The first word of a sentence is no name if it looks like a common noun or verb.
_ABSTRACT_SUFFIX = re.compile(r"(?:ing|tion|sion|ment|ness|ity|ism|ance|ence|ship|hood|ally|fully|ously)$")


class WordIndex:
    """The words of a text, folded, for looking up names."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def words(self) -> frozenset[str]:
        """All words, folded; of a compound or a possessive its parts as well."""
        found = {match[0] for match in _NAME_WORD.finditer(fold_letters(self.text))}
        parts = {part for word in found if not word.isalpha() for part in re.split(r"['-]", word)}
        return frozenset(found | parts)

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of all words."""
        return frozenset(map(stem_english, self.words))

    @cached_property
    def prefixes(self) -> frozenset[str]:
        """The first four letters of all words that are so long."""
        return frozenset(word[:4] for word in self.words if len(word) >= 4)

    @cached_property
    def initials(self) -> frozenset[str]:
        """The initials of the names of several words."""
        return frozenset(letters for name in find_long_names(self.text) for letters in _initials_of(name))

    def has_name(self, word: str) -> bool:
        """Whether a name occurs, in a form of it: inflected, shortened, as an adjective or as initials."""
        return (
            word in self.words
            or stem_english(word) in self.stems
            or word[:4] in self.prefixes
            or word in self.initials
            or all(part in self.words for part in re.split(r"['-]", word))
            or not self.words.isdisjoint(_COUNTRIES.get(word, ()))
            or any(word[:length] in self.words for length in range(_MIN_SHORT_NAME_CHARS, len(word)))
            or self._has_misspelt(word)
        )

    def _has_misspelt(self, word: str) -> bool:
        if len(word) < _MIN_MISSPELT_CHARS:
            return False
        return bool(get_close_matches(word, self.words, n=1, cutoff=_MISSPELT_LIKENESS))

    def spells_out(self, name: str) -> bool:
        """Whether the text has the initials of a name of several words."""
        return not self.words.isdisjoint(_initials_of(name))


def _initials_of(name: str) -> set[str]:
    """The initials of all words of a name, and of those that are no function words."""
    words = fold_letters(name).split()
    telling = [word for word in words if word not in STOP_WORDS]
    return {"".join(word[0] for word in one) for one in (words, telling)}


def fold_words(text: str) -> Iterator[str]:
    """The words of a text in order, folded, without the ending of a possessive."""
    return (match[0].removesuffix("'s") for match in _NAME_WORD.finditer(fold_letters(text)))


def find_long_names(text: str) -> Iterator[str]:
    """The names of several words."""
    return (match[0] for match in _LONG_NAME.finditer(text))


def find_names(text: str, *, check_first: bool) -> Iterator[str]:
    """The folded words with a capital letter that name somebody or something.

    The first word of a sentence always has one; it is looked at only with `check_first`.
    """
    before = 0
    for match in _NAME_WORD.finditer(text):
        between, word = text[before : match.start()], match[0]
        is_first = before == 0 or _SENTENCE_START.search(between) is not None
        before = match.end()
        name = fold_letters(word).removesuffix("'s").removesuffix("s'")
        if not word[0].isupper() or name in NOT_NAMES or len(name) < 2:
            continue
        if not is_first or (check_first and not _ABSTRACT_SUFFIX.search(name)):
            yield name
