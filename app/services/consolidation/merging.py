"""Merges memories that say the same into one with all their sources."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import numpy as np
import structlog

from app.core.ids import new_id
from app.core.vocabulary import Kind, LinkType, Origin, Status
from app.db import models
from app.db.repositories.ingestion import turns
from app.db.repositories.memories import memories
from app.db.repositories.platform import jobs, users
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
from app.services.memories.memory_versions import ChangeSet, write_changes
from app.services.models.model_registry import with_models
from app.services.platform.jobs import JobClaim, LeaseLost

log = structlog.get_logger(__name__)
COMPARE_BLOCK_ROWS = 512
MAX_INDEX_WORDS = 32
SimilarPairs = list[tuple[UUID, UUID, float]]


def merge_duplicates(resources: Resources, claim: JobClaim) -> None:
    """Merge what was written since the last consolidation with what it repeats."""
    with_models(resources, lambda in_use: _merge_duplicates(resources, claim, in_use))


def _merge_duplicates(resources: Resources, claim: JobClaim, in_use: EmbeddersInUse) -> None:
    tenant_id, model_id = claim.principal.tenant_id, in_use.active.model_id
    with resources.open_transaction(claim.principal) as session:
        since = users.get_consolidated_at(session, tenant_id, claim.user_id)
        rows = [
            row
            for row in memories.list_current_memories(session, tenant_id, claim.user_id)
            if _is_mergeable(row)
        ]
        fresh = {row.id for row in rows if since is None or row.updated_at >= since}
        vectors = (
            turns.load_turn_vectors(session, tenant_id, [row.id for row in rows], model_id) if fresh else {}
        )
    found = find_duplicates({row.id: _to_statement(row) for row in rows}, _find_similar_pairs(fresh, vectors))
    if not found:
        return
    with resources.open_transaction(claim.principal) as session:
        users.lock_user(session, tenant_id, claim.user_id)
        revision = users.next_revision(session, tenant_id, claim.user_id)
        if not jobs.lock_jobs(session, tenant_id, claim.job_ids, claim.worker_id):
            raise LeaseLost
        change = ChangeSet(tenant_id, claim.user_id, revision, resources.now(), "consolidator")
        before = {row.id: _to_statement(row) for row in rows}
        ids = {memory_id for pair in found for memory_id in pair[:2]}
        now = {row.id: row for row in memories.list_memories_by_ids(session, tenant_id, ids)}
        steady = {i for i, row in now.items() if _is_mergeable(row) and _to_statement(row) == before[i]}
        said: dict[UUID, list[Assertion]] = {}
        for assertion in memories.list_assertions(session, tenant_id, steady):
            said.setdefault(assertion.memory_id, []).append(assertion)
        groups: dict[UUID, list[tuple[models.Memory, float]]] = {}
        for gone, keeper, cosine in found:
            if gone in steady and keeper in steady:
                groups.setdefault(keeper, []).append((now[gone], cosine))
        for keeper, others in groups.items():
            _absorb_duplicates(change, now[keeper], others, said)
        write_changes(session, change, in_use)
    log.info("merged", memories=sum(len(others) for others in groups.values()))


def _is_mergeable(row: models.Memory) -> bool:
    plain = row.attribute is None and not row.frozen and not row.stale
    return plain and row.status == Status.ACTIVATED and row.kind in DEDUPLICATED_KINDS


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
    """(one, other, cosine) of every fresh memory with what it is alike, compared exactly, block by block."""
    ids = list(vectors)
    asked = [place for place, memory_id in enumerate(ids) if memory_id in fresh]
    if not asked:
        return []
    matrix = np.stack([np.asarray(vectors[memory_id], np.float32) for memory_id in ids])
    matrix /= np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-9)
    found: SimilarPairs = []
    for start in range(0, len(asked), COMPARE_BLOCK_ROWS):
        block = asked[start : start + COMPARE_BLOCK_ROWS]
        cosines = matrix[block] @ matrix.T
        for row, column in np.argwhere(cosines >= DUPLICATE_SIMILARITY):
            if block[row] != column:
                found.append((ids[block[row]], ids[column], float(cosines[row, column])))
    return found


def _absorb_duplicates(
    change: ChangeSet,
    keeper: models.Memory,
    others: Sequence[tuple[models.Memory, float]],
    said: Mapping[UUID, list[Assertion]],
) -> None:
    """Give the keeper the others' sources and index words, and let them go."""
    rows = [keeper, *(row for row, _ in others)]
    heard = [assertion for row in rows for assertion in said.get(row.id, ())]
    values: dict[str, Any] = {
        "confidence": combine_confidences(
            [(a.session_id, SOURCE_RELIABILITY[a.origin]) for a in heard if a.polarity > 0]
        ),
        "importance": max(row.importance for row in rows),
        "pinned": any(row.pinned for row in rows),
        "valid_from": min((row.valid_from for row in rows if row.valid_from is not None), default=None),
    }
    for column in ("keywords", "tags", "entities"):
        words = dict.fromkeys(word for row in rows for word in getattr(row, column))
        values[column] = list(words)[:MAX_INDEX_WORDS]
    change.edit_memory(keeper.id, "merge", f"{len(others)} memories say the same", values)
    for row, cosine in others:
        for assertion in said.get(row.id, ()):
            change.assertions.append(_copy_assertion_row(change, assertion, keeper.id))
        change.edit_memory(row.id, "merge", f"says the same, cosine {cosine:.3f}", {"status": Status.MERGED})
        change.add_link(row.id, keeper.id, LinkType.MERGED_INTO)


def _copy_assertion_row(change: ChangeSet, assertion: Assertion, memory_id: UUID) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(assertion, name) for name in Assertion.__dataclass_fields__}
    owner = {"tenant_id": change.tenant_id, "id": new_id(), "user_id": change.user_id}
    return row | owner | {"memory_id": memory_id}
