"""Builds the request by which a language model extracts facts: instructions, turns, and related memories."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.core.vocabulary import Role
from app.memory.extraction.instructions import EXTRACTION_PROMPT
from app.memory.extraction.reply import ExtractionReply
from app.memory.model_replies import strict_schema
from app.memory.text.dates.periods import weekday_name
from app.memory.types import Turn

EXTRACTION_SCHEMA = strict_schema(ExtractionReply)
MAX_SHOWN_CHARS = 16_000  # characters of a turn that one request shows (chosen): 4,000 tokens
MAX_RELATED_CHARS = 200  # characters of a related memory that are shown (chosen)
MAX_PREVIOUS_CHARS = 240  # characters of an earlier turn that are shown (chosen): it is only to understand by
SAME_TIME = timedelta(minutes=5)  # turns that are nearer to the last time shown have no time of their own
_BREAK = re.compile(r"\n\s*\n|\n|(?<=[.!?。！？])\s+|\s+")


@dataclass(frozen=True, slots=True)
class RelatedMemory:
    """A current memory that a model sees with a segment, so that it can say what the turns change."""

    id: UUID
    content: str
    subject: str | None = None
    attribute: str | None = None
    value: str | None = None
    since: datetime | None = None
    is_plan: bool = False


def build_extraction_messages(
    turns: Sequence[Turn],
    previous: Sequence[Turn] = (),
    related: Sequence[RelatedMemory] = (),
    part: tuple[int, str] | None = None,
) -> list[dict[str, str]]:
    """Build the chat messages that ask for the facts in `turns`, a segment in order.

    Turns are numbered from 1 in the order of `turns`, and `related` in theirs; system turns keep their number
    and are not shown. `part` is (number, text) of the part that is shown of the only turn if it is too long
    for one request.
    """
    shown: dict[str, Any] = {
        "previous": _turns_as_json(previous, MAX_PREVIOUS_CHARS),
        "related": [_related_as_json(number, memory) for number, memory in enumerate(related, 1)],
        "turns": _turns_as_json(turns, None),
    }
    if part:
        shown["part_of_turn"] = part[0]
        shown["turns"] = [turn | {"content": part[1]} for turn in shown["turns"]]
    return [
        {"role": "system", "content": EXTRACTION_PROMPT},
        {"role": "user", "content": json.dumps(shown, ensure_ascii=False, separators=(",", ":"))},
    ]


def split_into_parts(turns: Sequence[Turn]) -> list[tuple[int, str] | None]:
    """The parts in which a segment is shown: [None] for the whole, else (number, text) of its only turn.

    A turn is cut at the end of a paragraph, line, sentence or word, in this order of preference.
    """
    if len(turns) != 1 or len(turns[0].content) <= MAX_SHOWN_CHARS:
        return [None]
    text, begin, parts = turns[0].content, 0, list[str]()
    while begin < len(text):
        end = begin + MAX_SHOWN_CHARS
        if end < len(text):
            end = _find_break(text, begin + MAX_SHOWN_CHARS // 2, end)
        parts.append(text[begin:end])
        begin = end
    return list(enumerate(parts, 1))


def _find_break(text: str, begin: int, end: int) -> int:
    """The best place between `begin` and `end` to cut a text."""
    breaks = [match for match in _BREAK.finditer(text, begin, end) if match.end() < end]
    if not breaks:
        return end

    def weigh(match: re.Match[str]) -> tuple[int, bool, int]:
        ends_sentence = text[match.start() - 1] in ".!?。！？"
        return min(match[0].count("\n"), 2), ends_sentence, match.end()

    return max(breaks, key=weigh).end()


def _related_as_json(number: int, memory: RelatedMemory) -> dict[str, Any]:
    """A related memory with its number; what it lacks, or what goes without saying, is left out."""
    is_named = memory.subject is not None and memory.subject.casefold() in memory.content.casefold()
    fields = {
        "subject": None if is_named else memory.subject,
        "attribute": memory.attribute,
        "value": memory.value if memory.value not in {"yes", "no"} else None,
        "content": memory.content[:MAX_RELATED_CHARS],
        "since": memory.since.date().isoformat() if memory.since else None,
        "status": "plan" if memory.is_plan else None,
    }
    return {"id": number} | {name: value for name, value in fields.items() if value}


def _turns_as_json(turns: Sequence[Turn], max_chars: int | None) -> list[dict[str, Any]]:
    """Turns as they are shown, numbered from 1, without system turns.

    Most are the user's and follow each other closely: another role is told, and a time that goes on.
    """
    shown: list[dict[str, Any]] = []
    last: datetime | None = None
    for number, turn in enumerate(turns, 1):
        if turn.role.is_instruction:
            continue
        told: dict[str, Any] = {"n": number} if max_chars is None else {}
        told["speaker"] = turn.name or turn.role.value
        if turn.role is not Role.USER:
            told["role"] = turn.role.value
        if last is None or turn.observed_at.date() != last.date() or turn.observed_at - last >= SAME_TIME:
            last = turn.observed_at
            told["observed_at"] = f"{last.isoformat(timespec='minutes')} {weekday_name(last)}"
        shown.append(told | {"content": turn.content[:max_chars]})
    return shown
