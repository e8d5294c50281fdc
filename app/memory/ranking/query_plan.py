"""Prepares a query for one user's index: its terms, and masks of the rows that may be results.

A filter on a new column is one more mask here; it holds for users of every size.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

import numpy as np
from numpy.typing import NDArray

from app.memory.index.arrays import IdMap
from app.memory.index.documents import is_recap_memory
from app.memory.index.tables import NEVER, to_microseconds
from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray
from app.memory.ranking.asked_speaker import find_asked_speaker
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.time_match import compute_time_closeness
from app.memory.ranking.weights import RankingWeights
from app.memory.text.analysis import analyze_text
from app.memory.text.dates.query_dates import remove_relative_dates

Mask = NDArray[np.bool_]
Period = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """A query ready to run: its terms, the speaker and the period that it names, and masks of rows.

    `terms` are searched for; `topic_terms` are those of the question without its dates. `time_matches`
    (n,) says how near a turn is to the period [from, to), None without one.
    `turn_mask` (n,) are the turns that may be a result or lead to one, `item_mask` (n,) those that may be one
    themselves (None = all), `memory_mask` (m,) the memories that may be one, `orphan_mask` (m,) those of them
    without a turn, `successor_mask` (m,) the memories that may stand for what they superseded. `limit` is the
    number of turns that are looked at, best first, until there are enough results.
    """

    query: SearchQuery
    terms: Sequence[str]
    topic_terms: Sequence[str]
    speaker: str | None
    period: Period | None
    time_matches: FloatArray | None
    turn_mask: Mask
    item_mask: Mask | None
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
        return self.query.includes_turns and (self.item_mask is None or bool(self.item_mask[turn]))

    def widened(self) -> Self:
        """The plan that looks at four times as many turns."""
        return replace(self, limit=4 * self.limit)


def plan_query(index: UserIndex, query: SearchQuery, speaker: str | None = None) -> QueryPlan:
    """Plan a query; `speaker` is the one whom it names if that is known, otherwise it is looked for."""
    period, time_matches = query.time_range, None
    if period is not None and len(index.turns):
        time_matches = compute_time_closeness(index, *period)
    terms = index.query_terms(query.search_text)
    topic_terms = terms if period is None else index.query_terms(query.topic_text)
    if time_matches is not None and query.reference_time is not None and time_matches.any():
        # A turn that matches a relative date hardly says it.
        shorter = remove_relative_dates(query.text, query.reference_time)
        terms = index.query_terms(f"{shorter} {query.context_text}")
    item_mask = _item_mask(index, query)
    successor_mask = _successor_mask(index, query)
    memory_mask = successor_mask
    if query.agent_id is not None:
        memory_mask = memory_mask & _agent_mask(index, query.agent_id)
    return QueryPlan(
        query=query,
        terms=terms,
        topic_terms=topic_terms,
        speaker=speaker or find_named_speaker(index, terms, query.text),
        period=period,
        time_matches=time_matches,
        turn_mask=_turn_mask(index, query, memory_mask, item_mask),
        item_mask=item_mask,
        memory_mask=memory_mask,
        orphan_mask=_orphan_mask(index, query, memory_mask),
        successor_mask=successor_mask,
        limit=query.candidate_limit,
    )


def find_named_speaker(index: UserIndex, terms: Sequence[str], question: str) -> str | None:
    """The speaker whom the query names, of several the one it is about.

    A turn without a name has its role.
    """
    speakers = index.turns.categorical_columns["speaker"].categories
    named = [name for name in speakers if not set(terms).isdisjoint(analyze_text(name))]
    return named[0] if len(named) == 1 else find_asked_speaker(question, named)


def _turn_mask(index: UserIndex, query: SearchQuery, memory_mask: Mask, item_mask: Mask | None) -> Mask:
    """The turns that pass the filters, and are a possible result or state one, (n,)."""
    mask = _turn_filter_mask(index, query)
    if not query.filters_documents:
        return mask
    view = index.index_view
    may_be_result = np.zeros(len(index.turns), np.bool_)
    if query.includes_turns:
        may_be_result[:] = True if item_mask is None else item_mask
    leads = memory_mask | index.memories.columns["superseded"].as_array
    may_be_result[view.pair_turns[leads[view.pair_memories]]] = True
    return mask & may_be_result


def _item_mask(index: UserIndex, query: SearchQuery) -> Mask | None:
    """The turns that pass the filters by which a turn may only lead to memories, (n,); None = all."""
    turns = index.turns
    mask = None if query.area is None else turns.match_area(query.area)
    if query.allowed is None:
        return mask
    allowed = _id_mask(turns.id_map, query.allowed.turn_ids, len(turns))
    return allowed if mask is None else mask & allowed


def _id_mask(id_map: IdMap, ids: bytes, count: int) -> Mask:
    """Which of `count` rows have one of these ids, of 16 bytes each, (count,)."""
    mask = np.zeros(count, np.bool_)
    doc_ids = id_map.find_doc_ids(ids)
    mask[doc_ids[doc_ids >= 0]] = True
    return mask


def _successor_mask(index: UserIndex, query: SearchQuery) -> Mask:
    """The memories that may be a result but for the agent, (m,)."""
    memories = index.memories
    mask = memories.current_mask
    if query.include_superseded:
        mask = mask | memories.columns["superseded"].as_array
    mask = mask & _trait_mask(index, query)
    if query.area is not None:
        mask &= memories.match_area(query.area)
    if query.allowed is not None:
        mask &= _id_mask(memories.id_map, query.allowed.memory_ids, len(mask))
    return mask


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
