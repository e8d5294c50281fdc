"""Reads turns of one speaker as statements."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from app.core.vocabulary import Frame, Role
from app.memory.extraction.offline.statements import Statement, find_statements
from app.memory.text.parsed_text import SentenceParser
from app.memory.types import Turn
from tests.parsing import PARSER

KEPT = (Frame.ASSERTED, Frame.PLANNED, Frame.ENDED)


def make_turn(number: int, content: str, role: Role = Role.USER, name: str | None = None) -> Turn:
    said_at = datetime(2026, 6, 10, 9, tzinfo=UTC)
    return Turn(UUID(int=number), "ann", "s", number, role, content, said_at, name=name)


def read(parser: SentenceParser, turns: Sequence[str], name: str | None = None) -> list[Statement]:
    """The statements of a user's turns."""
    made = [make_turn(number, content, name=name) for number, content in enumerate(turns)]
    return list(find_statements(made, parser))


def words_of(statement: Statement) -> str:
    """The words of a statement."""
    start, end = statement.span
    return statement.analysis.text[start:end]


def read_words(parser: SentenceParser, turns: Sequence[str]) -> str:
    """The words of the statements that are the speaker's own."""
    return " | ".join(words_of(s) for s in read(parser, turns) if s.frame in KEPT)


def find_mistakes(
    turns: Sequence[str], kept: Sequence[str], dropped: Sequence[str]
) -> tuple[list[str], list[str]]:
    """What should be the speaker's own and is not, and what is and should not be."""
    words = read_words(PARSER, turns)
    return [text for text in kept if text not in words], [text for text in dropped if text in words]
