"""Decides what stands for a turn in the results: itself, a memory that it states, or what is true instead."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np

from app.memory.index.documents import MemoryRow, TurnRow
from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray
from app.memory.ranking.ann_candidates import QueryPlan
from app.memory.ranking.query import SearchQuery
from app.memory.text.analysis import analyze_detecting_language, analyze_text

STALE_SHARE = 0.6  # chosen: share of a turn's words in superseded memories from which the turn is left out
# Chosen: how much of the score of what it superseded a successor must have to be about the question. Scores
# are standardised over the memories, so that they tell this only among many.
SUCCESSOR_SHARE, MIN_SCORED_MEMORIES = 0.5, 100
BESIDE_PENALTY = 1.0  # chosen: how much lower ranks what stands beside the better form of the same turn


@dataclass(frozen=True, slots=True)
class Representation:
    """A turn, a memory (with the turn that led to it), and by how much it ranks below the turn's score.

    A turn that says what is no longer true is `stale`: `superseded_by` are the memories that replaced it,
    `valid_to` is when it ended. `is_of_turn` says that the memory is one that the turn states.
    """

    turn: int | None
    memory: int | None
    penalty: float = 0.0
    superseded_by: Sequence[UUID] = ()
    valid_to: datetime | None = None
    stale: bool = False
    is_of_turn: bool = False


def represent_turn(
    index: UserIndex, query: SearchQuery, plan: QueryPlan, doc_id: int, own: float, memory_scores: FloatArray
) -> Iterator[Representation]:
    """What stands for a turn that matches with the score `own` by itself, best first.

    That is the memory that matches better or that shares its slot with another current one, or the turn
    itself. If the memory that matches best is no longer true, what superseded it comes first, and the turn
    after that, marked.
    """
    memories = index.find_turn_memories(doc_id)
    may_be_turn = bool(plan.item_mask[doc_id])
    if not memories:
        if may_be_turn:
            yield Representation(doc_id, None)
        return
    is_superseded = index.memories.columns["superseded"].as_array
    allowed = [memory for memory in memories if plan.memory_mask[memory]]
    superseded = [memory for memory in memories if is_superseded[memory]]
    best = max(allowed, key=lambda memory: memory_scores[memory], default=None)
    current = max(
        (memory for memory in allowed if not is_superseded[memory]),
        key=lambda memory: memory_scores[memory],
        default=None,
    )
    ended = [m for m in superseded if current is None or memory_scores[m] > memory_scores[current]]
    ended.sort(key=lambda memory: -memory_scores[memory])
    if ended and not query.include_superseded:
        yield from _represent_ended(index, plan, doc_id, own, ended, memory_scores, may_be_turn=may_be_turn)
        if not may_be_turn:
            yield from _other_memories(doc_id, allowed, memory_scores, float(memory_scores[ended[0]]))
        return
    # The holder of a disputed slot precedes the disputing memory with an equal score: sorting is stable.
    holder = find_slot_holder(index, best)
    if holder is not None and plan.memory_mask[holder]:
        yield Representation(newest_source_turn(index, holder), holder)
    # A turn says of itself neither that it is contradicted nor how far it is to be relied on.
    is_contested = best is not None and index.index_view.contested_mask[best]
    if best is not None and (not may_be_turn or is_contested or memory_scores[best] >= own):
        successors = index_ids(index, find_successors(index, [best])) if is_superseded[best] else []
        yield Representation(doc_id, best, superseded_by=successors, is_of_turn=may_be_turn)
        if not may_be_turn:
            others = [memory for memory in allowed if memory != best]
            yield from _other_memories(doc_id, others, memory_scores, float(memory_scores[best]))
    elif may_be_turn:
        yield mark_turn(index, doc_id, superseded, ended)


def _represent_ended(
    index: UserIndex,
    plan: QueryPlan,
    doc_id: int,
    own: float,
    ended: Sequence[int],
    memory_scores: FloatArray,
    *,
    may_be_turn: bool,
) -> Iterator[Representation]:
    """What stands for a turn whose memories that match, `ended` (best first), are no longer true.

    That is what superseded the best of them for which there is such a thing, and the turn behind that. A
    successor that answers the question clearly worse than what it superseded has to do with another part of
    it, and takes no place where the turn can say by what it was superseded. A turn in whose place nothing
    stands, or that matches better than what ended (something else that it says is asked for), keeps its rank.
    """
    found = ((one, found) for one in ended if (found := find_successors(index, [one])))
    replaced, successors = next(found, (ended[0], []))
    takes_all = not may_be_turn or len(memory_scores) < MIN_SCORED_MEMORIES
    enough = SUCCESSOR_SHARE * max(0.0, float(memory_scores[replaced]))
    answering = [
        memory
        for memory in successors
        if plan.successor_mask[memory] and (takes_all or memory_scores[memory] >= enough)
    ]
    for memory in answering:
        yield Representation(newest_source_turn(index, memory), memory)
    if not may_be_turn:
        return
    penalty = BESIDE_PENALTY if answering and memory_scores[ended[0]] >= own else 0.0
    marked = mark_turn(index, doc_id, ended, ended, penalty)
    is_marked = marked.superseded_by or marked.valid_to is not None
    if is_marked or not _quotes_cover_turn(index.memories.get_many(ended), index.turns[doc_id]):
        yield marked


def mark_turn(
    index: UserIndex, doc_id: int, superseded: Sequence[int], ended: Sequence[int], penalty: float = 0.0
) -> Representation:
    """The turn, with what replaced its `superseded` memories; it is stale if all that match are `ended`."""
    ends = [end for memory in index.memories.get_many(ended) if (end := memory.valid_to) is not None]
    return Representation(
        doc_id,
        None,
        penalty,
        superseded_by=index_ids(index, find_successors(index, superseded)),
        valid_to=max(ends, default=None),
        stale=bool(ended),
    )


def _other_memories(
    doc_id: int, memories: Iterable[int], memory_scores: FloatArray, best: float
) -> Iterator[Representation]:
    """The other memories of a turn, each as much lower as it matches worse than the one that leads to it."""
    for memory in memories:
        behind = max(0.0, best - float(memory_scores[memory]))
        yield Representation(doc_id, memory, behind + BESIDE_PENALTY)


def find_superseded(index: UserIndex, turn: int) -> list[int]:
    """The memories of a turn that are superseded."""
    is_superseded = index.memories.columns["superseded"].as_array
    return [memory for memory in index.find_turn_memories(turn) if is_superseded[memory]]


def newest_source_turn(index: UserIndex, memory: int) -> int | None:
    """The newest indexed turn that states the memory."""
    for source in index.memories[memory].supporting_sources:
        row = index.turns.id_map.get(source.turn_id) if source.turn_id is not None else None
        if row is not None:
            return row
    return None


def find_replacements(index: UserIndex, turn: TurnRow) -> tuple[list[UUID], bool]:
    """(current memories that replace the turn's superseded ones, whether those cover most of the turn)."""
    superseded = find_superseded(index, index.turns.id_map[turn.id])
    is_covered = bool(superseded) and _quotes_cover_turn(index.memories.get_many(superseded), turn)
    return index_ids(index, find_successors(index, superseded)), is_covered


def index_ids(index: UserIndex, memories: Sequence[int]) -> list[UUID]:
    """The ids of these memories."""
    return [index.memories[memory].id for memory in memories]


def find_successors(index: UserIndex, superseded: Sequence[int]) -> list[int]:
    """The current memories that stand in place of these superseded ones, slot holders first.

    Those are what superseded them, directly or over others, and what is in their slots now.
    """
    if not superseded:
        return []
    memories = index.memories
    found = _follow_successions(index, superseded) | _find_in_slots(index, superseded)
    deleted = set(memories.load_missing(found)) if found else set[int]()
    ordered = [
        (not memories[memory].holds_slot, memories[memory].id, memory)
        for memory in found
        if memory not in deleted
    ]
    return [memory for _, _, memory in sorted(ordered)]


def _find_in_slots(index: UserIndex, memories: Sequence[int]) -> set[int]:
    """The current memories in the slots of these."""
    slots = index.memories.categorical_columns["slot"]
    wanted = {slots.categories[slots.codes[memory]] for memory in memories} - {None}
    if not wanted:
        return set()
    return set(np.flatnonzero(slots.match_any(wanted) & index.memories.current_mask).tolist())


def _follow_successions(index: UserIndex, superseded: Sequence[int]) -> set[int]:
    """The current memories that superseded these, directly or over others that are superseded themselves."""
    successors, is_current = index.index_view.successors, index.memories.current_mask
    found: set[int] = set()
    if not successors:
        return found
    seen, waiting = set(superseded), list(superseded)
    while waiting:
        for memory in successors.get(waiting.pop(), ()):
            if is_current[memory]:
                found.add(memory)
            elif memory not in seen:
                seen.add(memory)
                waiting.append(memory)
    return found


def find_slot_holder(index: UserIndex, memory: int | None) -> int | None:
    """The holder of the slot that `memory` disputes; None if it disputes none."""
    if (
        memory is None
        or not index.index_view.contested_mask[memory]
        or not index.memories[memory].is_disputed
    ):
        return None
    in_slot = _find_in_slots(index, [memory])
    holders = [row for row in index.memories.get_many(sorted(in_slot)) if row.holds_slot]
    first = min(holders, key=lambda row: row.id, default=None)
    return index.memories.id_map[first.id] if first is not None else None


def _quotes_cover_turn(memories: Sequence[MemoryRow], turn: TurnRow) -> bool:
    """Whether these memories' quotes contain most words of the turn (`STALE_SHARE`)."""
    terms, language = analyze_detecting_language(turn.content)
    words = set(terms)
    quoted = {
        word
        for memory in memories
        for source in memory.sources
        if source.turn_id == turn.id
        for word in analyze_text(source.quote, language)
    }
    return len(words & quoted) >= STALE_SHARE * max(1, len(words))
