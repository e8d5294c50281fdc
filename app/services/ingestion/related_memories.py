"""Chooses the memories that a model is shown with a segment, so that it can say what the turns change."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import numpy as np

from app.core.vocabulary import Form, Kind
from app.db import models
from app.db.repositories.memories import memories
from app.llm.embedders import EmbeddersInUse
from app.memory.extraction.prompt import RelatedMemory
from app.memory.types import Turn
from app.services.platform.user_context import UserContext

MAX_RELATED = 16  # memories that are shown with a segment (chosen)
NEAREST_PER_TURN = 8
LEAST_SIMILARITY = 0.2  # a turn and what it ends often share little but the person: "I quit" (chosen)
_DERIVED = frozenset([Kind.SUMMARY, Kind.PORTRAIT, Kind.INSIGHT])


def load_related(
    ctx: UserContext, in_use: EmbeddersInUse, segment: Sequence[Turn], vectors: Mapping[UUID, np.ndarray]
) -> list[RelatedMemory]:
    """Load current memories that the turns may be about, chosen for each turn, the nearest ones first.

    A mean over the segment would show what is near to none of its statements.
    """
    rows = [vectors[turn.id] for turn in segment if turn.id in vectors]
    if not rows:
        return []
    with ctx.read_transaction() as user:
        near = memories.find_nearest_memories(
            user, in_use.active.model_id, np.stack(rows), limit=NEAREST_PER_TURN, least=LEAST_SIMILARITY
        )
        ids = _choose_in_turn(near)
        by_id = {row.id: row for row in memories.list_memories_by_ids(user.session, user.tenant_id, ids)}
    known = [by_id[memory_id] for memory_id in ids if memory_id in by_id]
    until = max(turn.observed_at for turn in segment)
    return [_to_related(row, until) for row in known if row.kind not in _DERIVED][:MAX_RELATED]


def _choose_in_turn(near: Sequence[tuple[int, UUID, float]]) -> list[UUID]:
    """The ids as they are taken: the nearest of every turn, then the next of every turn, and so on."""
    ranked: list[tuple[int, float, UUID]] = []
    ranks: dict[int, int] = {}
    for row, memory_id, similarity in sorted(near, key=lambda found: (-found[2], found[1])):
        ranks[row] = ranks.get(row, -1) + 1
        ranked.append((ranks[row], -similarity, memory_id))
    return list(dict.fromkeys(memory_id for _, _, memory_id in sorted(ranked)))


def _to_related(row: models.Memory, until: datetime) -> RelatedMemory:
    is_plan = row.form == Form.EVENT and row.event_from is not None and row.event_from > until
    return RelatedMemory(
        row.id,
        row.content,
        row.subject,
        row.attribute,
        row.value,
        row.event_from if is_plan or row.valid_from is None else row.valid_from,
        is_plan,
    )
