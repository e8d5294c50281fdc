"""Builds the text of a turn that is embedded."""

from app.memory.types import Turn

MAX_EMBEDDING_CHARS = 8_000  # chosen: far beyond the local model's 256 tokens, and accepted by HTTP endpoints


def turn_embedding_text(turn: Turn) -> str:
    """The text that is embedded for a turn: its speaker and content."""
    return format_turn_text(turn.name, turn.content)


def format_turn_text(name: str | None, content: str) -> str:
    """The text that is embedded for a turn of this speaker and content: at most `MAX_EMBEDDING_CHARS`."""
    return (f"{name}: {content}" if name else content)[:MAX_EMBEDDING_CHARS]
