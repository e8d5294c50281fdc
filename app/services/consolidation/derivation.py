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
from app.llm.embedders import InUse
from app.memory.consolidation.derivation import SOURCE_DELETED, Draft, confidence, keyed
from app.memory.types import Fact
from app.resources import Resources
from app.services.memories.memory_versions import Change, write
from app.services.memories.reconciliation import new_row
from app.services.models.model_registry import VectorPair, embed, with_models
from app.services.platform.jobs import Claim, LeaseLost

log = structlog.get_logger(__name__)
ACTOR = "consolidator"
STRENGTH = 2.0  # that of a memory of importance .5
_ENDED = {Status.EXPIRED, Status.SUPERSEDED, Status.MERGED}


@dataclass(frozen=True, slots=True)
class Told:
    """A draft with its text, and whose words they are: a model's, or rules' ("offline")."""

    draft: Draft
    text: str
    by: str


class Silence(Enum):
    """Why a draft has no text: there is nothing to conclude, or there is nobody to ask at present."""

    NOTHING = "nothing"
    LATER = "later"


Teller = Callable[[Draft], Told | Silence]


@dataclass(slots=True)
class Outcome:
    """How many memories were written, and how many have to wait because a source changed meanwhile."""

    written: int = 0
    waiting: int = 0


@dataclass(slots=True)
class _Work:
    """What is to be done: told texts, memories whose sources are as they were, tags, and ends."""

    told: list[tuple[Told | None, Draft, models.Memory | None]] = field(
        default_factory=list[tuple[Told | None, Draft, models.Memory | None]]
    )
    same: list[models.Memory] = field(default_factory=list[models.Memory])
    tags: list[tuple[models.Memory, Draft]] = field(default_factory=list[tuple[models.Memory, Draft]])
    gone: list[models.Memory] = field(default_factory=list[models.Memory])


def settle(
    resources: Resources,
    held: Claim,
    drafts: Sequence[Draft],
    tell: Teller,
    gone: Iterable[models.Memory] = (),
    known: Mapping[str, models.Memory] | None = None,
) -> Outcome:
    """Make the memories of these drafts as they should be, and end those that are `gone`.

    A draft of which nothing changed costs nothing and leaves no version. What a person edited, froze or
    deleted stays so. `known` names the memories, by the drafts' keys, that no derivation is noted for.
    """
    tenant_id = held.principal.tenant_id
    with resources.transaction(held.principal) as session:
        bases = {draft.basis for draft in drafts}
        rows = {
            (row.basis, row.key): row for row in derivations.stored(session, tenant_id, held.user_id, bases)
        }
        ids = [row.memory_id for row in rows.values() if row.memory_id is not None]
        of_rows = {memory.id: memory for memory in memories.by_ids(session, tenant_id, ids)}
    work = _Work(gone=list(gone))
    for draft in drafts:
        row = rows.get((draft.basis, draft.key))
        memory = of_rows.get(row.memory_id) if row is not None and row.memory_id is not None else None
        memory = memory or (known or {}).get(draft.key)
        _sort(work, draft, row, memory, tell)
    if not (work.told or work.same or work.tags or work.gone):
        return Outcome()
    return with_models(resources, lambda in_use: _write(resources, held, in_use, work))


def _sort(
    work: _Work, draft: Draft, row: Derivation | None, memory: models.Memory | None, tell: Teller
) -> None:
    same = row is not None and row.fingerprint == draft.fingerprint
    if memory is not None and memory.status not in _ENDED:
        if memory.frozen or memory.origin != Origin.INFERENCE:
            return
        if same and memory.stale:
            work.same.append(memory)
        if same and sorted(memory.tags) != sorted(draft.tags):
            work.tags.append((memory, draft))
    if not same:
        standing = memory if memory is not None and memory.status not in _ENDED else None
        told = tell(draft)
        if told is not Silence.LATER:
            work.told.append((None if told is Silence.NOTHING else told, draft, standing))


def _write(resources: Resources, held: Claim, in_use: InUse, work: _Work) -> Outcome:
    tenant_id, now = held.principal.tenant_id, resources.now()
    texts = [told.text for told, _, _ in work.told if told is not None]
    embedded = embed(in_use, texts)
    pairs = (embedded.pair(row) for row in range(len(texts)))
    with resources.transaction(held.principal) as session:
        users.lock(session, tenant_id, held.user_id)
        revision = users.next_revision(session, tenant_id, held.user_id)
        if not jobs.hold(session, tenant_id, held.ids, held.worker):
            raise LeaseLost
        change = Change(tenant_id, held.user_id, revision, now, ACTOR, resources.extractor)
        kept = [
            _carry_out(session, change, told, draft, memory, next(pairs) if told is not None else None)
            for told, draft, memory in work.told
        ]
        for memory in work.same:
            change.edit(memory.id, "settle", "its sources are as they were", {"stale": False})
        for memory, draft in work.tags:
            change.edit(memory.id, "retag", "in the light of what else was said", {"tags": list(draft.tags)})
        deleted = _end_all(session, change, work.gone, now)
        write(session, change, in_use)
        _clean(session, change, deleted)
        derivations.drop(session, tenant_id, [memory.id for memory in work.gone])
        for row in kept:
            if row is not None:
                derivations.keep(session, row)
        operations.count(session, tenant_id, now.date(), {"memories_written": len(change.new)})
    waiting = kept.count(None)
    written = len(kept) - waiting + len(work.same) + len(work.tags) + len(work.gone)
    log.info("derived", written=written, waiting=waiting, ended=len(work.gone))
    return Outcome(written, waiting)


def _carry_out(
    session: Session,
    change: Change,
    told: Told | None,
    draft: Draft,
    memory: models.Memory | None,
    vectors: VectorPair | None,
) -> dict[str, Any] | None:
    """Note what becomes of a draft; its row, or None when it has to wait."""
    memory_id = None
    if told is not None and vectors is not None:
        sources = _fresh(session, change.tenant_id, told.draft)
        if sources is None:
            return None
        memory_id = _put(session, change, told, memory, sources)
        change.vectors[memory_id] = vectors
    elif memory is not None:
        _end(change, memory, change.now, deleted=False)
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


def _clean(session: Session, change: Change, deleted: Sequence[UUID]) -> None:
    """Take out the texts that hold words of a deleted source."""
    for memory_id in deleted:
        memories.wipe(session, change.tenant_id, memory_id)
    redacted = [derivations.redact(session, change.tenant_id, i, SOURCE_DELETED) for i in change.edits]
    if deleted or any(redacted):
        users.bump_epoch(session, change.tenant_id, change.user_id)


def _fresh(session: Session, tenant_id: str, draft: Draft) -> list[models.Memory] | None:
    """The draft's sources, or None when one of them is no longer what the text was made from."""
    found = {row.id: row for row in memories.by_ids(session, tenant_id, [i for i, _ in draft.sources])}
    for memory_id, content in draft.sources:
        row = found.get(memory_id)
        if row is None or row.status in _ENDED or row.stale or row.content != content:
            return None
    return list(found.values())


def _borne_out(sources: Sequence[models.Memory], now: datetime) -> datetime:
    """From when on all sources hold: what is concluded from them is not known before."""
    return min(now, max((row.valid_from for row in sources if row.valid_from is not None), default=now))


def _put(
    session: Session,
    change: Change,
    told: Told,
    memory: models.Memory | None,
    sources: Sequence[models.Memory],
) -> UUID:
    """Note a new derived memory, or a new version of the one that is there; returns its id."""
    draft = told.draft
    values: dict[str, Any] = {
        "content": told.text,
        "content_hash": keyed(draft, told.text),
        "tags": list(draft.tags),
        "confidence": confidence(row.confidence for row in sources),
        "event_from": draft.since,
        "event_to": draft.until,
        "valid_from": draft.since or _borne_out(sources, change.now),
        "anchor_at": change.now,
        "extractor": told.by,
    }
    how = "by rules" if told.by == "offline" else "by a model"
    reason = f"derived from {len(sources)} memories {how}"
    if memory is not None:
        memory_id = memory.id
        values |= {"stale": False, "status": Status.ACTIVATED}
        change.edit(memory_id, "derive", reason, values)
        memories.drop_links(session, change.tenant_id, [memory_id], LinkType.DERIVED_FROM)
    else:
        memory_id = new_id()
        fact = Fact(
            memory_id, told.text, "", kind=draft.kind, form=draft.form, importance=0.5, tags=draft.tags
        )
        change.new[memory_id] = (
            new_row(change, memory_id, fact)
            | {"agent_id": None, "origin": Origin.INFERENCE}
            | {"strength": STRENGTH}
            | values
        )
        change.reasons[memory_id] = reason
    for source in sources:
        change.link(memory_id, source.id, LinkType.DERIVED_FROM)
    return memory_id


def _end_all(session: Session, change: Change, gone: Sequence[models.Memory], now: datetime) -> list[UUID]:
    """End memories that nothing supports any more; returns those whose text goes with a deleted source."""
    sources = derivations.sources_of(session, change.tenant_id, [memory.id for memory in gone])
    deleted: list[UUID] = []
    for memory in gone:
        lost = any(row.status == Status.EXPIRED for row in sources.get(memory.id, []))
        _end(change, memory, now, deleted=lost)
        if lost:
            deleted.append(memory.id)
    return deleted


def _end(change: Change, memory: models.Memory, now: datetime, *, deleted: bool) -> None:
    if deleted:
        change.expire(memory.id, "what it was derived from was deleted")
        return
    until = max(now, memory.valid_from) if memory.valid_from is not None else now
    ended = {"status": Status.SUPERSEDED, "valid_to": until, "retired_at": now, "stale": False}
    change.edit(memory.id, "supersede", "too little is left of what it was derived from", ended)
