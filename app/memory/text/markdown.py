"""The marks of markdown in a text: what each becomes for a reader. Code blocks and quoted lines keep theirs.

Struck-out text is taken back by its writer and is left out. All functions are linear in the length of the
text.
"""

import re
import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import zip_longest

from app.memory.text.text_edits import TextEdit

_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_LINE = re.compile(r"[^\n]+")
_BULLET = re.compile(r"[ \t]*(?:[-*+\u2022\u00b7\u25e6\u25aa\u2023\u2043][ \t]+)+(?:\[[ xX]\][ \t]+)?(?=\S)")
_NUMBERING = re.compile(r"[ \t]*(?:\d{1,3}|[a-hA-H])[.)][ \t]+(?=\S)|[ \t]*\(\d{1,2}\)[ \t]+(?=\S)")
_HEADING = re.compile(r"[ \t]{0,3}#{1,6}[ \t]+(?=\S)")
_RULE = re.compile(r"[ \t]*(?:[-*_=][ \t]*){3,}$")
_CLOSING_HASHES = re.compile(r"[ \t]+#{1,6}[ \t]*$")
# Links, addresses, code and escapes; what stays is in the group that matched. Repetitions are bounded, so
# that a text full of opening brackets costs no more than its length.
_SPAN = re.compile(
    r"""
      !?\[(?P<link>[^\[\]\n]{0,300})\]\([^()\s]{0,500}(?:\ "[^"\n]{0,200}")?\)
    | <(?P<address>(?:https?://|mailto:)[^<>\s]{1,500})>
    | (?P<ticks>`{1,2})(?P<code>[^`\n]{1,300})(?P=ticks)(?!`)
    | \\(?P<escaped>[*_~`\#\[\]()>+.!-])
    """,
    re.VERBOSE,
)
_DELIMITER = re.compile(r"\*{1,3}|_{1,3}|~~")
_MAX_NESTED = 8  # open delimiters that a closing one is compared with (chosen)
MIN_NUMBERED_LINES = 2  # one line alone may begin with a date ("3. Juni")


class _Parts:
    """Parts [start, end) of a text, in order and without overlaps."""

    def __init__(self, parts: Iterable[tuple[int, int]]) -> None:
        self._parts = sorted(parts)

    def contain(self, position: int) -> bool:
        """Whether a position lies within one of the parts."""
        place = bisect_right(self._parts, (position, sys.maxsize)) - 1
        return place >= 0 and position < self._parts[place][1]


def find_line_edits(text: str) -> Iterator[TextEdit]:
    """Marks at the beginning of a line: bullets, numbers, headings and rules."""
    fences = _Parts(_find_fences(text))
    lines = [match.span() for match in _LINE.finditer(text) if not fences.contain(match.start())]
    is_numbered = [_NUMBERING.match(text, start, end) is not None for start, end in lines]
    is_list = sum(is_numbered) >= MIN_NUMBERED_LINES
    for (start, end), has_number in zip(lines, is_numbered, strict=True):
        yield from _find_marks_of_line(text, start, end, is_item=is_list and has_number)


def _find_marks_of_line(text: str, start: int, end: int, *, is_item: bool) -> Iterator[TextEdit]:
    if _RULE.match(text, start, end):
        yield TextEdit(start, end, "")
        return
    heading = _HEADING.match(text, start, end)
    mark = heading or _BULLET.match(text, start, end)
    if mark is None and is_item:
        mark = _NUMBERING.match(text, start, end)
    if mark is not None:
        yield TextEdit(start, mark.end(), "")
    closing = _CLOSING_HASHES.search(text, max(heading.end(), end - 10), end) if heading else None
    if closing:
        yield TextEdit(closing.start(), end, "")


def find_inline_edits(text: str) -> Iterator[TextEdit]:
    """Links, code spans, escapes, emphasis and struck-out text."""
    fences = list(_find_fences(text))
    fenced = _Parts(fences)
    edits: list[TextEdit] = []
    spared = fences
    for match in _SPAN.finditer(text):
        if fenced.contain(match.start()):
            continue
        kept = match.lastgroup or "link"
        start, end = match.span(kept)
        marks = [(match.start(), start), (end, match.end())]
        edits += (TextEdit(first, last, "") for first, last in marks if first < last)
        # The words of a link may be emphasised; code, an address and an escaped mark are taken as they are.
        spared += marks if kept == "link" else [match.span()]
    emphasis = _find_emphasis_edits(text, _Parts(spared))
    return _without_overlaps(sorted([*edits, *emphasis]))


def _without_overlaps(edits: list[TextEdit]) -> Iterator[TextEdit]:
    """The edits without those within an earlier, longer one."""
    at = 0
    for edit in edits:
        if edit.start >= at:
            yield edit
            at = edit.end


def _find_emphasis_edits(text: str, spared: _Parts) -> Iterator[TextEdit]:
    """Pairs of delimiters, each matched with the last one of its kind in its paragraph that is open."""
    open_marks: list[re.Match[str]] = []
    paragraph_end = -1
    for mark in _DELIMITER.finditer(text):
        if spared.contain(mark.start()):
            continue
        if mark.start() > paragraph_end:
            open_marks.clear()
            found = text.find("\n\n", mark.start())
            paragraph_end = found if found >= 0 else len(text)
        if _can_close(text, mark) and any(opened[0] == mark[0] for opened in open_marks[-_MAX_NESTED:]):
            while (opened := open_marks.pop())[0] != mark[0]:
                pass
            if mark[0] == "~~":
                yield TextEdit(opened.start(), mark.end(), "")
            else:
                yield TextEdit(opened.start(), opened.end(), "")
                yield TextEdit(mark.start(), mark.end(), "")
        elif _can_open(text, mark):
            open_marks.append(mark)


def _can_open(text: str, mark: re.Match[str]) -> bool:
    following = text[mark.end() : mark.end() + 1]
    return bool(following.strip()) and (_may_join_letters(mark) or not _is_word(_char_before(text, mark)))


def _can_close(text: str, mark: re.Match[str]) -> bool:
    following = text[mark.end() : mark.end() + 1]
    return bool(_char_before(text, mark).strip()) and (_may_join_letters(mark) or not _is_word(following))


def _char_before(text: str, mark: re.Match[str]) -> str:
    return text[mark.start() - 1] if mark.start() else ""


def _may_join_letters(mark: re.Match[str]) -> bool:
    """Whether the mark may stand within a word; `5*3*2` and `snake_case_name` are no emphasis."""
    return mark[0] in ("**", "***", "~~")


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _find_fences(text: str) -> Iterator[tuple[int, int]]:
    """The blocks of code between fences; a block that is not closed ends with the text."""
    marks = [match.start() for match in _FENCE.finditer(text)]
    for start, closing in zip_longest(marks[::2], marks[1::2], fillvalue=len(text)):
        end = text.find("\n", closing)
        yield start, end if end >= 0 else len(text)
