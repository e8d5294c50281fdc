"""Converts scored turns and memories to result candidates, best first."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray, top_k_indices
from app.memory.ranking.ann_candidates import Mask, QueryPlan, RankedCandidates
from app.memory.ranking.deduplication import ResultCandidate
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.turn_representation import (
    find_slot_holder,
    find_superseded,
    mark_turn,
    newest_source_turn,
    represent_turn,
)
from app.memory.text.analysis import analyze_text
from app.memory.text.coverage import find_uncovered_terms

MAX_LOOKED_AT = 10  # chosen: so many of the best are compared with their turns, which are read for it


def build_candidates(
    index: UserIndex, query: SearchQuery, plan: QueryPlan, ranked: RankedCandidates, turn_limit: int
) -> list[ResultCandidate]:
    """The best of `turn_limit` turns and of the orphans, best first, each turn and each memory once."""
    candidates = [
        *_turn_candidates(index, query, plan, ranked, turn_limit),
        *_orphan_candidates(index, query, plan, ranked),
    ]
    candidates.sort(key=lambda candidate: -candidate.score)
    distinct: dict[tuple[bool, int], ResultCandidate] = {}
    for candidate in candidates:
        distinct.setdefault(candidate.result_key, candidate)
        if len(distinct) == query.candidate_limit:
            break
    return _add_uncovered_turns(index, query, plan, list(distinct.values()))


def _turn_candidates(
    index: UserIndex, query: SearchQuery, plan: QueryPlan, ranked: RankedCandidates, turn_limit: int
) -> Iterator[ResultCandidate]:
    """Yield turns, each as what represents it, until there are enough."""
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
        for one in represent_turn(index, query, plan, doc_id, own, memory_scores):
            candidate = ResultCandidate(
                one.turn,
                one.memory,
                float(turns.scores[position]) - one.penalty,
                position,
                superseded_by=one.superseded_by,
                valid_to=one.valid_to,
                stale=one.stale,
                hides_turn=one.is_of_turn,
            )
            seen.add(candidate.result_key)
            yield candidate


def _add_uncovered_turns(
    index: UserIndex, query: SearchQuery, plan: QueryPlan, candidates: list[ResultCandidate]
) -> list[ResultCandidate]:
    """The candidates with the turns that say more than the memory that stands for them, best first.

    Such a turn follows its memory at once if what the memory leaves out seems to be asked for: it has a word
    of the question, or the turn is closer to the question than the memory. Otherwise it comes after all
    others. Only the best memories are looked at, since reading texts takes time.
    """
    shown = {candidate.turn for candidate in candidates if candidate.memory is None}
    looked_at = candidates[: min(query.count, MAX_LOOKED_AT)]
    hiding = [one for one in looked_at if one.hides_turn and one.turn not in shown]
    if not hiding:
        return candidates
    is_closer = _turns_closer_than_memories(index, query, hiding)
    speakers = index.turns.categorical_columns["speaker"].categories
    asked, last = set(plan.terms), candidates[-1].score
    beside: dict[int, ResultCandidate] = {}
    behind: list[ResultCandidate] = []
    for candidate, closer in zip(hiding, is_closer, strict=True):
        turn, memory = candidate.turn, candidate.memory
        assert turn is not None
        assert memory is not None
        left_out = find_uncovered_terms(index.turns[turn].content, [index.memories[memory].content], speakers)
        if not left_out:
            continue
        superseded_by = mark_turn(index, turn, find_superseded(index, turn), ()).superseded_by
        uncovered = replace(candidate, memory=None, superseded_by=superseded_by, hides_turn=False)
        if closer or not asked.isdisjoint(left_out):
            beside[id(candidate)] = uncovered
        else:
            behind.append(replace(uncovered, score=last))
    extended: list[ResultCandidate] = []
    for candidate in candidates:
        extended.append(candidate)
        if id(candidate) in beside:
            extended.append(beside[id(candidate)])
    return extended + behind


def _turns_closer_than_memories(
    index: UserIndex, query: SearchQuery, candidates: Sequence[ResultCandidate]
) -> list[bool]:
    """For each candidate whether the cosine of its turn and the query is above that of its memory."""
    if query.vector is None:
        return [False] * len(candidates)
    closeness: list[FloatArray] = []
    for table, name in ((index.turns, "turn"), (index.memories, "memory")):
        doc_ids = np.array([getattr(candidate, name) for candidate in candidates], np.intp)
        has_vector, vectors = index.fetch_vectors(table, doc_ids)
        closeness.append(np.where(has_vector, vectors @ query.vector, np.float32(-1)))
    return (closeness[0] > closeness[1]).tolist()


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
        holder = find_slot_holder(index, doc_id)
        if holder is not None and plan.memory_mask[holder]:
            yield ResultCandidate(newest_source_turn(index, holder), holder, score, feature_values=values)
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
