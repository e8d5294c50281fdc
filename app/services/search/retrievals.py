"""Retrievals and feedback: feedback on what a search showed strengthens memories and trains the ranker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core.errors import Conflict, InvalidInput, NotFound
from app.core.ids import new_id
from app.core.security import Principal
from app.core.vocabulary import KeyScope, Status
from app.db import models
from app.db.memory_rows import trace_changes
from app.db.repositories.memories import memories
from app.db.repositories.platform import users
from app.db.repositories.search import feedback
from app.db.user_session import UserSession
from app.memory.consolidation.retention import compute_trace
from app.memory.types import Assertion
from app.resources import Resources
from app.schemas.search.feedback import FeedbackOut, SendFeedback
from app.services.platform.user_context import UserContext

_STRENGTHENED_STATUSES = {Status.ACTIVATED, Status.ARCHIVED}


@dataclass(frozen=True, slots=True)
class ShownItem:
    """An item that was shown, with its features; they are None for an item that no ranker ordered."""

    id: UUID
    features: Mapping[str, float] | None = None


def record_retrieval(
    ctx: UserContext, epoch: int, ranker_version: int, shown: Sequence[ShownItem]
) -> UUID | None:
    """Store in Redis what was shown of the user's rows as of `epoch`; return the id of the retrieval.

    The id is None when Redis can't be reached, or when the rows of this epoch were erased meanwhile.
    """
    retrieval_id = new_id()
    items = [
        [item.id, {name: round(value, 3) for name, value in item.features.items()} if item.features else None]
        for item in shown
    ]
    retrieval = {"user": ctx.user_id, "ranker": ranker_version, "items": items}
    is_stored = ctx.resources.cache.put_retrieval(ctx.tenant_id, ctx.user_id, epoch, retrieval_id, retrieval)
    return retrieval_id if is_stored else None


def give_feedback(
    resources: Resources, principal: Principal, retrieval_id: UUID, request: SendFeedback
) -> FeedbackOut:
    """Store which items of a retrieval were used; a cited memory grows stronger as if it were said again.

    The same feedback again changes nothing. Raises `NotFound` an hour after the search, `InvalidInput` for
    an id that was not shown, `Conflict` for other feedback on the same retrieval.
    """
    principal.require_scope(KeyScope.WRITE)
    tenant_id = principal.tenant_id
    cited = list(dict.fromkeys(request.cited_ids))
    with resources.open_transaction(principal) as session:
        stored = feedback.get_feedback(session, tenant_id, retrieval_id)
    if stored is not None:
        return _repeat_feedback(stored, cited)
    retrieval = resources.cache.get_retrieval(tenant_id, retrieval_id)
    if retrieval is None or principal.user_id not in {None, retrieval["user"]}:
        raise NotFound("There is no such retrieval, or it is more than an hour old.")
    user_id, items = retrieval["user"], retrieval["items"]
    not_shown = set(cited) - {UUID(item_id) for item_id, _ in items}
    if not_shown:
        raise InvalidInput(f"This retrieval did not show {min(not_shown)}.", field="cited_ids")
    new = models.Feedback(
        tenant_id=tenant_id,
        id=retrieval_id,
        user_id=user_id,
        ranker=retrieval["ranker"],
        shown=[{"id": item_id, "features": features} for item_id, features in items],
        cited_ids=cited,
        at=resources.now(),
    )
    with UserContext(resources, principal, user_id).open_transaction() as user:
        users.lock_user(user)
        if users.get_revision_and_epoch(user) is None:
            raise NotFound("There is no such retrieval, or it is more than an hour old.")
        stored = feedback.get_feedback(user.session, tenant_id, retrieval_id)
        if stored is not None:
            return _repeat_feedback(stored, cited)
        feedback.insert_feedback(user.session, new)
        _strengthen_cited(user, cited)
    resources.notifier.notify_ranker(tenant_id)
    return _to_feedback_out(new)


def give_memory_feedback(
    resources: Resources, principal: Principal, memory_id: UUID, *, is_useful: bool
) -> FeedbackOut:
    """Store whether one memory was of use, without the search that showed it.

    A useful one grows stronger as if it was cited. The ranker learns nothing from it, as it does not know
    what the memory was compared with. Raises `Forbidden`, `NotFound`.
    """
    principal.require_scope(KeyScope.WRITE)
    with resources.read_transaction(principal) as session:
        row = memories.get_memory(session, principal.tenant_id, memory_id)
    if row is None:
        raise NotFound("There is no such memory.")
    cited = [memory_id] if is_useful else []
    given = models.Feedback(
        tenant_id=principal.tenant_id,
        id=new_id(),
        user_id=row.user_id,
        ranker=0,  # the built-in weights
        shown=[{"id": str(memory_id), "features": None}],
        cited_ids=cited,
        at=resources.now(),
    )
    with UserContext(resources, principal, row.user_id).open_transaction() as user:
        users.lock_user(user)
        if memories.get_memory(user.session, principal.tenant_id, memory_id) is None:
            raise NotFound("There is no such memory.")
        feedback.insert_feedback(user.session, given)
        _strengthen_cited(user, cited)
    return _to_feedback_out(given)


def _strengthen_cited(user: UserSession, cited: Sequence[UUID]) -> None:
    """Update the strength of the cited memories from all their assertions and citations.

    Use changes nothing that is remembered, so it makes no version. Memories of other users, which a search
    showed by a grant, stay as they are.
    """
    session, tenant_id, user_id = user.session, user.tenant_id, user.user_id
    rows = [
        row
        for row in memories.list_memories_by_ids(session, tenant_id, cited)
        if row.user_id == user_id and row.status in _STRENGTHENED_STATUSES
    ]
    if not rows:
        return
    revision = users.next_revision(user)
    ids = [row.id for row in rows]
    dates = feedback.load_citations(user, ids)
    assertions: dict[UUID, list[Assertion]] = {memory_id: [] for memory_id in ids}
    for assertion in memories.list_assertions(session, tenant_id, ids):
        assertions[assertion.memory_id].append(assertion)
    for row in rows:
        changes = trace_changes(compute_trace(row.importance, assertions[row.id], dates[row.id]))
        changes["revision"] = revision
        memories.update_memory(session, tenant_id, row.id, changes)


def _repeat_feedback(stored: models.Feedback, cited: Sequence[UUID]) -> FeedbackOut:
    if set(stored.cited_ids) != set(cited):
        raise Conflict("Other feedback was given on this retrieval already.", field="cited_ids")
    return _to_feedback_out(stored)


def _to_feedback_out(stored: models.Feedback) -> FeedbackOut:
    return FeedbackOut(
        retrieval_id=stored.id,
        user_id=stored.user_id,
        shown=len(stored.shown),
        cited_ids=stored.cited_ids,
        at=stored.at,
    )
