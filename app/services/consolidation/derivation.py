"""Write derived memories: create them, update those whose sources changed, end those without sources."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from uuid import UUID

import structlog

from app.core.ids import new_id
from app.core.instants import utc_offset_minutes
from app.core.vocabulary import ActorKind, LinkType, Op, Origin, Status
from app.db import models
from app.db.memory_rows import MemoryChanges, NewDerivation
from app.db.models import Derivation
from app.db.repositories.memories import derivations, memories
from app.db.repositories.platform import operations, users
from app.llm.embedders import EmbeddersInUse
from app.memory.consolidation.derivation import (
    SOURCE_DELETED,
    MemoryDraft,
    derived_content_hash,
    inference_confidence,
)
from app.memory.types import Fact
from app.resources import Resources
from app.services.memories.reconciliation.new_memories import new_memory
from app.services.memories.unit_of_work import UserWrite, Writer, user_write
from app.services.models.model_registry import VectorPair, embed_texts, with_models
from app.services.platform.jobs import JobClaim
from app.services.platform.user_context import UserContext

log = structlog.get_logger(__name__)
DERIVED_STRENGTH = 2.0  # the strength of a memory of importance .5
_ENDED_STATUSES = {Status.EXPIRED, Status.SUPERSEDED, Status.MERGED}


@dataclass(frozen=True, slots=True)
class DerivedText:
    """A draft with its text, and the author of the text: a model's name, or "offline" for rules."""

    draft: MemoryDraft
    text: str
    author: str


class SkipReason(Enum):
    """The reason why a draft has no text: nothing can be concluded, or no model is available at present."""

    NOTHING_TO_CONCLUDE = "nothing"
    LLM_UNAVAILABLE = "later"


TextWriter = Callable[[MemoryDraft], DerivedText | SkipReason]


@dataclass(slots=True)
class DerivationOutcome:
    """The number of memories written, and of those that have to wait because a source changed meanwhile."""

    written: int = 0
    waiting: int = 0


@dataclass(slots=True)
class _DerivationPlan:
    """The planned changes: written texts, memories whose sources are unchanged, new tags, and memories to
    end.
    """

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
    """Write the memories of these drafts where something changed, and end the memories of `to_end`.

    An unchanged draft costs nothing and leaves no version. A memory that a client edited, froze or deleted is
    not touched. `known` maps the keys of drafts to memories that have no derivation row.
    """
    with UserContext(resources, claim.principal, claim.user_id).open_transaction() as user:
        bases = {draft.basis for draft in drafts}
        rows = {(row.basis, row.key): row for row in derivations.list_derivations(user, bases)}
        ids = [row.memory_id for row in rows.values() if row.memory_id is not None]
        rows_of_memories = memories.list_memories_by_ids(user.session, user.tenant_id, ids)
        memory_by_id = {memory.id: memory for memory in rows_of_memories}
    plan = _DerivationPlan(to_end=list(to_end))
    for draft in drafts:
        row = rows.get((draft.basis, draft.key))
        memory = memory_by_id.get(row.memory_id) if row is not None and row.memory_id is not None else None
        memory = memory or (known or {}).get(draft.key)
        _plan_draft(plan, draft, row, memory, write_text)
    if not (plan.texts or plan.unchanged or plan.retagged or plan.to_end):
        return DerivationOutcome()
    return with_models(resources, lambda in_use: _write_plan(resources, claim, in_use, plan))


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
        current = memory if memory is not None and memory.status not in _ENDED_STATUSES else None
        written = write_text(draft)
        if written is not SkipReason.LLM_UNAVAILABLE:
            plan.texts.append(
                (None if written is SkipReason.NOTHING_TO_CONCLUDE else written, draft, current)
            )


def _write_plan(
    resources: Resources, claim: JobClaim, in_use: EmbeddersInUse, plan: _DerivationPlan
) -> DerivationOutcome:
    texts = [written_text.text for written_text, _, _ in plan.texts if written_text is not None]
    embedded = embed_texts(in_use, texts)
    pairs = (embedded.vector_pair(row) for row in range(len(texts)))
    ctx = UserContext(resources, claim.principal, claim.user_id)
    writer = Writer.of_claim(ActorKind.CONSOLIDATOR, claim, resources.extractor_name)
    with user_write(ctx, writer, in_use=in_use) as change:
        new_rows = [
            _apply_draft(
                change, written_text, draft, memory, next(pairs) if written_text is not None else None
            )
            for written_text, draft, memory in plan.texts
        ]
        for memory in plan.unchanged:
            change.edit(memory.id, Op.SETTLE, "its sources are as they were", {"stale": False})
        for memory, draft in plan.retagged:
            reason = "in the light of what else was said"
            change.edit(memory.id, Op.RETAG, reason, {"tags": list(draft.tags)})
        deleted = _end_memories(change, plan.to_end)
        written = change.flush()
        _redact_deleted_sources(change, written.edited, deleted)
        derivations.delete_derivations(
            change.session, change.tenant_id, [memory.id for memory in plan.to_end]
        )
        for row in new_rows:
            if row is not None:
                derivations.upsert_derivation(change.user, row)
        counts = {"memories_written": len(written.created)}
        operations.add_usage_counts(change.session, change.tenant_id, change.now.date(), counts)
    waiting = new_rows.count(None)
    count = len(new_rows) - waiting + len(plan.unchanged) + len(plan.retagged) + len(plan.to_end)
    log.info("derived", written=count, waiting=waiting, ended=len(plan.to_end))
    return DerivationOutcome(count, waiting)


def _apply_draft(
    change: UserWrite,
    text: DerivedText | None,
    draft: MemoryDraft,
    memory: models.Memory | None,
    vectors: VectorPair | None,
) -> NewDerivation | None:
    """Collect the changes of a draft; return its row, or None when it has to wait."""
    memory_id = None
    if text is not None and vectors is not None:
        sources = _load_unchanged_sources(change, text.draft)
        if sources is None:
            return None
        memory_id = _upsert_derived_memory(change, text, memory, sources, vectors)
    elif memory is not None:
        _end_memory(change, memory, deleted=False)
    return NewDerivation(
        basis=draft.basis,
        key=draft.key,
        memory_id=memory_id,
        fingerprint=draft.fingerprint,
        sources=len(draft.sources),
        at=change.now,
    )


def _redact_deleted_sources(change: UserWrite, edited: Iterable[UUID], deleted: Sequence[UUID]) -> None:
    """Erase the texts that have words of a deleted source."""
    change.redact(deleted)
    of_tenant = (change.session, change.tenant_id)
    redacted = [derivations.redact_stale_versions(*of_tenant, i, SOURCE_DELETED) for i in edited]
    if deleted or any(redacted):
        users.bump_epoch(change.user)


def _load_unchanged_sources(change: UserWrite, draft: MemoryDraft) -> list[models.Memory] | None:
    """Load the draft's sources, or return None when one of them differs from what the text was made from."""
    ids = [memory_id for memory_id, _ in draft.sources]
    rows = {row.id: row for row in memories.list_memories_by_ids(change.session, change.tenant_id, ids)}
    for memory_id, content in draft.sources:
        row = rows.get(memory_id)
        if row is None or row.status in _ENDED_STATUSES or row.stale or row.content != content:
            return None
    return list(rows.values())


def _sources_valid_from(sources: Sequence[models.Memory], now: datetime) -> datetime:
    """Return the time from which all sources are valid: a conclusion from them is not known earlier."""
    return min(now, max((row.valid_from for row in sources if row.valid_from is not None), default=now))


def _upsert_derived_memory(
    change: UserWrite,
    text: DerivedText,
    memory: models.Memory | None,
    sources: Sequence[models.Memory],
    vectors: VectorPair,
) -> UUID:
    """Create a derived memory, or a new version of the given one, and return its id."""
    method = "by rules" if text.author == "offline" else "by a model"
    reason = f"derived from {len(sources)} memories {method}"
    derived = _derived_columns(change, text, sources)
    if memory is not None:
        memory_id = memory.id
        current = MemoryChanges(stale=False, status=Status.ACTIVATED)
        change.edit(memory_id, Op.DERIVE, reason, derived | current)
        change.vectors[memory_id] = vectors
        memories.delete_links(change.session, change.tenant_id, [memory_id], LinkType.DERIVED_FROM)
    else:
        memory_id, draft = new_id(), text.draft
        fact = Fact(
            memory_id, text.text, "", kind=draft.kind, form=draft.form, importance=0.5, tags=draft.tags
        )
        created = new_memory(
            memory_id, fact, origin=Origin.INFERENCE, confidence=0.0, valid_from=None, anchor_at=change.now
        )
        with_strength = derived | MemoryChanges(strength=DERIVED_STRENGTH)
        change.create(replace(created, **with_strength), vectors, reason)
    for source in sources:
        change.link(memory_id, source.id, LinkType.DERIVED_FROM)
    return memory_id


def _derived_columns(change: UserWrite, text: DerivedText, sources: Sequence[models.Memory]) -> MemoryChanges:
    draft = text.draft
    valid_from = draft.since or _sources_valid_from(sources, change.now)
    return {
        "content": text.text,
        "content_hash": derived_content_hash(draft, text.text),
        "tags": list(draft.tags),
        "confidence": inference_confidence(row.confidence for row in sources),
        "event_from": draft.since,
        "event_to": draft.until,
        "valid_from": valid_from,
        "utc_offset": utc_offset_minutes(valid_from),
        "anchor_at": change.now,
        "extractor": text.author,
    }


def _end_memories(change: UserWrite, to_end: Sequence[models.Memory]) -> list[UUID]:
    """End memories that have too few sources left; return those whose text goes with a deleted source."""
    ids = [memory.id for memory in to_end]
    sources = derivations.load_derivation_sources(change.session, change.tenant_id, ids)
    deleted: list[UUID] = []
    for memory in to_end:
        has_deleted_source = any(row.status == Status.EXPIRED for row in sources.get(memory.id, []))
        _end_memory(change, memory, deleted=has_deleted_source)
        if has_deleted_source:
            deleted.append(memory.id)
    return deleted


def _end_memory(change: UserWrite, memory: models.Memory, *, deleted: bool) -> None:
    if deleted:
        change.expire(memory.id, "what it was derived from was deleted")
        return
    until = max(change.now, memory.valid_from) if memory.valid_from is not None else change.now
    end_columns = change.superseded_until(until) | MemoryChanges(stale=False)
    change.edit(memory.id, Op.SUPERSEDE, "too little is left of what it was derived from", end_columns)
