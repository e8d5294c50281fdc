"""Fills the token budget of a context with the best lines and puts them in a stable order."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from app.core.instants import MIN_INSTANT
from app.memory.text.dates.periods import format_day, weekday_name

TokenCounter = Callable[[str], int]
MIN_MARK_CHARS = 6  # of an id; a whole one costs more tokens than what it marks
NEIGHBOUR_SHARE = 0.3  # chosen: the most of the budget that neighbouring turns of the results may use


@dataclass(frozen=True, slots=True)
class ContextLine:
    """A memory or a turn with its date (ISO 8601) and text.

    `is_recent`: it is from the present conversation. `neighbour_of`: the id of the line that it is next to.
    `turn_ids`: the turns that say a memory.
    """

    id: str
    is_memory: bool
    timestamp: str
    text: str
    is_recent: bool = False
    neighbour_of: str | None = None
    turn_ids: tuple[str, ...] = ()


def fill_token_budget(
    lines: Sequence[ContextLine], output_format: str, budget: int, count_tokens: TokenCounter
) -> tuple[str, int, list[ContextLine]]:
    """(text, tokens, lines used): greedily selects `lines`, best first, that fit in `budget` tokens.

    A line that does not fit is skipped and the next one tried. Neighbours get at most `NEIGHBOUR_SHARE` of
    the budget, and only beside a selected line. The selected lines are sorted by time, so that the same
    selection gives the same text and a prompt cache can be used. In markdown a memory is marked with the last
    characters of its id, as many as tell the memories of `lines` apart.
    """
    render = _LineRenderer(output_format, _count_mark_chars([line.id for line in lines if line.is_memory]))
    chosen: list[ContextLine] = []
    estimate, neighbour_tokens = count_tokens(render.join([])), 0
    for line in lines:
        cost = count_tokens(render.render(line)) + 2
        share = cost if line.neighbour_of is not None else 0
        if estimate + cost > budget or neighbour_tokens + share > NEIGHBOUR_SHARE * budget:
            continue
        if line.neighbour_of is None or any(other.id == line.neighbour_of for other in chosen):
            chosen.append(line)
            estimate, neighbour_tokens = estimate + cost, neighbour_tokens + share
    while True:
        ordered = sorted(chosen, key=_order_of_time)
        text = render.join(ordered)
        tokens = count_tokens(text)
        if tokens <= budget:
            return text, tokens, ordered
        if not chosen:
            return "", 0, []
        # The estimate counts each line alone; joined lines may have a few tokens more.
        chosen.pop()


def _order_of_time(line: ContextLine) -> tuple[bool, datetime, str]:
    """The instant, since timestamps of several zones are not in the order of their characters."""
    at = datetime.fromisoformat(line.timestamp) if line.timestamp else MIN_INSTANT
    return line.is_recent, at, line.id


def _count_mark_chars(ids: Sequence[str]) -> int:
    """The number of last characters that tell these ids apart, at least `MIN_MARK_CHARS`."""
    length, longest = MIN_MARK_CHARS, max(map(len, ids), default=0)
    while length < longest and len({one[-length:] for one in ids}) < len(set(ids)):
        length += 1
    return length


@dataclass(frozen=True, slots=True)
class _LineRenderer:
    output_format: str
    mark_chars: int

    def join(self, lines: Sequence[ContextLine]) -> str:
        """The block of these lines."""
        rendered = [self.render(line) for line in lines]
        if self.output_format == "json":
            return json.dumps([json.loads(line) for line in rendered], ensure_ascii=False)
        if self.output_format == "xml":
            return "<memory>\n" + "".join(f"{line}\n" for line in rendered) + "</memory>"
        parts: list[str] = []
        for title, is_recent in (("What is known:", False), ("The conversation so far:", True)):
            part = [text for line, text in zip(lines, rendered, strict=True) if line.is_recent is is_recent]
            if part:
                parts.append("\n".join([title, *part]))
        return "\n\n".join(parts)

    def render(self, line: ContextLine) -> str:
        """One line of the block."""
        if self.output_format == "json":
            return json.dumps({"id": line.id, "at": line.timestamp, "text": line.text}, ensure_ascii=False)
        if self.output_format == "xml":
            tag = "fact" if line.is_memory else "turn"
            at = quoteattr(line.timestamp)
            return f"<{tag} id={quoteattr(line.id)} at={at}>{escape(line.text)}</{tag}>"
        mark = f" [{line.id[-self.mark_chars :]}]" if line.is_memory else ""
        return f"- {_render_day(line.timestamp)}{mark} {line.text}"


def _render_day(timestamp: str) -> str:
    """The day with its weekday, which a model does not reckon reliably: "Sun 7 May 2023"."""
    if not timestamp:
        return ""
    at = datetime.fromisoformat(timestamp)
    return f"{weekday_name(at)[:3]} {format_day(at)}"
