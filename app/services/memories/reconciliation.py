"""Apply the decisions of `app.memory.reconciliation`: this is the only writer of extracted memories."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.core.instants import utc_offset_minutes
from app.core.vocabulary import LinkType, Op, Origin, Role, Status
from app.db import models
from app.db.memory_rows import MemoryChanges, NewMemory
from app.db.repositories.memories import memories
from app.memory.chronology import holds_since
from app.memory.reconciliation.decisions import (
    CONFLICT_FACTOR,
    SOURCE_RELIABILITY,
    ReconciliationAction,
    ReconciliationDecision,
    SimilarityThresholds,
    combine_confidences,
    content_hash,
    decide_action,
    is_comparable,
    is_retraction,
)
from app.memory.reconciliation.linking import LinkingLimits, add_index_words, select_related
from app.memory.reconciliation.reliance import default_volatility
from app.memory.reconciliation.verdicts import FactMemoryPair, PairJudgement, Verdict
from app.memory.types import Assertion, Fact, Memory, Slot, Turn
from app.services.memories.change_set import copy_assertion
from app.services.memories.unit_of_work import UserWrite
from app.services.models.model_registry import EmbeddedTexts

MAX_NEIGHBOURS = 5
_ORIGIN_BY_ROLE = {Role.USER: Origin.USER, Role.ASSISTANT: Origin.ASSISTANT, Role.TOOL: Origin.TOOL}
Verdicts = Mapping[tuple[int, UUID], PairJudgement]
OpenPair = tuple[int, UUID, FactMemoryPair]  # the fact's index in the batch, the stored memory, their texts
ENDING_VERDICTS = {Verdict.SUPERSEDES, Verdict.RETRACTS}


@dataclass(frozen=True, slots=True)
class FactBatch:
    """Guarded facts, the ids they get if they become memories, their vectors (n, d) and their turns."""

    facts: Sequence[Fact]
    memory_ids: Sequence[UUID]
    embedded: EmbeddedTexts
    turns: Mapping[UUID, Turn]

    @property
    def active_vectors(self) -> NDArray[np.float32]:
        """The vectors (n, d) by the active model."""
        return self.embedded.active


def reconcile_batch(change: UserWrite, batch: FactBatch, verdicts: Verdicts | None) -> list[OpenPair]:
    """Decide on every fact, collect the changes, and return the pairs that a model should judge.

    With verdicts None no pair is returned. The fact of a returned pair is not in `change`. Denials come last,
    so that they meet the values that they retract.
    """
    pool = _MemoryPool(change, batch)
    open_pairs: list[OpenPair] = []
    for index in sorted(range(len(batch.facts)), key=lambda i: _is_denial(batch.facts[i])):
        fact = batch.facts[index]
        known = pool.find_comparable(index)
        judgements = None if verdicts is None else {m: j for (i, m), j in verdicts.items() if i == index}
        verdict_by_memory = (
            None if judgements is None else {m: judgement.verdict for m, judgement in judgements.items()}
        )
        decision = decide_action(fact, known, verdict_by_memory, SimilarityThresholds())
        if decision.action is ReconciliationAction.ASK:
            open_pairs += _build_verdict_pairs(index, fact, known, batch)
            continue
        _apply_decision(change, pool, index, decision)
        for memory_id, judgement in (judgements or {}).items():
            _enrich_neighbour(change, pool, memory_id, fact, judgement)
    _link_batch_neighbours(change, pool)
    return open_pairs


class _MemoryPool:
    """The memories that a batch may concern: stored ones, and those that the batch itself has created."""

    def __init__(self, change: UserWrite, batch: FactBatch) -> None:
        self.batch = batch
        self.rows: dict[UUID, models.Memory] = {}
        self._known: dict[UUID, Memory] = {}
        self._by_hash: dict[bytes, list[UUID]] = {}
        self._by_slot: dict[tuple[str, str], list[UUID]] = {}
        self._loose: dict[int, UUID] = {}
        self._near: dict[int, dict[UUID, float]] = {}
        self.hashes = [content_hash(fact.content) for fact in batch.facts]
        slots = {(f.slot.subject, f.slot.attribute) for f in batch.facts if f.slot is not None}
        self._add_rows(memories.list_memories_by_slots(change.user, slots))
        self._add_rows(memories.list_memories_by_hashes(change.user, set(self.hashes)))
        # One query finds both the memories that may equal a fact and those that are related to it.
        limits = LinkingLimits()
        near = memories.find_nearest_memories(
            change.user,
            change.active_model_id,
            batch.active_vectors,
            limit=limits.neighbour_count,
            least=limits.min_similarity,
        )
        self.similar: dict[int, dict[UUID, float]] = {}
        for row, memory_id, similarity in sorted(near, key=lambda found: -found[2]):
            self.similar.setdefault(row, {})[memory_id] = similarity
            close = self._near.setdefault(row, {})
            if (
                batch.facts[row].slot is None
                and similarity >= SimilarityThresholds().grey_zone
                and len(close) < MAX_NEIGHBOURS
            ):
                close[memory_id] = similarity
        missing = {memory_id for close in self._near.values() for memory_id in close} - set(self.rows)
        self._add_rows(memories.list_memories_by_ids(change.session, change.tenant_id, missing))
        self.assertions = memories.list_assertions(change.session, change.tenant_id, self.rows)
        self.sessions = _sessions_by_memory(self.assertions)

    def _add_rows(self, rows: Sequence[models.Memory]) -> None:
        for row in rows:
            if row.id not in self.rows:
                self.rows[row.id] = row
                self._index_memory(memories.to_memory(row), row.content_hash)

    def _index_memory(self, memory: Memory, digest: bytes) -> None:
        self._known[memory.id] = memory
        self._by_hash.setdefault(digest, []).append(memory.id)
        if memory.slot is not None:
            self._by_slot.setdefault((memory.slot.subject, memory.slot.attribute), []).append(memory.id)

    def add_created(self, index: int, memory: Memory) -> None:
        """Register that fact `index` became a memory, so that a later fact of the batch can be the same."""
        self._index_memory(memory, content_hash(memory.content))
        if memory.slot is None:
            self._loose[index] = memory.id

    def find_comparable(self, index: int) -> list[Memory]:
        """Return the memories to compare fact `index` with: same words, same slot, or near by cosine."""
        fact = self.batch.facts[index]
        similarity_by_id = dict.fromkeys(self._by_hash.get(self.hashes[index], []), 0.0)
        if fact.slot is not None:
            key = (fact.slot.subject, fact.slot.attribute)
            similarity_by_id |= dict.fromkeys(self._by_slot.get(key, []), 0.0)
        elif self._loose:
            cosines = self.batch.active_vectors[list(self._loose)] @ self.batch.active_vectors[index]
            pairs = zip(self._loose.values(), cosines.tolist(), strict=True)
            similarity_by_id |= {
                memory_id: value for memory_id, value in pairs if value >= SimilarityThresholds().grey_zone
            }
        similarity_by_id |= self._near.get(index, {})
        return [
            replace(self._known[memory_id], similarity=value) for memory_id, value in similarity_by_id.items()
        ]

    def find_denials(self, slot: Slot | None) -> list[UUID]:
        """Return the stored memories that only say that the slot does not have this value (any more)."""
        if slot is None:
            return []
        slot_memories = [
            self._known[memory_id] for memory_id in self._by_slot.get((slot.subject, slot.attribute), [])
        ]
        return [
            memory.id
            for memory in slot_memories
            if memory.id in self.rows
            and memory.slot is not None
            and memory.slot.value == slot.value
            and is_retraction(memory.slot, memory.polarity)
        ]


def _sessions_by_memory(assertions: Sequence[Assertion]) -> dict[UUID, list[tuple[str, float]]]:
    sessions: dict[UUID, list[tuple[str, float]]] = {}
    for assertion in assertions:
        sessions.setdefault(assertion.memory_id, []).append(
            (assertion.session_id, SOURCE_RELIABILITY[assertion.origin])
        )
    return sessions


def _build_verdict_pairs(index: int, fact: Fact, known: Sequence[Memory], batch: FactBatch) -> list[OpenPair]:
    turn = batch.turns[fact.turn_id]
    near = [m for m in known if is_comparable(fact, m) and m.similarity >= SimilarityThresholds().grey_zone]
    asserted_at = fact.asserted_at or turn.observed_at
    return [(index, m.id, FactMemoryPair(fact.content, asserted_at, m.content, m.valid_from)) for m in near]


def _apply_decision(
    change: UserWrite, pool: _MemoryPool, index: int, decision: ReconciliationDecision
) -> None:
    batch, fact, target = pool.batch, pool.batch.facts[index], decision.memory_id
    if decision.action in {ReconciliationAction.SAME, ReconciliationAction.DENY, ReconciliationAction.REFINE}:
        assert target is not None
        if decision.action is ReconciliationAction.SAME:
            _keep_first_wording(change, pool, index, decision)
        turn = batch.turns[fact.turn_id]
        change.assert_said(_to_assertion(change, target, fact, turn))
        _add_support(change, pool, fact, turn, decision)
        if decision.action is ReconciliationAction.REFINE:
            values: MemoryChanges = {"content": fact.content, "content_hash": content_hash(fact.content)}
            change.edit(target, Op.REFINE, decision.reason, values)
            change.vectors[target] = batch.embedded.vector_pair(index)
        return
    memory_id = _create_memory(change, pool, index, decision.reason)
    if not _is_denial(fact):
        for denial in pool.find_denials(fact.slot):
            _absorb_denial(change, pool, memory_id, denial)
    if decision.action is ReconciliationAction.CONTRADICT and target is not None:
        change.link(memory_id, target, LinkType.CONTRADICTS)
        doubted = change.created[memory_id].confidence * CONFLICT_FACTOR
        change.edit(memory_id, Op.CONTRADICT, decision.reason, {"confidence": doubted})
        weakened = pool.rows[target].confidence if target in pool.rows else fact.confidence
        change.edit(target, Op.CONTRADICT, decision.reason, {"confidence": weakened * CONFLICT_FACTOR})
    if decision.action is ReconciliationAction.REPLACE and target is not None:
        _supersede_memory(change, pool, memory_id, target, decision.reason)


def _keep_first_wording(
    change: UserWrite, pool: _MemoryPool, index: int, decision: ReconciliationDecision
) -> None:
    """Keep the wording that was said first, in whatever order the wordings arrive."""
    batch, fact, target = pool.batch, pool.batch.facts[index], decision.memory_id
    assert target is not None
    turn, row = batch.turns[fact.turn_id], pool.rows.get(target)
    stored = change.created[target] if row is None else row
    same_origin = stored.origin == _ORIGIN_BY_ROLE[turn.role] and not (row is not None and row.frozen)
    if fact.slot is not None or not same_origin or stored.status not in {Status.ACTIVATED, Status.ARCHIVED}:
        return
    asserted_at = fact.asserted_at or turn.observed_at
    known = (*pool.assertions, *change.assertions)
    earlier_times = [one.asserted_at for one in known if one.memory_id == target and one.polarity > 0]
    if not earlier_times or asserted_at >= min(earlier_times):
        return
    values: MemoryChanges = {"valid_from": min(stored.valid_from or asserted_at, asserted_at)}
    if content_hash(fact.content) != stored.content_hash:
        values |= MemoryChanges(content=fact.content, content_hash=content_hash(fact.content))
        change.vectors[target] = batch.embedded.vector_pair(index)
    change.edit(target, Op.ASSERT, f"{decision.reason}, said earlier", values)


def _link_batch_neighbours(change: UserWrite, pool: _MemoryPool) -> None:
    """Link every new memory to its near neighbours: stored ones, and those created before it in the batch."""
    batch = pool.batch
    created = [index for index, memory_id in enumerate(batch.memory_ids) if memory_id in change.created]
    cosines = batch.active_vectors[created] @ batch.active_vectors[created].T
    for row, index in enumerate(created):
        similar = dict(pool.similar.get(index, {}))
        for other in np.flatnonzero(cosines[row, :row] >= LinkingLimits().min_similarity):
            similar[batch.memory_ids[created[other]]] = float(cosines[row, other])
        link_neighbours(change, batch.memory_ids[index], similar)


def link_neighbours(change: UserWrite, memory_id: UUID, similar: Mapping[UUID, float]) -> None:
    """Link a new memory to its near neighbours; `similar` maps their ids to their cosines with it."""
    for other, cosine in select_related(similar):
        change.link(memory_id, other, LinkType.RELATES, weight=round(min(cosine, 1.0), 3))


def _enrich_neighbour(
    change: UserWrite, pool: _MemoryPool, memory_id: UUID, fact: Fact, judgement: PairJudgement
) -> None:
    """Add index words of a new fact to its neighbour, as a version; the neighbour's content stays."""
    row = pool.rows.get(memory_id)
    if row is None or row.frozen or row.status != Status.ACTIVATED or judgement.verdict in ENDING_VERDICTS:
        return
    fact_texts = [fact.content, *fact.keywords, *fact.tags]
    pending, values = change.pending_values(memory_id), MemoryChanges()
    keywords = pending.get("keywords", row.keywords)
    if (words := add_index_words(keywords, judgement.keywords, fact_texts)) != keywords:
        values["keywords"] = words
    tags = pending.get("tags", row.tags)
    if (words := add_index_words(tags, judgement.tags, fact_texts)) != tags:
        values["tags"] = words
    if values:
        change.edit(memory_id, Op.ENRICH, "a new memory is about the same topic", values)


def _absorb_denial(change: UserWrite, pool: _MemoryPool, memory_id: UUID, denial: UUID) -> None:
    """Turn a denial that came before the value that it retracts into assertions about that value."""
    for assertion in pool.assertions:
        if assertion.memory_id == denial:
            change.assert_said(copy_assertion(assertion, memory_id))
    change.merge_into(denial, memory_id, "the value that it denies is known now")


def _supersede_memory(change: UserWrite, pool: _MemoryPool, new: UUID, old: UUID, reason: str) -> None:
    """Supersede one of two memories as the model judged; their dates decide which."""
    new_from = change.created[new].valid_from
    old_from = pool.rows[old].valid_from if old in pool.rows else change.created[old].valid_from
    if old_from is None or (new_from is not None and new_from >= old_from):
        winner, loser, until = new, old, new_from
    else:
        winner, loser, until = old, new, old_from
    change.supersede(loser, reason, until or change.now)
    change.link(winner, loser, LinkType.SUPERSEDES)


def _add_support(
    change: UserWrite, pool: _MemoryPool, fact: Fact, turn: Turn, decision: ReconciliationDecision
) -> None:
    """Add one more source: independent ones raise the confidence, and an archived memory becomes current."""
    memory_id = decision.memory_id
    assert memory_id is not None
    if fact.slot is not None:
        change.replay_slots([(fact.slot.subject, fact.slot.attribute)])
    sessions = pool.sessions.setdefault(memory_id, [])
    sessions.append((turn.session_id, SOURCE_RELIABILITY[_ORIGIN_BY_ROLE[turn.role]]))
    stored = pool.rows.get(memory_id)
    if stored is None:
        return
    values: MemoryChanges = {}
    if decision.action is ReconciliationAction.SAME:
        values["confidence"] = combine_confidences(sessions)
    if stored.status == Status.ARCHIVED:
        values["status"] = Status.ACTIVATED
    op = {ReconciliationAction.SAME: Op.ASSERT, ReconciliationAction.DENY: Op.DENY}.get(
        decision.action, Op.REFINE
    )
    change.edit(memory_id, op, decision.reason, values)


def _to_assertion(change: UserWrite, memory_id: UUID, fact: Fact, turn: Turn) -> Assertion:
    return Assertion(
        memory_id=memory_id,
        asserted_at=fact.asserted_at or turn.observed_at,
        recorded_at=change.now,
        session_id=turn.session_id,
        position=turn.position,
        turn_id=turn.id,
        quote=fact.quote,
        origin=_ORIGIN_BY_ROLE[turn.role],
        polarity=-1 if _is_denial(fact) else 1,
    )


def _is_denial(fact: Fact) -> bool:
    return is_retraction(fact.slot, fact.polarity)


def _create_memory(change: UserWrite, pool: _MemoryPool, index: int, reason: str) -> UUID:
    batch, fact = pool.batch, pool.batch.facts[index]
    turn = batch.turns[fact.turn_id]
    memory_id, asserted_at = batch.memory_ids[index], fact.asserted_at or turn.observed_at
    origin = _ORIGIN_BY_ROLE[turn.role]
    draft = new_memory(
        memory_id,
        fact,
        origin=origin,
        confidence=round(min(fact.confidence, SOURCE_RELIABILITY[origin]), 4),
        valid_from=holds_since(fact, turn.observed_at),
        anchor_at=asserted_at,
    )
    owned = replace(draft, agent_id=turn.agent_id, extractor=change.model)
    change.create(owned, batch.embedded.vector_pair(index), reason)
    change.assert_said(_to_assertion(change, memory_id, fact, turn))
    if fact.slot is not None:
        change.replay_slots([(fact.slot.subject, fact.slot.attribute)])
    pool.add_created(index, _to_memory(memory_id, fact, origin))
    return memory_id


def _to_memory(memory_id: UUID, fact: Fact, origin: Origin) -> Memory:
    return Memory(
        id=memory_id,
        kind=fact.kind,
        form=fact.form,
        content=fact.content,
        status=Status.ACTIVATED,
        version=1,
        origin=origin,
        slot=fact.slot,
        polarity=fact.polarity,
        confidence=fact.confidence,
    )


def new_memory(
    memory_id: UUID,
    fact: Fact,
    *,
    origin: Origin,
    confidence: float,
    valid_from: datetime | None,
    anchor_at: datetime,
) -> NewMemory:
    """Return a new memory of what a fact says; `anchor_at` is when it was learned."""
    slot = fact.slot
    return NewMemory(
        id=memory_id,
        kind=fact.kind,
        form=fact.form,
        content=fact.content,
        content_hash=content_hash(fact.content),
        origin=origin,
        confidence=confidence,
        importance=fact.importance,
        valid_from=valid_from,
        utc_offset=utc_offset_minutes(valid_from),
        anchor_at=anchor_at,
        volatility=default_volatility(fact.form, slot.attribute if slot else None),
        subject=slot.subject if slot else None,
        attribute=slot.attribute if slot else None,
        value=slot.value if slot else None,
        polarity=fact.polarity,
        keywords=list(fact.keywords),
        tags=list(fact.tags),
        entities=list(fact.entities),
        context=fact.context,
        place=_to_place(fact),
        event_from=fact.event_from,
        event_to=fact.event_to,
        event_precision=fact.event_precision,
    )


def _to_place(fact: Fact) -> dict[str, object] | None:
    if fact.location is None:
        return None
    return {"name": fact.location.name, "lat": fact.location.lat, "lon": fact.location.lon}
