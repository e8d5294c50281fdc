"""Apply the changes that the words of statements tell, where no model does."""

from uuid import UUID

from app.services.memories.memory_pool import MemoryPool


def apply_cues(pool: MemoryPool, index: int, memory_id: UUID) -> None:
    """Let a statement change those stored ones that its words end, and be changed by those that end it."""
