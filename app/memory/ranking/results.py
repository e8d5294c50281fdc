"""Search: filters, scores and ranks the documents of one user index and returns deduplicated results."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

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
from app.memory.text.dates import remove_relative_dates


def search_index(index: UserIndex, query: SearchQuery) -> list[SearchResult]:
    """The best items, best first; each turn and each memory at most once, near-duplicates in one."""
    fitting = _compute_time_matches(index, query)
    asked = _plan_query(index, query, index.query_terms(_lexical_query_text(query, fitting)), fitting)
    if index.is_large:
        return _search_large_index(index, query, asked)
    evidence = index.score_memories(asked.terms, query.vector)
    turns = NO_SCORES
    if index.turns:
        turns = score_turns(index, asked.terms, query.vector, evidence, fitting, query.weights)
    turns, received = add_link_scores(index, turns, evidence, query.weights)
    rows = np.arange(len(turns.scores))
    ranked = RankedCandidates(
        rows,
        asked.turn_mask,
        turns,
        evidence,
        index.index_view.orphan_memories,
        is_complete=True,
        link_scores=received,
    )
    some = query.kinds or query.tags or query.area
    return _build_results(index, query, asked, ranked, len(rows) if some else query.candidate_limit)


def _search_large_index(index: UserIndex, query: SearchQuery, plan: QueryPlan) -> list[SearchResult]:
    """The items of a large user, more candidates of which are looked at until there are enough items."""
    enough = query.candidate_limit
    while True:
        ranked = rank_candidates(index, plan, enough)
        found = _build_results(index, query, plan, ranked, enough)
        if len(found) >= query.count or ranked.is_complete:
            return found
        enough *= 4


def _build_results(
    index: UserIndex, query: SearchQuery, plan: QueryPlan, ranked: RankedCandidates, turn_limit: int
) -> list[SearchResult]:
    shown = deduplicate_candidates(
        index, build_candidates(index, query, plan, ranked, turn_limit), query.count
    )
    return [one.to_result(index, ranked.turn_scores.features) for one in shown]


def _compute_time_matches(index: UserIndex, query: SearchQuery) -> FloatArray | None:
    """Which turns fit the time that the question names, (n,); None when it names none."""
    return (
        match_time_range(index, *query.time_range) if query.time_range is not None and index.turns else None
    )


def _lexical_query_text(query: SearchQuery, time_matches: FloatArray | None) -> str:
    """The question whose words are looked for: without its time, if the turns' own times tell what fits."""
    if time_matches is None or query.reference_time is None or not time_matches.any():
        return query.search_text
    return f"{remove_relative_dates(query.text, query.reference_time)} {query.context_text}"


def _plan_query(
    index: UserIndex, query: SearchQuery, terms: Sequence[str], time_matches: FloatArray | None
) -> QueryPlan:
    """The question with masks of what may be an item or bring one."""
    turns, memories, places = _turn_filter_mask(index, query), index.memories, index.index_view
    fits, gone = memories.current_mask, memories.columns["superseded"].as_array
    if query.include_superseded:
        fits = fits | gone
    fits = fits & _trait_mask(index, query)
    if query.area is not None:
        fits &= memories.match_area(query.area)
    if query.kinds is not None or query.tags or query.area is not None:
        said = np.zeros(len(turns), np.bool_)
        if query.includes_turns:
            said[:] = True if query.area is None else index.turns.match_area(query.area)
        said[places.pair_turns[(fits | gone)[places.pair_memories]]] = True
        turns &= said
    orphans = np.zeros(len(fits), np.bool_)
    if query.session_id is None and query.roles is None and query.speaker is None:
        orphans[places.orphan_memories] = True
        orphans &= fits
        if query.since is not None or query.until is not None:
            said_at = memories.columns["valid_from"].as_array
            orphans &= (said_at == NEVER) | _in_time_range(said_at, query)
    return QueryPlan(terms, query.vector, time_matches, query.weights, turns, fits, orphans)


def _trait_mask(index: UserIndex, query: SearchQuery) -> Mask:
    """Which memories have the kind, the agent and the tags that are asked for, (m,)."""
    if query.kinds is None and query.agent_id is None and not query.tags:
        return ~index.index_view.recap_mask
    traits = index.memories.categorical_columns["traits"]
    return traits.match_any(
        one for one in traits.categories if _matches_traits(query, one[0], one[1], one[2:])
    )


def _matches_traits(query: SearchQuery, kind: str, agent_id: str | None, tags: Sequence[str]) -> bool:
    if query.kinds is not None and kind not in query.kinds:
        return False
    if query.kinds is None and not query.tags and is_recap_memory(kind, tags):
        return False
    if query.agent_id is not None and agent_id != query.agent_id:
        return False
    return query.tags <= set(tags)


def _in_time_range(said_at: NDArray[np.int64], query: SearchQuery) -> NDArray[np.bool_]:
    """Which times, in microseconds since 1970, lie between those that the filters name, (n,)."""
    inside = np.ones(len(said_at), np.bool_)
    if query.since is not None:
        inside &= said_at >= to_microseconds(query.since)
    if query.until is not None:
        inside &= said_at < to_microseconds(query.until)
    return inside


def _turn_filter_mask(index: UserIndex, query: SearchQuery) -> NDArray[np.bool_]:
    """Which turns pass the filters, (n,)."""
    allowed = _in_time_range(index.turns.columns["said_at"].as_array, query)
    names = index.turns.categorical_columns
    if query.session_id is not None:
        allowed &= names["session"].match_any([query.session_id])
    if query.agent_id is not None:
        allowed &= names["agent"].match_any([query.agent_id])
    if query.roles is not None:
        allowed &= names["role"].match_any(query.roles)
    if query.speaker is not None:
        allowed &= names["name"].match_any([query.speaker.casefold()])
    return allowed
