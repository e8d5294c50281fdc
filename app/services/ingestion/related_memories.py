"""Chooses the memories that a model is shown with a segment, so that it can say what the turns change."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import numpy as np

from app.core.vocabulary import Form, Kind, Status
from app.db import models
from app.db.repositories.memories import memories
from app.llm.embedders import EmbeddersInUse
from app.memory.extraction.prompt import RelatedMemory
from app.memory.types import Turn
from app.services.memories.reconciliation.candidates import nominate_for_texts, speaker_words
from app.services.platform.user_context import UserContext

MAX_TEXT_CHARS = 2_000  # characters of a turn whose words nominate memories (chosen)
MAX_RELATED = 16  # memories that are shown with a segment (chosen)
NOMINATED = 2 * MAX_RELATED  # of whom some are no longer current
FEW = 8  # so many are shown however little they resemble the turns: "I quit" shares no word with the job
_DERIVED = frozenset([Kind.SUMMARY, Kind.PORTRAIT, Kind.INSIGHT])
_CURRENT = frozenset([Status.ACTIVATED, Status.ARCHIVED])


def load_related(
    ctx: UserContext, in_use: EmbeddersInUse, segment: Sequence[Turn], vectors: Mapping[UUID, np.ndarray]
) -> list[RelatedMemory]:
    """Load current memories that the turns may be about, chosen for each turn, the likeliest ones first.

    A mean over the segment would show what is near to none of its statements.
    """
    said = [turn for turn in segment if turn.id in vectors]
    if not said:
        return []
    rows = np.stack([vectors[turn.id] for turn in said])
    texts = [turn.content[:MAX_TEXT_CHARS] for turn in said]
    model_id = in_use.active.model_id
    with ctx.read_transaction() as user:
        nominated = nominate_for_texts(user, model_id, rows, texts, NOMINATED, speaker_words(segment))
        near = memories.find_nearest_memories(user, model_id, rows, limit=FEW, least=-1.0)
        nearest = dict.fromkeys(memory_id for _, memory_id, _ in sorted(near, key=lambda one: -one[2]))
        others = memories.list_memories_by_ids(
            user.session, user.tenant_id, set(nearest) - {row.id for row in nominated}
        )
    by_id = {row.id: row for row in others}
    chosen = [row for row in nominated if _is_shown(row)][:MAX_RELATED]
    more = [row for memory_id in nearest if (row := by_id.get(memory_id)) and _is_shown(row)]
    until = max(turn.observed_at for turn in segment)
    return [_to_related(row, until) for row in [*chosen, *more[: max(0, FEW - len(chosen))]]]


def _is_shown(row: models.Memory) -> bool:
    return row.status in _CURRENT and row.kind not in _DERIVED


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
