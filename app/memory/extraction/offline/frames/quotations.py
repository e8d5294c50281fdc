"""Quotations in a turn: where quotation marks open and close."""

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
_MAX_QUOTATION_CHARS = 8_000


@dataclass(frozen=True, slots=True)
class Quotation:
    """text[start:end] of a turn with its quotation marks; `is_closed` is false if the last mark is missing."""

    start: int
    end: int
    is_closed: bool = True


def find_quotations(text: str, breaks: Sequence[int]) -> list[Quotation]:
    """The outermost quotations in order; one that is not closed ends at the next of `breaks` (ascending)."""
    found: list[Quotation] = []
    position = 0
    next_closers: dict[str, int] = {}
    while position < len(text):
        mark = text[position]
        closers = _CLOSERS.get(mark)
        if closers is None or not _may_open(text, position):
            position += 1
            continue
        limit = min(len(text), position + _MAX_QUOTATION_CHARS)
        end = _find_close(text, position, closers, limit, next_closers)
        if end is not None:
            found.append(Quotation(position, end + 1))
            position = end + 1
            continue
        if mark not in _SINGLE and not _closes(text, position):
            stop = next((b for b in breaks if b > position), len(text))
            found.append(Quotation(position, stop, is_closed=False))
            position = stop
        position += 1
    return found


def _may_open(text: str, position: int) -> bool:
    before = text[position - 1 : position]
    after = text[position + 1 : position + 2]
    if not after or (after.isspace() and text[position] not in "«»„“"):
        return False
    return not before or not (before.isalnum() or before in ".,!?%)")


def _closes(text: str, position: int) -> bool:
    before = text[position - 1 : position]
    return bool(before) and not before.isspace() and before not in "([{:-—"


def _find_close(
    text: str, position: int, closers: str, limit: int, next_closers: dict[str, int]
) -> int | None:
    """The position of the mark that closes a quotation, or None.

    `next_closers` remembers for each kind of mark where the next one is, so that a text of nothing but opening
    marks is read once.
    """
    is_single = text[position] in _SINGLE
    if next_closers.get(closers, -1) == len(text):
        return None
    start = position + 1
    while True:
        ends = [i for i in (text.find(closer, start) for closer in closers) if i >= 0]
        if not ends:
            next_closers[closers] = len(text)
            return None
        end = min(ends)
        if end >= limit:
            return None
        after = text[end + 1 : end + 2]
        if not is_single or (
            end - position > _MIN_SINGLE_CHARS and not after.isalnum() and " " in text[position:end]
        ):
            return end
        start = end + 1
