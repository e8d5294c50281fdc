"""The search debugger with feedback, and the preview of a context."""

from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from app.core.vocabulary import KeyScope, Kind
from app.doors.console.console_route import PREFIX, ConsoleRoute
from app.doors.console.rendering import render
from app.doors.console.views.score_parts import explain
from app.doors.console.visits import Fields, SessionId, UserFields, VisitDep, validate
from app.schemas.search.feedback import SendFeedback
from app.schemas.search.search import BuildContext, SearchMemory
from app.services.search import context, ranker, retrievals, search

router = APIRouter(prefix=PREFIX, route_class=ConsoleRoute, include_in_schema=False)
_MOST_ITEMS = 50
_DEFAULT_ITEMS = 10
_DEFAULT_TOKENS = 1_000


class SearchFields(Fields):
    """The form of a search; it is posted, so that no question stands in an address."""

    user: str
    q: str | None = None
    k: int = _DEFAULT_ITEMS
    kinds: Literal["all", "turns", "memories"] = "all"
    asked_in: SessionId | None = None
    superseded: bool = False


class ContextFields(Fields):
    """The form of a context."""

    user: str
    q: str | None = None
    session: SessionId | None = None
    tokens: int = _DEFAULT_TOKENS
    format: Literal["markdown", "xml", "json"] = "markdown"


class FeedbackFields(Fields):
    """The form of one click: the item that answered, or none."""

    retrieval: UUID
    cited: UUID | None = None


@router.get("/search")
def show_search(visit: VisitDep) -> Response:
    """An empty search."""
    user = visit.resolve_user(visit.parse_query(UserFields).user)
    visit.principal.require_scope(KeyScope.READ)
    return render(
        visit, "search.html", user=user, given=SearchFields(user=user), found=None, items=[], version=None
    )


@router.post("/search")
def run_search(visit: VisitDep) -> Response:
    """What a search finds, with the features of each item."""
    given = visit.parse_form(SearchFields)
    user = visit.resolve_user(given.user)
    kinds = {"all": None, "turns": ["turn"], "memories": list(Kind)}[given.kinds]
    values = {
        "user_id": user,
        "query": given.q or "",
        "k": min(given.k, _MOST_ITEMS),
        "kinds": kinds,
        "asked_in": given.asked_in,
        "include_superseded": given.superseded,
        "explain": True,
    }
    found = search.search_memory(visit.resources, visit.principal, validate(SearchMemory, values))
    items = [explain(item) for item in found.items]
    version = ranker.get_ranker(visit.resources, visit.principal).version if visit.can_administer else None
    return render(visit, "search.html", user=user, given=given, found=found, items=items, version=version)


@router.post("/feedback")
def give_feedback(visit: VisitDep) -> Response:
    """Store that one item answered the question, or that none did."""
    given = visit.parse_form(FeedbackFields)
    feedback = SendFeedback(cited_ids=[given.cited] if given.cited is not None else [])
    stored = retrievals.give_feedback(visit.resources, visit.principal, given.retrieval, feedback)
    return render(visit, "feedback.html", user=stored.user_id, stored=stored)


@router.get("/context")
def show_context(visit: VisitDep) -> Response:
    """An empty preview."""
    user = visit.resolve_user(visit.parse_query(UserFields).user)
    visit.principal.require_scope(KeyScope.READ)
    return render(visit, "context.html", user=user, given=ContextFields(user=user), built=None)


@router.post("/context")
def preview_context(visit: VisitDep) -> Response:
    """The block that a model would get."""
    given = visit.parse_form(ContextFields)
    user = visit.resolve_user(given.user)
    values = {
        "user_id": user,
        "query": given.q or "",
        "session_id": given.session,
        "max_tokens": given.tokens,
        "format": given.format,
    }
    built = context.build_context(visit.resources, visit.principal, validate(BuildContext, values))
    return render(visit, "context.html", user=user, given=given, built=built)
