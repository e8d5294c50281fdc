"""Splits a text of any script into sentences of bounded length, in time that is linear in its length."""

import re
import unicodedata
from collections.abc import Iterator

from app.memory.text.analysis import is_unspaced

MAX_CHARS = 240  # of a sentence (chosen); a longer one is cut between words where it has any
MAX_UNSPACED_CHARS = 120  # the same in a script without spaces, of which a character says more
_MAX_MARKS = 16  # marks of one character that a cut keeps with their letter

_CLOSERS = r"[\"'\u2019\u201d\u00bb)\]\u300d\u300f\uff09\u300b*_]*+"
# Nothing before a run of marks may be a mark: so each run is looked at once, however long it is.
_END = re.compile(
    rf"(?<![.!?\u2026])[.!?\u2026]++{_CLOSERS}(?=\s|$)"
    rf"|[\u3002\uff01\uff1f\uff61\uff0e\u0964\u0965\u06d4\u061f\u1362\u1367\u17d4\u17d5\u104b\u0f0d\u0589]{_CLOSERS}"
    r"|\n"
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[^\W\d_]|Dr|Mr|Mrs|Ms|St|Prof|Sra?|Mme|vs|etc|approx|ca|bzw|usw|no|Nr|Jr|Ave|Rd|e\.g|i\.e|z\.B"
    r"|[ap]\.m)$"
)
_MAX_ABBREVIATION = 8
# A question mark of any script that ends something: in an address it stands before letters.
_QUESTION_END = re.compile(r"[?\uff1f\u061f\u037e\u055e\u1367\u2047\u2048\u203d](?![\w=&/])")
_NEXT_LETTER = re.compile(r"\s+(\w)")


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Where each sentence begins and ends, in order, without the spaces around it; none is empty."""
    limit = MAX_UNSPACED_CHARS if is_unspaced(text) else MAX_CHARS
    spans: list[tuple[int, int]] = []
    start = 0
    for end in _find_ends(text):
        spans += _cut_span(text, start, end, limit)
        start = end
    return spans


def has_question(text: str) -> bool:
    """Whether a text asks something, by its marks."""
    return _QUESTION_END.search(text) is not None


def strip_span(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without the spaces at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def find_cut(text: str, earliest: int, latest: int) -> int:
    """The last place in (earliest, latest] to cut a text: behind a space, else before a letter."""
    for cut in range(latest, earliest, -1):
        if text[cut - 1].isspace():
            return cut
    for cut in range(latest, max(earliest, latest - _MAX_MARKS), -1):
        if not _continues_letter(text[cut : cut + 1]) and text[cut - 1] != "\u200d":
            return cut
    return latest


def _find_ends(text: str) -> Iterator[int]:
    for match in _END.finditer(text):
        if match[0] == "." and _is_within_sentence(text, match.start()):
            continue
        yield match.end()
    yield len(text)


def _is_within_sentence(text: str, stop: int) -> bool:
    """Whether a full stop belongs to an abbreviation, or small letters go on behind it."""
    following = _NEXT_LETTER.match(text, stop + 1, stop + 4)
    if following is not None and following[1].islower():
        return True
    return _ABBREVIATION.search(text[max(0, stop - _MAX_ABBREVIATION) : stop]) is not None


def _cut_span(text: str, start: int, end: int, limit: int) -> Iterator[tuple[int, int]]:
    start, end = strip_span(text, start, end)
    while end - start > limit:
        cut = find_cut(text, start + limit // 2, start + limit)
        yield strip_span(text, start, cut)
        start, _ = strip_span(text, cut, end)
    if start < end:
        yield start, end


def _continues_letter(char: str) -> bool:
    return bool(char) and (unicodedata.category(char)[0] == "M" or char in "\u200d\ufe0f")
