"""What searches showed, and what was used of it: feedback strengthens memories and trains the ranker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

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
from app.schemas.feedback import FeedbackIn, FeedbackOut

_STRENGTHENED_STATUSES = {Status.ACTIVATED, Status.ARCHIVED}


@dataclass(frozen=True, slots=True)
class ShownItem:
    """An item that was shown; without features when no ranker brought it."""

    id: UUID
    features: Mapping[str, float] | None = None


def record_retrieval(
    resources: Resources,
    principal: Principal,
    user_id: str,
    epoch: int,
    ranker: int,
    shown: Sequence[ShownItem],
) -> UUID | None:
    """Hold what was shown until feedback comes; the retrieval's id, or None when it can't be held.

    That is when Redis can't be reached, or when what was shown, of this epoch, was erased meanwhile.
    """
    retrieval_id = new_id()
    items = [
        [one.id, {name: round(value, 3) for name, value in one.features.items()} if one.features else None]
        for one in shown
    ]
    held = {"user": user_id, "ranker": ranker, "items": items}
    of_user = (principal.tenant_id, user_id, epoch)
    return retrieval_id if resources.cache.put_retrieval(*of_user, retrieval_id, held) else None


def give_feedback(
    resources: Resources, principal: Principal, retrieval_id: UUID, request: FeedbackIn
) -> FeedbackOut:
    """Keep what was used of a retrieval; each memory among it grows stronger, as if it had been said again.

    The same feedback again changes nothing. Raises `NotFound` an hour after the search, `InvalidInput` for
    an id that was not shown, `Conflict` for other feedback on the same retrieval.
    """
    principal.require_scope(KeyScope.WRITE)
    tenant_id = principal.tenant_id
    cited = list(dict.fromkeys(request.cited_ids))
    with resources.open_transaction(principal) as session:
        given = feedback.get_feedback(session, tenant_id, retrieval_id)
    if given is not None:
        return _repeat_feedback(given, cited)
    held = resources.cache.get_retrieval(tenant_id, retrieval_id)
    if held is None or principal.user_id not in {None, held["user"]}:
        raise NotFound("There is no such retrieval, or it is more than an hour old.")
    user_id, items = held["user"], held["items"]
    strange = set(cited) - {UUID(item_id) for item_id, _ in items}
    if strange:
        raise InvalidInput(f"This retrieval did not show {min(strange)}.", field="cited_ids")
    row = {
        "tenant_id": tenant_id,
        "id": retrieval_id,
        "user_id": user_id,
        "ranker": held["ranker"],
        "shown": [{"id": item_id, "features": features} for item_id, features in items],
        "cited_ids": cited,
        "at": resources.now(),
    }
    with resources.open_transaction(principal) as session:
        users.lock_user(UserSession(session, tenant_id, user_id))
        if users.get_revision_and_epoch(UserSession(session, tenant_id, user_id)) is None:
            raise NotFound("There is no such retrieval, or it is more than an hour old.")
        given = feedback.get_feedback(session, tenant_id, retrieval_id)
        if given is not None:
            return _repeat_feedback(given, cited)
        feedback.insert_feedback(session, row)
        _strengthen_cited(session, tenant_id, user_id, cited)
        given = models.Feedback(**row)
    resources.notifier.notify_ranker(tenant_id)
    return _to_feedback_out(given)


def _strengthen_cited(session: Session, tenant_id: str, user_id: str, cited: Sequence[UUID]) -> None:
    """Note how strong the cited memories are, from all that was said of them and all citations.

    Use changes nothing that is remembered, so it makes no version. What others shared stays as it is.
    """
    found = [
        row for row in memories.list_memories_by_ids(session, tenant_id, cited) if row.user_id == user_id
    ]
    rows = [row for row in found if row.status in _STRENGTHENED_STATUSES]
    if not rows:
        return
    revision = users.next_revision(UserSession(session, tenant_id, user_id))
    ids = [row.id for row in rows]
    dates = feedback.load_citations(session, tenant_id, user_id, ids)
    said: dict[UUID, list[Assertion]] = {memory_id: [] for memory_id in ids}
    for assertion in memories.list_assertions(session, tenant_id, ids):
        said[assertion.memory_id].append(assertion)
    for row in rows:
        traced = trace_changes(compute_trace(row.importance, said[row.id], dates[row.id]))
        traced["revision"] = revision
        memories.update_memory(session, tenant_id, row.id, traced)


def _repeat_feedback(given: models.Feedback, cited: Sequence[UUID]) -> FeedbackOut:
    if set(given.cited_ids) != set(cited):
        raise Conflict("Other feedback was given on this retrieval already.", field="cited_ids")
    return _to_feedback_out(given)


def _to_feedback_out(given: models.Feedback) -> FeedbackOut:
    return FeedbackOut(
        retrieval_id=given.id,
        user_id=given.user_id,
        shown=len(given.shown),
        cited_ids=given.cited_ids,
        at=given.at,
    )
