"""The text of a turn that its embedding is made of."""

from app.memory.types import Turn

MAX_EMBEDDING_CHARS = 8_000  # far beyond the local model's 256 tokens, within what HTTP endpoints take


def turn_embedding_text(turn: Turn) -> str:
    """What is embedded of a turn: who said it, and what."""
    return format_turn_text(turn.name, turn.content)


def format_turn_text(name: str | None, content: str) -> str:
    """What is embedded of a turn with this speaker and content."""
    return (f"{name}: {content}" if name else content)[:MAX_EMBEDDING_CHARS]
