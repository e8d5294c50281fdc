"""Converts scored turns and memories to result candidates.

Superseded turns are replaced, and a memory is preferred to its turn where it matches better.
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

STALE_SHARE = 0.6  # chosen: share of a turn's words in superseded memories from which the turn is left out


def build_candidates(
    index: UserIndex, query: SearchQuery, plan: QueryPlan, ranked: RankedCandidates, turn_limit: int
) -> list[ResultCandidate]:
    """The best of `turn_limit` turns and of the orphans, best first, each turn and each memory once."""
    candidates = [
        *_turn_candidates(index, query, plan.memory_mask, ranked, turn_limit),
        *_orphan_candidates(index, query, plan, ranked),
    ]
    candidates.sort(key=lambda candidate: -candidate.score)
    distinct: dict[tuple[bool, int], ResultCandidate] = {}
    for candidate in candidates:
        distinct.setdefault(candidate.result_key, candidate)
        if len(distinct) == query.candidate_limit:
            break
    return list(distinct.values())


def _turn_candidates(
    index: UserIndex, query: SearchQuery, memory_mask: Mask, ranked: RankedCandidates, turn_limit: int
) -> Iterator[ResultCandidate]:
    """Yield turns, each as itself or as the memory that matches better, until there are enough."""
    turns, passes_filters = ranked.turn_scores, ranked.passes_filters
    memory_scores = (
        ranked.memory_scores
        if ranked.link_scores is None
        else ranked.memory_scores + ranked.link_scores.amounts
    )
    masked = np.where(passes_filters, turns.scores, -np.inf).astype(np.float32)
    seen: set[tuple[bool, int]] = set()
    for position in top_k_indices(masked, turn_limit).tolist():
        if not passes_filters[position] or len(seen) >= query.candidate_limit:
            return
        doc_id, own = int(ranked.doc_ids[position]), float(turns.own_scores[position])
        for turn, memory, superseded_by in _resolve_turn(
            index, query, doc_id, own, memory_scores, memory_mask
        ):
            candidate = ResultCandidate(
                turn, memory, float(turns.scores[position]), position, superseded_by=superseded_by
            )
            seen.add(candidate.result_key)
            yield candidate


def _resolve_turn(
    index: UserIndex,
    query: SearchQuery,
    doc_id: int,
    own: float,
    memory_scores: FloatArray,
    memory_mask: Mask,
) -> Iterator[tuple[int | None, int | None, Sequence[UUID]]]:
    """Yield (turn, memory, superseding ids) that represent one turn.

    That is the memory that matches better, or the turn itself. If the matching memory is superseded, the
    current memories of its slot represent it.
    """
    memories = index.find_turn_memories(doc_id)
    allowed = [memory for memory in memories if memory_mask[memory]]
    is_superseded = index.memories.columns["superseded"].as_array
    superseded = [memory for memory in memories if is_superseded[memory] and not memory_mask[memory]]
    successors = _find_successors(index, superseded)
    best = max(allowed, key=lambda memory: memory_scores[memory], default=None)
    best_superseded = max(superseded, key=lambda memory: memory_scores[memory], default=None)
    is_superseded_match = best_superseded is not None and (
        best is None or memory_scores[best_superseded] > memory_scores[best]
    )
    if is_superseded_match and (
        successors or _quotes_cover_turn(index.memories.get_many(superseded), index.turns[doc_id])
    ):
        for memory in successors:
            if memory_mask[memory]:
                yield _newest_source_turn(index, memory), memory, ()
        return
    # The holder of a disputed slot precedes the disputing memory with an equal score: sorting is stable.
    holder = _find_slot_holder(index, best)
    if holder is not None and memory_mask[holder]:
        yield _newest_source_turn(index, holder), holder, ()
    may_be_turn = query.includes_turns and (
        query.area is None or query.area.contains_location(index.turns[doc_id].place)
    )
    if best is not None and (not may_be_turn or memory_scores[best] >= own):
        yield doc_id, best, ()
    elif may_be_turn:
        yield doc_id, None, [index.memories[memory].id for memory in successors]


def _newest_source_turn(index: UserIndex, memory: int) -> int | None:
    """The newest indexed turn that states the memory."""
    for source in index.memories[memory].sources:
        row = index.turns.id_map.get(source.turn_id) if source.turn_id is not None else None
        if row is not None:
            return row
    return None


def select_orphans(
    index: UserIndex, terms: Sequence[str], plan: QueryPlan, ranked: RankedCandidates, count: int
) -> list[int]:
    """Ascending doc ids of memories without a turn that may be among the best `count`."""
    doc_ids = ranked.orphan_memories[plan.orphan_mask[ranked.orphan_memories]]
    if len(doc_ids) <= count:
        return doc_ids.tolist()
    scores = ranked.memory_scores[doc_ids]
    of_speaker = np.flatnonzero(_speaker_memory_mask(index, _named_speaker_terms(index, terms))[doc_ids])
    chosen = [top_k_indices(scores, count), of_speaker[top_k_indices(scores[of_speaker], count)]]
    if ranked.link_scores is not None:
        chosen.append(np.flatnonzero(ranked.link_scores.amounts[doc_ids]))
    return doc_ids[np.unique(np.concatenate(chosen))].tolist()


def _orphan_candidates(
    index: UserIndex, query: SearchQuery, plan: QueryPlan, ranked: RankedCandidates
) -> Iterator[ResultCandidate]:
    """Yield memories without a turn in the index, scored by their own match with the weight of two features.

    A memory about the speaker whom the query names gets the speaker feature; scores propagated over links
    count too.
    """
    weights = query.weights
    speaker_terms = _named_speaker_terms(index, plan.terms)
    for doc_id in select_orphans(index, plan.terms, plan, ranked, query.candidate_limit):
        value = float(ranked.memory_scores[doc_id])
        memory = index.memories[doc_id] if speaker_terms else None
        memory_terms = analyze_text(f"{memory.subject or ''} {memory.content}") if memory is not None else ()
        values = {"memory": value, "speaker": float(not speaker_terms.isdisjoint(memory_terms))}
        score = sum(share * getattr(weights, name) for name, share in values.items())
        link_scores = ranked.link_scores
        if link_scores is not None and link_scores.amounts[doc_id] > 0:
            scores = np.array([score], np.float32)
            values["graph"] = float(
                link_scores.capped_gain(link_scores.amounts[[doc_id]], scores, weights.graph)[0]
            )
            score += values["graph"] * weights.graph
        holder = _find_slot_holder(index, doc_id)
        if holder is not None and plan.memory_mask[holder]:
            yield ResultCandidate(_newest_source_turn(index, holder), holder, score, feature_values=values)
        yield ResultCandidate(None, doc_id, score, feature_values=values)


def _speaker_memory_mask(index: UserIndex, speaker_terms: set[str]) -> Mask:
    """Which memories may be about the speaker with these name terms, (m,)."""
    subjects = index.memories.categorical_columns["subject"]
    mask = subjects.match_any(
        subject
        for subject in subjects.categories
        if subject and not speaker_terms.isdisjoint(analyze_text(subject))
    )
    for doc_ids, _ in index.memories.inverted_index.get_postings(speaker_terms).values():
        mask[doc_ids] = True
    return mask


def _named_speaker_terms(index: UserIndex, terms: Sequence[str]) -> set[str]:
    """The terms of the name of the speaker whom the query names."""
    return set(analyze_text(index.named_speaker(terms) or ""))


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


def find_replacements(index: UserIndex, turn: TurnRow) -> tuple[list[UUID], bool]:
    """(current memories that replace the turn's superseded ones, whether those cover most of the turn)."""
    memories = index.find_turn_memories(index.turns.id_map[turn.id])
    superseded = [memory for memory in memories if index.memories[memory].status == Status.SUPERSEDED]
    is_covered = bool(superseded) and _quotes_cover_turn(index.memories.get_many(superseded), turn)
    return [index.memories[memory].id for memory in _find_successors(index, superseded)], is_covered


def _find_successors(index: UserIndex, superseded: Sequence[int]) -> list[int]:
    """The current memories of the slots of these superseded ones, slot holders first."""
    if not superseded:
        return []
    memories, slots = index.memories, index.memories.categorical_columns["slot"]
    wanted_slots = {slots.categories[slots.codes[memory]] for memory in superseded} - {None}
    if not wanted_slots:
        return []
    successors = np.flatnonzero(slots.match_any(wanted_slots) & memories.current_mask).tolist()
    deleted = set(memories.load_missing(successors))
    ordered = [
        (not memories[memory].holds_slot, memories[memory].id, memory)
        for memory in successors
        if memory not in deleted
    ]
    return [memory for _, _, memory in sorted(ordered)]


def _find_slot_holder(index: UserIndex, memory: int | None) -> int | None:
    """The holder of the slot that `memory` disputes; None if it disputes none."""
    if (
        memory is None
        or not index.index_view.contested_mask[memory]
        or not index.memories[memory].is_disputed
    ):
        return None
    return next(
        (
            successor
            for successor in _find_successors(index, [memory])
            if index.memories[successor].holds_slot
        ),
        None,
    )
