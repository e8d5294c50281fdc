"""Search: bring the user's scope up to date, score, answer. No LLM call."""

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from app.core.errors import UpstreamFailed
from app.core.security import Principal
from app.core.telemetry import SEARCH_SECONDS
from app.core.vocabulary import KeyScope, Kind, Reliance, Role
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
from app.services.models.model_registry import with_models
from app.services.platform import jobs
from app.services.search import query_context, ranker, retrievals, user_indexes
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
    """The best turns and memories for a question, of one user; `state` is the user's as the request began.

    `waited`: whether the job that was waited for has ended; None = none was.
    """
    require_read_access(principal, request)
    answer = find_answer(resources, principal, request, state)
    of_user = (request.user_id, answer.epoch)
    retrieval_id = retrievals.record_retrieval(
        resources, principal, *of_user, answer.ranker_version, answer.shown_items
    )
    return answer.response.model_copy(update={"waited": waited, "retrieval_id": retrieval_id})


def require_read_access(principal: Principal, request: SearchIn | ContextIn) -> None:
    """Raise `Forbidden` unless the caller may read the user's memory."""
    principal.require_scope(KeyScope.READ)
    principal.require_user(request.user_id)


def must_wait_for_job(resources: Resources, principal: Principal, request: SearchIn | ContextIn) -> bool:
    """Whether the job that is waited for has still to come to its end. Raises `NotFound`, `Forbidden`."""
    require_read_access(principal, request)
    asker = replace(principal, user_id=request.user_id)  # a job of anybody else is not there
    return request.wait_for is not None and not jobs.is_job_finished(resources, asker, request.wait_for)


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """What a search found, the features behind each item, and the version of the ranker that ordered them.

    `epoch` is that of the user's rows that were searched.
    """

    response: SearchOut
    shown_items: list[ShownItem]
    ranker_version: int
    epoch: int


def find_answer(
    resources: Resources, principal: Principal, request: SearchIn, state: SearchState | None = None
) -> SearchAnswer:
    """Search for a caller who may read the user's memory; nothing is kept for feedback."""
    return with_models(resources, lambda in_use: _find_answer(resources, in_use, principal, request, state))


def _find_answer(
    resources: Resources,
    in_use: EmbeddersInUse,
    principal: Principal,
    request: SearchIn,
    state: SearchState | None,
) -> SearchAnswer:
    asked_with = query_context.load_query_context(resources, principal, request)
    with SEARCH_SECONDS.labels("embed").time():
        vector = try_embed_query(in_use.active, f"{request.query} {asked_with}".rstrip())
    wanted = SearchQuery(
        text=request.query,
        context_text=asked_with,
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
        reference_time=request.reference_time or request.as_of or request.known_at or resources.now(),
        min_closeness=UNRELATED_BELOW.get(in_use.active.model_id),
    )
    guests = (
        shared_search.build_shared_index(resources, in_use, principal, request.user_id)
        if request.shared
        else None
    )
    clocks = BitemporalPoint(request.as_of, request.known_at)
    with _open_user_index(resources, in_use, principal, request.user_id, clocks, state) as (scope, version):
        wanted = replace(wanted, weights=ranker.get_weights(resources, principal, version))
        with SEARCH_SECONDS.labels("rank").time():
            found, epoch = search_index(scope, wanted), scope.epoch
            reason = choose_abstain_reason(scope, wanted, found)
            if guests is not None:
                found = join_results(found, guests.search_shared(scope, wanted), request.k)
                reason = choose_joined_abstain_reason(guests, wanted, found, reason)
            now = request.reference_time or clocks.answer_time(resources.now())
            items = [_to_item(scope, one, request.explain, now, guests) for one in found]
            for item, one in zip(items, found, strict=True):
                _merge_duplicate_sources(scope, item, one.duplicates)
            for item, near in zip(
                items, find_neighbour_turns(scope, wanted, found, request.neighbours), strict=True
            ):
                item.neighbours = [_to_near_turn(one) for one in near]
    if request.explain:
        for item in items:
            _add_explanation(item, wanted.weights)
    # What others granted teaches the ranker nothing.
    both = zip(items, found, strict=True)
    shown = [ShownItem(item.id, None if item.owner_user_id else one.features) for item, one in both]
    out = SearchOut(items=items, abstained=reason is not None, reason=reason)
    out.expanded_by = (asked_with or None) if request.explain else None
    return SearchAnswer(out, shown, version, epoch)


@contextmanager
def _open_user_index(
    resources: Resources,
    in_use: EmbeddersInUse,
    principal: Principal,
    user_id: str,
    point: BitemporalPoint,
    state: SearchState | None,
) -> Generator[tuple[UserIndex, int]]:
    """The user's scope, for this block alone, and the version of the tenant's ranker."""
    if point:
        scope = build_index_as_of(resources, in_use, principal, user_id, point)
        yield scope, ranker.get_active_version(resources, principal)
        return
    model = in_use.active
    scope = resources.index_cache.get_index(principal.tenant_id, user_id, model.model_id, model.dimensions)
    with scope.lock, ExitStack() as stack:
        with SEARCH_SECONDS.labels("refresh").time():
            opened = user_indexes.open_index(resources, in_use, principal, user_id, scope, state)
            version = stack.enter_context(opened)
            scope.expire_memories(resources.now())
        yield scope, version


def _to_area(place: str | None, near: Near | None) -> Area | None:
    """The filter by place that a request asks for."""
    if place is None and near is None:
        return None
    return Area(place) if near is None else Area(place, near.lat, near.lon, near.km)


def try_embed_query(model: Embedder, query: str) -> FloatArray | None:
    """The query's vector; None when the model can't be reached."""
    try:
        return model.embed_query(query)
    except UpstreamFailed as failure:
        # Words alone still find most; an outage of the embedder must not take search down.
        log.warning("query_not_embedded", error=failure.code)
        return None


def _to_item(
    user_index: UserIndex, found: SearchResult, explain: bool, now: datetime, shared_index: SharedIndex | None
) -> Item:
    features = {name: round(value, 4) for name, value in found.features.items()} if explain else None
    if found.memory is None:
        assert found.turn is not None
        turn = found.turn
        return Item(
            type=ItemType.TURN,
            id=turn.id,
            kind=None,
            content=turn.content,
            score=round(found.score, 4),
            sources=[_to_turn_source(turn, turn.content)],
            valid_from=turn.observed_at,
            valid_to=None,
            confidence=None,
            version=None,
            pending=turn.pending,
            superseded_by=found.superseded_by,
            features=features,
        )
    memory = found.memory
    if shared_index is not None and shared_index.contains_result(found):
        user_index = shared_index
    return Item(
        type=ItemType.MEMORY,
        id=memory.id,
        kind=Kind(memory.kind),
        content=memory.content,
        score=round(found.score, 4),
        sources=_memory_sources(user_index, memory, found.turn),
        valid_from=memory.valid_from,
        valid_to=memory.valid_to,
        confidence=memory.confidence,
        version=memory.version,
        status=memory.status,
        tags=memory.tags,
        conflicts=user_index.conflicts.get(memory.id, []),
        reliance=_memory_reliance(user_index, memory, now),
        owner_user_id=shared_index.owners.get(memory.id) if shared_index is not None else None,
        features=features,
    )


def _merge_duplicate_sources(user_index: UserIndex, item: Item, duplicates: Sequence[SearchResult]) -> None:
    """Give the item the sources of what says the same."""
    item.folded = [one.id for one in duplicates]
    told = {source.turn_id for source in item.sources}
    for one in duplicates:
        more = [_to_turn_source(one.turn, one.turn.content)] if one.memory is None and one.turn else []
        if one.memory is not None:
            more = _memory_sources(user_index, one.memory, one.turn)
        item.sources += [source for source in more if source.turn_id is None or source.turn_id not in told]
        told |= {source.turn_id for source in more}


def _to_near_turn(one: NeighbourTurn) -> NearTurn:
    turn = one.turn
    return NearTurn(
        turn_id=turn.id,
        offset=one.offset,
        role=Role(turn.role),
        name=turn.name,
        content=turn.content,
        observed_at=turn.observed_at,
        ref=turn.ref,
        superseded_by=one.superseded_by,
    )


def _memory_reliance(user_index: UserIndex, memory: MemoryRow, now: datetime) -> Reliance:
    return assess_reliance(
        confidence=memory.confidence,
        volatility=memory.volatility,
        in_conflict=memory.id in user_index.conflicts,
        age=now - (memory.sources[0].asserted_at if memory.sources else memory.anchor_at),
        status=memory.status,
    )


def _add_explanation(item: Item, weights: RankingWeights) -> None:
    """Add the weights of the item's features, and the feature that added most to its score."""
    values = item.features or {}
    item.weights = {name: getattr(weights, name) for name in values}
    shares = {name: value * getattr(weights, name) for name, value in values.items()}
    best = max(shares, key=lambda name: shares[name], default=None)
    item.via = best if best is not None and shares[best] > 0 else None


def _memory_sources(user_index: UserIndex, memory: MemoryRow, through: TurnRow | None) -> list[Source]:
    """The memory's sources, the turn that brought it first."""
    shown: list[Source] = []
    for source in memory.sources:
        if source.is_denial:
            continue
        row = user_index.turns.id_map.get(source.turn_id) if source.turn_id is not None else None
        if row is None:
            shown.append(
                Source(
                    turn_id=None,
                    ref=None,
                    session_id=None,
                    observed_at=source.asserted_at,
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
        role=turn.role,
        name=turn.name,
        quote=quote,
    )
