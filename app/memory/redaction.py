"""Which columns of a copied memory must be redacted when the owner of the original is erased. Pure functions.

A copy that its receiver edited counts as the receiver's own statement only if it shares no word with the
original: no word except stop words, and none that contains or is contained in an original word. Half of the
owner's sentence would still be the owner's data.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.memory.text.stop_words import STOP_WORDS

REDACTION_MARKER: dict[str, Any] = {"redacted": True}
TEXT_COLUMNS = ("content", "subject", "attribute", "value", "context")
LIST_COLUMNS = ("keywords", "tags", "entities")
_WORD = re.compile(r"[^\W_]+")
_MIN_SUBSTRING_CHARS = 4  # characters from which on a word is also searched for inside other words (chosen)
_UNSPACED_SCRIPT = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)


def casefold_text(text: str) -> str:
    """Normalise a text for comparison: NFKC form, case folding, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@dataclass(slots=True)
class CopiedWords:
    """The words of the copied originals, which no remaining text may contain."""

    short_words: set[str] = field(default_factory=set[str])
    long_words: set[str] = field(default_factory=set[str])

    def add(self, values: Mapping[str, Any]) -> None:
        """Add every word of a memory or of one of its versions."""
        for text in iter_texts(values):
            self._add_words(_split_words(text))

    def _add_words(self, words: Iterable[str]) -> None:
        for word in words:
            (
                self.long_words
                if len(word) >= _MIN_SUBSTRING_CHARS or _UNSPACED_SCRIPT.search(word)
                else self.short_words
            ).add(word)

    @classmethod
    def only_in(cls, gone: Iterable[str], remaining: Iterable[str]) -> "CopiedWords":
        """The words that only the texts which go have, and none that remains."""
        kept = {word for text in remaining for word in _split_words(text)}
        words = cls()
        for text in gone:
            words._add_words(word for word in _split_words(text) if word not in kept)
        return words

    def in_text(self, text: str) -> bool:
        """Whether the text shares a word with the originals."""
        words = set(_split_words(text))
        if not self.short_words.isdisjoint(words):
            return True
        folded = casefold_text(text)
        if any(word in folded for word in self.long_words):
            return True
        return any(
            len(word) >= _MIN_SUBSTRING_CHARS and word in copied
            for word in words
            for copied in self.long_words
        )


def iter_texts(values: Mapping[str, Any]) -> Iterable[str]:
    """Yield all texts of a memory or of one of its versions."""
    for name in TEXT_COLUMNS:
        if values.get(name):
            yield str(values[name])
    for name in LIST_COLUMNS:
        yield from (str(entry) for entry in values.get(name) or ())
    location = values.get("place")
    if location and location.get("name"):
        yield str(location["name"])


def _split_words(text: str) -> Iterable[str]:
    for word in _WORD.findall(casefold_text(text)):
        if _UNSPACED_SCRIPT.search(word):
            # These scripts put no space between words, so character bigrams are compared, as search does.
            yield from (word[i : i + 2] for i in range(max(1, len(word) - 1)))
        elif word not in STOP_WORDS and not (len(word) == 1 and word.isascii() and word.isalpha()):
            yield word


def redact_copied_words(values: Mapping[str, Any], words: CopiedWords) -> dict[str, Any]:
    """The columns that change when every text that shares a word with the originals is removed."""
    changed: dict[str, Any] = {
        name: [entry for entry in values[name] if not words.in_text(entry)]
        for name in LIST_COLUMNS
        if values.get(name)
    }
    slot = [values.get(name) for name in ("subject", "attribute", "value")]
    if any(entry and words.in_text(entry) for entry in slot):
        changed |= {"subject": None, "attribute": None, "value": None}
    if values.get("context") and words.in_text(values["context"]):
        changed["context"] = None
    location = values.get("place")
    if location and words.in_text(str(location.get("name", ""))):
        changed["place"] = None
    return _changed_columns(values, changed)


def keep_corroborated(values: Mapping[str, Any], content: str, said: Sequence[str]) -> dict[str, Any]:
    """The columns that change when a copy keeps only what its receiver, or another owner, stated too.

    `said` are the texts in which they stated it; `content` becomes the copy's content.
    """
    statements = [casefold_text(content), *(casefold_text(text) for text in said)]

    def is_corroborated(word: str) -> bool:
        return any(casefold_text(word) in text for text in statements)

    changed: dict[str, Any] = {
        name: [entry for entry in values[name] if is_corroborated(entry)]
        for name in LIST_COLUMNS
        if values.get(name)
    }
    changed["context"] = None
    location = values.get("place")
    if location and not is_corroborated(str(location.get("name", ""))):
        changed["place"] = None
    return _changed_columns(values, changed | {"content": content})


def drop_merged_words(
    values: Mapping[str, Any], first: Mapping[str, Any], foreign: Iterable[str]
) -> dict[str, Any]:
    """The columns that change when list entries that came from a merge with a copy are removed.

    `first` is the memory before the merge, `foreign` are the entries of the copy. Entries in `first` or in
    the memory's content stay.
    """
    foreign_entries, content = set(foreign), casefold_text(str(values.get("content", "")))
    changed = {
        name: [
            entry
            for entry in values.get(name) or ()
            if entry not in foreign_entries
            or entry in (first.get(name) or ())
            or casefold_text(entry) in content
        ]
        for name in LIST_COLUMNS
    }
    return _changed_columns(values, changed)


def is_subsumed_by(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether `other` contains everything that `one` says."""
    lists = all(set(one.get(name) or ()) <= set(other.get(name) or ()) for name in LIST_COLUMNS)
    texts = all(not one.get(name) or one[name] == other.get(name) for name in (*TEXT_COLUMNS, "place"))
    return lists and texts


def contains_statement(text: str, content: str) -> bool:
    """Whether a text contains a content word for word, apart from case, width and spaces."""
    return casefold_text(content).rstrip(".!") in casefold_text(text)


def _changed_columns(values: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in changed.items() if values.get(name) != value}
