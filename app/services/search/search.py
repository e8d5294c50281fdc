"""Search: bring the user's scope up to date, score, answer. No LLM call."""

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from app.core.errors import UpstreamFailed
from app.core.security import Principal
from app.core.telemetry import SEARCH_SECONDS
from app.core.vocabulary import Kind, Reliance, Role
from app.core.vocabulary import Scope as KeyScope
from app.db.repositories.search.index_feed import State
from app.llm.embedders import InUse
from app.llm.embeddings import UNRELATED_BELOW, Embedder
from app.memory.geography import Area
from app.memory.index.documents import MemoryRow, TurnRow
from app.memory.index.user_index import Scope
from app.memory.numeric import Array
from app.memory.ranking.abstention import abstain
from app.memory.ranking.deduplication import Found
from app.memory.ranking.neighbours import Beside, beside
from app.memory.ranking.query import Wanted
from app.memory.ranking.results import find
from app.memory.ranking.shared_index import Guests, abstain_beside, join
from app.memory.ranking.weights import RankingWeights
from app.memory.reconciliation.reliance import reliance
from app.resources import Resources
from app.schemas.common import Near
from app.schemas.memories import CopiedFrom, Source
from app.schemas.search import ContextIn, Item, ItemType, NearTurn, SearchIn, SearchOut
from app.services.memories.as_of import Clocks, scope_at
from app.services.models.model_registry import with_models
from app.services.platform import jobs
from app.services.search import query_context, ranker, retrievals, user_indexes
from app.services.search.retrievals import Shown
from app.services.sharing import shared_search

log = structlog.get_logger(__name__)


def run(
    resources: Resources,
    principal: Principal,
    request: SearchIn,
    state: State | None = None,
    waited: bool | None = None,
) -> SearchOut:
    """The best turns and memories for a question, of one user; `state` is the user's as the request began.

    `waited`: whether the job that was waited for has ended; None = none was.
    """
    may_ask(principal, request)
    answer = find_for(resources, principal, request, state)
    of_user = (request.user_id, answer.epoch)
    retrieval_id = retrievals.keep(resources, principal, *of_user, answer.ranker, answer.shown)
    return answer.out.model_copy(update={"waited": waited, "retrieval_id": retrieval_id})


def may_ask(principal: Principal, request: SearchIn | ContextIn) -> None:
    """Raise `Forbidden` unless the caller may read the user's memory."""
    principal.require(KeyScope.READ)
    principal.require_user(request.user_id)


def is_to_wait(resources: Resources, principal: Principal, request: SearchIn | ContextIn) -> bool:
    """Whether the job that is waited for has still to come to its end. Raises `NotFound`, `Forbidden`."""
    may_ask(principal, request)
    asker = replace(principal, user_id=request.user_id)  # a job of anybody else is not there
    return request.wait_for is not None and not jobs.finished(resources, asker, request.wait_for)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search found, the features behind each item, and the version of the ranker that ordered them.

    `epoch` is that of the user's rows that were searched.
    """

    out: SearchOut
    shown: list[Shown]
    ranker: int
    epoch: int


def find_for(
    resources: Resources, principal: Principal, request: SearchIn, state: State | None = None
) -> Answer:
    """Search for a caller who may read the user's memory; nothing is kept for feedback."""
    return with_models(resources, lambda in_use: _find(resources, in_use, principal, request, state))


def _find(
    resources: Resources, in_use: InUse, principal: Principal, request: SearchIn, state: State | None
) -> Answer:
    asked_with = query_context.asked_with(resources, principal, request)
    with SEARCH_SECONDS.labels("embed").time():
        vector = query_vector(in_use.active, f"{request.query} {asked_with}".rstrip())
    wanted = Wanted(
        query=request.query,
        asked_with=asked_with,
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
        area=_area(request.filters.place, request.filters.near),
        include_superseded=request.include_superseded,
        reference_time=request.reference_time or request.as_of or request.known_at or resources.now(),
        unrelated_below=UNRELATED_BELOW.get(in_use.active.model_id),
    )
    guests = shared_search.guests(resources, in_use, principal, request.user_id) if request.shared else None
    clocks = Clocks(request.as_of, request.known_at)
    with _scope(resources, in_use, principal, request.user_id, clocks, state) as (scope, version):
        wanted = replace(wanted, weights=ranker.weights(resources, principal, version))
        with SEARCH_SECONDS.labels("rank").time():
            found, epoch = find(scope, wanted), scope.epoch
            reason = abstain(scope, wanted, found)
            if guests is not None:
                found = join(found, guests.best(scope, wanted), request.k)
                reason = abstain_beside(guests, wanted, found, reason)
            now = request.reference_time or clocks.moment(resources.now())
            items = [_as_item(scope, one, request.explain, now, guests) for one in found]
            for item, one in zip(items, found, strict=True):
                _fold_in(scope, item, one.folded)
            for item, near in zip(items, beside(scope, wanted, found, request.neighbours), strict=True):
                item.neighbours = [_neighbour(one) for one in near]
    if request.explain:
        for item in items:
            _explain(item, wanted.weights)
    # What others granted teaches the ranker nothing.
    both = zip(items, found, strict=True)
    shown = [Shown(item.id, None if item.owner_user_id else one.features) for item, one in both]
    out = SearchOut(items=items, abstained=reason is not None, reason=reason)
    out.expanded_by = (asked_with or None) if request.explain else None
    return Answer(out, shown, version, epoch)


@contextmanager
def _scope(
    resources: Resources,
    in_use: InUse,
    principal: Principal,
    user_id: str,
    clocks: Clocks,
    state: State | None,
) -> Generator[tuple[Scope, int]]:
    """The user's scope, for this block alone, and the version of the tenant's ranker."""
    if clocks:
        scope = scope_at(resources, in_use, principal, user_id, clocks)
        yield scope, ranker.version_now(resources, principal)
        return
    model = in_use.active
    scope = resources.scopes.get(principal.tenant_id, user_id, model.model_id, model.dimensions)
    with scope.lock, ExitStack() as stack:
        with SEARCH_SECONDS.labels("refresh").time():
            opened = user_indexes.opened(resources, in_use, principal, user_id, scope, state)
            version = stack.enter_context(opened)
            scope.end(resources.now())
        yield scope, version


def _area(place: str | None, near: Near | None) -> Area | None:
    """The filter by place that a request asks for."""
    if place is None and near is None:
        return None
    return Area(place) if near is None else Area(place, near.lat, near.lon, near.km)


def query_vector(model: Embedder, query: str) -> Array | None:
    """The query's vector; None when the model can't be reached."""
    try:
        return model.embed_query(query)
    except UpstreamFailed as failure:
        # Words alone still find most; an outage of the embedder must not take search down.
        log.warning("query_not_embedded", error=failure.code)
        return None


def _as_item(scope: Scope, found: Found, explain: bool, now: datetime, guests: Guests | None) -> Item:
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
            sources=[_turn_source(turn, turn.content)],
            valid_from=turn.observed_at,
            valid_to=None,
            confidence=None,
            version=None,
            pending=turn.pending,
            superseded_by=found.superseded_by,
            features=features,
        )
    memory = found.memory
    if guests is not None and guests.holds(found):
        scope = guests
    return Item(
        type=ItemType.MEMORY,
        id=memory.id,
        kind=Kind(memory.kind),
        content=memory.content,
        score=round(found.score, 4),
        sources=_sources(scope, memory, found.turn),
        valid_from=memory.valid_from,
        valid_to=memory.valid_to,
        confidence=memory.confidence,
        version=memory.version,
        status=memory.status,
        tags=memory.tags,
        conflicts=scope.conflicts.get(memory.id, []),
        reliance=_reliance(scope, memory, now),
        owner_user_id=guests.owners.get(memory.id) if guests is not None else None,
        features=features,
    )


def _fold_in(scope: Scope, item: Item, folded: Sequence[Found]) -> None:
    """Give the item the sources of what says the same."""
    item.folded = [one.id for one in folded]
    told = {source.turn_id for source in item.sources}
    for one in folded:
        more = [_turn_source(one.turn, one.turn.content)] if one.memory is None and one.turn else []
        if one.memory is not None:
            more = _sources(scope, one.memory, one.turn)
        item.sources += [source for source in more if source.turn_id is None or source.turn_id not in told]
        told |= {source.turn_id for source in more}


def _neighbour(one: Beside) -> NearTurn:
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


def _reliance(scope: Scope, memory: MemoryRow, now: datetime) -> Reliance:
    return reliance(
        confidence=memory.confidence,
        volatility=memory.volatility,
        in_conflict=memory.id in scope.conflicts,
        age=now - (memory.sources[0].asserted_at if memory.sources else memory.anchor_at),
        status=memory.status,
    )


def _explain(item: Item, weights: RankingWeights) -> None:
    """Add the weights of the item's features, and the feature that added most to its score."""
    values = item.features or {}
    item.weights = {name: getattr(weights, name) for name in values}
    shares = {name: value * getattr(weights, name) for name, value in values.items()}
    best = max(shares, key=lambda name: shares[name], default=None)
    item.via = best if best is not None and shares[best] > 0 else None


def _sources(scope: Scope, memory: MemoryRow, through: TurnRow | None) -> list[Source]:
    """The memory's sources, the turn that brought it first."""
    shown: list[Source] = []
    for source in memory.sources:
        if source.denies:
            continue
        row = scope.turns.at.get(source.turn_id) if source.turn_id is not None else None
        if row is None:
            shown.append(
                Source(
                    turn_id=None,
                    ref=None,
                    session_id=None,
                    observed_at=source.asserted_at,
                    quote=source.quote,
                    copied_from=CopiedFrom.of(*source.copied),
                )
            )
        else:
            shown.append(_turn_source(scope.turns[row], source.quote))
    if through is not None:
        shown.sort(key=lambda source: source.turn_id != through.id)
    return shown


def _turn_source(turn: TurnRow, quote: str) -> Source:
    return Source(
        turn_id=turn.id,
        ref=turn.ref,
        session_id=turn.session_id,
        observed_at=turn.observed_at,
        role=turn.role,
        name=turn.name,
        quote=quote,
    )
