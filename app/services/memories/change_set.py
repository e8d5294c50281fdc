"""Collect the changes that one transaction makes to a user's memories, to write them together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from app.core.actors import Actor
from app.core.vocabulary import LinkType, Op, Origin, Status
from app.db.memory_rows import MemoryChanges, NewLink, NewMemory
from app.memory.types import Assertion
from app.services.models.model_registry import VectorPair

SlotKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class MemoryEdit:
    """The change of one stored memory: it becomes one version, however many changes are collected for it."""

    op: Op
    reason: str
    values: MemoryChanges


@dataclass(slots=True)
class ChangeSet:
    """The changes that are collected and not written yet.

    `lost_source` has the memories that lose a source turn but keep another one. `vectors` maps a memory with
    new content to its vectors (by the active model, by the target model of a migration or None). `slots` are
    the timelines to replay, and `replays` the memories whose validity is to be replayed.
    """

    actor: Actor
    now: datetime
    model: str | None = None
    created: dict[UUID, NewMemory] = field(default_factory=dict[UUID, NewMemory])
    reasons: dict[UUID, str] = field(default_factory=dict[UUID, str])
    edits: dict[UUID, MemoryEdit] = field(default_factory=dict[UUID, MemoryEdit])
    assertions: list[Assertion] = field(default_factory=list[Assertion])
    links: list[NewLink] = field(default_factory=list[NewLink])
    vectors: dict[UUID, VectorPair] = field(default_factory=dict[UUID, VectorPair])
    slots: set[SlotKey] = field(default_factory=set[SlotKey])
    replays: set[UUID] = field(default_factory=set[UUID])
    lost_source: set[UUID] = field(default_factory=set[UUID])

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to write."""
        collected = (self.created, self.edits, self.assertions, self.links, self.vectors)
        return not any((*collected, self.slots, self.replays, self.lost_source))

    def create(self, draft: NewMemory, vectors: VectorPair, reason: str | None = None) -> None:
        """Create a memory, with the vectors of its content."""
        self.created[draft.id] = draft
        self.vectors[draft.id] = vectors
        if reason is not None:
            self.reasons[draft.id] = reason

    def edit(self, memory_id: UUID, op: Op, reason: str, values: MemoryChanges) -> None:
        """Change a memory; several changes of one memory become one version with the first op and reason."""
        if memory_id in self.created:
            self.created[memory_id] = replace(self.created[memory_id], **values)
            return
        before = self.edits.get(memory_id)
        if before is None:
            self.edits[memory_id] = MemoryEdit(op, reason, values)
        else:
            self.edits[memory_id] = replace(before, values=before.values | values)

    def pending_values(self, memory_id: UUID) -> MemoryChanges:
        """Return the columns of a stored memory that are going to change."""
        edit = self.edits.get(memory_id)
        return edit.values if edit is not None else {}

    def supersede(self, memory_id: UUID, reason: str, until: datetime, *, op: Op = Op.SUPERSEDE) -> None:
        """End the validity of a memory at `until`."""
        self.edit(memory_id, op, reason, self.superseded_until(until))

    def superseded_until(self, until: datetime) -> MemoryChanges:
        """Return the columns of a memory whose validity ended at `until`."""
        return {"status": Status.SUPERSEDED, "valid_to": until, "retired_at": self.now}

    def archive(self, memory_id: UUID, reason: str) -> None:
        """Archive a memory: it stays true, but search does not return it by default."""
        self.edit(memory_id, Op.ARCHIVE, reason, {"status": Status.ARCHIVED})

    def merge_into(self, memory_id: UUID, keeper_id: UUID, reason: str) -> None:
        """End a memory whose content the keeper represents from now on."""
        self.edit(memory_id, Op.MERGE, reason, {"status": Status.MERGED})
        self.link(memory_id, keeper_id, LinkType.MERGED_INTO)

    def mark_stale(self, memory_id: UUID, reason: str) -> None:
        """Mark a derived memory as outdated until it is derived again."""
        self.edit(memory_id, Op.STALE, reason, {"stale": True})

    def expire(self, memory_id: UUID, reason: str) -> None:
        """Empty a memory and end its life; the caller wipes its versions once this is written."""
        emptied: MemoryChanges = {
            "content": "",
            "keywords": [],
            "tags": [],
            "entities": [],
            "context": None,
            "metadata_": {},
            "value": None,
            "subject": None,
            "attribute": None,
            "place": None,
            "status": Status.EXPIRED,
            "retired_at": self.now,
        }
        self.edit(memory_id, Op.DELETE, reason, emptied)

    def link(self, source_id: UUID, target_id: UUID, link_type: LinkType, weight: float = 1.0) -> None:
        """Connect two memories; `weight` is in [0, 1]."""
        self.links.append(NewLink(source_id, target_id, link_type, str(self.actor), weight))

    def assert_said(self, said: Assertion) -> None:
        """Add one more source of a memory."""
        self.assertions.append(said)

    def assert_edit(
        self, memory_id: UUID, said: datetime, *, origin: Origin = Origin.EDIT, polarity: int = 1
    ) -> None:
        """Add a client's assertion, without a turn, that a memory is true (or is not) from `said` on."""
        self.assertions.append(Assertion(memory_id, said, self.now, origin=origin, polarity=polarity))

    def replay_slots(self, slots: Iterable[SlotKey]) -> None:
        """Recompute the timelines of these slots when the changes are written."""
        self.slots |= set(slots)

    def replay_memories(self, memory_ids: Iterable[UUID]) -> None:
        """Recompute the validity of these memories, or of their slots, when the changes are written."""
        self.replays |= set(memory_ids)

    def turn_ids_of(self, memory_id: UUID) -> list[str]:
        """Return the ids of the turns among the collected assertions of a memory."""
        return [str(one.turn_id) for one in self.assertions if one.memory_id == memory_id and one.turn_id]


def copy_assertion(said: Assertion, memory_id: UUID) -> Assertion:
    """Return the assertion of one memory as an assertion of another one."""
    return replace(said, memory_id=memory_id)


def sources_by_memory(said: Iterable[Assertion]) -> Mapping[UUID, list[Assertion]]:
    """Group the assertions by memory, in the order given."""
    groups: dict[UUID, list[Assertion]] = {}
    for one in said:
        groups.setdefault(one.memory_id, []).append(one)
    return groups
