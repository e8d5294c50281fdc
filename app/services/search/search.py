"""Search: refresh the user's index, rank its rows, and answer. A search makes no LLM call."""

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from app.core.errors import InvalidInput
from app.core.security import Principal
from app.core.telemetry import SEARCH_SECONDS
from app.core.vocabulary import AbstainReason, KeyScope
from app.db.repositories.search.index_feed import SearchState
from app.llm.embedders import EmbeddersInUse
from app.llm.embeddings import RELEVANCE_SCALES
from app.memory.geography import Area
from app.memory.metadata_filters import AllOf, Condition
from app.memory.ranking.abstention import choose_abstain_reason
from app.memory.ranking.documents import Documents
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.query_plan import QueryPlan, plan_query
from app.memory.ranking.rank import rank
from app.memory.ranking.relevance import map_relevance, score_relevance
from app.memory.ranking.results.assemble import assemble
from app.memory.ranking.results.deduplication import SearchResult
from app.memory.ranking.results.neighbours import NeighbourTurn, build_neighbours, collect_neighbours
from app.memory.ranking.shared_index import choose_joined_abstain_reason, join_results, search_shared
from app.resources import Resources
from app.schemas.common import GeoCircle
from app.schemas.search.search import BuildContext, SearchMemory, SearchOut
from app.services.memories.as_of import BitemporalPoint, build_index_as_of
from app.services.memories.metadata_conditions import to_condition
from app.services.models.model_registry import with_models
from app.services.platform import jobs
from app.services.platform.user_context import UserContext
from app.services.search import metadata_matches, query_context, ranker, retrievals, user_indexes
from app.services.search.index_readers import IndexReader, ProcessReader
from app.services.search.items import ItemBuilder, explain_item, weigh_excerpt_terms
from app.services.search.question_embedding import EmbeddedQuestion, QuestionText, get_cached_index
from app.services.search.retrievals import ShownItem
from app.services.sharing import shared_search

# A question is embedded and its index opened once more when another speaker turns out to be named.
MAX_OPENED = 2


def search_memory(
    resources: Resources,
    principal: Principal,
    request: SearchMemory,
    state: SearchState | None = None,
    waited: bool | None = None,
    condition: Condition | None = None,
) -> SearchOut:
    """Find the turns and memories of a user that answer a question best, and record what was shown.

    `state` is the user's state if it was read since the request began. `waited` tells whether the job that
    the request waited for has ended; None = it waited for none. `condition` holds for what is found, beside
    the request's filters; it may compare rows only of what is stored now. Raises `Forbidden`.
    """
    require_read_access(principal, request)
    ctx = UserContext(resources, principal, request.user_id)
    answer = find_answer(ctx, request, state, condition)
    retrieval_id = retrievals.record_retrieval(ctx, answer.epoch, answer.ranker_version, answer.shown_items)
    return answer.response.model_copy(update={"waited": waited, "retrieval_id": retrieval_id})


def require_read_access(principal: Principal, request: SearchMemory | BuildContext) -> None:
    """Raise `Forbidden` unless the caller may read the user's memory."""
    principal.require_scope(KeyScope.READ)
    principal.require_user(request.user_id)


def must_wait_for_job(
    resources: Resources, principal: Principal, request: SearchMemory | BuildContext
) -> bool:
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


def find_answer(
    ctx: UserContext,
    request: SearchMemory,
    state: SearchState | None = None,
    condition: Condition | None = None,
) -> SearchAnswer:
    """Search for a caller whose right to read was checked; nothing is recorded for feedback."""
    return with_models(ctx.resources, lambda in_use: _find_answer(ctx, in_use, request, state, condition))


def _find_answer(
    ctx: UserContext,
    in_use: EmbeddersInUse,
    request: SearchMemory,
    state: SearchState | None,
    condition: Condition | None,
) -> SearchAnswer:
    resources = ctx.resources
    context_text = query_context.load_query_context(ctx, request)
    query = _build_query(in_use, request, context_text, resources.now())
    text = QuestionText(request.query, context_text)
    shared = shared_search.load_shared_memories(ctx, in_use) if request.shared else None
    point = BitemporalPoint(request.as_of, request.known_at)
    if request.filters.metadata is not None:
        of_request = to_condition(request.filters.metadata)
        condition = of_request if condition is None else AllOf((of_request, condition))
    if condition is not None:
        query = replace(query, allowed=metadata_matches.load_allowed_rows(ctx, condition, point))
    with _open_reader(ctx, in_use, text, point, state) as (reader, version, question):
        weights = ranker.get_weights(resources, ctx.principal, version)
        weights = weights if query.includes_turns else weights.for_memories()
        query = replace(query, weights=weights, **question._asdict())
        with SEARCH_SECONDS.labels("rank").time():
            plan = plan_query(reader.index, query)
            results, documents = find_results(reader, plan)
            own = score_relevance(plan, documents, results)
            reason = choose_abstain_reason(plan, documents, results, own)
            relevance = map_relevance(results, own)
            if shared is not None:
                granted = search_shared(shared, reader.index, plan)
                theirs = score_relevance(plan, Documents.of_index(shared.index), granted)
                relevance |= map_relevance(granted, theirs)
                results = join_results(results, granted, request.k)
                reason = choose_joined_abstain_reason(shared, plan, results, reason)
            if request.min_relevance is not None:
                results = [one for one in results if relevance[one.id] >= request.min_relevance]
                reason = reason if results else reason or AbstainReason.NO_MATCH
            neighbours = find_neighbours(reader, query, documents, results, request.neighbours)
            now = request.reference_time or point.answer_time(resources.now())
            terms = weigh_excerpt_terms(plan, documents, results)
            builder = ItemBuilder(documents, shared, now, relevance, terms)
            items = [builder.build(*pair) for pair in zip(results, neighbours, strict=True)]
            epoch = reader.index.epoch
    if request.explain:
        for item, result in zip(items, results, strict=True):
            explain_item(item, result, query.weights)
    # The ranker is the tenant's own: items that others shared are no training data.
    shown = [
        ShownItem(item.id, None if item.owner_user_id else result.features)
        for item, result in zip(items, results, strict=True)
    ]
    response = SearchOut(items=items, abstained=reason is not None, reason=reason)
    response.expanded_by = (context_text or None) if request.explain else None
    return SearchAnswer(response, shown, version, epoch)


def find_results(reader: IndexReader, plan: QueryPlan) -> tuple[list[SearchResult], Documents]:
    """Match, rank, load, assemble; again with more candidates until there are enough results.

    An index that keeps all rows has all of them as candidates, so it is done at once.
    """
    while True:
        candidates = reader.match(plan)
        ranking = rank(plan, candidates)
        linked = candidates.find_unmatched(ranking.reached)
        if len(linked):  # links lead to rows of a large user that nothing else led to
            ranking = rank(plan, reader.match(plan, linked))
        documents = reader.load(ranking.turn_ids, [one.doc_id for one in ranking.orphans])
        results = assemble(plan, ranking, documents)
        if len(results) >= plan.query.count or ranking.is_complete:
            return results, documents
        plan = plan.widened()


def find_neighbours(
    reader: IndexReader,
    query: SearchQuery,
    documents: Documents,
    results: Sequence[SearchResult],
    reach: int,
) -> list[list[NeighbourTurn]]:
    """For each result up to `reach` turns before and after its turn in the session, in order."""
    if reach == 0:
        return [[] for _ in results]
    nearby = collect_neighbours(documents, results, reach)
    documents = reader.load([doc_id for around in nearby for _, doc_id in around], [])
    return build_neighbours(query, documents, results, nearby)


def _build_query(
    in_use: EmbeddersInUse, request: SearchMemory, context_text: str, now: datetime
) -> SearchQuery:
    """Collect the filters of the request; the question is embedded when its speakers are known.

    Raises `InvalidInput` when a relevance is required that the embedding model has no scale for.
    """
    if in_use.active.model_id not in RELEVANCE_SCALES and request.min_relevance is not None:
        raise InvalidInput("The embedding model in use has no scale of relevance.", field="min_relevance")
    return SearchQuery(
        text=request.query,
        context_text=context_text,
        vector=None,
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
    )


@contextmanager
def _open_reader(
    ctx: UserContext,
    in_use: EmbeddersInUse,
    text: QuestionText,
    point: BitemporalPoint,
    state: SearchState | None,
) -> Generator[tuple[IndexReader, int, EmbeddedQuestion]]:
    """Lock the user's refreshed index for this block; also yields the ranker's version and the question.

    The question is embedded with the speakers whom the index knows so far, before it is locked: the embedder
    may be a network away. If the refreshed index knows others whom the question is about, both are done anew.
    """
    resources, principal = ctx.resources, ctx.principal
    if point:
        user_index = build_index_as_of(resources, in_use, principal, ctx.user_id, point)
        embedded = text.embed_as(in_use, text.to_embed(user_index.turns.speaker_names))
        yield ProcessReader(user_index), ranker.get_active_version(resources, principal), embedded
        return
    user_index = get_cached_index(ctx, in_use)
    for attempt in range(MAX_OPENED):
        speakers = user_index.turns.speaker_names
        to_embed = text.to_embed(speakers)
        embedded = text.embed_as(in_use, to_embed)
        with user_index.lock, ExitStack() as stack:
            with SEARCH_SECONDS.labels("refresh").time():
                reading = user_indexes.open_index(ctx, in_use, user_index, state, is_opened_again=attempt > 0)
                opened = stack.enter_context(reading)
                user_index.expire_memories(resources.now())
            known = user_index.turns.speaker_names
            if attempt == MAX_OPENED - 1 or known == speakers or text.to_embed(known) == to_embed:
                yield *opened, embedded
                return


def _to_area(place: str | None, near: GeoCircle | None) -> Area | None:
    """Convert the filter by location of a request; None when it has none."""
    if place is None and near is None:
        return None
    return Area(place) if near is None else Area(place, near.lat, near.lon, near.km)
