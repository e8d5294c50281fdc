"""Prepares a query for one user's index: its terms, and masks of the rows that may be results.

A filter on a new column is one more mask here; it holds for users of every size.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from app.memory.index.documents import is_recap_memory
from app.memory.index.tables import NEVER, to_microseconds
from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.time_match import match_time_range
from app.memory.ranking.weights import RankingWeights
from app.memory.text.analysis import analyze_text
from app.memory.text.dates.date_spans import remove_relative_dates

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """A query ready to run: its terms, the speaker whom it names, which turns match its time (n,), and masks.

    `turn_mask` (n,) are the turns that may be a result or lead to one, `area_mask` (n,) those that may be one
    themselves (None = all), `memory_mask` (m,) the memories that may be one, `orphan_mask` (m,) those of them
    without a turn, `successor_mask` (m,) the memories that may stand for what they superseded. `limit` is the
    number of turns that are looked at, best first, until there are enough results.
    """

    query: SearchQuery
    terms: Sequence[str]
    speaker: str | None
    time_matches: FloatArray | None
    turn_mask: Mask
    area_mask: Mask | None
    memory_mask: Mask
    orphan_mask: Mask
    successor_mask: Mask
    limit: int

    @property
    def vector(self) -> FloatArray | None:
        """The query's vector, (d,)."""
        return self.query.vector

    @property
    def weights(self) -> RankingWeights:
        """The weights of the features."""
        return self.query.weights

    def may_be_result(self, turn: int) -> bool:
        """Whether a turn that passes `turn_mask` may itself be a result."""
        return self.query.includes_turns and (self.area_mask is None or bool(self.area_mask[turn]))

    def widened(self) -> Self:
        """The plan that looks at four times as many turns."""
        return replace(self, limit=4 * self.limit)


def plan_query(index: UserIndex, query: SearchQuery, speaker: str | None = None) -> QueryPlan:
    """Plan a query; `speaker` is the one whom it names if that is known, otherwise it is looked for."""
    time_matches = _compute_time_matches(index, query)
    terms = index.query_terms(_lexical_query_text(query, time_matches))
    area_mask = None if query.area is None else index.turns.match_area(query.area)
    successor_mask = _successor_mask(index, query)
    memory_mask = successor_mask
    if query.agent_id is not None:
        memory_mask = memory_mask & _agent_mask(index, query.agent_id)
    return QueryPlan(
        query=query,
        terms=terms,
        speaker=speaker or find_named_speaker(index, terms),
        time_matches=time_matches,
        turn_mask=_turn_mask(index, query, memory_mask, area_mask),
        area_mask=area_mask,
        memory_mask=memory_mask,
        orphan_mask=_orphan_mask(index, query, memory_mask),
        successor_mask=successor_mask,
        limit=query.candidate_limit,
    )


def find_named_speaker(index: UserIndex, terms: Sequence[str]) -> str | None:
    """The speaker whom the query names, if there is exactly one; a turn without a name has its role."""
    speakers = index.turns.categorical_columns["speaker"].categories
    named = [name for name in speakers if not set(terms).isdisjoint(analyze_text(name))]
    return named[0] if len(named) == 1 else None


def _compute_time_matches(index: UserIndex, query: SearchQuery) -> FloatArray | None:
    """Which turns match the time that the query names, (n,); None if it names none."""
    period = query.time_range
    return match_time_range(index, *period) if period is not None and len(index.turns) else None


def _lexical_query_text(query: SearchQuery, time_matches: FloatArray | None) -> str:
    """The query text for the lexical search; relative dates are removed if some turn matches that time."""
    if time_matches is None or query.reference_time is None or not time_matches.any():
        return query.search_text
    return f"{remove_relative_dates(query.text, query.reference_time)} {query.context_text}"


def _turn_mask(index: UserIndex, query: SearchQuery, memory_mask: Mask, area_mask: Mask | None) -> Mask:
    """The turns that pass the filters, and are a possible result or state one, (n,)."""
    mask = _turn_filter_mask(index, query)
    if not query.filters_documents:
        return mask
    view = index.index_view
    may_be_result = np.zeros(len(index.turns), np.bool_)
    if query.includes_turns:
        may_be_result[:] = True if area_mask is None else area_mask
    leads = memory_mask | index.memories.columns["superseded"].as_array
    may_be_result[view.pair_turns[leads[view.pair_memories]]] = True
    return mask & may_be_result


def _successor_mask(index: UserIndex, query: SearchQuery) -> Mask:
    """The memories that may be a result but for the agent, (m,)."""
    memories = index.memories
    mask = memories.current_mask
    if query.include_superseded:
        mask = mask | memories.columns["superseded"].as_array
    mask = mask & _trait_mask(index, query)
    return mask if query.area is None else mask & memories.match_area(query.area)


def _orphan_mask(index: UserIndex, query: SearchQuery, memory_mask: Mask) -> Mask:
    """The memories without a turn that may be a result, (m,)."""
    orphans = np.zeros(len(memory_mask), np.bool_)
    if query.session_id is None and query.roles is None and query.speaker is None:
        orphans[index.index_view.orphan_memories] = True
        orphans &= memory_mask
        if query.since is not None or query.until is not None:
            said_at = index.memories.columns["valid_from"].as_array
            orphans &= (said_at == NEVER) | _in_time_range(said_at, query)
    return orphans


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


def _in_time_range(said_at: NDArray[np.int64], query: SearchQuery) -> Mask:
    """Which times, in microseconds since 1970, are in the query's [since, until), (n,)."""
    inside = np.ones(len(said_at), np.bool_)
    if query.since is not None:
        inside &= said_at >= to_microseconds(query.since)
    if query.until is not None:
        inside &= said_at < to_microseconds(query.until)
    return inside


def _turn_filter_mask(index: UserIndex, query: SearchQuery) -> Mask:
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
