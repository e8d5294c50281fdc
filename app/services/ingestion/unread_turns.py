"""Turns that are not to become memories any more, though a job would read them."""

from app.core.security import Principal
from app.core.vocabulary import KeyScope
from app.db.repositories.ingestion import turns
from app.db.repositories.platform import users
from app.db.repositories.sessions import session_rows
from app.memory.metadata_filters import Condition
from app.resources import Resources
from app.services.platform.user_context import UserContext


def set_turns_aside(
    resources: Resources, principal: Principal, user_id: str, condition: Condition | None, reason: str
) -> int:
    """Leave the user's turns that wait for extraction, or failed in it, unread; return how many they were.

    Only those that fulfil `condition`, if there is one. They stay in the log with the `reason`. A worker that
    reads them just now writes nothing and begins again without them. Raises `Forbidden`.
    """
    principal.require_scope(KeyScope.WRITE)
    principal.require_user(user_id)
    with UserContext(resources, principal, user_id).open_transaction() as user:
        users.lock_user(user)
        if users.get_revision_and_epoch(user) is None:
            return 0
        count = turns.set_unread_turns_aside(user, condition, reason, users.next_revision(user))
        if count:
            session_rows.put_jobs_back(user)
    return count
