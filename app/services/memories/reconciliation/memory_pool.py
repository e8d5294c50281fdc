"""The memories that a batch of facts may concern: stored ones, and those that the batch itself creates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.core.vocabulary import Form, LinkType, Role, Status
from app.db import models
from app.db.memory_rows import NewMemory
from app.db.repositories.ingestion import turns
from app.db.repositories.memories import candidates, links, memories
from app.memory.reconciliation.decisions import SOURCE_RELIABILITY, content_hash, is_retraction
from app.memory.reconciliation.judged_changes import MIN_CLOSENESS
from app.memory.reconciliation.linking import LinkingLimits
from app.memory.reconciliation.nomination import object_words
from app.memory.reconciliation.sameness import words_key
from app.memory.reconciliation.timeline.replay import assertion_sort_key
from app.memory.types import Assertion, Fact, Memory, Turn
from app.services.memories.identities import load_identities
from app.services.memories.reconciliation.candidates import find_by_words, speaker_words
from app.services.memories.reconciliation.statements import Statement, read_statement
from app.services.memories.unit_of_work import UserWrite
from app.services.models.model_registry import EmbeddedTexts

MAX_TURNS_BACK = 4  # among which the turn is looked for that the same speaker spoke before
MAX_NEAR = 12  # memories near a fact by cosine that are loaded to compare it with


@dataclass(frozen=True, slots=True)
class FactBatch:
    """Guarded facts, the ids they get if they become memories, their vectors (n, d) and their turns.

    `related_ids` are the memories that the model saw when it wrote the facts, so that it has answered already
    how they stand to each other, `previous` the turns before those of the batch.
    """

    facts: Sequence[Fact]
    memory_ids: Sequence[UUID]
    embedded: EmbeddedTexts
    turns: Mapping[UUID, Turn]
    related_ids: frozenset[UUID] = frozenset()
    previous: Sequence[Turn] = ()

    @property
    def active_vectors(self) -> NDArray[np.float32]:
        """The vectors (n, d) by the active model."""
        return self.embedded.active


class MemoryPool:
    """Stored memories by slot, by words and by cosine, with their assertions; and what the batch adds."""

    def __init__(self, change: UserWrite, batch: FactBatch) -> None:
        self.change, self.batch = change, batch
        self.rows: dict[UUID, models.Memory] = {}
        self.known: dict[UUID, Memory] = {}
        self._by_hash: dict[bytes, list[UUID]] = {}
        self._by_slot: dict[tuple[str, str], list[UUID]] = {}
        self._by_words: dict[tuple[str, ...], list[UUID]] = {}
        self._created: dict[int, UUID] = {}
        self.similar: dict[int, dict[UUID, float]] = {}
        self._stored_assertions: dict[UUID, list[Assertion]] = {}
        self._added_assertions: dict[UUID, list[Assertion]] = {}
        self._indexed = 0  # of the assertions that the change adds
        self._stored_turns: dict[UUID, Turn | None] = {}
        # What each memory tells, in the order of `known`: every new fact is compared with all of them.
        self._statements: dict[UUID, Statement | None] = {}
        self._unread: dict[UUID, None] = {}  # those of them that are to be read, anew or for the first time
        self._account_words: frozenset[str] | None = None
        self.hashes = [content_hash(fact.content) for fact in batch.facts]
        slots = {(f.slot.subject, f.slot.attribute) for f in batch.facts if f.slot is not None}
        self._add_rows(memories.list_memories_by_slots(change.user, slots))
        self._add_rows(memories.list_memories_by_hashes(change.user, set(self.hashes), with_ended=True))
        self._load_near()
        named = {c.target_id for fact in batch.facts for c in fact.changes if c.target_id is not None}
        self.load(named | {fact.same_as for fact in batch.facts if fact.same_as is not None})
        self._add_rows(find_by_words(change.user, batch.facts, batch.turns.values()))
        self._load_unnamed_targets()

    def _load_near(self) -> None:
        # One query finds the memories that a model may compare with a fact and those that are related to it.
        near = memories.find_nearest_memories(
            self.change.user,
            self.change.active_model_id,
            self.batch.active_vectors,
            limit=LinkingLimits().neighbour_count,
            least=MIN_CLOSENESS,
            with_ended=True,
        )
        wanted: set[UUID] = set()
        for row, memory_id, similarity in sorted(near, key=lambda found: -found[2]):
            close = self.similar.setdefault(row, {})
            close[memory_id] = similarity
            if len(close) <= MAX_NEAR:
                wanted.add(memory_id)
        self.load(wanted)

    @cached_property
    def speakers(self) -> frozenset[str]:
        """The words of the speakers' names."""
        return speaker_words([*self.batch.previous, *self.batch.turns.values()])

    @cached_property
    def is_talk(self) -> bool:
        """Whether several people talk in the batch, or did just before it."""
        heard = (*self.batch.previous, *self.batch.turns.values())
        said_by = {turn.name for turn in heard if turn.role is Role.USER and turn.name}
        return len(said_by) > 1

    def account_words(self) -> frozenset[str]:
        """Return the words of the names that the account's person is known by."""
        if self._account_words is None:
            names = load_identities(self.change.user).account_names
            self._account_words = frozenset(w for name in names for w in (*object_words(name), *name.split()))
        return self._account_words

    def _load_unnamed_targets(self) -> None:
        """Load what the facts change that name no memory: of a slot, with some words, or just said before."""
        for fact in self.batch.facts:
            for change in fact.changes:
                if change.target_id is not None:
                    continue
                if change.attribute is not None:
                    subject = change.subject or fact.subject or "user"
                    slots = {(subject, change.attribute)}
                    self._add_rows(memories.list_memories_by_slots(self.change.user, slots))
                if change.words:
                    words = sorted(object_words(" ".join(change.words)))
                    self._add_rows(candidates.list_memories_with_words(self.change.user, words, MAX_NEAR))
                if change.attribute is None and not change.words:
                    self.load(self.ids_said_before(fact))

    def ids_said_before(self, fact: Fact) -> list[UUID]:
        """Return the memories of the turn in which the speaker of a fact spoke last before it."""
        session, tenant = self.change.session, self.change.tenant_id
        turn = self.batch.turns[fact.turn_id]
        before = turns.list_turns_before(session, tenant, turn, MAX_TURNS_BACK)
        own = [one for one in before if one.role is turn.role and one.name == turn.name]
        last = max(own, key=lambda one: one.position, default=None)
        return [] if last is None else memories.list_memory_ids_of_turn(session, tenant, last.id)

    def near_current(self, index: int) -> dict[UUID, float]:
        """Return the cosine of each current memory that is near fact `index`, the nearest ones."""
        near = self.similar.get(index, {})
        is_current = {i for i in near if i in self.rows and self.rows[i].status == Status.ACTIVATED}
        return {i: cosine for i, cosine in near.items() if i in is_current}

    def load(self, ids: Iterable[UUID]) -> None:
        """Load the user's memories with these ids; ids of others, of deleted and merged ones are left out."""
        missing = set(ids) - set(self.rows)
        if not missing:
            return
        rows = memories.list_memories_by_ids(self.change.session, self.change.tenant_id, missing)
        self._add_rows(
            row
            for row in rows
            if row.user_id == self.change.user_id and row.status not in {Status.EXPIRED, Status.MERGED}
        )

    def _add_rows(self, rows: Iterable[models.Memory]) -> None:
        for row in rows:
            if row.id not in self.rows:
                self.rows[row.id] = row
                self._index_memory(memories.to_memory(row), row.content_hash)

    def _index_memory(self, memory: Memory, digest: bytes) -> None:
        self.known[memory.id] = memory
        self._statements[memory.id] = None
        self._unread[memory.id] = None
        self._by_hash.setdefault(digest, []).append(memory.id)
        self._by_words.setdefault(words_key(memory.content), []).append(memory.id)
        if memory.slot is not None:
            self._by_slot.setdefault((memory.slot.subject, memory.slot.attribute), []).append(memory.id)

    def add_created(self, index: int, memory: Memory, digest: bytes) -> None:
        """Register that fact `index` became a memory, so that a later fact of the batch can concern it."""
        self._index_memory(memory, digest)
        self._created[index] = memory.id

    def get(self, memory_id: UUID) -> models.Memory | NewMemory:
        """Return a memory of the pool, as it is stored or as it is going to be created."""
        row = self.rows.get(memory_id)
        return row if row is not None else self.change.created[memory_id]

    def is_taken(self, fact: Fact, digest: bytes) -> bool:
        """Return whether another memory of this kind has these words and so their hash."""
        same_words = (self.known[i] for i in self._by_hash.get(digest, ()))
        return any(one.kind == fact.kind and one.form == fact.form for one in same_words)

    def similarities(self, index: int) -> dict[UUID, float]:
        """Return the cosine of fact `index` with each memory of the pool that is near it."""
        near = {i: cosine for i, cosine in self.similar.get(index, {}).items() if i in self.known}
        if self._created:
            cosines = self.batch.active_vectors[list(self._created)] @ self.batch.active_vectors[index]
            near |= dict(zip(self._created.values(), map(float, cosines), strict=True))
        return near

    def others(self, index: int) -> list[Memory]:
        """Return all memories of the pool, each with its cosine to fact `index` where it is known."""
        near = self.similarities(index)
        return [replace(memory, similarity=near.get(i, 0.0)) for i, memory in self.known.items()]

    def find_alike(self, index: int) -> list[Memory]:
        """Return the memories with the words of a fact, or with its slot."""
        fact = self.batch.facts[index]
        ids = dict.fromkeys(self._by_hash.get(self.hashes[index], []))
        ids |= dict.fromkeys(self._by_words.get(words_key(fact.content), []))
        if fact.slot is not None:
            ids |= dict.fromkeys(self._by_slot.get((fact.slot.subject, fact.slot.attribute), []))
        return [self.known[i] for i in ids]

    def find_opposites(self, index: int) -> list[UUID]:
        """Return the memories that say the contrary of a fact: the value of a denial, the denials of one."""
        slot, polarity = self.batch.facts[index].slot, self.batch.facts[index].polarity
        if slot is None:
            return []
        is_denial = is_retraction(slot, polarity)
        same_slot = (self.known[i] for i in self._by_slot.get((slot.subject, slot.attribute), ()))
        return [
            memory.id
            for memory in same_slot
            if memory.slot is not None
            and memory.slot.value == slot.value
            and is_retraction(memory.slot, memory.polarity) != is_denial
        ]

    def assertions_of(self, memory_id: UUID) -> list[Assertion]:
        """Return the assertions of a memory: the stored ones, and those that this change adds."""
        if memory_id in self.rows and memory_id not in self._stored_assertions:
            missing = set(self.rows) - set(self._stored_assertions)
            self._stored_assertions |= {i: [] for i in missing}
            stored = memories.list_assertions(self.change.session, self.change.tenant_id, missing)
            for assertion in stored:
                self._stored_assertions[assertion.memory_id].append(assertion)
        self._index_added()
        return [*self._stored_assertions.get(memory_id, ()), *self._added_assertions.get(memory_id, ())]

    def _index_added(self) -> None:
        for one in self.change.assertions[self._indexed :]:
            self._added_assertions.setdefault(one.memory_id, []).append(one)
            if one.polarity > 0 and one.memory_id in self.known:
                self._unread[one.memory_id] = None
        self._indexed = len(self.change.assertions)

    def said_of(self, memory_id: UUID) -> list[Assertion]:
        """Return the assertions that state a memory, oldest first."""
        stating = [one for one in self.assertions_of(memory_id) if one.polarity > 0]
        return sorted(stating, key=_said_key)

    def told_at(self, said: Assertion) -> datetime:
        """Return when something was said, from whatever day on it holds."""
        if said.turn_id is None:
            return said.asserted_at
        turn = self.batch.turns.get(said.turn_id) or self._stored_turns.get(said.turn_id)
        if turn is None:
            found = turns.load_turns(self.change.session, self.change.tenant_id, [said.turn_id])
            turn = self._stored_turns[said.turn_id] = found[0] if found else None
        return said.asserted_at if turn is None else turn.observed_at

    def statements(self) -> Mapping[UUID, Statement | None]:
        """Return what each memory of the pool tells, in the order of `known`; None if nothing states it."""
        self._index_added()
        for memory_id in self._created.values():
            read, draft = self._statements[memory_id], self.change.created[memory_id]
            if read is not None and read.draft is not draft:
                self._unread[memory_id] = None
        for memory_id in self._unread:
            self._statements[memory_id] = self._read_statement(memory_id)
        self._unread.clear()
        return self._statements

    def _read_statement(self, memory_id: UUID) -> Statement | None:
        stating = (one for one in self.assertions_of(memory_id) if one.polarity > 0)
        said = min(map(assertion_sort_key, stating), default=None)
        if said is None:
            return None
        draft = self.change.created.get(memory_id)
        return read_statement(self.known[memory_id], self.get(memory_id), draft, said)

    def sources_of(self, memory_id: UUID) -> list[tuple[str, float]]:
        """Return (session, reliability) of each assertion that states a memory."""
        return [(one.session_id, SOURCE_RELIABILITY[one.origin]) for one in self.said_of(memory_id)]

    def partners_of(self, ids: Iterable[UUID]) -> list[tuple[UUID, UUID]]:
        """Return (ender, ended) of the stored supersessions of these memories, loaded."""
        stored = [i for i in ids if i in self.rows]
        pairs = links.list_supersessions(self.change.user, stored) if stored else []
        self.load(i for pair in pairs for i in pair)
        return [pair for pair in pairs if pair[0] in self.known and pair[1] in self.known]

    def supersessions(self) -> set[tuple[UUID, UUID]]:
        """Return (ender, ended) of the supersessions that this change adds."""
        added = (link for link in self.change.links if link.type == LinkType.SUPERSEDES)
        return {(link.source_id, link.target_id) for link in added}


def _said_key(assertion: Assertion) -> tuple[datetime, str, int]:
    return assertion.asserted_at, assertion.session_id, assertion.position


def is_state(memory: models.Memory | NewMemory) -> bool:
    """Return whether a memory is true until something ends it."""
    return memory.form == Form.STATE
