"""What finds the facts in a segment of a conversation: rules, or a language model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from app.core.vocabulary import Role
from app.memory.extraction.offline.extractor import extract_with_omissions
from app.memory.extraction.prompt import build_extraction_messages, parse_facts
from app.memory.types import Fact, Turn

Complete = Callable[[Sequence[Turn], Sequence[dict[str, str]]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class SegmentContext:
    """What a segment is read with: the turns before it, what is known already, and the tags in use."""

    previous: Sequence[Turn]
    related: Sequence[str]
    tags: Sequence[str]


class ExtractedSegment(NamedTuple):
    """The facts of a segment, and what did not become one.

    `refused`: why entries of a model's answer could not be read. `left_out`: what of a turn is left out.
    """

    facts: list[Fact]
    refused: list[str]
    left_out: dict[UUID, str]


class Extractor(Protocol):
    """Finds the facts of a segment: the turns of one session, in order."""

    def extract(
        self, segment: Sequence[Turn], load_context: Callable[[], SegmentContext]
    ) -> ExtractedSegment:
        """The facts that the segment states; `load_context` costs queries and is called only if needed."""
        ...


class OfflineExtractor:
    """Finds facts by rules, from the segment alone."""

    def extract(
        self,
        segment: Sequence[Turn],
        load_context: Callable[[], SegmentContext],  # noqa: ARG002 - rules read nothing but the segment
    ) -> ExtractedSegment:
        """The facts that the segment states."""
        facts, left_out = extract_with_omissions(segment)
        return ExtractedSegment(facts, [], left_out)


class ModelExtractor:
    """Asks a language model; `complete` gets its answer to the messages about a segment."""

    def __init__(self, complete: Complete) -> None:
        self._complete = complete

    def extract(
        self, segment: Sequence[Turn], load_context: Callable[[], SegmentContext]
    ) -> ExtractedSegment:
        """The facts that the segment states. Raises what `complete` does."""
        if all(turn.role is Role.SYSTEM for turn in segment):
            return ExtractedSegment([], [], {})
        context = load_context()
        messages = build_extraction_messages(segment, context.previous, context.related, tags=context.tags)
        facts, refused = parse_facts(self._complete(segment, messages), segment)
        # What is left out is told even of a turn that gave facts, so that it is never left out in silence.
        return ExtractedSegment(facts, refused, {segment[-1].id: "; ".join(refused)} if refused else {})
