"""Fills the token budget of a context with the best lines and puts them in a stable order."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from app.core.instants import MIN_INSTANT
from app.memory.ranking.excerpts import cut_middle
from app.memory.text.dates.periods import format_day, weekday_name
from app.memory.text.limits import LONG_TEXT_CHARS

TokenCounter = Callable[[str], int]
MIN_MARK_CHARS = 6  # of an id; a whole one costs more tokens than what it marks
NEIGHBOUR_SHARE = 0.3  # chosen: the most of the budget that neighbouring turns of the results may use
RECENT_SHARE = (
    0.5  # chosen: the most of the budget that the session's last turns use before long ones are cut
)
MIN_RECENT_TOKENS = 30  # chosen: what is left of a long one at least
_MAX_CHARS_PER_TOKEN = 10  # of a text in words; only what may fit is counted


@dataclass(frozen=True, slots=True)
class ContextLine:
    """A memory or a turn with its date (ISO 8601) and text.

    `is_recent`: it is from the present conversation. `neighbour_of`: the id of the line that it is next to.
    `turn_ids`: the turns that say a memory. `whole`: the text of which `text` is a part, if it is one.
    """

    id: str
    is_memory: bool
    timestamp: str
    text: str
    is_recent: bool = False
    neighbour_of: str | None = None
    turn_ids: tuple[str, ...] = ()
    whole: str | None = None


def fill_token_budget(
    lines: Sequence[ContextLine], output_format: str, budget: int, count_tokens: TokenCounter
) -> tuple[str, int, list[ContextLine]]:
    """(text, tokens, lines used): greedily selects `lines`, best first, that fit in `budget` tokens.

    A line that does not fit is skipped and the next one tried. Neighbours get at most `NEIGHBOUR_SHARE` of
    the budget, and only beside a selected line. What is cut becomes whole while there is room. The selected
    lines are sorted by time, so that the same selection gives the same text and a prompt cache can be used.
    In markdown a memory is marked with the last characters of its id, as many as tell the memories of `lines`
    apart.
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
    _make_whole(chosen, budget - estimate, lambda line: count_tokens(render.render(line)))
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


def cut_recent_lines(
    lines: Sequence[ContextLine], excerpts: Mapping[str, str], budget: int, count_tokens: TokenCounter
) -> list[ContextLine]:
    """The lines of the last turns; long ones are cut if all together need over `RECENT_SHARE` of the budget.

    The long ones share what the others leave, each to its start and end. One that is a result of the search
    too is cut to its excerpt, by the id of the line.
    """
    if all(len(line.text) <= LONG_TEXT_CHARS for line in lines):
        return list(lines)
    tokens = [count_tokens(line.text) for line in lines]
    room = RECENT_SHARE * budget
    if sum(tokens) <= room:
        return list(lines)
    is_long = [len(line.text) > LONG_TEXT_CHARS for line in lines]
    room -= sum(count for count, long in zip(tokens, is_long, strict=True) if not long)
    most = _share_out(sorted(count for count, long in zip(tokens, is_long, strict=True) if long), room)
    cut: list[ContextLine] = []
    for line, count, long in zip(lines, tokens, is_long, strict=True):
        if not long or count <= most:
            cut.append(line)
            continue
        text = excerpts.get(line.id) or cut_middle(line.text, int(len(line.text) * most / count))
        cut.append(replace(line, text=text, whole=line.text))
    return cut


def _share_out(needs: Sequence[int], room: float) -> float:
    """The most that one may take, so that all take no more than the room; `needs` in ascending order."""
    for place, need in enumerate(needs):
        share = room / (len(needs) - place)
        if need > share:
            return max(share, MIN_RECENT_TOKENS)
        room -= need
    return max(needs)


def _make_whole(chosen: list[ContextLine], room: int, count_line: Callable[[ContextLine], int]) -> None:
    """Put the whole text for what is cut, in the order of the lines, where it fits in the room."""
    for place, line in enumerate(chosen):
        if line.whole is None or len(line.whole) > _MAX_CHARS_PER_TOKEN * room:
            continue
        whole = replace(line, text=line.whole, whole=None)
        more = count_line(whole) - count_line(line)
        if more <= room:
            chosen[place] = whole
            room -= more


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
