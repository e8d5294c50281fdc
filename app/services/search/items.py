"""Converts the results of a search to items of its response."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.core.instants import in_utc_offset
from app.core.vocabulary import ItemType, Kind, Reliance, Role, Status
from app.memory.index.documents import MemoryRow, TurnRow
from app.memory.ranking.documents import Documents
from app.memory.ranking.excerpts import choose_excerpt
from app.memory.ranking.query_plan import QueryPlan
from app.memory.ranking.results.deduplication import SearchResult
from app.memory.ranking.results.neighbours import NeighbourTurn
from app.memory.ranking.shared_index import SharedMemories
from app.memory.ranking.weights import RankingWeights
from app.memory.reconciliation.timeline.reliance import assess_reliance
from app.memory.text.limits import LONG_TEXT_CHARS
from app.schemas.memories.memories import CopiedFrom, MemorySource
from app.schemas.search.search import NearTurn, SearchExcerpt, SearchItem, TextSpan


@dataclass(frozen=True, slots=True)
class ItemBuilder:
    """Builds items from the documents of one search.

    `now` is the time that the answer describes, `relevance` that of each result by its id, `term_weights` are
    the terms of the question, by which excerpts are chosen.
    """

    documents: Documents
    shared: SharedMemories | None
    now: datetime
    relevance: Mapping[UUID, float] = field(default_factory=dict[UUID, float])
    term_weights: Mapping[str, float] = field(default_factory=dict[str, float])

    def build(self, result: SearchResult, neighbours: Sequence[NeighbourTurn]) -> SearchItem:
        """The item of a result, with the sources of its duplicates and the turns around it."""
        memory, turn = result.memory, result.turn
        if memory is not None:
            item = self._memory_item(result, memory)
        else:
            assert turn is not None
            item = _turn_item(result, turn)
        item.folded = [one.id for one in result.duplicates]
        self._merge_duplicate_sources(item, result.duplicates)
        item.neighbours = [_to_near_turn(one) for one in neighbours]
        item.relevance = self.relevance.get(result.id)
        item.excerpt = _to_excerpt(item.content, self.term_weights)
        return item

    def _memory_item(self, result: SearchResult, memory: MemoryRow) -> SearchItem:
        documents, owner = self.documents, None
        if self.shared is not None and self.shared.contains_result(result):
            documents, owner = Documents.of_index(self.shared.index), self.shared.owners[memory.id]
        item = SearchItem(
            type=ItemType.MEMORY,
            id=memory.id,
            kind=Kind(memory.kind),
            content=memory.content,
            score=round(result.score, 4),
            sources=_memory_sources(documents, memory, result.turn),
            valid_from=memory.holds_since,
            valid_to=memory.valid_to,
            confidence=memory.confidence,
            version=memory.version,
            status=Status(memory.status),
            tags=memory.tags,
            superseded_by=result.superseded_by,
            conflicts=documents.index.conflicts.get(memory.id, []),
            reliance=_memory_reliance(documents, memory, self.now),
            owner_user_id=owner,
        )
        if owner is None:  # agents, metadata and times of its record stay with the owner
            item.agent_id, item.agent_ids = memory.agent_id, _memory_agents(documents, memory)
            item.metadata = memory.metadata_ or {}
            item.recorded_at, item.updated_at = memory.recorded_at, memory.updated_at
        return item

    def _merge_duplicate_sources(self, item: SearchItem, duplicates: Sequence[SearchResult]) -> None:
        """Add the sources of an item's duplicates to the item, each turn once."""
        known_turn_ids = {source.turn_id for source in item.sources}
        for duplicate in duplicates:
            memory, turn = duplicate.memory, duplicate.turn
            more = [_to_turn_source(turn, turn.content)] if memory is None and turn else []
            if memory is not None:
                more = _memory_sources(self.documents, memory, turn)
            item.sources += [
                source for source in more if source.turn_id is None or source.turn_id not in known_turn_ids
            ]
            known_turn_ids |= {source.turn_id for source in more}


def weigh_excerpt_terms(
    plan: QueryPlan, documents: Documents, results: Sequence[SearchResult]
) -> dict[str, float]:
    """The terms of the question and how rare they are, if a result needs an excerpt; else nothing."""
    if not any(len(result.document.content) > LONG_TEXT_CHARS for result in results):
        return {}
    return documents.index.compute_term_idf(plan.terms)


def explain_item(item: SearchItem, result: SearchResult, weights: RankingWeights) -> None:
    """Set the item's features, their weights, and the feature with the largest share of its score."""
    values = {name: round(value, 4) for name, value in result.features.items()}
    item.features = values
    item.weights = {name: getattr(weights, name) for name in values}
    shares = {name: value * getattr(weights, name) for name, value in values.items()}
    best = max(shares, key=lambda name: shares[name], default=None)
    item.via = best if best is not None and shares[best] > 0 else None


def _turn_item(result: SearchResult, turn: TurnRow) -> SearchItem:
    return SearchItem(
        type=ItemType.TURN,
        id=turn.id,
        kind=None,
        content=turn.content,
        score=round(result.score, 4),
        sources=[_to_turn_source(turn, turn.content)],
        valid_from=turn.observed_at,
        valid_to=result.valid_to,
        confidence=None,
        version=None,
        agent_id=turn.agent_id,
        agent_ids=[turn.agent_id] if turn.agent_id is not None else [],
        metadata=turn.metadata or {},
        recorded_at=turn.recorded_at,
        pending=turn.pending,
        superseded_by=result.superseded_by,
    )


def _to_excerpt(content: str, term_weights: Mapping[str, float]) -> SearchExcerpt | None:
    excerpt = choose_excerpt(content, term_weights)
    if excerpt is None:
        return None
    spans = [TextSpan(start=start, end=end) for start, end in excerpt.spans]
    return SearchExcerpt(text=excerpt.text, spans=spans)


def _to_near_turn(neighbour: NeighbourTurn) -> NearTurn:
    turn = neighbour.turn
    return NearTurn(
        turn_id=turn.id,
        offset=neighbour.offset,
        role=Role(turn.role),
        name=turn.name,
        content=turn.content,
        observed_at=turn.observed_at,
        ref=turn.ref,
        superseded_by=neighbour.superseded_by,
    )


def _last_said_at(documents: Documents, memory: MemoryRow) -> datetime:
    """When it was last said, which is not since when it holds ("since 2019")."""
    said: list[datetime] = []
    for source in memory.sources:
        if source.is_denial:
            continue
        row = documents.find_turn(source.turn_id)
        said.append(source.asserted_at if row is None else documents.index.turns.said_at(row))
    return max(said, default=memory.anchor_at)


def _memory_reliance(documents: Documents, memory: MemoryRow, now: datetime) -> Reliance:
    return assess_reliance(
        confidence=memory.confidence,
        volatility=memory.volatility,
        in_conflict=memory.id in documents.index.conflicts,
        age=now - _last_said_at(documents, memory),
        status=memory.status,
    )


def _memory_sources(documents: Documents, memory: MemoryRow, through: TurnRow | None) -> list[MemorySource]:
    """List the memory's sources, first the turn by which the search reached it."""
    shown: list[MemorySource] = []
    for source in memory.supporting_sources:
        row = documents.find_turn(source.turn_id)
        if row is None:
            shown.append(
                MemorySource(
                    turn_id=None,
                    ref=None,
                    session_id=None,
                    observed_at=in_utc_offset(source.asserted_at, memory.utc_offset),
                    quote=source.quote,
                    copied_from=CopiedFrom.from_columns(*source.copied_from),
                )
            )
        else:
            shown.append(_to_turn_source(documents.turns[row], source.quote))
    if through is not None:
        shown.sort(key=lambda source: source.turn_id != through.id)
    return shown


def _memory_agents(documents: Documents, memory: MemoryRow) -> list[str]:
    """The agents that told a memory: its own first, then those of the turns that state it, by name."""
    found = (documents.find_turn(source.turn_id) for source in memory.sources if not source.is_denial)
    agents = {documents.turns[row].agent_id for row in found if row is not None}
    own = [memory.agent_id] if memory.agent_id is not None else []
    return list(dict.fromkeys([*own, *sorted(agent for agent in agents if agent is not None)]))


def _to_turn_source(turn: TurnRow, quote: str) -> MemorySource:
    return MemorySource(
        turn_id=turn.id,
        ref=turn.ref,
        session_id=turn.session_id,
        observed_at=turn.observed_at,
        role=Role(turn.role),
        name=turn.name,
        quote=quote,
    )
