"""Decides what stands for a turn in the results: itself, a memory that it states, or what is true instead."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.memory.index.documents import TurnRow
from app.memory.numeric import FloatArray
from app.memory.ranking.documents import Documents
from app.memory.ranking.query_plan import QueryPlan
from app.memory.ranking.results.succession import collect_slot_mates, collect_successors
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
    `valid_to` is when it ended. `is_of_turn` says that the memory is one that the turn states, `is_successor`
    that it stands in place of one that is no longer true.
    """

    turn: int | None
    memory: int | None
    penalty: float = 0.0
    superseded_by: Sequence[UUID] = ()
    valid_to: datetime | None = None
    stale: bool = False
    is_of_turn: bool = False
    is_successor: bool = False


def represent_turn(
    plan: QueryPlan, documents: Documents, doc_id: int, own: float, memory_scores: FloatArray
) -> Iterator[Representation]:
    """What stands for a turn that matches with the score `own` by itself, best first.

    That is the memory that matches better or that shares its slot with another current one, or the turn
    itself. If the memory that matches best is no longer true, what superseded it comes first, and the turn
    after that, marked.
    """
    index, memories = documents.index, documents.memories_of(doc_id)
    may_be_turn = plan.may_be_result(doc_id)
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
    if ended and not plan.query.include_superseded:
        yield from _represent_ended(plan, documents, doc_id, own, ended, memory_scores)
        if not may_be_turn:
            yield from _other_memories(doc_id, allowed, memory_scores, float(memory_scores[ended[0]]))
        return
    # The holder of a disputed slot precedes the disputing memory with an equal score: sorting is stable.
    holder = find_slot_holder(documents, best)
    if holder is not None and plan.memory_mask[holder]:
        yield Representation(newest_source_turn(documents, holder), holder)
    # A turn says of itself neither that it is contradicted nor how far it is to be relied on.
    is_contested = best is not None and index.index_view.contested_mask[best]
    if best is not None and (not may_be_turn or is_contested or memory_scores[best] >= own):
        successors = documents.ids_of(find_successors(documents, [best])) if is_superseded[best] else []
        yield Representation(doc_id, best, superseded_by=successors, is_of_turn=may_be_turn)
        if not may_be_turn:
            others = [memory for memory in allowed if memory != best]
            yield from _other_memories(doc_id, others, memory_scores, float(memory_scores[best]))
    elif may_be_turn:
        yield mark_turn(documents, doc_id, superseded, ended)


def _represent_ended(
    plan: QueryPlan,
    documents: Documents,
    doc_id: int,
    own: float,
    ended: Sequence[int],
    memory_scores: FloatArray,
) -> Iterator[Representation]:
    """What stands for a turn whose memories that match, `ended` (best first), are no longer true.

    That is what superseded the best of them for which there is such a thing, and the turn behind that. A
    successor that answers the question clearly worse than what it superseded has to do with another part of
    it, and takes no place where the turn can say by what it was superseded. A turn in whose place nothing
    stands, or that matches better than what ended (something else that it says is asked for), keeps its rank.
    """
    may_be_turn = plan.may_be_result(doc_id)
    found = ((one, found) for one in ended if (found := find_successors(documents, [one])))
    replaced, successors = next(found, (ended[0], []))
    takes_all = not may_be_turn or len(memory_scores) < MIN_SCORED_MEMORIES
    enough = SUCCESSOR_SHARE * max(0.0, float(memory_scores[replaced]))
    answering = [
        memory
        for memory in successors
        if plan.successor_mask[memory] and (takes_all or memory_scores[memory] >= enough)
    ]
    for memory in answering:
        yield Representation(newest_source_turn(documents, memory), memory, is_successor=True)
    if not may_be_turn:
        return
    penalty = BESIDE_PENALTY if answering and memory_scores[ended[0]] >= own else 0.0
    marked = mark_turn(documents, doc_id, ended, ended, penalty)
    is_marked = marked.superseded_by or marked.valid_to is not None
    if is_marked or not _quotes_cover_turn(documents, ended, documents.turns[doc_id]):
        yield marked


def mark_turn(
    documents: Documents, doc_id: int, superseded: Sequence[int], ended: Sequence[int], penalty: float = 0.0
) -> Representation:
    """The turn, with what replaced its `superseded` memories; it is stale if all that match are `ended`."""
    ends = [end for one in ended if (end := documents.memories[one].valid_to) is not None]
    return Representation(
        doc_id,
        None,
        penalty,
        superseded_by=documents.ids_of(find_successors(documents, superseded)),
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


def find_superseded(documents: Documents, turn: int) -> list[int]:
    """The memories of a turn that are superseded."""
    is_superseded = documents.index.memories.columns["superseded"].as_array
    return [memory for memory in documents.memories_of(turn) if is_superseded[memory]]


def newest_source_turn(documents: Documents, memory: int) -> int | None:
    """The newest indexed turn that states the memory."""
    sources = documents.memories[memory].supporting_sources
    found = (documents.find_turn(source.turn_id) for source in sources)
    return next((turn for turn in found if turn is not None), None)


def find_replacements(documents: Documents, turn: int) -> tuple[list[UUID], bool]:
    """(current memories that replace the turn's superseded ones, whether those cover most of the turn)."""
    superseded = find_superseded(documents, turn)
    is_covered = bool(superseded) and _quotes_cover_turn(documents, superseded, documents.turns[turn])
    return documents.ids_of(find_successors(documents, superseded)), is_covered


def find_successors(documents: Documents, superseded: Sequence[int]) -> list[int]:
    """The current memories that stand in place of these superseded ones, slot holders first.

    Those are what superseded them, directly or over others, and what is in their slots now.
    """
    found = documents.existing_memories(list(collect_successors(documents.index, superseded)))
    memories = documents.memories
    return sorted(found, key=lambda memory: (not memories[memory].holds_slot, memories[memory].id))


def find_slot_holder(documents: Documents, memory: int | None) -> int | None:
    """The holder of the slot that `memory` disputes; None if it disputes none."""
    index, memories = documents.index, documents.memories
    if memory is None or not index.index_view.contested_mask[memory] or not memories[memory].is_disputed:
        return None
    in_slot = documents.existing_memories(sorted(collect_slot_mates(index, [memory])))
    holders = [row for row in in_slot if memories[row].holds_slot]
    return min(holders, key=lambda row: memories[row].id, default=None)


def _quotes_cover_turn(documents: Documents, memories: Sequence[int], turn: TurnRow) -> bool:
    """Whether these memories' quotes contain most words of the turn (`STALE_SHARE`)."""
    terms, language = analyze_detecting_language(turn.content)
    words = set(terms)
    quoted = {
        word
        for memory in memories
        for source in documents.memories[memory].sources
        if source.turn_id == turn.id
        for word in analyze_text(source.quote, language)
    }
    return len(words & quoted) >= STALE_SHARE * max(1, len(words))
