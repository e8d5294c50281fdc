"""Carries out what `memory.reconciliation` decides: the only writer of extracted memories."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.core.ids import new_id
from app.core.vocabulary import Form, LinkType, Origin, Role, Status
from app.db import models
from app.db.repositories.memories import memories
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
from app.memory.types import Fact, Memory, Slot, Turn
from app.services.memories.memory_versions import ChangeSet, Row
from app.services.models.model_registry import EmbeddedTexts

MAX_NEIGHBOURS = 5
_ORIGIN_BY_ROLE = {Role.USER: Origin.USER, Role.ASSISTANT: Origin.ASSISTANT, Role.TOOL: Origin.TOOL}
Verdicts = Mapping[tuple[int, UUID], PairJudgement]
ENDING_VERDICTS = {Verdict.SUPERSEDES, Verdict.RETRACTS}
_WORDING_COLUMNS = ("content_hash", "origin", "status", "valid_from")


@dataclass(frozen=True, slots=True)
class FactBatch:
    """Guarded facts, the ids they get if they become memories, their vectors (n, d) and their turns."""

    facts: Sequence[Fact]
    memory_ids: Sequence[UUID]
    embedded: EmbeddedTexts
    turns: Mapping[UUID, Turn]

    @property
    def active_vectors(self) -> NDArray[np.float32]:
        """(n, d) by the model in use."""
        return self.embedded.active


def reconcile_batch(
    session: Session, change: ChangeSet, batch: FactBatch, model_id: str, verdicts: Verdicts | None
) -> list[tuple[int, UUID, FactMemoryPair]]:
    """Decide on every fact and note the changes; the pairs that a model should judge come back.

    With verdicts None nothing is asked. A pair that comes back leaves its fact unwritten in `change`.
    Denials come last, so that they meet the values that they take back.
    """
    pool = _MemoryPool(session, change, batch, model_id)
    open_pairs: list[tuple[int, UUID, FactMemoryPair]] = []
    for index in sorted(range(len(batch.facts)), key=lambda i: _is_denial(batch.facts[i])):
        fact = batch.facts[index]
        known = pool.find_comparable(index)
        judged = None if verdicts is None else {m: j for (i, m), j in verdicts.items() if i == index}
        words = None if judged is None else {m: judgement.verdict for m, judgement in judged.items()}
        decision = decide_action(fact, known, words, SimilarityThresholds())
        if decision.action is ReconciliationAction.ASK:
            open_pairs += _build_verdict_pairs(index, fact, known, batch)
            continue
        _apply_decision(change, pool, batch, index, fact, decision)
        for memory_id, judgement in (judged or {}).items():
            _enrich_neighbour(change, pool, memory_id, fact, judgement)
    _link_batch_neighbours(change, pool, batch)
    return open_pairs


class _MemoryPool:
    """The memories that a batch may concern: stored ones, and those that the batch itself has made."""

    def __init__(self, session: Session, change: ChangeSet, batch: FactBatch, model_id: str) -> None:
        tenant_id, user_id = change.tenant_id, change.user_id
        self.batch = batch
        self.rows: dict[UUID, models.Memory] = {}
        self._known: dict[UUID, Memory] = {}
        self._by_hash: dict[bytes, list[UUID]] = {}
        self._by_slot: dict[tuple[str, str], list[UUID]] = {}
        self._loose: dict[int, UUID] = {}
        self._near: dict[int, dict[UUID, float]] = {}
        self.hashes = [content_hash(fact.content) for fact in batch.facts]
        slots = {(f.slot.subject, f.slot.attribute) for f in batch.facts if f.slot is not None}
        self._add_rows(memories.list_memories_by_slots(session, tenant_id, user_id, slots))
        self._add_rows(memories.list_memories_by_hashes(session, tenant_id, user_id, set(self.hashes)))
        # One query for both: what a fact may be the same as, and what it is related to.
        limits = LinkingLimits()
        near = memories.find_nearest_memories(
            session,
            tenant_id,
            user_id,
            model_id,
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
        self._add_rows(memories.list_memories_by_ids(session, tenant_id, missing))
        self.assertions = memories.list_assertions(session, tenant_id, self.rows)
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
        """Note that fact `index` became a memory, so that a later fact of the batch can be the same."""
        self._index_memory(memory, content_hash(memory.content))
        if memory.slot is None:
            self._loose[index] = memory.id

    def find_comparable(self, index: int) -> list[Memory]:
        """The memories to compare fact `index` with: same words, same slot, or near by cosine."""
        fact = self.batch.facts[index]
        found = dict.fromkeys(self._by_hash.get(self.hashes[index], []), 0.0)
        if fact.slot is not None:
            key = (fact.slot.subject, fact.slot.attribute)
            found |= dict.fromkeys(self._by_slot.get(key, []), 0.0)
        elif self._loose:
            likeness = self.batch.active_vectors[list(self._loose)] @ self.batch.active_vectors[index]
            pairs = zip(self._loose.values(), likeness.tolist(), strict=True)
            found |= {
                memory_id: value for memory_id, value in pairs if value >= SimilarityThresholds().grey_zone
            }
        found |= self._near.get(index, {})
        return [replace(self._known[memory_id], similarity=value) for memory_id, value in found.items()]

    def find_denials(self, slot: Slot | None) -> list[UUID]:
        """The stored memories that only say that the slot does not have this value (any more)."""
        if slot is None:
            return []
        held = [self._known[memory_id] for memory_id in self._by_slot.get((slot.subject, slot.attribute), [])]
        return [
            memory.id
            for memory in held
            if memory.id in self.rows
            and memory.slot is not None
            and memory.slot.value == slot.value
            and is_retraction(memory.slot, memory.polarity)
        ]


def _sessions_by_memory(assertions: Sequence[Any]) -> dict[UUID, list[tuple[str, float]]]:
    found: dict[UUID, list[tuple[str, float]]] = {}
    for assertion in assertions:
        found.setdefault(assertion.memory_id, []).append(
            (assertion.session_id, SOURCE_RELIABILITY[assertion.origin])
        )
    return found


def _build_verdict_pairs(
    index: int, fact: Fact, known: Sequence[Memory], batch: FactBatch
) -> list[tuple[int, UUID, FactMemoryPair]]:
    turn = batch.turns[fact.turn_id]
    near = [m for m in known if is_comparable(fact, m) and m.similarity >= SimilarityThresholds().grey_zone]
    said = fact.asserted_at or turn.observed_at
    return [(index, m.id, FactMemoryPair(fact.content, said, m.content, m.valid_from)) for m in near]


def _apply_decision(
    change: ChangeSet,
    pool: _MemoryPool,
    batch: FactBatch,
    index: int,
    fact: Fact,
    decision: ReconciliationDecision,
) -> None:
    turn = batch.turns[fact.turn_id]
    target = decision.memory_id
    if decision.action in {ReconciliationAction.SAME, ReconciliationAction.DENY, ReconciliationAction.REFINE}:
        assert target is not None
        if decision.action is ReconciliationAction.SAME:
            _keep_first_wording(change, pool, batch, index, decision)
        _add_assertion(change, target, fact, turn)
        _add_support(change, pool, target, fact, turn, decision)
        if decision.action is ReconciliationAction.REFINE:
            values = {"content": fact.content, "content_hash": content_hash(fact.content)}
            change.edit_memory(target, "refine", decision.reason, values)
            change.vectors[target] = batch.embedded.vector_pair(index)
        return
    memory_id = _create_memory(change, pool, batch, index, fact, decision.reason)
    if not _is_denial(fact):
        for denial in pool.find_denials(fact.slot):
            _absorb_denial(change, pool, memory_id, denial)
    if decision.action is ReconciliationAction.CONTRADICT and target is not None:
        change.add_link(memory_id, target, LinkType.CONTRADICTS)
        change.new_rows[memory_id]["confidence"] *= CONFLICT_FACTOR
        weakened = pool.rows[target].confidence if target in pool.rows else fact.confidence
        change.edit_memory(target, "contradict", decision.reason, {"confidence": weakened * CONFLICT_FACTOR})
    if decision.action is ReconciliationAction.REPLACE and target is not None:
        _supersede_memory(change, pool, memory_id, target, decision.reason)


def _keep_first_wording(
    change: ChangeSet, pool: _MemoryPool, batch: FactBatch, index: int, decision: ReconciliationDecision
) -> None:
    """Of several wordings the one said first stands, in whatever order they come."""
    fact, target = batch.facts[index], decision.memory_id
    assert target is not None
    turn, row = batch.turns[fact.turn_id], pool.rows.get(target)
    held = change.new_rows[target] if row is None else {name: getattr(row, name) for name in _WORDING_COLUMNS}
    own = held["origin"] == _ORIGIN_BY_ROLE[turn.role] and not (row is not None and row.frozen)
    if fact.slot is not None or not own or held["status"] not in {Status.ACTIVATED, Status.ARCHIVED}:
        return
    said = fact.asserted_at or turn.observed_at
    heard = [a.asserted_at for a in pool.assertions if a.memory_id == target and a.polarity > 0]
    heard += [a["asserted_at"] for a in change.assertions if a["memory_id"] == target and a["polarity"] > 0]
    if not heard or said >= min(heard):
        return
    values: Row = {"valid_from": min(held["valid_from"] or said, said)}
    if content_hash(fact.content) != held["content_hash"]:
        values |= {"content": fact.content, "content_hash": content_hash(fact.content)}
        change.vectors[target] = batch.embedded.vector_pair(index)
    change.edit_memory(target, "assert", f"{decision.reason}, said earlier", values)


def _link_batch_neighbours(change: ChangeSet, pool: _MemoryPool, batch: FactBatch) -> None:
    """Link every new memory to its near neighbours: stored ones, and those made before it in the batch."""
    made = [index for index, memory_id in enumerate(batch.memory_ids) if memory_id in change.new_rows]
    likeness = batch.active_vectors[made] @ batch.active_vectors[made].T
    for place, index in enumerate(made):
        similar = dict(pool.similar.get(index, {}))
        for other in np.flatnonzero(likeness[place, :place] >= LinkingLimits().min_similarity):
            similar[batch.memory_ids[made[other]]] = float(likeness[place, other])
        link_neighbours(change, batch.memory_ids[index], similar)


def link_neighbours(change: ChangeSet, memory_id: UUID, similar: Mapping[UUID, float]) -> None:
    """Link a new memory to those that are near by their cosines with it."""
    for other, cosine in select_related(similar):
        change.add_link(memory_id, other, LinkType.RELATES, weight=round(min(cosine, 1.0), 3))


def _enrich_neighbour(
    change: ChangeSet, pool: _MemoryPool, memory_id: UUID, fact: Fact, judgement: PairJudgement
) -> None:
    """Index words of a new fact for its neighbour, as a version; what the neighbour says stays as it is."""
    row = pool.rows.get(memory_id)
    if row is None or row.frozen or row.status != Status.ACTIVATED or judgement.verdict in ENDING_VERDICTS:
        return
    said = [fact.content, *fact.keywords, *fact.tags]
    pending = change.edits[memory_id][2] if memory_id in change.edits else {}
    values: Row = {}
    for column, offered in (("keywords", judgement.keywords), ("tags", judgement.tags)):
        held = pending.get(column, getattr(row, column))
        words = add_index_words(held, offered, said)
        if words != held:
            values[column] = words
    if values:
        change.edit_memory(memory_id, "enrich", "a new memory is about the same topic", values)


def _absorb_denial(change: ChangeSet, pool: _MemoryPool, memory_id: UUID, denial: UUID) -> None:
    """A denial that came before the value that it takes back becomes an assertion about that value."""
    for said in pool.assertions:
        if said.memory_id == denial:
            row = {name: getattr(said, name) for name in said.__dataclass_fields__}
            row |= {"tenant_id": change.tenant_id, "id": new_id(), "user_id": change.user_id}
            change.assertions.append(row | {"memory_id": memory_id})
    change.edit_memory(denial, "merge", "the value that it denies is known now", {"status": Status.MERGED})
    change.add_link(denial, memory_id, LinkType.MERGED_INTO)


def _supersede_memory(change: ChangeSet, pool: _MemoryPool, new: UUID, old: UUID, reason: str) -> None:
    """The model says that one replaces the other; the dates say which."""
    row = change.new_rows[new]
    old_from = pool.rows[old].valid_from if old in pool.rows else change.new_rows[old]["valid_from"]
    if old_from is None or row["valid_from"] >= old_from:
        winner, loser, until = new, old, row["valid_from"]
    else:
        winner, loser, until = old, new, old_from
    ended = {"status": Status.SUPERSEDED, "valid_to": until, "retired_at": change.now}
    change.edit_memory(loser, "supersede", reason, ended)
    change.add_link(winner, loser, LinkType.SUPERSEDES)


def _add_support(
    change: ChangeSet,
    pool: _MemoryPool,
    memory_id: UUID,
    fact: Fact,
    turn: Turn,
    decision: ReconciliationDecision,
) -> None:
    """One more source: confidence grows by independent ones, an archived memory comes back."""
    if fact.slot is not None:
        change.slots.add((fact.slot.subject, fact.slot.attribute))
    heard = pool.sessions.setdefault(memory_id, [])
    heard.append((turn.session_id, SOURCE_RELIABILITY[_ORIGIN_BY_ROLE[turn.role]]))
    stored = pool.rows.get(memory_id)
    if stored is None:
        return
    values: Row = (
        {"confidence": combine_confidences(heard)} if decision.action is ReconciliationAction.SAME else {}
    )
    if stored.status == Status.ARCHIVED:
        values["status"] = Status.ACTIVATED
    op = {ReconciliationAction.SAME: "assert", ReconciliationAction.DENY: "deny"}.get(
        decision.action, "refine"
    )
    change.edit_memory(memory_id, op, decision.reason, values)


def _add_assertion(change: ChangeSet, memory_id: UUID, fact: Fact, turn: Turn) -> None:
    change.assertions.append(
        {
            "tenant_id": change.tenant_id,
            "id": new_id(),
            "user_id": change.user_id,
            "memory_id": memory_id,
            "turn_id": turn.id,
            "origin": _ORIGIN_BY_ROLE[turn.role],
            "asserted_at": fact.asserted_at or turn.observed_at,
            "recorded_at": change.now,
            "session_id": turn.session_id,
            "position": turn.position,
            "polarity": -1 if _is_denial(fact) else 1,
            "quote": fact.quote,
        }
    )


def _is_denial(fact: Fact) -> bool:
    return is_retraction(fact.slot, fact.polarity)


def _create_memory(
    change: ChangeSet, pool: _MemoryPool, batch: FactBatch, index: int, fact: Fact, reason: str
) -> UUID:
    turn = batch.turns[fact.turn_id]
    memory_id, said = batch.memory_ids[index], fact.asserted_at or turn.observed_at
    origin = _ORIGIN_BY_ROLE[turn.role]
    row = new_memory_row(change, memory_id, fact) | {
        "agent_id": turn.agent_id,
        "origin": origin,
        "valid_from": fact.event_from if fact.form is Form.EVENT and fact.event_from else said,
        "confidence": round(min(fact.confidence, SOURCE_RELIABILITY[origin]), 4),
        "anchor_at": said,
        "extractor": change.model,
    }
    change.new_rows[memory_id] = row
    change.reasons[memory_id] = reason
    change.vectors[memory_id] = batch.embedded.vector_pair(index)
    _add_assertion(change, memory_id, fact, turn)
    if fact.slot is not None:
        change.slots.add((fact.slot.subject, fact.slot.attribute))
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


def new_memory_row(change: ChangeSet, memory_id: UUID, fact: Fact) -> Row:
    """The columns of a new memory that come from the fact alone."""
    slot = fact.slot
    return {
        "tenant_id": change.tenant_id,
        "id": memory_id,
        "user_id": change.user_id,
        "kind": fact.kind,
        "form": fact.form,
        "status": Status.ACTIVATED,
        "content": fact.content,
        "content_hash": content_hash(fact.content),
        "subject": slot.subject if slot else None,
        "attribute": slot.attribute if slot else None,
        "value": slot.value if slot else None,
        "polarity": fact.polarity,
        "keywords": list(fact.keywords),
        "tags": list(fact.tags),
        "entities": list(fact.entities),
        "context": fact.context,
        "place": _to_location(fact),
        "event_from": fact.event_from,
        "event_to": fact.event_to,
        "event_precision": fact.event_precision,
        "valid_to": None,
        "retired_at": None,
        "stale": False,
        "volatility": default_volatility(fact.form, slot.attribute if slot else None),
        "importance": fact.importance,
        "recorded_at": change.now,
        "updated_at": change.now,
        "revision": change.revision,
    }


def _to_location(fact: Fact) -> Row | None:
    if fact.location is None:
        return None
    return {"name": fact.location.name, "lat": fact.location.lat, "lon": fact.location.lon}
