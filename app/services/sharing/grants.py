"""Grants between the users of a tenant: create, list, revoke."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.core.errors import Conflict, InvalidInput, NotFound
from app.core.ids import new_id
from app.core.security import Principal
from app.core.vocabulary import KeyScope, Status
from app.db.models import Grant
from app.db.repositories.memories import memories
from app.db.repositories.platform import users
from app.db.repositories.sharing import grants
from app.db.user_session import UserSession
from app.resources import Resources
from app.schemas.sharing.grants import CreateGrant, GrantOut, GrantPage
from app.services.platform.pagination import decode_cursor, encode_cursor
from app.services.platform.user_context import UserContext

MAX_ACTIVE_GRANTS = 100  # from one user to another, because every shared search evaluates all of them


def create_grant(resources: Resources, principal: Principal, request: CreateGrant) -> GrantOut:
    """Let another user read or copy memories; the same grant again returns the one in force.

    Raises `Forbidden`, `InvalidInput` for a grant to oneself, one that has ended already, or an id that is no
    memory of the owner, and `Conflict` when `MAX_ACTIVE_GRANTS` are in force between the two.
    """
    principal.require_scope(KeyScope.WRITE)
    principal.require_user(request.owner_user_id, field="owner_user_id")
    now, tenant_id = resources.now(), principal.tenant_id
    if request.owner_user_id == request.grantee_user_id:
        raise InvalidInput("A user needs no grant for their own memories.", field="grantee_user_id")
    if request.expires_at is not None and request.expires_at <= now:
        raise InvalidInput("This time has passed.", field="expires_at")
    new = _to_grant_row(principal, request, now)
    # The grantee's row is another user's: a transaction of a key that is bound to the owner can't insert it.
    with resources.open_transaction(replace(principal, user_id=None)) as session:
        for user_id in sorted((request.owner_user_id, request.grantee_user_id)):
            users.lock_user(
                UserSession(session, tenant_id, user_id)
            )  # waits for the end of an erasure under way
            users.ensure_user(UserSession(session, tenant_id, user_id))
        owner = UserSession(session, tenant_id, request.owner_user_id)
        _check_owned_memories(owner, request.memory_ids or ())
        in_force = grants.find_same_grant(session, new, now)
        if in_force is None:
            pair = (request.owner_user_id, request.grantee_user_id)
            if grants.count_grants(session, tenant_id, *pair, now) >= MAX_ACTIVE_GRANTS:
                raise Conflict(
                    f"{MAX_ACTIVE_GRANTS} grants between these users are in force; revoke one first.",
                    field="grantee_user_id",
                )
            grants.insert_grant(session, new)
    return _to_grant_out(in_force or new, now)


def list_grants(
    resources: Resources, principal: Principal, *, user_id: str, cursor: str | None, limit: int
) -> GrantPage:
    """List the grants that a user gave or was given, newest first, including ended ones.

    Raises `Forbidden`, and `InvalidInput` for a bad cursor.
    """
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    after, now = decode_cursor(cursor), resources.now()
    with UserContext(resources, principal, user_id).open_transaction() as user:
        rows = grants.list_grants(user, after=after, limit=limit + 1)
    return GrantPage(
        items=[_to_grant_out(row, now) for row in rows[:limit]],
        next_cursor=encode_cursor([row.id for row in rows], limit),
    )


def revoke_grant(resources: Resources, principal: Principal, grant_id: UUID) -> None:
    """Revoke a grant, from the next search on. Raises `NotFound`, and `Forbidden` for the grantee."""
    principal.require_scope(KeyScope.WRITE)
    with resources.open_transaction(principal) as session:
        row = grants.get_grant(session, principal.tenant_id, grant_id)
        if row is None:
            raise NotFound("There is no such grant.")
        principal.require_user(row.owner_user_id, field="owner_user_id")
        grants.revoke_grant(session, principal.tenant_id, grant_id, resources.now())


def _check_owned_memories(owner: UserSession, ids: Collection[UUID]) -> None:
    """Raise `InvalidInput` unless the ids are those of memories of the owner that have not expired."""
    rows = memories.list_memories_by_ids(owner.session, owner.tenant_id, ids) if ids else ()
    owned = {row.id for row in rows if row.user_id == owner.user_id and row.status != Status.EXPIRED}
    unknown = set(ids) - owned
    if unknown:
        raise InvalidInput(f"The owner has no memory {min(unknown)}.", field="memory_ids")


def _to_grant_row(principal: Principal, request: CreateGrant, now: datetime) -> Grant:
    """Convert the request to a row whose lists are sorted, so that equal grants have equal rows."""
    return Grant(
        tenant_id=principal.tenant_id,
        id=new_id(),
        owner_user_id=request.owner_user_id,
        grantee_user_id=request.grantee_user_id,
        right=request.right,
        memory_ids=sorted(set(request.memory_ids)) if request.memory_ids is not None else None,
        kinds=sorted(set(request.kinds)) if request.kinds is not None else None,
        tags=sorted(set(request.tags)) if request.tags is not None else None,
        actor=f"key:{principal.key_id}",
        created_at=now,
        expires_at=request.expires_at,
        revoked_at=None,
    )


def _to_grant_out(row: Grant, now: datetime) -> GrantOut:
    values = {name: getattr(row, name) for name in GrantOut.model_fields if name != "active"}
    active = row.revoked_at is None and (row.expires_at is None or row.expires_at > now)
    return GrantOut(**values, active=active)
