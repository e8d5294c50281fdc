"""Labelled examples in a turn: samples to follow, kept word for word, as a summary would lose the label."""

import re
from collections.abc import Iterator

from app.core.vocabulary import Form, Kind
from app.memory.extraction.tags import LABEL_PREFIX
from app.memory.text.limits import MAX_LINE_CHARS
from app.memory.types import Fact, Turn

MIN_INLINE_EXAMPLES = 2  # one line such as "I joined the class: yoga" is talk
_MAX_LABEL_CHARS = 80
_WORD = r"(?:label|intent|category|class)"
_INLINE_LABEL = re.compile(rf"(?<=[ \t,;|]){_WORD}[ \t]{{0,9}}[:=][ \t]{{0,9}}(?P<label>\S{{1,80}})$", re.I)
_LABEL_LINE = re.compile(rf"{_WORD}[ \t]{{0,9}}[:=][ \t]{{0,9}}(?P<label>\S.{{0,79}})", re.I | re.S)
_BLANKS = " \t"


def find_labelled_examples(turn: Turn) -> Iterator[Fact]:
    """A fact of the kind `example` for each labelled text, with the tag `label:<label>`."""
    lines = turn.content.split("\n")
    found = [one for line in lines if (one := _parse_inline_label(line)) is not None]
    for words, label in found if len(found) >= MIN_INLINE_EXAMPLES else _find_label_lines(lines):
        yield Fact(
            turn_id=turn.id,
            content=words,
            quote=words,
            kind=Kind.EXAMPLE,
            form=Form.EVENT,
            tags=(f"{LABEL_PREFIX}{label}",),
            importance=0.5,
        )


def _parse_inline_label(line: str) -> tuple[str, str] | None:
    """(the line, its label) of a text with its label behind it."""
    line = line.strip(_BLANKS)
    if len(line) > MAX_LINE_CHARS or not line or line[0].isspace():
        return None
    for match in _INLINE_LABEL.finditer(line):
        if match.start() > 1:
            return line.strip(), match["label"]
    return None


def _find_label_lines(lines: list[str]) -> Iterator[tuple[str, str]]:
    """(the two lines, the label) of each text with its label in the line below."""
    at = 0
    while at + 1 < len(lines):
        text, label = lines[at], lines[at + 1].strip(_BLANKS)
        said = text.strip(_BLANKS)
        match = _LABEL_LINE.fullmatch(label) if len(label) <= 2 * _MAX_LABEL_CHARS else None
        if match is None or not said or said[0].isspace() or len(text) > MAX_LINE_CHARS:
            at += 1
            continue
        yield f"{text}\n{lines[at + 1]}".strip(), match["label"]
        at += 2
