"""Which users, agents and values of metadata a tenant's rows name, and which users have them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.security import Principal
from app.core.vocabulary import KeyScope
from app.db.repositories.platform import label_lists
from app.resources import Resources


@dataclass(frozen=True, slots=True)
class UserCriterion:
    """What a user must have: one of `names` as an agent, as a session or at a path of metadata.

    A session may also be named at the path by what was stored without a turn.
    """

    names: Sequence[str]
    path: tuple[str, ...] = ()
    is_session: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A name that rows carry, and when the first and the last of these were stored."""

    name: str
    first_at: datetime
    last_at: datetime


def find_users(
    resources: Resources, principal: Principal, criterion: UserCriterion | None, limit: int
) -> list[str]:
    """List up to `limit` users by id who meet the criterion; without one all that there are.

    A key that is bound to a user finds no other. Raises `Forbidden`.
    """
    principal.require_scope(KeyScope.READ)
    if principal.user_id is not None:
        return [principal.user_id]
    tenant_id = principal.tenant_id
    with resources.open_transaction(principal) as session:
        if criterion is None:
            return label_lists.list_user_ids(session, tenant_id, limit)
        names, path = criterion.names, criterion.path
        if criterion.is_session:
            return label_lists.list_users_of_sessions(session, tenant_id, names, path, limit)
        if path:
            return label_lists.list_users_of_metadata(session, tenant_id, names, path, limit)
        return label_lists.list_users_of_agents(session, tenant_id, names, limit)


def list_user_labels(resources: Resources, principal: Principal, limit: int) -> list[Label]:
    """List up to `limit` users who have turns or memories. Raises `Forbidden`."""
    principal.require_scope(KeyScope.READ)
    with resources.open_transaction(principal) as session:
        rows = label_lists.list_user_labels(session, principal.tenant_id, limit)
    return [Label(*row) for row in rows]


def list_agent_labels(resources: Resources, principal: Principal, limit: int) -> list[Label]:
    """List up to `limit` agents of turns and memories. Raises `Forbidden`."""
    principal.require_scope(KeyScope.READ)
    with resources.open_transaction(principal) as session:
        rows = label_lists.list_agent_labels(session, principal.tenant_id, limit)
    return [Label(*row) for row in rows]


def list_metadata_labels(
    resources: Resources, principal: Principal, path: Sequence[str], limit: int
) -> list[Label]:
    """List up to `limit` texts at `path` of the metadata of turns and memories. Raises `Forbidden`."""
    principal.require_scope(KeyScope.READ)
    with resources.open_transaction(principal) as session:
        rows = label_lists.list_metadata_labels(session, principal.tenant_id, path, limit)
    return [Label(*row) for row in rows]
