"""Merge memories that say the same into one that has all their sources."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import numpy as np
import structlog

from app.core.vocabulary import ActorKind, Kind, Op, Origin, Status
from app.db import models
from app.db.memory_rows import MemoryChanges
from app.db.repositories.ingestion import turns
from app.db.repositories.memories import memories
from app.db.repositories.platform import users
from app.db.vectors import Vector
from app.llm.embedders import EmbeddersInUse
from app.memory.reconciliation.decisions import SOURCE_RELIABILITY, combine_confidences
from app.memory.reconciliation.duplicates import (
    DEDUPLICATED_KINDS,
    DUPLICATE_SIMILARITY,
    MergeCandidate,
    find_duplicates,
)
from app.memory.types import Assertion
from app.resources import Resources
from app.services.memories.change_set import copy_assertion, sources_by_memory
from app.services.memories.unit_of_work import UserWrite, Writer, user_write
from app.services.models.model_registry import with_models
from app.services.platform.jobs import JobClaim
from app.services.platform.user_context import UserContext

log = structlog.get_logger(__name__)
COMPARE_BLOCK_ROWS = 512
MAX_INDEX_WORDS = 32
SimilarPairs = list[tuple[UUID, UUID, float]]


def merge_duplicates(resources: Resources, claim: JobClaim) -> None:
    """Merge the memories written since the last consolidation with their duplicates."""
    with_models(resources, lambda in_use: _merge_duplicates(resources, claim, in_use))


def _merge_duplicates(resources: Resources, claim: JobClaim, in_use: EmbeddersInUse) -> None:
    ctx, model_id = UserContext(resources, claim.principal, claim.user_id), in_use.active.model_id
    with ctx.open_transaction() as user:
        since = users.get_consolidated_at(user)
        rows = [row for row in memories.list_current_memories(user) if _is_mergeable(row)]
        fresh = {row.id for row in rows if since is None or row.updated_at >= since}
        ids = [row.id for row in rows]
        vectors = turns.load_turn_vectors(user.session, user.tenant_id, ids, model_id) if fresh else {}
    candidates = {row.id: _to_statement(row) for row in rows}
    pairs = find_duplicates(candidates, _find_similar_pairs(fresh, vectors))
    if not pairs:
        return
    with user_write(ctx, Writer.of_claim(ActorKind.CONSOLIDATOR, claim), in_use=in_use) as change:
        merged = _merge_pairs(change, candidates, pairs)
    log.info("merged", memories=merged)


def _merge_pairs(
    change: UserWrite, candidates: Mapping[UUID, MergeCandidate], pairs: Sequence[tuple[UUID, UUID, float]]
) -> int:
    """Merge the pairs (duplicate, keeper, cosine) that are unchanged; return the
    number of merged memories.
    """
    ids = {memory_id for pair in pairs for memory_id in pair[:2]}
    rows = memories.list_memories_by_ids(change.session, change.tenant_id, ids)
    current = {row.id: row for row in rows}
    unchanged = {
        i for i, row in current.items() if _is_mergeable(row) and _to_statement(row) == candidates[i]
    }
    assertions = sources_by_memory(memories.list_assertions(change.session, change.tenant_id, unchanged))
    groups: dict[UUID, list[tuple[models.Memory, float]]] = {}
    for duplicate, keeper, cosine in pairs:
        if duplicate in unchanged and keeper in unchanged:
            groups.setdefault(keeper, []).append((current[duplicate], cosine))
    for keeper, others in groups.items():
        _absorb_duplicates(change, current[keeper], others, assertions)
    return sum(len(others) for others in groups.values())


def _is_mergeable(row: models.Memory) -> bool:
    has_no_slot = row.attribute is None and not row.frozen and not row.stale
    return has_no_slot and row.status == Status.ACTIVATED and row.kind in DEDUPLICATED_KINDS


def _to_statement(row: models.Memory) -> MergeCandidate:
    return MergeCandidate(
        id=row.id,
        kind=Kind(row.kind),
        form=row.form,
        content=row.content,
        origin=Origin(row.origin),
        polarity=row.polarity,
        agent_id=row.agent_id,
        event_from=row.event_from,
        event_to=row.event_to,
        expires_at=row.expires_at,
        valid_from=row.valid_from or row.recorded_at,
    )


def _find_similar_pairs(fresh: set[UUID], vectors: Mapping[UUID, Vector]) -> SimilarPairs:
    """Return (one, other, cosine) for fresh memories and their near ones; the search is exact, in blocks."""
    ids = list(vectors)
    fresh_rows = [index for index, memory_id in enumerate(ids) if memory_id in fresh]
    if not fresh_rows:
        return []
    matrix = np.stack([np.asarray(vectors[memory_id], np.float32) for memory_id in ids])
    matrix /= np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-9)
    pairs: SimilarPairs = []
    for start in range(0, len(fresh_rows), COMPARE_BLOCK_ROWS):
        block = fresh_rows[start : start + COMPARE_BLOCK_ROWS]
        cosines = matrix[block] @ matrix.T
        for row, column in np.argwhere(cosines >= DUPLICATE_SIMILARITY):
            if block[row] != column:
                pairs.append((ids[block[row]], ids[column], float(cosines[row, column])))
    return pairs


def _absorb_duplicates(
    change: UserWrite,
    keeper: models.Memory,
    others: Sequence[tuple[models.Memory, float]],
    assertions: Mapping[UUID, list[Assertion]],
) -> None:
    """Give the keeper the sources and index words of the others, and merge them into it."""
    rows = [keeper, *(row for row, _ in others)]
    all_assertions = [assertion for row in rows for assertion in assertions.get(row.id, ())]
    values: MemoryChanges = {
        "confidence": combine_confidences(
            [(a.session_id, SOURCE_RELIABILITY[a.origin]) for a in all_assertions if a.polarity > 0]
        ),
        "importance": max(row.importance for row in rows),
        "pinned": any(row.pinned for row in rows),
        "valid_from": min((row.valid_from for row in rows if row.valid_from is not None), default=None),
        "keywords": _join_words(row.keywords for row in rows),
        "tags": _join_words(row.tags for row in rows),
        "entities": _join_words(row.entities for row in rows),
    }
    change.edit(keeper.id, Op.MERGE, f"{len(others)} memories say the same", values)
    for row, cosine in others:
        for assertion in assertions.get(row.id, ()):
            change.assert_said(copy_assertion(assertion, keeper.id))
        change.merge_into(row.id, keeper.id, f"says the same, cosine {cosine:.3f}")


def _join_words(of_each: Iterable[Sequence[str]]) -> list[str]:
    """Return the distinct index words of several memories, as many as one memory may have."""
    words = dict.fromkeys(word for words in of_each for word in words)
    return list(words)[:MAX_INDEX_WORDS]
