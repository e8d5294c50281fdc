"""Extractors find the facts in a segment of a conversation, by rules or with a language model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from app.memory.extraction.evidence import NO_BACKGROUND, Background
from app.memory.extraction.offline.extractor import extract_segments
from app.memory.extraction.parsing import parse_facts
from app.memory.extraction.prompt import RelatedMemory, build_extraction_messages, split_into_parts
from app.memory.text.parsed_text import SentenceReader
from app.memory.types import Fact, Turn


@dataclass(frozen=True, slots=True)
class ExtractionRequest:
    """What a model is asked about a segment: the messages, and the memories by whose numbers it answers.

    `part` numbers the requests about one turn that is too long for a single one.
    """

    turns: Sequence[Turn]
    messages: Sequence[dict[str, str]]
    related: Sequence[UUID]
    part: int = 0


class PaidReply(NamedTuple):
    """A model's reply, and the memories that were shown with the request that it answers."""

    value: Mapping[str, Any]
    related: Sequence[UUID]


Complete = Callable[[ExtractionRequest], PaidReply]


@dataclass(frozen=True, slots=True)
class SegmentContext:
    """The context of a segment: the turns before it, and the stored memories that it may change."""

    previous: Sequence[Turn]
    related: Sequence[RelatedMemory]


class ExtractedSegment(NamedTuple):
    """The facts of a segment, and what was not extracted.

    `refused` has the reasons why entries of a model's reply could not be read. `left_out` maps a turn to a
    description of what was left out of it. `related` are the memories that a model saw: it has said how the
    facts stand to them, also by saying nothing. `background` is what else the model read.
    """

    facts: list[Fact]
    refused: list[str]
    left_out: dict[UUID, str]
    related: frozenset[UUID] = frozenset()
    background: Background = NO_BACKGROUND


class Extractor(Protocol):
    """Finds the facts of a segment, which has turns of one session in order."""

    def extract(
        self, segment: Sequence[Turn], load_context: Callable[[], SegmentContext]
    ) -> ExtractedSegment:
        """Return the facts that the segment states; `load_context` costs queries and is called only if
        needed.
        """
        ...


class OfflineExtractor:
    """Finds facts by rules on what `reader` finds in sentences of a segment and the turns before it."""

    def __init__(self, reader: SentenceReader) -> None:
        self._reader = reader

    def extract(
        self, segment: Sequence[Turn], load_context: Callable[[], SegmentContext]
    ) -> ExtractedSegment:
        """Return the facts that the segment states."""
        (found,) = self.extract_all([segment], [load_context().previous])
        return found

    def extract_all(
        self, segments: Sequence[Sequence[Turn]], previous: Sequence[Sequence[Turn]]
    ) -> list[ExtractedSegment]:
        """Return the facts that each segment states; many are read in less time together.

        `previous` are the turns before each.
        """
        found = extract_segments(segments, self._reader, previous)
        return [
            ExtractedSegment(facts, [], left_out, background=Background(previous=_show_turns(before)))
            for (facts, left_out), before in zip(found, previous, strict=True)
        ]


class ModelExtractor:
    """Extracts with a language model; `complete` returns the model's reply to a request about a segment."""

    def __init__(self, complete: Complete) -> None:
        self._complete = complete

    def extract(
        self, segment: Sequence[Turn], load_context: Callable[[], SegmentContext]
    ) -> ExtractedSegment:
        """Return the facts that the segment states. Raises what `complete` raises."""
        if all(turn.role.is_instruction for turn in segment):
            return ExtractedSegment([], [], {})
        context = load_context()
        shown = [memory.id for memory in context.related]
        facts: list[Fact] = []
        refused: list[str] = []
        related: set[UUID] = set()
        for part in split_into_parts(segment):
            messages = build_extraction_messages(segment, context.previous, context.related, part)
            request = ExtractionRequest(segment, messages, shown, part[0] if part else 0)
            reply = self._complete(request)
            read, reasons = parse_facts(reply.value, segment, reply.related)
            facts += read
            refused += reasons
            related.update(reply.related)
        # Omissions are reported even for a turn that gave facts, so that nothing is left out in silence.
        left_out = {segment[-1].id: "; ".join(refused)} if refused else {}
        background = Background(
            previous=_show_turns(context.previous),
            related=[f"{memory.content} {memory.value or ''}" for memory in context.related],
        )
        return ExtractedSegment(facts, refused, left_out, frozenset(related), background)


def _show_turns(turns: Sequence[Turn]) -> list[str]:
    return [f"{turn.name or ''}: {turn.content}" for turn in turns]
