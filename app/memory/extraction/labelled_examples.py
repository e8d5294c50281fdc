"""Labelled examples in a turn. They are kept word for word, as a summary would lose the label."""

import re
from collections.abc import Iterator

from app.core.vocabulary import Form, Kind
from app.memory.extraction.tags import LABEL_PREFIX
from app.memory.text.limits import MAX_LINE_CHARS
from app.memory.types import Fact, Turn

MIN_INLINE_EXAMPLES = 2  # a single line such as "I joined the class: yoga" is ordinary talk (chosen)
_MAX_LABEL_CHARS = 80
_WORD = r"(?:label|intent|category|class)"
_INLINE_LABEL = re.compile(rf"(?<=[ \t,;|]){_WORD}[ \t]{{0,9}}[:=][ \t]{{0,9}}(?P<label>\S{{1,80}})$", re.I)
_LABEL_LINE = re.compile(rf"{_WORD}[ \t]{{0,9}}[:=][ \t]{{0,9}}(?P<label>\S.{{0,79}})", re.I | re.S)
_BLANKS = " \t"


def find_labelled_examples(turn: Turn) -> Iterator[Fact]:
    """Yield a fact of the kind `example`, with the tag `label:<label>`, for each labelled text."""
    lines = turn.content.split("\n")
    inline = [example for line in lines if (example := _parse_inline_label(line)) is not None]
    for text, label in inline if len(inline) >= MIN_INLINE_EXAMPLES else _find_label_lines(lines):
        yield Fact(
            turn_id=turn.id,
            content=text,
            quote=text,
            kind=Kind.EXAMPLE,
            form=Form.EVENT,
            tags=(f"{LABEL_PREFIX}{label}",),
            importance=0.5,
        )


def _parse_inline_label(line: str) -> tuple[str, str] | None:
    """(line, label) of a line that ends with its label; None if it has none."""
    line = line.strip(_BLANKS)
    if len(line) > MAX_LINE_CHARS or not line or line[0].isspace():
        return None
    for match in _INLINE_LABEL.finditer(line):
        if match.start() > 1:
            return line.strip(), match["label"]
    return None


def _find_label_lines(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield (both lines, label) for each text whose label is on the next line."""
    index = 0
    while index + 1 < len(lines):
        text, label = lines[index], lines[index + 1].strip(_BLANKS)
        stripped = text.strip(_BLANKS)
        match = _LABEL_LINE.fullmatch(label) if len(label) <= 2 * _MAX_LABEL_CHARS else None
        if match is None or not stripped or stripped[0].isspace() or len(text) > MAX_LINE_CHARS:
            index += 1
            continue
        yield f"{text}\n{lines[index + 1]}".strip(), match["label"]
        index += 2
