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
from app.llm.embedders import InUse
from app.memory.reconciliation.decisions import RELIABILITY, confidence
from app.memory.reconciliation.duplicates import REVIEWED, SAME, Statement, merges
from app.memory.types import Assertion
from app.resources import Resources
from app.services.memories.memory_versions import Change, write
from app.services.models.model_registry import with_models
from app.services.platform.jobs import Claim, LeaseLost

log = structlog.get_logger(__name__)
BLOCK = 512
MOST_WORDS = 32
Pairs = list[tuple[UUID, UUID, float]]


def merge(resources: Resources, held: Claim) -> None:
    """Merge what was written since the last consolidation with what it repeats."""
    with_models(resources, lambda in_use: _merge(resources, held, in_use))


def _merge(resources: Resources, held: Claim, in_use: InUse) -> None:
    tenant_id, model_id = held.principal.tenant_id, in_use.active.model_id
    with resources.transaction(held.principal) as session:
        since = users.consolidated_at(session, tenant_id, held.user_id)
        rows = [row for row in memories.current(session, tenant_id, held.user_id) if _reviewed(row)]
        fresh = {row.id for row in rows if since is None or row.updated_at >= since}
        vectors = turns.vectors(session, tenant_id, [row.id for row in rows], model_id) if fresh else {}
    found = merges({row.id: _statement(row) for row in rows}, _alike(fresh, vectors))
    if not found:
        return
    with resources.transaction(held.principal) as session:
        users.lock(session, tenant_id, held.user_id)
        revision = users.next_revision(session, tenant_id, held.user_id)
        if not jobs.hold(session, tenant_id, held.ids, held.worker):
            raise LeaseLost
        change = Change(tenant_id, held.user_id, revision, resources.now(), "consolidator")
        before = {row.id: _statement(row) for row in rows}
        ids = {memory_id for pair in found for memory_id in pair[:2]}
        now = {row.id: row for row in memories.by_ids(session, tenant_id, ids)}
        steady = {i for i, row in now.items() if _reviewed(row) and _statement(row) == before[i]}
        said: dict[UUID, list[Assertion]] = {}
        for assertion in memories.assertions_of(session, tenant_id, steady):
            said.setdefault(assertion.memory_id, []).append(assertion)
        groups: dict[UUID, list[tuple[models.Memory, float]]] = {}
        for gone, keeper, cosine in found:
            if gone in steady and keeper in steady:
                groups.setdefault(keeper, []).append((now[gone], cosine))
        for keeper, others in groups.items():
            _take_in(change, now[keeper], others, said)
        write(session, change, in_use)
    log.info("merged", memories=sum(len(others) for others in groups.values()))


def _reviewed(row: models.Memory) -> bool:
    plain = row.attribute is None and not row.frozen and not row.stale
    return plain and row.status == Status.ACTIVATED and row.kind in REVIEWED


def _statement(row: models.Memory) -> Statement:
    return Statement(
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


def _alike(fresh: set[UUID], vectors: Mapping[UUID, Vector]) -> Pairs:
    """(one, other, cosine) of every fresh memory with what it is alike, compared exactly, block by block."""
    ids = list(vectors)
    asked = [place for place, memory_id in enumerate(ids) if memory_id in fresh]
    if not asked:
        return []
    matrix = np.stack([np.asarray(vectors[memory_id], np.float32) for memory_id in ids])
    matrix /= np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-9)
    found: Pairs = []
    for start in range(0, len(asked), BLOCK):
        block = asked[start : start + BLOCK]
        cosines = matrix[block] @ matrix.T
        for row, column in np.argwhere(cosines >= SAME):
            if block[row] != column:
                found.append((ids[block[row]], ids[column], float(cosines[row, column])))
    return found


def _take_in(
    change: Change,
    keeper: models.Memory,
    others: Sequence[tuple[models.Memory, float]],
    said: Mapping[UUID, list[Assertion]],
) -> None:
    """Give the keeper the others' sources and index words, and let them go."""
    rows = [keeper, *(row for row, _ in others)]
    heard = [assertion for row in rows for assertion in said.get(row.id, ())]
    values: dict[str, Any] = {
        "confidence": confidence([(a.session_id, RELIABILITY[a.origin]) for a in heard if a.polarity > 0]),
        "importance": max(row.importance for row in rows),
        "pinned": any(row.pinned for row in rows),
        "valid_from": min((row.valid_from for row in rows if row.valid_from is not None), default=None),
    }
    for column in ("keywords", "tags", "entities"):
        words = dict.fromkeys(word for row in rows for word in getattr(row, column))
        values[column] = list(words)[:MOST_WORDS]
    change.edit(keeper.id, "merge", f"{len(others)} memories say the same", values)
    for row, cosine in others:
        for assertion in said.get(row.id, ()):
            change.assertions.append(_copied(change, assertion, keeper.id))
        change.edit(row.id, "merge", f"says the same, cosine {cosine:.3f}", {"status": Status.MERGED})
        change.link(row.id, keeper.id, LinkType.MERGED_INTO)


def _copied(change: Change, assertion: Assertion, memory_id: UUID) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(assertion, name) for name in Assertion.__dataclass_fields__}
    owner = {"tenant_id": change.tenant_id, "id": new_id(), "user_id": change.user_id}
    return row | owner | {"memory_id": memory_id}
