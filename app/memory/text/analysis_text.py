"""The form of a text that rules read, with a map back to the original for quotes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AnalysisText:
    """A text as rules read it: `offsets[i]` is where character i of `text` stands in `original`.

    `offsets` has one entry more than `text`, so that a span's end can be looked up as well.
    """

    original: str
    text: str
    offsets: tuple[int, ...]

    def quote(self, start: int, end: int) -> str:
        """The part of the original that text[start:end] stands for."""
        return self.original[self.offsets[start] : self.offsets[end]]


def analyse_original(original: str) -> AnalysisText:
    """Normalise a text for rules."""
    return AnalysisText(original, original, tuple(range(len(original) + 1)))
