"""Extractors find the facts in a segment of a conversation, by rules or with a language model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from app.core.vocabulary import Role
from app.memory.extraction.offline.extractor import extract_with_omissions
from app.memory.extraction.prompt import build_extraction_messages, parse_facts
from app.memory.text.parsed_text import SentenceParser
from app.memory.types import Fact, Turn

Complete = Callable[[Sequence[Turn], Sequence[dict[str, str]]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class SegmentContext:
    """The context of a segment: the turns before it, related memories that are
    stored, and the tags in use.
    """

    previous: Sequence[Turn]
    related: Sequence[str]
    tags: Sequence[str]


class ExtractedSegment(NamedTuple):
    """The facts of a segment, and what was not extracted.

    `refused` has the reasons why entries of a model's reply could not be read. `left_out` maps a turn to a
    description of what was left out of it.
    """

    facts: list[Fact]
    refused: list[str]
    left_out: dict[UUID, str]


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
    """Finds facts by rules on the grammar that `parser` finds, from the segment alone."""

    def __init__(self, parser: SentenceParser) -> None:
        self._parser = parser

    def extract(
        self,
        segment: Sequence[Turn],
        load_context: Callable[[], SegmentContext],  # noqa: ARG002 - rules read nothing but the segment
    ) -> ExtractedSegment:
        """Return the facts that the segment states."""
        facts, left_out = extract_with_omissions(segment, self._parser)
        return ExtractedSegment(facts, [], left_out)


class ModelExtractor:
    """Extracts with a language model; `complete` returns the model's reply to the
    messages about a segment.
    """

    def __init__(self, complete: Complete) -> None:
        self._complete = complete

    def extract(
        self, segment: Sequence[Turn], load_context: Callable[[], SegmentContext]
    ) -> ExtractedSegment:
        """Return the facts that the segment states. Raises what `complete` raises."""
        if all(turn.role is Role.SYSTEM for turn in segment):
            return ExtractedSegment([], [], {})
        context = load_context()
        messages = build_extraction_messages(segment, context.previous, context.related, tags=context.tags)
        facts, refused = parse_facts(self._complete(segment, messages), segment)
        # Omissions are reported even for a turn that gave facts, so that nothing is left out in silence.
        return ExtractedSegment(facts, refused, {segment[-1].id: "; ".join(refused)} if refused else {})
