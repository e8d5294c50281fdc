"""Quotations in a turn: where quotation marks open and close."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

_CLOSERS = {
    "“": "”“",
    "«": "»",
    "„": "“”",
    "»": "«",
    "‹": "›",
    "「": "」",
    '"': '"',
    "‘": "’'",
    "'": "'’",
    "`": "`",
}
_SINGLE = frozenset({"'", "‘", "`"})
_MIN_SINGLE_CHARS = 4  # shorter ones between single marks are contractions and plurals
_MAX_SINGLE_CHARS = 400
_MAX_QUOTATION_CHARS = 8_000


@dataclass(frozen=True, slots=True)
class Quotation:
    """text[start:end] of a turn with its marks; `is_closed` is false if the last mark is missing."""

    start: int
    end: int
    is_closed: bool = True


def find_quotations(text: str, breaks: Sequence[int]) -> list[Quotation]:
    """The outermost quotations in order; one that is not closed ends at the next of `breaks` (ascending)."""
    found: list[Quotation] = []
    position = 0
    marks = _Marks(text)
    while position < len(text):
        mark = text[position]
        closers = _CLOSERS.get(mark)
        if closers is None or not _may_open(text, position):
            position += 1
            continue
        end = _find_close(marks, position, closers)
        if end is not None:
            found.append(Quotation(position, end + 1))
            position = end + 1
            continue
        if mark not in _SINGLE and not _closes(text, position):
            following = bisect_right(breaks, position)
            stop = breaks[following] if following < len(breaks) else len(text)
            found.append(Quotation(position, stop, is_closed=False))
            position = stop
        position += 1
    return found


class _Marks:
    """Where the next mark of each kind stands; a text of nothing but marks is read once by it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._next: dict[str, int] = {}

    def find(self, mark: str, start: int) -> int:
        """The position of the first such mark from `start` on; the length of the text if there is none."""
        known = self._next.get(mark, -1)
        if known < start:
            known = self.text.find(mark, start)
            known = self._next[mark] = known if known >= 0 else len(self.text)
        return known


def _may_open(text: str, position: int) -> bool:
    before = text[position - 1 : position]
    after = text[position + 1 : position + 2]
    if not after or (after.isspace() and text[position] not in "«»„“"):
        return False
    return not before or not (before.isalnum() or before in ".,!?%)")


def _closes(text: str, position: int) -> bool:
    before = text[position - 1 : position]
    return bool(before) and not before.isspace() and before not in "([{:-—"


def _find_close(marks: _Marks, position: int, closers: str) -> int | None:
    """The position of the mark that closes a quotation, or None."""
    text = marks.text
    is_single = text[position] in _SINGLE
    limit = min(len(text), position + (_MAX_SINGLE_CHARS if is_single else _MAX_QUOTATION_CHARS))
    start = position + 1
    while True:
        end = min(marks.find(closer, start) for closer in closers)
        if end >= limit:
            return None
        is_long = end - position > _MIN_SINGLE_CHARS and " " in text[position:end]
        if not is_single or (is_long and not text[end + 1 : end + 2].isalnum()):
            return end
        start = end + 1
