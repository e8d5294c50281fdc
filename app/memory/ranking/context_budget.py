"""Fills a token budget with the best lines, then puts them in an order that does not change."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

Count = Callable[[str], int]
BESIDE_SHARE = 0.3  # of the budget, at most, for turns that were only said beside what was found


@dataclass(frozen=True, slots=True)
class Line:
    """A memory or a turn, with its date (ISO 8601) and text.

    `recent` = of the conversation that goes on; `beside` = the id of the line of which this is a neighbour.
    """

    id: str
    is_memory: bool
    at: str
    text: str
    recent: bool = False
    beside: str | None = None


def pack(lines: Sequence[Line], form: str, budget: int, count: Count) -> tuple[str, int, list[Line]]:
    """(text, tokens, lines used): the longest prefix-respecting choice of `lines` that fits `budget` tokens.

    `lines` come best first. A line that does not fit is left out and the next one tried. Neighbours get no
    more than their share, and none without the line that they are beside. The chosen
    ones are put in time order, so that the same choice is the same text and a prompt cache keeps hitting.
    """
    chosen: list[Line] = []
    estimate, aside = count(_render([], form)), 0
    for line in lines:
        cost = count(_render_line(line, form)) + 2
        share = cost if line.beside is not None else 0
        if estimate + cost > budget or aside + share > BESIDE_SHARE * budget:
            continue
        if line.beside is None or any(other.id == line.beside for other in chosen):
            chosen.append(line)
            estimate, aside = estimate + cost, aside + share
    while True:
        ordered = sorted(chosen, key=lambda line: (line.recent, line.at, line.id))
        text = _render(ordered, form)
        tokens = count(text)
        if tokens <= budget:
            return text, tokens, ordered
        if not chosen:
            return "", 0, []
        # The estimate counts lines apart; joined they may be a few tokens more.
        chosen.pop()


def _render(lines: Sequence[Line], form: str) -> str:
    if form == "json":
        return json.dumps([json.loads(_render_line(line, form)) for line in lines], ensure_ascii=False)
    if form == "xml":
        return "<memory>\n" + "".join(_render_line(line, form) + "\n" for line in lines) + "</memory>"
    parts: list[str] = []
    for title, recent in (("What is known:", False), ("The conversation so far:", True)):
        part = [_render_line(line, form) for line in lines if line.recent is recent]
        if part:
            parts.append("\n".join([title, *part]))
    return "\n\n".join(parts)


def _render_line(line: Line, form: str) -> str:
    if form == "json":
        return json.dumps({"id": line.id, "at": line.at, "text": line.text}, ensure_ascii=False)
    if form == "xml":
        tag = "fact" if line.is_memory else "turn"
        return f"<{tag} id={quoteattr(line.id)} at={quoteattr(line.at)}>{escape(line.text)}</{tag}>"
    mark = f" [{line.id}]" if line.is_memory else ""
    return f"- {line.at[:10]}{mark} {line.text}"
