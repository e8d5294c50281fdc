"""A batch of searches: one embedding batch, then one search after the other, each with its own outcome.

They share one thread: a search computes under Python's lock for most of its time, so that threads side by
side would gain little and take the places of other requests.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from app.core.errors import MemcubedError, UpstreamFailed
from app.core.security import Principal
from app.core.vocabulary import KeyScope
from app.db.repositories.search import index_feed
from app.db.repositories.search.index_feed import SearchState
from app.llm.embedders import EmbeddersInUse
from app.resources import Resources
from app.schemas.search.search import SearchMemory, SearchOut
from app.services.models.model_registry import with_models
from app.services.platform.user_context import UserContext
from app.services.search import query_context
from app.services.search.question_embedding import QuestionText, get_cached_index
from app.services.search.search import require_read_access, search_memory

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SearchOutcome:
    """What a search of a batch found, or why it failed."""

    result: SearchOut | None
    error: MemcubedError | None = None


def search_batch(
    resources: Resources, principal: Principal, searches: list[SearchMemory]
) -> list[SearchOutcome]:
    """Answer each search as if it were alone; what one may not read or can't get fails that one alone.

    Raises `Forbidden` when the key may not read at all.
    """
    principal.require_scope(KeyScope.READ)
    failures: dict[int, MemcubedError] = {}
    questions: list[tuple[UserContext, QuestionText]] = []
    for place, search in enumerate(searches):
        try:
            require_read_access(principal, search)
            ctx = UserContext(resources, principal, search.user_id)
            context_text = query_context.load_query_context(ctx, search)
            questions.append((ctx, QuestionText(search.query, context_text)))
        except MemcubedError as error:
            failures[place] = error
    embed_questions(resources, questions)
    states: dict[str, SearchState | None] = {}
    return [
        SearchOutcome(None, failures[place])
        if place in failures
        else _search_one(resources, principal, search, states)
        for place, search in enumerate(searches)
    ]


def embed_questions(resources: Resources, questions: Sequence[tuple[UserContext, QuestionText]]) -> None:
    """Put the vectors of all questions into the cache, in which each search finds its own.

    One that names a speaker whom this process does not know yet is embedded by its search.
    """

    def embed_all(in_use: EmbeddersInUse) -> None:
        texts = [
            question.to_embed(get_cached_index(ctx, in_use).turns.speaker_names)
            for ctx, question in questions
        ]
        in_use.active.embed_queries(texts)

    try:
        with_models(resources, embed_all)
    except UpstreamFailed as failure:
        # Each search tries by itself and goes on by words alone, as it does when it is sent alone.
        log.warning("queries_not_embedded", error=failure.code)


def _search_one(
    resources: Resources, principal: Principal, search: SearchMemory, states: dict[str, SearchState | None]
) -> SearchOutcome:
    try:
        if search.user_id not in states:
            states[search.user_id] = resources.execute_statement(
                lambda connection: index_feed.get_search_state(
                    connection, principal.tenant_id, search.user_id
                )
            )
        return SearchOutcome(search_memory(resources, principal, search, states[search.user_id]))
    except MemcubedError as error:
        return SearchOutcome(None, error)
