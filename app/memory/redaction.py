"""Which columns of a copy must be redacted when the owner of the original is erased. Pure functions.

A copy that the receiver edited is the receiver's word only when nothing of what was copied is in it: no word
but stop words, in no form that holds the other. Whoever keeps half of a sentence keeps somebody else's half.
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
_MIN_SUBSTRING_CHARS = 4  # letters from which on a word is looked for inside of other words too
_UNSPACED_SCRIPT = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)


def casefold_text(text: str) -> str:
    """A text to be compared: case, width and spaces are no difference."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@dataclass(slots=True)
class CopiedWords:
    """The words of copies, which nothing that stays may hold."""

    short_words: set[str] = field(default_factory=set[str])
    long_words: set[str] = field(default_factory=set[str])

    def add(self, values: Mapping[str, Any]) -> None:
        """Note every word of a memory or of one of its versions."""
        for text in iter_texts(values):
            for word in _split_words(text):
                (
                    self.long_words
                    if len(word) >= _MIN_SUBSTRING_CHARS or _UNSPACED_SCRIPT.search(word)
                    else self.short_words
                ).add(word)

    def in_text(self, text: str) -> bool:
        """Whether the text shares a word with what was copied."""
        found = set(_split_words(text))
        if not self.short_words.isdisjoint(found):
            return True
        within = casefold_text(text)
        if any(word in within for word in self.long_words):
            return True
        return any(
            len(word) >= _MIN_SUBSTRING_CHARS and word in long for word in found for long in self.long_words
        )


def iter_texts(values: Mapping[str, Any]) -> Iterable[str]:
    """All texts of a memory or of one of its versions."""
    for name in TEXT_COLUMNS:
        if values.get(name):
            yield str(values[name])
    for name in LIST_COLUMNS:
        yield from (str(one) for one in values.get(name) or ())
    place = values.get("place")
    if place and place.get("name"):
        yield str(place["name"])


def _split_words(text: str) -> Iterable[str]:
    for word in _WORD.findall(casefold_text(text)):
        if _UNSPACED_SCRIPT.search(word):
            # Two letters at a time, as search does: these scripts put no space between words.
            yield from (word[i : i + 2] for i in range(max(1, len(word) - 1)))
        elif word not in STOP_WORDS and not (len(word) == 1 and word.isascii() and word.isalpha()):
            yield word


def redact_copied_words(values: Mapping[str, Any], words: CopiedWords) -> dict[str, Any]:
    """The columns that change for nothing of the copies to be left beside an edited content."""
    changed: dict[str, Any] = {
        name: [one for one in values[name] if not words.in_text(one)]
        for name in LIST_COLUMNS
        if values.get(name)
    }
    slot = [values.get(name) for name in ("subject", "attribute", "value")]
    if any(one and words.in_text(one) for one in slot):
        changed |= {"subject": None, "attribute": None, "value": None}
    if values.get("context") and words.in_text(values["context"]):
        changed["context"] = None
    place = values.get("place")
    if place and words.in_text(str(place.get("name", ""))):
        changed["place"] = None
    return _changed_columns(values, changed)


def keep_corroborated(values: Mapping[str, Any], content: str, said: Sequence[str]) -> dict[str, Any]:
    """The columns that change for a copy to say only what its receiver, or another owner, said too."""
    heard = [casefold_text(content), *(casefold_text(text) for text in said)]

    def is_corroborated(word: str) -> bool:
        return any(casefold_text(word) in text for text in heard)

    changed: dict[str, Any] = {
        name: [one for one in values[name] if is_corroborated(one)]
        for name in LIST_COLUMNS
        if values.get(name)
    }
    changed["context"] = None
    place = values.get("place")
    if place and not is_corroborated(str(place.get("name", ""))):
        changed["place"] = None
    return _changed_columns(values, changed | {"content": content})


def drop_merged_words(
    values: Mapping[str, Any], first: Mapping[str, Any], foreign: Iterable[str]
) -> dict[str, Any]:
    """The index words that a memory took in by a merge with a copy, and did not have before, go."""
    strange, content = set(foreign), casefold_text(str(values.get("content", "")))
    changed = {
        name: [
            one
            for one in values.get(name) or ()
            if one not in strange or one in (first.get(name) or ()) or casefold_text(one) in content
        ]
        for name in LIST_COLUMNS
    }
    return _changed_columns(values, changed)


def is_subsumed_by(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether all that `one` says is in `other` too."""
    lists = all(set(one.get(name) or ()) <= set(other.get(name) or ()) for name in LIST_COLUMNS)
    texts = all(not one.get(name) or one[name] == other.get(name) for name in (*TEXT_COLUMNS, "place"))
    return lists and texts


def contains_statement(text: str, content: str) -> bool:
    """Whether a text says a content word for word."""
    return casefold_text(content).rstrip(".!") in casefold_text(text)


def _changed_columns(values: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in changed.items() if values.get(name) != value}
