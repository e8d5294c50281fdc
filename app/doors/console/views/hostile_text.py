"""Text of users and models on a page: escaped, with hidden characters shown, and with quotes marked."""

import re
from collections.abc import Iterable

from markupsafe import Markup, escape

# Controls, and what changes the direction of the text around it, so that words read as what they are not.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\u200b\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_ELLIPSIS = "…"


def show_text(value: str) -> Markup:
    """The escaped text, in which characters that can't be seen, or that turn the text round, are named."""
    shown = Markup("")
    at = 0
    for match in _HIDDEN.finditer(value):
        if match.group() == "\r":
            continue
        shown += escape(value[at : match.start()])
        shown += Markup('<span class="hidden-character">U+{}</span>').format(f"{ord(match.group()):04X}")
        at = match.end()
    return shown + escape(value[at:])


def shorten_text(value: str, most: int = 280) -> str:
    """At most so many characters of a text, on one line."""
    lines = (" ".join(line.split()) for line in value[: most * 4].splitlines())
    line = " · ".join(line for line in lines if line)
    return line if len(line) <= most and len(value) <= most * 4 else line[: most - 1].rstrip() + _ELLIPSIS


def mark_quotes(content: str, quotes: Iterable[str]) -> list[tuple[str, bool]]:
    """The parts of a text in order, each with whether one of the quotes says it.

    A quote is looked for as it is, then without regard to white space and case.
    """
    spans: list[tuple[int, int]] = []
    for quote in dict.fromkeys(quotes):
        words = quote.split()
        if not words:
            continue
        start = content.find(quote)
        if start >= 0:
            spans.append((start, start + len(quote)))
            continue
        found = re.search(r"\s+".join(map(re.escape, words)), content, re.IGNORECASE)
        if found is not None:
            spans.append(found.span())
    return mark_spans(content, spans)


def mark_spans(content: str, spans: Iterable[tuple[int, int]]) -> list[tuple[str, bool]]:
    """The parts of a text in order, each with whether it is inside one of the spans, which may overlap."""
    parts: list[tuple[str, bool]] = []
    at = 0
    for start, stop in sorted(spans):
        begin, end = max(start, at), min(stop, len(content))
        if begin >= end:
            continue
        if begin > at:
            parts.append((content[at:begin], False))
        parts.append((content[begin:end], True))
        at = end
    if at < len(content):
        parts.append((content[at:], False))
    return parts
