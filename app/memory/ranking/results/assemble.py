"""Turns ranked ids and their documents into the results of a search, best first."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from app.memory.numeric import FloatArray
from app.memory.ranking.documents import Documents
from app.memory.ranking.query_plan import QueryPlan
from app.memory.ranking.rank import Ranking
from app.memory.ranking.results.contested_order import put_newer_first
from app.memory.ranking.results.deduplication import ResultCandidate, SearchResult, deduplicate_candidates
from app.memory.ranking.results.turn_representation import (
    find_slot_holder,
    find_superseded,
    mark_turn,
    newest_source_turn,
    represent_turn,
)
from app.memory.text.coverage import find_uncovered_terms

MAX_LOOKED_AT = 10  # chosen: so many of the best are compared with their turns, which are read for it


def assemble(plan: QueryPlan, ranking: Ranking, documents: Documents) -> list[SearchResult]:
    """The results, best first; each turn and memory at most once, without near-duplicates."""
    candidates = [*_turn_candidates(plan, ranking, documents), *_orphan_candidates(plan, ranking, documents)]
    candidates.sort(key=lambda candidate: -candidate.score)
    distinct: dict[tuple[bool, int], ResultCandidate] = {}
    for candidate in candidates:
        distinct.setdefault(candidate.result_key, candidate)
        if len(distinct) == plan.query.candidate_limit:
            break
    answers_first = _put_answers_first(ranking, documents, list(distinct.values()))
    ordered = put_newer_first(documents, answers_first)
    completed = _add_uncovered_turns(plan, documents, ordered)
    shown = deduplicate_candidates(documents, completed, plan.query.count)
    return [candidate.to_result(documents, ranking) for candidate in shown]


def _turn_candidates(plan: QueryPlan, ranking: Ranking, documents: Documents) -> Iterator[ResultCandidate]:
    """Yield turns, each as what represents it, until there are enough."""
    seen: set[tuple[bool, int]] = set()
    for scored in ranking.turns():
        if len(seen) >= plan.query.candidate_limit:
            return
        if scored.doc_id not in documents.turns:
            continue
        own = scored.own_score
        for one in represent_turn(plan, documents, scored.doc_id, own, ranking.memory_scores):
            candidate = ResultCandidate(
                one.turn,
                one.memory,
                scored.score - one.penalty,
                scored,
                superseded_by=one.superseded_by,
                valid_to=one.valid_to,
                stale=one.stale,
                hides_turn=one.is_of_turn,
                is_successor=one.is_successor,
            )
            seen.add(candidate.result_key)
            yield candidate


def _put_answers_first(
    ranking: Ranking, documents: Documents, candidates: list[ResultCandidate]
) -> list[ResultCandidate]:
    """The candidates, with each successor behind what is current near it and answers the question best.

    A successor has the rank of what it superseded. "The bike was stolen" ends "Ann rides a Trek", and the
    question which bike she rides is answered by neither, but by "Ann rides a Cube now" further down. All
    turns that say what has ended stay behind its successor, and another turn that says the successor is no
    answer beside it.
    """
    ordered = list(candidates)
    for candidate in candidates[:MAX_LOOKED_AT]:
        if not candidate.is_successor or candidate.memory is None:
            continue
        at = next(place for place, one in enumerate(ordered) if one is candidate)
        own = float(ranking.memory_scores[candidate.memory])
        answers = [
            one
            for one in ordered[at + 1 : MAX_LOOKED_AT]
            if not _says_same(documents, one, candidate) and _score_current(ranking, documents, one) > own
        ]
        if not answers:
            continue
        answer = max(answers, key=lambda one: _score_current(ranking, documents, one))
        moved = [
            candidate,
            *(one for one in ordered if one.stale and _is_replaced(documents, one, candidate)),
        ]
        ordered = [one for one in ordered if all(one is not other for other in moved)]
        after = next(place for place, one in enumerate(ordered) if one is answer) + 1
        ordered[after:after] = moved
    return ordered


def _says_same(documents: Documents, one: ResultCandidate, successor: ResultCandidate) -> bool:
    """Whether a candidate is of the turn that states the successor, or another turn that does."""
    if one.turn is None or one.turn == successor.turn:
        return one.turn == successor.turn
    return one.memory is None and successor.memory in documents.memories_of(one.turn)


def _is_replaced(documents: Documents, one: ResultCandidate, successor: ResultCandidate) -> bool:
    """Whether a stale turn says what the successor stands in the place of."""
    assert successor.memory is not None
    return one.ranked is successor.ranked or documents.memories[successor.memory].id in one.superseded_by


def _score_current(ranking: Ranking, documents: Documents, candidate: ResultCandidate) -> float:
    """How well a candidate matches by itself, if it says what is current: a memory, or the turn of one."""
    is_superseded = documents.index.memories.columns["superseded"].as_array
    if candidate.memory is not None:
        score = float(ranking.memory_scores[candidate.memory])
        return -math.inf if is_superseded[candidate.memory] else score
    stated = documents.memories_of(candidate.turn) if candidate.turn is not None else ()
    has_current = not candidate.stale and any(not is_superseded[memory] for memory in stated)
    return candidate.ranked.own_score if has_current else -math.inf


def _orphan_candidates(plan: QueryPlan, ranking: Ranking, documents: Documents) -> Iterator[ResultCandidate]:
    """Yield memories without a turn in the index, after the one that holds the slot that they dispute."""
    for scored in ranking.orphans:
        if scored.doc_id not in documents.memories:
            continue
        holder = find_slot_holder(documents, scored.doc_id)
        if holder is not None and plan.memory_mask[holder]:
            turn = newest_source_turn(documents, holder)
            yield ResultCandidate(turn, holder, scored.score, scored)
        yield ResultCandidate(None, scored.doc_id, scored.score, scored)


def _add_uncovered_turns(
    plan: QueryPlan, documents: Documents, candidates: list[ResultCandidate]
) -> list[ResultCandidate]:
    """The candidates with the turns that say more than the memory that stands for them, best first.

    Such a turn follows its memory at once if what the memory leaves out seems to be asked for: it has a word
    of the question, or the turn is closer to the question than the memory. Otherwise it comes after all
    others. Only the best memories are looked at, since reading texts takes time.
    """
    shown = {candidate.turn for candidate in candidates if candidate.memory is None}
    looked_at = candidates[: min(plan.query.count, MAX_LOOKED_AT)]
    hiding = [one for one in looked_at if one.hides_turn and one.turn not in shown]
    if not hiding:
        return candidates
    is_closer = _turns_closer_than_memories(plan, documents, hiding)
    speakers = documents.index.turns.categorical_columns["speaker"].categories
    asked, last = set(plan.terms), candidates[-1].score
    beside: dict[int, ResultCandidate] = {}
    behind: list[ResultCandidate] = []
    for candidate, closer in zip(hiding, is_closer, strict=True):
        turn, memory = candidate.turn, candidate.memory
        assert turn is not None
        assert memory is not None
        left_out = find_uncovered_terms(
            documents.turns[turn].content, [documents.memories[memory].content], speakers
        )
        if not left_out:
            continue
        superseded_by = mark_turn(documents, turn, find_superseded(documents, turn), ()).superseded_by
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
    plan: QueryPlan, documents: Documents, candidates: Sequence[ResultCandidate]
) -> list[bool]:
    """For each candidate whether the cosine of its turn and the query is above that of its memory."""
    if plan.vector is None:
        return [False] * len(candidates)
    closeness: list[FloatArray] = []
    for vectors_by_id, name in ((documents.turn_vectors, "turn"), (documents.memory_vectors, "memory")):
        doc_ids = np.array([getattr(candidate, name) for candidate in candidates], np.intp)
        has_vector, vectors = vectors_by_id.lookup(doc_ids)
        closeness.append(np.where(has_vector, vectors @ plan.vector, np.float32(-1)))
    return (closeness[0] > closeness[1]).tolist()
