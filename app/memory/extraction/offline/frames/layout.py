"""The layout of a turn: its paragraphs, lines and code, before any grammar is looked at."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.memory.text.analysis_text import AnalysisText
from app.memory.text.limits import MAX_CHARS_READ

_FENCE = re.compile(r"^[ \t]*(```|~~~)", re.MULTILINE)
_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")
# What stands in code and not in prose. A line is code from the first of these marks on.
_CODE = re.compile(
    r"""
      \b[\w.\[\]]{1,60}\s?(?:[-+*/|:]?=|=>|:=)\s?(?:["'{\[(<\d]|True\b|False\b|None\b|null\b|true\b|false\b|new\s|\w+[(.])
    | \b[a-z][\w.]{0,40}_\w{0,40}=\S | \b[A-Z][A-Z_0-9]{2,40}=\S
    | [{\[]\s*"[^"\n]{0,80}"\s*: | [{]\s*['\w]{1,40}\s*:\s*['"\d{\[]
    | </?[a-zA-Z][\w:-]{0,30}(?:\s[^<>\n]{0,200})?/?>
    | \b(?:SELECT\s.{1,200}\sFROM|INSERT\s+INTO|UPDATE\s.{1,80}\sSET|DELETE\s+FROM|CREATE\s+TABLE|ALTER\s+TABLE)\b
    | \b(?:print|printf|println|console\.log|echo|puts|fmt\.Print\w*|System\.out\.print\w*|alert|assert\w*|len|range)\s?\(
    | ^\s{0,20}(?:def|class|function|func|fn|public|private|static|import|from|const|let|var|return|package|using|namespace
        |\#include|\#define|\#!|elif|else\s*:|try\s*:|if\s*\(.{0,200}\)\s*\{|for\s*\(.{0,200}\)\s*\{|while\s*\(.{0,200}\)\s*\{)\b
        (?=.{0,200}(?:[({;:=]\s*$|[;{}()]|\bimport\b|["'<]))
    | ^\s{0,20}(?:\$|>>>|\#|C:\\>|PS>|sudo|git|npm|pip|docker|curl|kubectl)\s(?=.{0,200}(?:\s--?\w|/|\binstall\b|\bcommit\b|\())
    | \b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?\S{0,12}\s+\[?(?:INFO|WARN\w*|ERROR|DEBUG|TRACE|FATAL|CRITICAL|NOTICE)\b
    | \[?\b\d{4}-\d\d-\d\d[^\]\n]{0,24}\]?\s+\[?(?:INFO|WARN\w*|ERROR|DEBUG)\b | \[?\b(?:INFO|WARN|WARNING|ERROR|DEBUG|TRACE|FATAL|CRITICAL)\b\]?\s?[:\]|-]
    | \b\d\d:\d\d:\d\d[,.]\d{3}\s*-->
    | \bTraceback\s\(most\srecent | ^\s*at\s[\w.$<>]+\([\w.]+:\d+\)
    | \bf?"[^"\n]{0,100}\{\w+\}[^"\n]{0,100}"
    | \w\(\)\s*[;{] | ;\s*$(?<=[\w)\]"'];)
    | ^\s{0,10}//\s | /\*.{0,200}\*/ | <!--
    """,
    re.VERBOSE | re.MULTILINE,
)
_CUE = re.compile(r"\s*\d{1,2}:\d\d(?::\d\d)?[,.]\d{1,3}\s*-->")  # of a subtitle: its text follows
_QUOTED_LINE = re.compile(r"[ \t]*(?:>(?![<>]|\d)|\|.*\|)")
_COMMENT = re.compile(r"\s*(?:#|//|--|%|;|/\*|\*)")
_MAX_MARK_CHARS = 40  # before a line
_WRAPPED_CHARS = (
    55  # a line this long without a full stop goes on in the next one, if that begins in lower case
)
_LIST_ITEM = re.compile(r"[ \t]*(?:[-*•–+]|\d{1,3}[.)])\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """text[start:end] of a turn, to be parsed unless it `is_code`; `paragraph` and `line` are counted from 0."""

    start: int
    end: int
    paragraph: int
    line: int
    is_code: bool = False


def find_pieces(analysis: AnalysisText) -> Iterator[Piece]:
    """Yield the pieces of a turn in order, of the part of it that rules read."""
    text = analysis.text[:MAX_CHARS_READ]
    fences = _find_fences(analysis)
    paragraph = line = 0
    was_blank = in_cue = False
    pending: Piece | None = None
    lines = [(match.start(), match.start() + len(match[0].rstrip())) for match in _LINE.finditer(text)]
    comments = _find_comments(analysis, lines)
    for number, (start, end) in enumerate(lines):
        line += 1
        if start >= end:
            was_blank = True
            continue
        was_new = was_blank
        if was_blank:
            paragraph, was_blank = paragraph + 1, False
        is_code = number in comments or _is_inside(fences, start) or _is_indented_or_quoted(analysis, start, end)
        in_cue = _CUE.match(text, start, end) is not None or (in_cue and not was_new)
        cut = start if is_code or in_cue else _find_code(text, start, end)
        if pending is not None and cut > start and _goes_on(text, pending, start, paragraph):
            start = pending.start
        elif pending is not None:
            yield pending
        pending = None
        if cut > start:
            pending = Piece(_skip_marker(text, start, cut), cut, paragraph, line)
        if cut < end:
            if pending is not None:
                yield pending
                pending = None
            yield Piece(cut, end, paragraph, line, is_code=True)
    if pending is not None:
        yield pending


def _find_comments(analysis: AnalysisText, lines: Sequence[tuple[int, int]]) -> set[int]:
    """The numbers of lines that are comments beside a line of code, and of lines between two of code."""
    text = analysis.text
    has_code = [start < end and _find_code(text, start, end) == start for start, end in lines]
    found: set[int] = set()
    for number, (start, end) in enumerate(lines):
        if has_code[number] or start >= end:
            continue
        above = number > 0 and (has_code[number - 1] or number - 1 in found)
        below = number + 1 < len(lines) and has_code[number + 1]
        if (above and below) or ((above or below) and _COMMENT.match(_original_line(analysis, start, end))):
            found.add(number)
    return found


def _find_code(text: str, start: int, end: int) -> int:
    """Where code begins in a line; its end if there is none."""
    match = _CODE.search(text, start, end)
    if match is None:
        return end
    return match.start() + len(match[0]) - len(match[0].lstrip()) if match[0].strip() else match.start()


def _find_fences(analysis: AnalysisText) -> list[tuple[int, int]]:
    """The spans of the text between code fences of the original, which an analysis may have stripped of its marks."""
    original = analysis.original
    marks = [match.start() for match in _FENCE.finditer(original)]
    if len(marks) % 2:
        marks.append(len(original))
    return [
        (bisect_left(analysis.offsets, first), bisect_left(analysis.offsets, last))
        for first, last in zip(marks[::2], marks[1::2], strict=True)
    ]


def _is_inside(spans: list[tuple[int, int]], position: int) -> bool:
    index = bisect_left(spans, (position + 1,)) - 1
    return index >= 0 and position < spans[index][1]


def _is_indented_or_quoted(analysis: AnalysisText, start: int, end: int) -> bool:
    """Whether a line of the original is a block quotation, a row of a table, or indented as code."""
    line = _original_line(analysis, start, end)
    if line.startswith(("    ", "\t")) and not _LIST_ITEM.match(line):
        return True
    return _QUOTED_LINE.match(line) is not None


def _original_line(analysis: AnalysisText, start: int, end: int) -> str:
    """A line as it was written, with the marks before it that an analysis strips."""
    first = analysis.offsets[start]
    begin = max(analysis.original.rfind("\n", 0, first) + 1, first - _MAX_MARK_CHARS)
    return analysis.original[begin : analysis.offsets[end]]


def _goes_on(text: str, pending: Piece, start: int, paragraph: int) -> bool:
    """Whether a line is the continuation of one that was wrapped."""
    if pending.paragraph != paragraph or pending.end - pending.start < _WRAPPED_CHARS:
        return False
    first = text[start : start + 1]
    return (
        (first.islower() or first.isdigit())
        and text[pending.end - 1] not in ".!?:;…"
        and not _LIST_ITEM.match(text, start)
    )


def _skip_marker(text: str, start: int, end: int) -> int:
    match = _LIST_ITEM.match(text, start, end)
    return match.end() if match and match.end() < end else start
