"""Merge copies of another user's memories into a user's memories: as a source, a memory, or a conflict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from app.core.ids import new_id
from app.core.vocabulary import Form, Kind, LinkType, Op, Origin, Status
from app.db import models
from app.db.memory_rows import MemoryChanges
from app.db.repositories.memories import memories
from app.db.repositories.sharing import copies
from app.db.user_session import UserSession
from app.memory.reconciliation.decisions import (
    SOURCE_RELIABILITY,
    combine_confidences,
    content_hash,
    is_retraction,
)
from app.memory.types import Assertion, Fact, Location, Slot
from app.services.memories.change_set import sources_by_memory
from app.services.memories.reconciliation.new_memories import new_memory
from app.services.memories.unit_of_work import UserWrite
from app.services.memories.validity_replay import slots_of
from app.services.models.model_registry import VectorPair

WordsKey = tuple[str, bytes]
ValueKey = tuple[str | None, str | None, str | None, bool]
MemorySource = tuple[str, UUID, int]  # owner, memory, version


@dataclass(frozen=True, slots=True)
class MemoryToCopy:
    """A memory to copy, and the memories that its copy names as sources.

    `assertion_dates` are the time of its last assertion and, for a slot's value, the time from which it is
    valid.
    """

    row: models.Memory
    assertion_dates: Sequence[datetime]
    sources: Sequence[MemorySource]

    @property
    def source_ids(self) -> set[UUID]:
        """The ids of the memories that the copy names as sources."""
        return {memory_id for _, memory_id, _ in self.sources}


class CopyMerger:
    """Merges copies into a user's memories: finds the memory that a copy equals, and collects the changes."""

    def __init__(self, change: UserWrite, memories_to_copy: Sequence[MemoryToCopy]) -> None:
        session, tenant_id, user_id = change.session, change.tenant_id, change.user_id
        self._change = change
        self._merged_ids: set[UUID] = set()
        self._replaced: list[tuple[UUID, UUID, MemoryToCopy]] = []
        rows = [one.row for one in memories_to_copy]
        by_hash = memories.list_memories_by_hashes(change.user, {_words_key(row)[1] for row in rows})
        by_slot = memories.list_memories_by_slots(change.user, slots_of(rows))
        sources = {(owner, memory_id) for one in memories_to_copy for owner, memory_id, _ in one.sources}
        existing = copies.list_existing_copies(UserSession(session, tenant_id, user_id), sources)
        copied_memories = memories.list_memories_by_ids(
            session, tenant_id, {copied.memory_id for copied in existing}
        )
        self._stored = {row.id: row for row in (*by_hash, *by_slot, *copied_memories)}
        self._assertions = sources_by_memory(memories.list_assertions(session, tenant_id, self._stored))
        # {memory of the owner: [(its version, the memory that has the copy), ...]}, current ones first
        self._copies: dict[UUID, list[tuple[int, UUID]]] = {}
        for copied in sorted(existing, key=lambda one: not self._is_current(one.memory_id)):
            versions = self._copies.setdefault(copied.owner_memory_id, [])
            versions.append((copied.owner_version, copied.memory_id))
        # Of two memories with the same content the current one counts.
        words = sorted(by_hash, key=lambda row: self._is_current(row.id))
        values = sorted(by_slot, key=lambda row: self._is_current(row.id))
        self._by_words: dict[WordsKey, UUID] = {(row.kind, row.content_hash): row.id for row in words}
        self._by_value: dict[ValueKey, UUID] = {_value_key(row): row.id for row in values}

    def _is_current(self, memory_id: UUID) -> bool:
        return self._stored[memory_id].status == Status.ACTIVATED

    def merge_copy(self, one: MemoryToCopy, vectors: Mapping[UUID, VectorPair]) -> UUID:
        """Collect the copy of one memory, and return the id of the memory that has it."""
        existing = [self._find_copy(source_id, version) for _, source_id, version in one.sources]
        if existing[0] is not None and None not in existing:
            return existing[0]
        copied = {memory_id for i in one.source_ids for _, memory_id in self._copies.get(i, ())}
        memory_id = self._find_same_memory(one.row)
        if memory_id is None:
            memory_id = self._create_memory(one, vectors[one.row.id])
        elif memory_id in copied:
            return memory_id
        else:
            self._add_source(memory_id)
        target = self._stored.get(memory_id, one.row)
        self._assert_copied(memory_id, one)
        self._change.replay_slots(slots_of([target]))
        self._merged_ids.add(memory_id)
        self._replaced += [(other, memory_id, one) for other in sorted(copied)]
        return memory_id

    def end_replaced_copies(self) -> None:
        """End the copies of earlier versions, except those that a copy of this request is merged into."""
        for old, new, one in self._replaced:
            if old not in self._merged_ids:
                self._supersede_copy(old, new, one)

    def _find_copy(self, source_id: UUID, version: int) -> UUID | None:
        """Return the id of the memory that has a copy of this version already, or None."""
        return next(
            (
                memory_id
                for copied_version, memory_id in self._copies.get(source_id, ())
                if copied_version == version
            ),
            None,
        )

    def _find_same_memory(self, row: models.Memory) -> UUID | None:
        """Return the id of the memory with the same words or the same value of the slot, or None."""
        match = self._by_words.get(_words_key(row))
        return self._by_value.get(_value_key(row)) if match is None and row.attribute is not None else match

    def _create_memory(self, one: MemoryToCopy, vectors: VectorPair) -> UUID:
        memory_id, row = new_id(), one.row
        created = new_memory(
            memory_id,
            _to_fact(row),
            origin=Origin.COPY,
            confidence=min(row.confidence, SOURCE_RELIABILITY[Origin.COPY]),
            valid_from=row.valid_from,
            anchor_at=self._change.now,
        )
        self._change.create(
            replace(created, expires_at=row.expires_at, utc_offset=row.utc_offset),
            vectors,
            "copied by a grant",
        )
        self._by_words[_words_key(row)] = memory_id
        if row.attribute is not None:
            self._by_value[_value_key(row)] = memory_id
        return memory_id

    def _add_source(self, memory_id: UUID) -> None:
        """Add one more source to a stored memory; an archived one becomes current."""
        row = self._stored.get(memory_id)
        if row is None:
            return  # created by this request
        supporting = [one for one in self._assertions.get(memory_id, ()) if one.polarity > 0]
        sources = [(one.session_id, SOURCE_RELIABILITY[one.origin]) for one in supporting]
        confidence = combine_confidences([*sources, (f"copy:{memory_id}", SOURCE_RELIABILITY[Origin.COPY])])
        values: MemoryChanges = {"confidence": max(row.confidence, confidence)}
        if row.status == Status.ARCHIVED and not row.frozen:
            values["status"] = Status.ACTIVATED
        self._change.edit(memory_id, Op.ASSERT, "copied by a grant", values)

    def _supersede_copy(self, old: UUID, new: UUID, one: MemoryToCopy) -> None:
        """End the copy of an earlier version, unless it has other sources too or a slot decides."""
        row = self._stored[old]
        has_no_other_source = all(
            assertion.owner_memory_id in one.source_ids for assertion in self._assertions.get(old, ())
        )
        if (
            row.status != Status.ACTIVATED
            or row.attribute is not None
            or row.frozen
            or not has_no_other_source
        ):
            return
        until = max(self._change.now, row.valid_from) if row.valid_from is not None else self._change.now
        self._change.supersede(old, "copied again from a newer version", until)
        self._change.link(new, old, LinkType.SUPERSEDES)

    def _assert_copied(self, memory_id: UUID, one: MemoryToCopy) -> None:
        """Add an assertion to the memory that has the copy, once for each source and date."""
        for owner, owner_memory_id, owner_version in one.sources:
            for asserted_at in one.assertion_dates:
                copied = Assertion(
                    memory_id=memory_id,
                    asserted_at=asserted_at,
                    recorded_at=self._change.now,
                    origin=Origin.COPY,
                    owner_user_id=owner,
                    owner_memory_id=owner_memory_id,
                    owner_version=owner_version,
                )
                self._change.assert_said(copied)


def _words_key(row: models.Memory) -> WordsKey:
    # The stored hash of a derived memory covers its words and its basis, so it is not comparable.
    return row.kind, content_hash(row.content)


def _value_key(row: models.Memory) -> ValueKey:
    return row.subject, row.attribute, row.value, is_retraction(_to_slot(row), row.polarity)


def _to_slot(row: models.Memory) -> Slot | None:
    if row.subject is None or row.attribute is None:
        return None
    return Slot(row.subject, row.attribute, row.value or "")


def _to_fact(row: models.Memory) -> Fact:
    """Return what a memory says; its owner's annotations (metadata, pins, agents) are not copied."""
    place = row.place
    return Fact(
        turn_id=row.id,
        content=row.content,
        quote="",
        kind=Kind(row.kind),
        form=Form(row.form),
        slot=_to_slot(row),
        polarity=row.polarity,
        event_from=row.event_from,
        event_to=row.event_to,
        event_precision=row.event_precision,
        location=Location(place["name"], place.get("lat"), place.get("lon")) if place is not None else None,
        keywords=tuple(row.keywords),
        tags=tuple(row.tags),
        entities=tuple(row.entities),
        context=row.context,
        importance=row.importance,
    )
