"""Apply the decisions of `app.memory.reconciliation`: this is the only writer of extracted memories.

A fact is the same as a stored memory, refines one, or becomes a memory of its own; then it changes others.
"""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

import numpy as np

from app.core.vocabulary import ChangeKind, Kind, LinkType, Op, Origin, Role, Status
from app.db.memory_rows import MemoryChanges
from app.memory.chronology import holds_since
from app.memory.reconciliation.decisions import (
    SOURCE_RELIABILITY,
    combine_confidences,
    content_hash,
)
from app.memory.reconciliation.judged_changes import EstimateChanges
from app.memory.reconciliation.judgement.judging import CHANGE_OF_VERDICT, select_pairs
from app.memory.reconciliation.judgement.verdicts import FactMemoryPair, PairJudgement, Verdict, to_pair
from app.memory.reconciliation.linking import LinkingLimits, add_index_words, select_related
from app.memory.reconciliation.sameness import find_same, same_occasion
from app.memory.types import Assertion, Fact, Memory, Turn
from app.services.memories.reconciliation.candidates import speaker_words
from app.services.memories.reconciliation.cue_changes import apply_cues
from app.services.memories.reconciliation.memory_pool import FactBatch, MemoryPool
from app.services.memories.reconciliation.named_changes import apply_named_changes
from app.services.memories.reconciliation.new_memories import distinct_hash, new_memory
from app.services.memories.reconciliation.statement_changes import (
    doubt_statements,
    relate_statements,
    repeat_changes,
)
from app.services.memories.unit_of_work import UserWrite

_ORIGIN_BY_ROLE = {Role.USER: Origin.USER, Role.ASSISTANT: Origin.ASSISTANT, Role.TOOL: Origin.TOOL}
Judgements = Mapping[UUID, PairJudgement]
Verdicts = Mapping[tuple[int, UUID], PairJudgement]
OpenPair = tuple[int, UUID, FactMemoryPair]  # the fact's index in the batch, the stored memory, their texts
_AGREEING = {Verdict.SAME: Op.ASSERT, Verdict.REFINES: Op.REFINE}


def reconcile_batch(
    change: UserWrite, batch: FactBatch, verdicts: Verdicts | None, estimate: EstimateChanges
) -> list[OpenPair]:
    """Decide on every fact, collect the changes, and return the pairs that a model should judge.

    With verdicts None there is no model: no pair is returned, and changes are read from the words and, where
    these say nothing, from `estimate`. The fact of a returned pair is not in `change`.
    """
    pool = MemoryPool(change, batch)
    open_pairs: list[OpenPair] = []
    repeated: dict[UUID, Assertion] = {}
    for index in range(len(batch.facts)):
        judgements = None if verdicts is None else {m: j for (i, m), j in verdicts.items() if i == index}
        asked = _select_open_pairs(pool, index, judgements)
        if asked:
            open_pairs += asked
            continue
        memory_id, said = _write_fact(change, pool, index, judgements or {})
        if memory_id not in change.created:
            repeated[memory_id] = said
        _apply_changes(pool, index, memory_id, judgements or {})
        apply_cues(pool, memory_id, index, estimate if verdicts is None else None)
    if not open_pairs:
        repeat_changes(pool, repeated)
        _link_batch_neighbours(change, pool)
    return open_pairs


def _select_open_pairs(pool: MemoryPool, index: int, judgements: Judgements | None) -> list[OpenPair]:
    """Return the pairs of a fact that a model should judge and has not."""
    batch, fact = pool.batch, pool.batch.facts[index]
    if judgements is None or _find_same(pool, index, {}) is not None:
        return []
    others = [memory for memory in pool.others(index) if memory.status is not Status.SUPERSEDED]
    named = {change.target_id for change in fact.changes if change.target_id is not None}
    ignored = speaker_words(batch.turns.values())
    turn = batch.turns[fact.turn_id]
    chosen = select_pairs(fact, others, batch.related_ids | named, ignored)
    return [
        (index, memory.id, to_pair(fact, fact.asserted_at or turn.observed_at, memory))
        for memory in chosen
        if memory.id not in judgements
    ]


def _find_same(pool: MemoryPool, index: int, judgements: Judgements) -> tuple[UUID, Op, str] | None:
    """Return (memory, operation, reason) of the memory that says what the fact says, or None."""
    fact = pool.batch.facts[index]
    same = find_same(fact, pool.find_alike(index))
    if same is not None:
        return same.id, Op.ASSERT, "says the same"
    named = pool.known.get(fact.same_as) if fact.same_as is not None else None
    if named is not None and _may_agree(fact, named):
        return named.id, Op.ASSERT, "model: same"
    for memory_id, judgement in judgements.items():
        memory = pool.known.get(memory_id)
        if judgement.verdict in _AGREEING and memory is not None and _may_agree(fact, memory):
            return memory_id, _AGREEING[judgement.verdict], f"model: {judgement.verdict}"
    return None


def _may_agree(fact: Fact, memory: Memory) -> bool:
    """Return whether a model may say that two statements agree: their slots and dates must not differ."""
    if fact.slot is not None and memory.slot is not None and fact.slot != memory.slot:
        return False
    is_alike = memory.form == fact.form and memory.polarity == fact.polarity
    no_example = Kind.EXAMPLE not in {fact.kind, memory.kind}
    return is_alike and no_example and memory.origin is not Origin.INFERENCE and same_occasion(fact, memory)


def _write_fact(
    change: UserWrite, pool: MemoryPool, index: int, judgements: Judgements
) -> tuple[UUID, Assertion]:
    """Add a fact to the memory that says the same, or make it one; return its id and what was said."""
    fact = pool.batch.facts[index]
    same = _find_same(pool, index, judgements)
    if same is None:
        memory_id = _create_memory(change, pool, index)
        return memory_id, change.assertions[-1]
    target, op, reason = same
    turn = pool.batch.turns[fact.turn_id]
    if op is Op.ASSERT:
        _keep_first_wording(change, pool, index, target, reason)
    said = _to_assertion(change, target, fact, turn)
    change.assert_said(said)
    _add_support(change, pool, target, op, reason)
    if op is Op.REFINE:
        values: MemoryChanges = {"content": fact.content, "content_hash": content_hash(fact.content)}
        change.edit(target, op, reason, values)
        change.vectors[target] = pool.batch.embedded.vector_pair(index)
    return target, said


def _apply_changes(pool: MemoryPool, index: int, memory_id: UUID, judgements: Judgements) -> None:
    """Apply what a fact does to other memories: by its slot, by the model's words, by its verdicts."""
    fact = pool.batch.facts[index]
    for opposite in pool.find_opposites(index):
        relate_statements(pool, memory_id, opposite, ChangeKind.END, "its value was denied")
    apply_named_changes(pool, index, memory_id)
    for other, judgement in judgements.items():
        if other not in pool.known or other == memory_id:
            continue
        kind = CHANGE_OF_VERDICT.get(judgement.verdict)
        if kind is not None:
            relate_statements(pool, memory_id, other, kind, f"model: {judgement.verdict}")
        elif judgement.verdict is Verdict.CONTRADICTS:
            doubt_statements(pool, memory_id, other, f"model: {judgement.verdict}")
        _enrich_neighbour(pool, other, fact, judgement)


def _keep_first_wording(change: UserWrite, pool: MemoryPool, index: int, target: UUID, reason: str) -> None:
    """Keep the wording that was said first, in whatever order the wordings arrive."""
    batch, fact = pool.batch, pool.batch.facts[index]
    turn, row = batch.turns[fact.turn_id], pool.rows.get(target)
    stored = pool.get(target)
    same_origin = stored.origin == _ORIGIN_BY_ROLE[turn.role] and not (row is not None and row.frozen)
    is_living = stored.status in {Status.ACTIVATED, Status.ARCHIVED, Status.SUPERSEDED}
    if fact.slot is not None or not same_origin or not is_living:
        return
    asserted_at = fact.asserted_at or turn.observed_at
    earlier_times = [one.asserted_at for one in pool.said_of(target)]
    if not earlier_times or asserted_at >= min(earlier_times):
        return
    values: MemoryChanges = {"valid_from": min(stored.valid_from or asserted_at, asserted_at)}
    if content_hash(fact.content) != stored.content_hash:
        values |= MemoryChanges(content=fact.content, content_hash=content_hash(fact.content))
        change.vectors[target] = batch.embedded.vector_pair(index)
    change.edit(target, Op.ASSERT, f"{reason}, said earlier", values)


def _link_batch_neighbours(change: UserWrite, pool: MemoryPool) -> None:
    """Link every new memory to its near neighbours: stored ones, and those created before it in the batch."""
    batch = pool.batch
    created = [index for index, memory_id in enumerate(batch.memory_ids) if memory_id in change.created]
    cosines = batch.active_vectors[created] @ batch.active_vectors[created].T
    for row, index in enumerate(created):
        similar = pool.near_current(index)
        for other in np.flatnonzero(cosines[row, :row] >= LinkingLimits().min_similarity):
            similar[batch.memory_ids[created[other]]] = float(cosines[row, other])
        link_neighbours(change, batch.memory_ids[index], similar)


def link_neighbours(change: UserWrite, memory_id: UUID, similar: Mapping[UUID, float]) -> None:
    """Link a new memory to its near neighbours; `similar` maps their ids to their cosines with it."""
    for other, cosine in select_related(similar):
        change.link(memory_id, other, LinkType.RELATES, weight=round(min(cosine, 1.0), 3))


def _enrich_neighbour(pool: MemoryPool, memory_id: UUID, fact: Fact, judgement: PairJudgement) -> None:
    """Add index words of a new fact to its neighbour, as a version; the neighbour's content stays."""
    change, row = pool.change, pool.rows.get(memory_id)
    ends = judgement.verdict in CHANGE_OF_VERDICT
    if row is None or row.frozen or row.status != Status.ACTIVATED or ends:
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


def _add_support(change: UserWrite, pool: MemoryPool, memory_id: UUID, op: Op, reason: str) -> None:
    """Add one more source: independent ones raise the confidence, and an archived memory becomes current."""
    change.replay_memories([memory_id])
    stored = pool.rows.get(memory_id)
    if stored is None:
        return
    values: MemoryChanges = {}
    if op is Op.ASSERT:
        values["confidence"] = combine_confidences(pool.sources_of(memory_id))
    if stored.status == Status.ARCHIVED:
        values["status"] = Status.ACTIVATED
    change.edit(memory_id, op, reason, values)


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
    )


def _create_memory(change: UserWrite, pool: MemoryPool, index: int) -> UUID:
    batch, fact = pool.batch, pool.batch.facts[index]
    turn = batch.turns[fact.turn_id]
    memory_id = batch.memory_ids[index]
    origin = _ORIGIN_BY_ROLE[turn.role]
    draft = new_memory(
        memory_id,
        fact,
        origin=origin,
        confidence=round(min(fact.confidence, SOURCE_RELIABILITY[origin]), 4),
        valid_from=holds_since(fact, turn.observed_at),
        anchor_at=turn.observed_at,
    )
    if pool.is_taken(fact, draft.content_hash):
        # Another memory has these words and says something else: of another day, or of another property.
        draft = replace(draft, content_hash=distinct_hash(fact))
    owned = replace(draft, agent_id=turn.agent_id, extractor=change.model)
    change.create(owned, batch.embedded.vector_pair(index), "nothing says the same")
    change.assert_said(_to_assertion(change, memory_id, fact, turn))
    if fact.slot is not None:
        change.replay_memories([memory_id])
    pool.add_created(index, _to_memory(memory_id, fact, origin), draft.content_hash)
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
        subject=fact.slot.subject if fact.slot is not None else fact.subject,
        event_from=fact.event_from,
        event_to=fact.event_to,
    )
