"""Search: refresh the user's index, rank its rows, and answer. A search makes no LLM call."""

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from app.core.errors import UpstreamFailed
from app.core.instants import in_utc_offset
from app.core.security import Principal
from app.core.telemetry import SEARCH_SECONDS
from app.core.vocabulary import KeyScope, Kind, Reliance, Role, Status
from app.db.repositories.search.index_feed import SearchState
from app.llm.embedders import EmbeddersInUse
from app.llm.embeddings import UNRELATED_BELOW, Embedder
from app.memory.geography import Area
from app.memory.index.documents import MemoryRow, TurnRow
from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray
from app.memory.ranking.abstention import choose_abstain_reason
from app.memory.ranking.deduplication import SearchResult
from app.memory.ranking.neighbours import NeighbourTurn, find_neighbour_turns
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.results import search_index
from app.memory.ranking.shared_index import SharedIndex, choose_joined_abstain_reason, join_results
from app.memory.ranking.weights import RankingWeights
from app.memory.reconciliation.reliance import assess_reliance
from app.resources import Resources
from app.schemas.common import Near
from app.schemas.memories import CopiedFrom, Source
from app.schemas.search import ContextIn, Item, ItemType, NearTurn, SearchIn, SearchOut
from app.services.memories.as_of import BitemporalPoint, build_index_as_of
from app.services.memories.metadata_conditions import to_condition
from app.services.models.model_registry import with_models
from app.services.platform import jobs
from app.services.platform.user_context import UserContext
from app.services.search import metadata_matches, query_context, ranker, retrievals, user_indexes
from app.services.search.retrievals import ShownItem
from app.services.sharing import shared_search

log = structlog.get_logger(__name__)


def search_memory(
    resources: Resources,
    principal: Principal,
    request: SearchIn,
    state: SearchState | None = None,
    waited: bool | None = None,
) -> SearchOut:
    """Find the turns and memories of a user that answer a question best, and record what was shown.

    `state` is the user's state if it was read since the request began. `waited` tells whether the job that
    the request waited for has ended; None = it waited for none. Raises `Forbidden`.
    """
    require_read_access(principal, request)
    ctx = UserContext(resources, principal, request.user_id)
    answer = find_answer(ctx, request, state)
    retrieval_id = retrievals.record_retrieval(ctx, answer.epoch, answer.ranker_version, answer.shown_items)
    return answer.response.model_copy(update={"waited": waited, "retrieval_id": retrieval_id})


def require_read_access(principal: Principal, request: SearchIn | ContextIn) -> None:
    """Raise `Forbidden` unless the caller may read the user's memory."""
    principal.require_scope(KeyScope.READ)
    principal.require_user(request.user_id)


def must_wait_for_job(resources: Resources, principal: Principal, request: SearchIn | ContextIn) -> bool:
    """Return whether the job that the request waits for is unfinished. Raises `NotFound`, `Forbidden`."""
    require_read_access(principal, request)
    asker = replace(principal, user_id=request.user_id)  # sees no job of another user
    return request.wait_for is not None and not jobs.is_job_finished(resources, asker, request.wait_for)


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """The response of a search, the features of each item, and the version of the ranker that ordered them.

    `epoch` is the user's epoch as of which the rows were searched.
    """

    response: SearchOut
    shown_items: list[ShownItem]
    ranker_version: int
    epoch: int


def find_answer(ctx: UserContext, request: SearchIn, state: SearchState | None = None) -> SearchAnswer:
    """Search for a caller whose right to read was checked; nothing is recorded for feedback."""
    return with_models(ctx.resources, lambda in_use: _find_answer(ctx, in_use, request, state))


def _find_answer(
    ctx: UserContext, in_use: EmbeddersInUse, request: SearchIn, state: SearchState | None
) -> SearchAnswer:
    resources, principal = ctx.resources, ctx.principal
    context_text = query_context.load_query_context(ctx, request)
    query = _build_query(in_use, request, context_text, resources.now())
    shared_index = shared_search.build_shared_index(ctx, in_use) if request.shared else None
    point = BitemporalPoint(request.as_of, request.known_at)
    if request.filters.metadata is not None:
        condition = to_condition(request.filters.metadata)
        query = replace(query, allowed=metadata_matches.load_allowed_rows(ctx, condition, point))
    with _open_user_index(ctx, in_use, point, state) as (user_index, version):
        query = replace(query, weights=ranker.get_weights(resources, principal, version))
        with SEARCH_SECONDS.labels("rank").time():
            results, epoch = search_index(user_index, query), user_index.epoch
            reason = choose_abstain_reason(user_index, query, results)
            if shared_index is not None:
                results = join_results(results, shared_index.search_shared(user_index, query), request.k)
                reason = choose_joined_abstain_reason(shared_index, query, results, reason)
            now = request.reference_time or point.answer_time(resources.now())
            items = [_to_item(user_index, result, request.explain, now, shared_index) for result in results]
            for item, result in zip(items, results, strict=True):
                _merge_duplicate_sources(user_index, item, result.duplicates)
            neighbours = find_neighbour_turns(user_index, query, results, request.neighbours)
            for item, turns in zip(items, neighbours, strict=True):
                item.neighbours = [_to_near_turn(turn) for turn in turns]
    if request.explain:
        for item in items:
            _add_explanation(item, query.weights)
    # The ranker is the tenant's own: items that others shared are no training data.
    shown = [
        ShownItem(item.id, None if item.owner_user_id else result.features)
        for item, result in zip(items, results, strict=True)
    ]
    response = SearchOut(items=items, abstained=reason is not None, reason=reason)
    response.expanded_by = (context_text or None) if request.explain else None
    return SearchAnswer(response, shown, version, epoch)


def _build_query(in_use: EmbeddersInUse, request: SearchIn, context_text: str, now: datetime) -> SearchQuery:
    """Embed the question with the context of its session, and collect the filters of the request."""
    with SEARCH_SECONDS.labels("embed").time():
        vector = try_embed_query(in_use.active, query_text(request, context_text))
    return SearchQuery(
        text=request.query,
        context_text=context_text,
        vector=vector,
        count=request.k,
        kinds=frozenset(request.kinds) if request.kinds is not None else None,
        session_id=request.session_id,
        agent_id=request.agent_id,
        roles=frozenset(request.filters.roles) if request.filters.roles is not None else None,
        speaker=request.filters.speaker,
        tags=frozenset(request.filters.tags or ()),
        since=request.filters.since,
        until=request.filters.until,
        area=_to_area(request.filters.place, request.filters.near),
        include_superseded=request.include_superseded,
        reference_time=request.reference_time or request.as_of or request.known_at or now,
        min_closeness=UNRELATED_BELOW.get(in_use.active.model_id),
    )


def query_text(request: SearchIn, context_text: str) -> str:
    """The text by which a question is embedded: its own and what its session adds."""
    return f"{request.query} {context_text}".rstrip()


@contextmanager
def _open_user_index(
    ctx: UserContext, in_use: EmbeddersInUse, point: BitemporalPoint, state: SearchState | None
) -> Generator[tuple[UserIndex, int]]:
    """Lock the user's refreshed index for this block; also yields the version of the tenant's ranker."""
    resources, principal = ctx.resources, ctx.principal
    if point:
        user_index = build_index_as_of(resources, in_use, principal, ctx.user_id, point)
        yield user_index, ranker.get_active_version(resources, principal)
        return
    model = in_use.active
    user_index = resources.index_cache.get_index(ctx.tenant_id, ctx.user_id, model.model_id, model.dimensions)
    with user_index.lock, ExitStack() as stack:
        with SEARCH_SECONDS.labels("refresh").time():
            version = stack.enter_context(user_indexes.open_index(ctx, in_use, user_index, state))
            user_index.expire_memories(resources.now())
        yield user_index, version


def _to_area(place: str | None, near: Near | None) -> Area | None:
    """Convert the filter by location of a request; None when it has none."""
    if place is None and near is None:
        return None
    return Area(place) if near is None else Area(place, near.lat, near.lon, near.km)


def try_embed_query(model: Embedder, query: str) -> FloatArray | None:
    """Return the query's vector (d,), or None when the embedding model can't be reached."""
    try:
        return model.embed_query(query)
    except UpstreamFailed as failure:
        # The search goes on by words alone: an outage of the embedder must not take search down.
        log.warning("query_not_embedded", error=failure.code)
        return None


def _to_item(
    user_index: UserIndex,
    result: SearchResult,
    explain: bool,
    now: datetime,
    shared_index: SharedIndex | None,
) -> Item:
    features = {name: round(value, 4) for name, value in result.features.items()} if explain else None
    if result.memory is None:
        assert result.turn is not None
        turn = result.turn
        return Item(
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
            features=features,
        )
    memory = result.memory
    is_shared = shared_index is not None and shared_index.contains_result(result)
    if shared_index is not None and is_shared:
        user_index = shared_index
    item = Item(
        type=ItemType.MEMORY,
        id=memory.id,
        kind=Kind(memory.kind),
        content=memory.content,
        score=round(result.score, 4),
        sources=_memory_sources(user_index, memory, result.turn),
        valid_from=memory.holds_since,
        valid_to=memory.valid_to,
        confidence=memory.confidence,
        version=memory.version,
        status=Status(memory.status),
        tags=memory.tags,
        superseded_by=result.superseded_by,
        conflicts=user_index.conflicts.get(memory.id, []),
        reliance=_memory_reliance(user_index, memory, now),
        owner_user_id=shared_index.owners.get(memory.id) if shared_index is not None else None,
        features=features,
    )
    if not is_shared:  # agents, metadata and times of its record stay with the owner
        item.agent_id, item.agent_ids = memory.agent_id, _memory_agents(user_index, memory)
        item.metadata = memory.metadata_ or {}
        item.recorded_at, item.updated_at = memory.recorded_at, memory.updated_at
    return item


def _merge_duplicate_sources(user_index: UserIndex, item: Item, duplicates: Sequence[SearchResult]) -> None:
    """Add the sources of an item's duplicates to the item, each turn once."""
    item.folded = [one.id for one in duplicates]
    known_turn_ids = {source.turn_id for source in item.sources}
    for duplicate in duplicates:
        memory, turn = duplicate.memory, duplicate.turn
        more = [_to_turn_source(turn, turn.content)] if memory is None and turn else []
        if memory is not None:
            more = _memory_sources(user_index, memory, turn)
        item.sources += [
            source for source in more if source.turn_id is None or source.turn_id not in known_turn_ids
        ]
        known_turn_ids |= {source.turn_id for source in more}


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


def _last_said_at(user_index: UserIndex, memory: MemoryRow) -> datetime:
    """When it was last said, which is not since when it holds ("since 2019")."""
    said: list[datetime] = []
    for source in memory.sources:
        if source.is_denial:
            continue
        row = user_index.turns.id_map.get(source.turn_id) if source.turn_id is not None else None
        said.append(source.asserted_at if row is None else user_index.turns.said_at(row))
    return max(said, default=memory.anchor_at)


def _memory_reliance(user_index: UserIndex, memory: MemoryRow, now: datetime) -> Reliance:
    return assess_reliance(
        confidence=memory.confidence,
        volatility=memory.volatility,
        in_conflict=memory.id in user_index.conflicts,
        age=now - _last_said_at(user_index, memory),
        status=memory.status,
    )


def _memory_agents(user_index: UserIndex, memory: MemoryRow) -> list[str]:
    """The agents that told a memory: its own first, then those of the turns that state it, by name."""
    turns = user_index.turns
    rows = (
        turns.id_map.get(source.turn_id)
        for source in memory.sources
        if source.turn_id is not None and not source.is_denial
    )
    agents = {turns[row].agent_id for row in rows if row is not None}
    own = [memory.agent_id] if memory.agent_id is not None else []
    return list(dict.fromkeys([*own, *sorted(agent for agent in agents if agent is not None)]))


def _add_explanation(item: Item, weights: RankingWeights) -> None:
    """Set the weights of the item's features, and the feature with the largest share of its score."""
    values = item.features or {}
    item.weights = {name: getattr(weights, name) for name in values}
    shares = {name: value * getattr(weights, name) for name, value in values.items()}
    best = max(shares, key=lambda name: shares[name], default=None)
    item.via = best if best is not None and shares[best] > 0 else None


def _memory_sources(user_index: UserIndex, memory: MemoryRow, through: TurnRow | None) -> list[Source]:
    """List the memory's sources, first the turn by which the search reached it."""
    shown: list[Source] = []
    for source in memory.supporting_sources:
        row = user_index.turns.id_map.get(source.turn_id) if source.turn_id is not None else None
        if row is None:
            shown.append(
                Source(
                    turn_id=None,
                    ref=None,
                    session_id=None,
                    observed_at=in_utc_offset(source.asserted_at, memory.utc_offset),
                    quote=source.quote,
                    copied_from=CopiedFrom.from_columns(*source.copied_from),
                )
            )
        else:
            shown.append(_to_turn_source(user_index.turns[row], source.quote))
    if through is not None:
        shown.sort(key=lambda source: source.turn_id != through.id)
    return shown


def _to_turn_source(turn: TurnRow, quote: str) -> Source:
    return Source(
        turn_id=turn.id,
        ref=turn.ref,
        session_id=turn.session_id,
        observed_at=turn.observed_at,
        role=Role(turn.role),
        name=turn.name,
        quote=quote,
    )
