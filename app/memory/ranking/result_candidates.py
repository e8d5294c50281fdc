"""Turns scored turns and memories into result candidates: replaces stale turns and prefers a memory to its
turn where it matches better.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

import numpy as np

from app.core.vocabulary import Status
from app.memory.index.documents import MemoryRow, TurnRow
from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray, top_k_indices
from app.memory.ranking.ann_candidates import Mask, QueryPlan, RankedCandidates
from app.memory.ranking.deduplication import ResultCandidate
from app.memory.ranking.query import SearchQuery
from app.memory.text.analysis import analyze_detecting_language, analyze_text

STALE_SHARE = 0.6  # a turn is left out when superseded memories cover this share of its words


def build_candidates(
    index: UserIndex, query: SearchQuery, plan: QueryPlan, ranked: RankedCandidates, turn_limit: int
) -> list[ResultCandidate]:
    """The best of `looked_at` turns and of the orphans, best first, each turn and each memory once."""
    found = [
        *_turn_candidates(index, query, plan.memory_mask, ranked, turn_limit),
        *_orphan_candidates(index, query, plan, ranked),
    ]
    found.sort(key=lambda one: -one.score)
    distinct: dict[tuple[bool, int], ResultCandidate] = {}
    for one in found:
        distinct.setdefault(one.result_key, one)
        if len(distinct) == query.candidate_limit:
            break
    return list(distinct.values())


def _turn_candidates(
    index: UserIndex, query: SearchQuery, fits: Mask, ranked: RankedCandidates, turn_limit: int
) -> Iterator[ResultCandidate]:
    """Turns, each as itself or as the memory that matches better, till there are enough."""
    turns, allowed = ranked.turn_scores, ranked.passes_filters
    evidence = (
        ranked.memory_scores
        if ranked.link_scores is None
        else ranked.memory_scores + ranked.link_scores.amounts
    )
    masked = np.where(allowed, turns.scores, -np.inf).astype(np.float32)
    seen: set[tuple[bool, int]] = set()
    for at in top_k_indices(masked, turn_limit).tolist():
        if not allowed[at] or len(seen) >= query.candidate_limit:
            return
        row, own = int(ranked.doc_ids[at]), float(turns.own_scores[at])
        for turn, memory, instead in _resolve_turn(index, query, row, own, evidence, fits):
            found = ResultCandidate(turn, memory, float(turns.scores[at]), at, superseded_by=instead)
            seen.add(found.result_key)
            yield found


def _resolve_turn(
    index: UserIndex, query: SearchQuery, doc_id: int, own: float, memory_scores: FloatArray, fits: Mask
) -> Iterator[tuple[int | None, int | None, Sequence[UUID]]]:
    """What stands for one turn: (turn, memory, what is current instead of it).

    That is the memory that says it better, or itself. When what the question touches is no longer true, the
    current memories of that slot stand instead.
    """
    told = index.find_turn_memories(doc_id)
    fitting = [at for at in told if fits[at]]
    superseded = index.memories.columns["superseded"].as_array
    gone = [at for at in told if superseded[at] and not fits[at]]
    successors = _find_successors(index, gone)
    best = max(fitting, key=lambda at: memory_scores[at], default=None)
    stale = max(gone, key=lambda at: memory_scores[at], default=None)
    newer = stale is not None and (best is None or memory_scores[stale] > memory_scores[best])
    if newer and (successors or _quotes_cover_turn(index.memories.get_many(gone), index.turns[doc_id])):
        for at in successors:
            if fits[at]:
                yield _newest_source_turn(index, at), at, ()
        return
    # Before what disputes it comes what holds the slot, with the same score: sorting keeps their order.
    holder = _find_slot_holder(index, best)
    if holder is not None and fits[holder]:
        yield _newest_source_turn(index, holder), holder, ()
    may_stand = query.includes_turns and (
        query.area is None or query.area.contains_location(index.turns[doc_id].place)
    )
    if best is not None and (not may_stand or memory_scores[best] >= own):
        yield doc_id, best, ()
    elif may_stand:
        yield doc_id, None, [index.memories[at].id for at in successors]


def _newest_source_turn(index: UserIndex, memory: int) -> int | None:
    """The newest turn that says it."""
    for source in index.memories[memory].sources:
        row = index.turns.id_map.get(source.turn_id) if source.turn_id is not None else None
        if row is not None:
            return row
    return None


def select_orphans(
    index: UserIndex, terms: Sequence[str], plan: QueryPlan, ranked: RankedCandidates, count: int
) -> list[int]:
    """The places of memories without a turn that may be among the best `count`, in order."""
    rows = ranked.orphan_memories[plan.orphan_mask[ranked.orphan_memories]]
    if len(rows) <= count:
        return rows.tolist()
    evidence = ranked.memory_scores[rows]
    of_speaker = np.flatnonzero(_speaker_memory_mask(index, _named_speaker_terms(index, terms))[rows])
    chosen = [top_k_indices(evidence, count), of_speaker[top_k_indices(evidence[of_speaker], count)]]
    if ranked.link_scores is not None:
        chosen.append(np.flatnonzero(ranked.link_scores.amounts[rows]))
    return rows[np.unique(np.concatenate(chosen))].tolist()


def _orphan_candidates(
    index: UserIndex, query: SearchQuery, plan: QueryPlan, ranked: RankedCandidates
) -> Iterator[ResultCandidate]:
    """Memories without a turn in the log: they stand for themselves, with twice their own evidence.

    What tells of the speaker whom the question names counts as that speaker's word; what they have
    received over links counts too.
    """
    weights = query.weights
    named = _named_speaker_terms(index, plan.terms)
    for row in select_orphans(index, plan.terms, plan, ranked, query.candidate_limit):
        value = float(ranked.memory_scores[row])
        memory = index.memories[row] if named else None
        about = analyze_text(f"{memory.subject or ''} {memory.content}") if memory is not None else ()
        values = {"memory": value, "speaker": float(not named.isdisjoint(about))}
        own = sum(share * getattr(weights, name) for name, share in values.items())
        received = ranked.link_scores
        if received is not None and received.amounts[row] > 0:
            alone = np.array([own], np.float32)
            values["graph"] = float(received.capped_gain(received.amounts[[row]], alone, weights.graph)[0])
            own += values["graph"] * weights.graph
        holder = _find_slot_holder(index, row)
        if holder is not None and plan.memory_mask[holder]:
            yield ResultCandidate(_newest_source_turn(index, holder), holder, own, feature_values=values)
        yield ResultCandidate(None, row, own, feature_values=values)


def _speaker_memory_mask(index: UserIndex, named: set[str]) -> Mask:
    """Which memories may tell of the speaker with these terms in the name, (m,)."""
    subjects = index.memories.categorical_columns["subject"]
    about = subjects.match_any(
        one for one in subjects.categories if one and not named.isdisjoint(analyze_text(one))
    )
    for places, _ in index.memories.inverted_index.get_postings(named).values():
        about[places] = True
    return about


def _named_speaker_terms(index: UserIndex, terms: Sequence[str]) -> set[str]:
    """The terms of the name of the speaker whom the question names."""
    return set(analyze_text(index.named_speaker(terms) or ""))


def _quotes_cover_turn(memories: Sequence[MemoryRow], turn: TurnRow) -> bool:
    """Whether these memories' quotes are most of what the turn says."""
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


def find_replacements(index: UserIndex, turn: TurnRow) -> tuple[list[UUID], bool]:
    """(what is current in place of what a turn says that is superseded, whether that is most of the turn)."""
    told = index.find_turn_memories(index.turns.id_map[turn.id])
    gone = [at for at in told if index.memories[at].status == Status.SUPERSEDED]
    wholly = bool(gone) and _quotes_cover_turn(index.memories.get_many(gone), turn)
    return [index.memories[at].id for at in _find_successors(index, gone)], wholly


def _find_successors(index: UserIndex, gone: Sequence[int]) -> list[int]:
    """The current memories of the slots of the given ones, the holders before what disputes them."""
    if not gone:
        return []
    memories, slots = index.memories, index.memories.categorical_columns["slot"]
    wanted = {slots.categories[slots.codes[at]] for at in gone} - {None}
    if not wanted:
        return []
    found = np.flatnonzero(slots.match_any(wanted) & memories.current_mask).tolist()
    absent = set(memories.load_missing(found))
    held = [(not memories[at].holds_slot, memories[at].id, at) for at in found if at not in absent]
    return [at for _, _, at in sorted(held)]


def _find_slot_holder(index: UserIndex, memory: int | None) -> int | None:
    """What holds the slot that `memory` disputes."""
    if (
        memory is None
        or not index.index_view.contested_mask[memory]
        or not index.memories[memory].is_disputed
    ):
        return None
    return next((at for at in _find_successors(index, [memory]) if index.memories[at].holds_slot), None)
