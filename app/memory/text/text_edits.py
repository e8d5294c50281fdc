"""Replacing parts of a text while remembering where each character stood in the original."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class TextEdit(NamedTuple):
    """text[start:end] becomes `words`; every character of `words` stands for the whole of that part."""

    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class MappedText:
    """A text; character i of it stands for original[starts[i]:ends[i]]."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def of_original(cls, original: str) -> "MappedText":
        """The original itself."""
        return cls(original, range(len(original)), range(1, len(original) + 1))

    def edited(self, edits: Iterable[TextEdit]) -> "MappedText":
        """The text after `edits`, which are in order and do not overlap; linear in the length of the text."""
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        for start, end, words in edits:
            pieces += (self.text[at:start], words)
            starts += self.starts[at:start]
            ends += self.ends[at:start]
            if words:
                starts += [self.starts[start]] * len(words)
                ends += [self.ends[end - 1]] * len(words)
            at = end
        if not at and not pieces:
            return self
        starts += self.starts[at:]
        ends += self.ends[at:]
        return MappedText("".join(pieces) + self.text[at:], starts, ends)
