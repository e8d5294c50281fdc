"""Ranks the documents of one user index for one query; `services/search/search.py` does the I/O."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.memory.index.arrays import IdMap
from app.memory.index.documents import is_recap_memory
from app.memory.index.tables import NEVER, to_microseconds
from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray
from app.memory.ranking.ann_candidates import Mask, QueryPlan, RankedCandidates, rank_candidates
from app.memory.ranking.deduplication import SearchResult, deduplicate_candidates
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.result_candidates import build_candidates
from app.memory.ranking.scoring import NO_SCORES, add_link_scores, score_turns
from app.memory.ranking.time_match import match_time_range
from app.memory.text.dates.date_spans import remove_relative_dates


def search_index(index: UserIndex, query: SearchQuery) -> list[SearchResult]:
    """The results, best first; each turn and memory at most once, without near-duplicates."""
    time_matches = _compute_time_matches(index, query)
    plan = _plan_query(
        index, query, index.query_terms(_lexical_query_text(query, time_matches)), time_matches
    )
    if index.is_large:
        return _search_large_index(index, query, plan)
    memory_scores = index.score_memories(plan.terms, query.vector)
    turns = NO_SCORES
    if index.turns:
        turns = score_turns(index, plan.terms, query.vector, memory_scores, time_matches, query.weights)
    turns, link_scores = add_link_scores(index, turns, memory_scores, query.weights)
    doc_ids = np.arange(len(turns.scores))
    ranked = RankedCandidates(
        doc_ids,
        plan.turn_mask,
        turns,
        memory_scores,
        index.index_view.orphan_memories,
        is_complete=True,
        link_scores=link_scores,
    )
    is_filtered = query.kinds or query.tags or query.area or query.allowed
    return _build_results(index, query, plan, ranked, len(doc_ids) if is_filtered else query.candidate_limit)


def _search_large_index(index: UserIndex, query: SearchQuery, plan: QueryPlan) -> list[SearchResult]:
    """Search a large user's index; the number of candidates is quadrupled until there are enough results."""
    min_count = query.candidate_limit
    while True:
        ranked = rank_candidates(index, plan, min_count)
        results = _build_results(index, query, plan, ranked, min_count)
        if len(results) >= query.count or ranked.is_complete:
            return results
        min_count *= 4


def _build_results(
    index: UserIndex, query: SearchQuery, plan: QueryPlan, ranked: RankedCandidates, turn_limit: int
) -> list[SearchResult]:
    distinct = deduplicate_candidates(
        index, build_candidates(index, query, plan, ranked, turn_limit), query.count
    )
    return [candidate.to_result(index, ranked.turn_scores.features) for candidate in distinct]


def _compute_time_matches(index: UserIndex, query: SearchQuery) -> FloatArray | None:
    """Which turns match the time that the query names, (n,); None if it names none."""
    return (
        match_time_range(index, *query.time_range) if query.time_range is not None and index.turns else None
    )


def _lexical_query_text(query: SearchQuery, time_matches: FloatArray | None) -> str:
    """The query text for the lexical search; relative dates are removed if some turn matches that time."""
    if time_matches is None or query.reference_time is None or not time_matches.any():
        return query.search_text
    return f"{remove_relative_dates(query.text, query.reference_time)} {query.context_text}"


def _plan_query(
    index: UserIndex, query: SearchQuery, terms: Sequence[str], time_matches: FloatArray | None
) -> QueryPlan:
    """The query plan with the masks of rows that may be a result or lead to one."""
    turns, memories, view = _turn_filter_mask(index, query), index.memories, index.index_view
    memory_mask, is_superseded = memories.current_mask, memories.columns["superseded"].as_array
    if query.include_superseded:
        memory_mask = memory_mask | is_superseded
    successor_mask = memory_mask & _trait_mask(index, query)
    if query.area is not None:
        successor_mask &= memories.match_area(query.area)
    if query.allowed is not None:
        successor_mask &= _id_mask(memories.id_map, query.allowed.memory_ids, len(memories))
    memory_mask = successor_mask
    if query.agent_id is not None:
        memory_mask = memory_mask & _agent_mask(index, query.agent_id)
    item_mask = _turn_item_mask(index, query)
    if query.kinds is not None or query.tags or query.area is not None or query.allowed is not None:
        may_be_result = item_mask.copy()
        may_be_result[view.pair_turns[(memory_mask | is_superseded)[view.pair_memories]]] = True
        turns &= may_be_result
    orphans = np.zeros(len(memory_mask), np.bool_)
    if query.session_id is None and query.roles is None and query.speaker is None:
        orphans[view.orphan_memories] = True
        orphans &= memory_mask
        if query.since is not None or query.until is not None:
            said_at = memories.columns["valid_from"].as_array
            orphans &= (said_at == NEVER) | _in_time_range(said_at, query)
    return QueryPlan(
        terms,
        query.vector,
        time_matches,
        query.weights,
        turns,
        memory_mask,
        orphans,
        successor_mask,
        item_mask,
    )


def _turn_item_mask(index: UserIndex, query: SearchQuery) -> Mask:
    """Which turns may be results themselves, and not only lead to memories, (n,)."""
    mask = np.full(len(index.turns), query.includes_turns)
    if query.area is not None:
        mask &= index.turns.match_area(query.area)
    if query.allowed is not None:
        mask &= _id_mask(index.turns.id_map, query.allowed.turn_ids, len(mask))
    return mask


def _id_mask(id_map: IdMap, ids: bytes, count: int) -> Mask:
    """Which of `count` rows have one of these ids, of 16 bytes each, (n,)."""
    mask = np.zeros(count, np.bool_)
    doc_ids = id_map.find_doc_ids(ids)
    mask[doc_ids[doc_ids >= 0]] = True
    return mask


def _trait_mask(index: UserIndex, query: SearchQuery) -> Mask:
    """Which memories have the requested kind and tags, (m,)."""
    if query.kinds is None and not query.tags:
        return ~index.index_view.recap_mask
    traits = index.memories.categorical_columns["traits"]
    return traits.match_any(
        trait for trait in traits.categories if _matches_traits(query, trait[0], trait[2:])
    )


def _agent_mask(index: UserIndex, agent_id: str) -> Mask:
    """Which memories an agent was told: it wrote them, or took part in a turn that states them, (m,)."""
    traits, view = index.memories.categorical_columns["traits"], index.index_view
    mask = traits.match_any(trait for trait in traits.categories if trait[1] == agent_id)
    of_agent = index.turns.categorical_columns["agent"].match_any([agent_id])
    mask[view.pair_memories[of_agent[view.pair_turns]]] = True
    return mask


def _matches_traits(query: SearchQuery, kind: str, tags: Sequence[str]) -> bool:
    if query.kinds is not None and kind not in query.kinds:
        return False
    if query.kinds is None and not query.tags and is_recap_memory(kind, tags):
        return False
    return query.tags <= set(tags)


def _in_time_range(said_at: NDArray[np.int64], query: SearchQuery) -> NDArray[np.bool_]:
    """Which times, in microseconds since 1970, are in the query's [since, until), (n,)."""
    inside = np.ones(len(said_at), np.bool_)
    if query.since is not None:
        inside &= said_at >= to_microseconds(query.since)
    if query.until is not None:
        inside &= said_at < to_microseconds(query.until)
    return inside


def _turn_filter_mask(index: UserIndex, query: SearchQuery) -> NDArray[np.bool_]:
    """Which turns pass the filters, (n,)."""
    mask = _in_time_range(index.turns.columns["said_at"].as_array, query)
    columns = index.turns.categorical_columns
    if query.session_id is not None:
        mask &= columns["session"].match_any([query.session_id])
    if query.agent_id is not None:
        mask &= columns["agent"].match_any([query.agent_id])
    if query.roles is not None:
        mask &= columns["role"].match_any(query.roles)
    if query.speaker is not None:
        mask &= columns["name"].match_any([query.speaker.casefold()])
    return mask
