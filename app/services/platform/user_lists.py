"""List a tenant's users and a user's sessions, and tell whether a user is known at all."""

from app.core.security import Principal
from app.core.vocabulary import KeyScope
from app.db.repositories.platform import user_lists, users
from app.resources import Resources
from app.schemas.platform.user_lists import ListedSession, ListedUser, SessionPage, UserPage
from app.services.platform.pagination import (
    decode_named_cursor,
    decode_text_cursor,
    encode_named_cursor,
    encode_text_cursor,
)
from app.services.platform.user_context import UserContext


def list_users(
    resources: Resources,
    principal: Principal,
    *,
    prefix: str | None,
    cursor: str | None,
    limit: int,
    is_counted: bool = False,
) -> UserPage:
    """List the tenant's users by id; a key that is bound to a user sees that one only.

    Raises `Forbidden`, and `InvalidInput` for a bad cursor.
    """
    principal.require_scope(KeyScope.READ)
    after, tenant_id = decode_text_cursor(cursor), principal.tenant_id
    matching = user_lists.UserFilter(prefix, principal.user_id)
    with resources.read_transaction(principal) as session:
        ids = user_lists.list_user_ids(session, tenant_id, matching, after, limit + 1)
        rows = user_lists.list_user_counts(session, tenant_id, ids[:limit])
        total = user_lists.count_users(session, tenant_id, matching) if is_counted else None
    return UserPage(
        items=[ListedUser.model_validate(row, from_attributes=True) for row in rows],
        next_cursor=encode_text_cursor(ids[limit - 1]) if len(ids) > limit else None,
        total=total,
    )


def list_sessions(
    resources: Resources,
    principal: Principal,
    *,
    user_id: str,
    cursor: str | None,
    limit: int,
    is_counted: bool = False,
) -> SessionPage:
    """List a user's sessions, that with the newest turn first.

    Raises `Forbidden`, and `InvalidInput` for a bad cursor.
    """
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    after = decode_named_cursor(cursor)
    with UserContext(resources, principal, user_id).read_transaction() as user:
        rows = user_lists.list_sessions(user, after, limit + 1)
        total = user_lists.count_sessions(user) if is_counted else None
    names = ListedSession.model_fields.keys() - {"user_id"}
    items = [
        ListedSession(user_id=user_id, **{name: getattr(row, name) for name in names}) for row in rows[:limit]
    ]
    last = rows[limit - 1] if len(rows) > limit else None
    following = encode_named_cursor(last.at, last.session_id) if last is not None else None
    return SessionPage(items=items, next_cursor=following, total=total)


def is_user_known(resources: Resources, principal: Principal, user_id: str) -> bool:
    """Return whether anything was ever written for this user, and not erased; the right was checked."""
    with UserContext(resources, principal, user_id).open_transaction() as user:
        return users.get_revision_and_epoch(user) is not None
