"""Writes derived memories: new ones, those whose sources changed, and the end of those without sources."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app.core.ids import new_id
from app.core.vocabulary import LinkType, Origin, Status
from app.db import models
from app.db.models import Derivation
from app.db.repositories.memories import derivations, memories
from app.db.repositories.platform import jobs, operations, users
from app.llm.embedders import EmbeddersInUse
from app.memory.consolidation.derivation import (
    SOURCE_DELETED,
    MemoryDraft,
    derived_content_hash,
    inference_confidence,
)
from app.memory.types import Fact
from app.resources import Resources
from app.services.memories.memory_versions import ChangeSet, write_changes
from app.services.memories.reconciliation import new_memory_row
from app.services.models.model_registry import VectorPair, embed_texts, with_models
from app.services.platform.jobs import JobClaim, LeaseLost

log = structlog.get_logger(__name__)
CONSOLIDATOR_ACTOR = "consolidator"
DERIVED_STRENGTH = 2.0  # that of a memory of importance .5
_ENDED_STATUSES = {Status.EXPIRED, Status.SUPERSEDED, Status.MERGED}


@dataclass(frozen=True, slots=True)
class DerivedText:
    """A draft with its text, and whose words they are: a model's, or rules' ("offline")."""

    draft: MemoryDraft
    text: str
    author: str


class SkipReason(Enum):
    """Why a draft has no text: there is nothing to conclude, or there is nobody to ask at present."""

    NOTHING_TO_CONCLUDE = "nothing"
    LLM_UNAVAILABLE = "later"


TextWriter = Callable[[MemoryDraft], DerivedText | SkipReason]


@dataclass(slots=True)
class DerivationOutcome:
    """How many memories were written, and how many have to wait because a source changed meanwhile."""

    written: int = 0
    waiting: int = 0


@dataclass(slots=True)
class _DerivationPlan:
    """What is to be done: told texts, memories whose sources are as they were, tags, and ends."""

    texts: list[tuple[DerivedText | None, MemoryDraft, models.Memory | None]] = field(
        default_factory=list[tuple[DerivedText | None, MemoryDraft, models.Memory | None]]
    )
    unchanged: list[models.Memory] = field(default_factory=list[models.Memory])
    retagged: list[tuple[models.Memory, MemoryDraft]] = field(
        default_factory=list[tuple[models.Memory, MemoryDraft]]
    )
    to_end: list[models.Memory] = field(default_factory=list[models.Memory])


def apply_drafts(
    resources: Resources,
    claim: JobClaim,
    drafts: Sequence[MemoryDraft],
    write_text: TextWriter,
    to_end: Iterable[models.Memory] = (),
    known: Mapping[str, models.Memory] | None = None,
) -> DerivationOutcome:
    """Make the memories of these drafts as they should be, and end those that are `gone`.

    A draft of which nothing changed costs nothing and leaves no version. What a person edited, froze or
    deleted stays so. `known` names the memories, by the drafts' keys, that no derivation is noted for.
    """
    tenant_id = claim.principal.tenant_id
    with resources.open_transaction(claim.principal) as session:
        bases = {draft.basis for draft in drafts}
        rows = {
            (row.basis, row.key): row
            for row in derivations.list_derivations(session, tenant_id, claim.user_id, bases)
        }
        ids = [row.memory_id for row in rows.values() if row.memory_id is not None]
        of_rows = {memory.id: memory for memory in memories.list_memories_by_ids(session, tenant_id, ids)}
    work = _DerivationPlan(to_end=list(to_end))
    for draft in drafts:
        row = rows.get((draft.basis, draft.key))
        memory = of_rows.get(row.memory_id) if row is not None and row.memory_id is not None else None
        memory = memory or (known or {}).get(draft.key)
        _plan_draft(work, draft, row, memory, write_text)
    if not (work.texts or work.unchanged or work.retagged or work.to_end):
        return DerivationOutcome()
    return with_models(resources, lambda in_use: _write_plan(resources, claim, in_use, work))


def _plan_draft(
    plan: _DerivationPlan,
    draft: MemoryDraft,
    row: Derivation | None,
    memory: models.Memory | None,
    write_text: TextWriter,
) -> None:
    same = row is not None and row.fingerprint == draft.fingerprint
    if memory is not None and memory.status not in _ENDED_STATUSES:
        if memory.frozen or memory.origin != Origin.INFERENCE:
            return
        if same and memory.stale:
            plan.unchanged.append(memory)
        if same and sorted(memory.tags) != sorted(draft.tags):
            plan.retagged.append((memory, draft))
    if not same:
        standing = memory if memory is not None and memory.status not in _ENDED_STATUSES else None
        told = write_text(draft)
        if told is not SkipReason.LLM_UNAVAILABLE:
            plan.texts.append((None if told is SkipReason.NOTHING_TO_CONCLUDE else told, draft, standing))


def _write_plan(
    resources: Resources, claim: JobClaim, in_use: EmbeddersInUse, plan: _DerivationPlan
) -> DerivationOutcome:
    tenant_id, now = claim.principal.tenant_id, resources.now()
    texts = [told.text for told, _, _ in plan.texts if told is not None]
    embedded = embed_texts(in_use, texts)
    pairs = (embedded.vector_pair(row) for row in range(len(texts)))
    with resources.open_transaction(claim.principal) as session:
        users.lock_user(session, tenant_id, claim.user_id)
        revision = users.next_revision(session, tenant_id, claim.user_id)
        if not jobs.lock_jobs(session, tenant_id, claim.job_ids, claim.worker_id):
            raise LeaseLost
        change = ChangeSet(
            tenant_id, claim.user_id, revision, now, CONSOLIDATOR_ACTOR, resources.extractor_name
        )
        kept = [
            _apply_draft(session, change, told, draft, memory, next(pairs) if told is not None else None)
            for told, draft, memory in plan.texts
        ]
        for memory in plan.unchanged:
            change.edit_memory(memory.id, "settle", "its sources are as they were", {"stale": False})
        for memory, draft in plan.retagged:
            change.edit_memory(
                memory.id, "retag", "in the light of what else was said", {"tags": list(draft.tags)}
            )
        deleted = _end_memories(session, change, plan.to_end, now)
        write_changes(session, change, in_use)
        _redact_deleted_sources(session, change, deleted)
        derivations.delete_derivations(session, tenant_id, [memory.id for memory in plan.to_end])
        for row in kept:
            if row is not None:
                derivations.upsert_derivation(session, row)
        operations.add_usage_counts(
            session, tenant_id, now.date(), {"memories_written": len(change.new_rows)}
        )
    waiting = kept.count(None)
    written = len(kept) - waiting + len(plan.unchanged) + len(plan.retagged) + len(plan.to_end)
    log.info("derived", written=written, waiting=waiting, ended=len(plan.to_end))
    return DerivationOutcome(written, waiting)


def _apply_draft(
    session: Session,
    change: ChangeSet,
    text: DerivedText | None,
    draft: MemoryDraft,
    memory: models.Memory | None,
    vectors: VectorPair | None,
) -> dict[str, Any] | None:
    """Note what becomes of a draft; its row, or None when it has to wait."""
    memory_id = None
    if text is not None and vectors is not None:
        sources = _load_unchanged_sources(session, change.tenant_id, text.draft)
        if sources is None:
            return None
        memory_id = _upsert_derived_memory(session, change, text, memory, sources)
        change.vectors[memory_id] = vectors
    elif memory is not None:
        _end_memory(change, memory, change.now, deleted=False)
    return {
        "tenant_id": change.tenant_id,
        "user_id": change.user_id,
        "basis": draft.basis,
        "key": draft.key,
        "memory_id": memory_id,
        "fingerprint": draft.fingerprint,
        "sources": len(draft.sources),
        "at": change.now,
    }


def _redact_deleted_sources(session: Session, change: ChangeSet, deleted: Sequence[UUID]) -> None:
    """Take out the texts that hold words of a deleted source."""
    for memory_id in deleted:
        memories.redact_memory(session, change.tenant_id, memory_id)
    redacted = [
        derivations.redact_stale_versions(session, change.tenant_id, i, SOURCE_DELETED) for i in change.edits
    ]
    if deleted or any(redacted):
        users.bump_epoch(session, change.tenant_id, change.user_id)


def _load_unchanged_sources(
    session: Session, tenant_id: str, draft: MemoryDraft
) -> list[models.Memory] | None:
    """The draft's sources, or None when one of them is no longer what the text was made from."""
    found = {
        row.id: row
        for row in memories.list_memories_by_ids(session, tenant_id, [i for i, _ in draft.sources])
    }
    for memory_id, content in draft.sources:
        row = found.get(memory_id)
        if row is None or row.status in _ENDED_STATUSES or row.stale or row.content != content:
            return None
    return list(found.values())


def _sources_valid_from(sources: Sequence[models.Memory], now: datetime) -> datetime:
    """From when on all sources hold: what is concluded from them is not known before."""
    return min(now, max((row.valid_from for row in sources if row.valid_from is not None), default=now))


def _upsert_derived_memory(
    session: Session,
    change: ChangeSet,
    text: DerivedText,
    memory: models.Memory | None,
    sources: Sequence[models.Memory],
) -> UUID:
    """Note a new derived memory, or a new version of the one that is there; returns its id."""
    draft = text.draft
    values: dict[str, Any] = {
        "content": text.text,
        "content_hash": derived_content_hash(draft, text.text),
        "tags": list(draft.tags),
        "confidence": inference_confidence(row.confidence for row in sources),
        "event_from": draft.since,
        "event_to": draft.until,
        "valid_from": draft.since or _sources_valid_from(sources, change.now),
        "anchor_at": change.now,
        "extractor": text.author,
    }
    how = "by rules" if text.author == "offline" else "by a model"
    reason = f"derived from {len(sources)} memories {how}"
    if memory is not None:
        memory_id = memory.id
        values |= {"stale": False, "status": Status.ACTIVATED}
        change.edit_memory(memory_id, "derive", reason, values)
        memories.delete_links(session, change.tenant_id, [memory_id], LinkType.DERIVED_FROM)
    else:
        memory_id = new_id()
        fact = Fact(
            memory_id, text.text, "", kind=draft.kind, form=draft.form, importance=0.5, tags=draft.tags
        )
        change.new_rows[memory_id] = (
            new_memory_row(change, memory_id, fact)
            | {"agent_id": None, "origin": Origin.INFERENCE}
            | {"strength": DERIVED_STRENGTH}
            | values
        )
        change.reasons[memory_id] = reason
    for source in sources:
        change.add_link(memory_id, source.id, LinkType.DERIVED_FROM)
    return memory_id


def _end_memories(
    session: Session, change: ChangeSet, to_end: Sequence[models.Memory], now: datetime
) -> list[UUID]:
    """End memories that nothing supports any more; returns those whose text goes with a deleted source."""
    sources = derivations.load_derivation_sources(session, change.tenant_id, [memory.id for memory in to_end])
    deleted: list[UUID] = []
    for memory in to_end:
        lost = any(row.status == Status.EXPIRED for row in sources.get(memory.id, []))
        _end_memory(change, memory, now, deleted=lost)
        if lost:
            deleted.append(memory.id)
    return deleted


def _end_memory(change: ChangeSet, memory: models.Memory, now: datetime, *, deleted: bool) -> None:
    if deleted:
        change.expire_memory(memory.id, "what it was derived from was deleted")
        return
    until = max(now, memory.valid_from) if memory.valid_from is not None else now
    ended = {"status": Status.SUPERSEDED, "valid_to": until, "retired_at": now, "stale": False}
    change.edit_memory(memory.id, "supersede", "too little is left of what it was derived from", ended)
