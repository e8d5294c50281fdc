"""Grants between the users of a tenant: give, list, revoke."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

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
from app.schemas.grants import GrantIn, GrantOut, GrantPage
from app.services.platform.pagination import decode_cursor, encode_cursor

MAX_ACTIVE_GRANTS = 100  # from one user to another: every shared search asks for all of them


def create_grant(resources: Resources, principal: Principal, request: GrantIn) -> GrantOut:
    """Let another user read or copy memories; the same grant again is the one that is in force.

    Raises `InvalidInput` for a grant to oneself, one that has ended already, or an id that is no memory of
    the owner, `Conflict` when `MOST_IN_FORCE` are in force between the two.
    """
    principal.require_scope(KeyScope.WRITE)
    principal.require_user(request.owner_user_id, field="owner_user_id")
    now, tenant_id = resources.now(), principal.tenant_id
    if request.owner_user_id == request.grantee_user_id:
        raise InvalidInput("A user needs no grant for their own memories.", field="grantee_user_id")
    if request.expires_at is not None and request.expires_at <= now:
        raise InvalidInput("This time has passed.", field="expires_at")
    row = _to_grant_row(principal, request, now)
    # The grantee's row is another user's: a transaction of a key that is bound to the owner can't make it.
    with resources.open_transaction(replace(principal, user_id=None)) as session:
        for user_id in sorted((request.owner_user_id, request.grantee_user_id)):
            users.lock_user(UserSession(session, tenant_id, user_id))  # an erasure under way ends first
            users.ensure_user(UserSession(session, tenant_id, user_id))
        _check_owned_memories(session, tenant_id, request.owner_user_id, request.memory_ids or ())
        held = grants.find_same_grant(session, row, now)
        if held is None:
            pair = (request.owner_user_id, request.grantee_user_id)
            if grants.count_grants(session, tenant_id, *pair, now) >= MAX_ACTIVE_GRANTS:
                raise Conflict(
                    f"{MAX_ACTIVE_GRANTS} grants between these users are in force; revoke one first.",
                    field="grantee_user_id",
                )
            grants.insert_grant(session, row)
    return _to_grant_out(held or Grant(**row), now)


def list_grants(
    resources: Resources, principal: Principal, *, user_id: str, cursor: str | None, limit: int
) -> GrantPage:
    """The grants that a user gave or was given, newest first, those that have ended too."""
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    after, now = decode_cursor(cursor), resources.now()
    with resources.open_transaction(principal) as session:
        rows = grants.list_grants(session, principal.tenant_id, user_id=user_id, after=after, limit=limit + 1)
    return GrantPage(
        items=[_to_grant_out(row, now) for row in rows[:limit]],
        next_cursor=encode_cursor([row.id for row in rows], limit),
    )


def revoke_grant(resources: Resources, principal: Principal, grant_id: UUID) -> None:
    """End a grant: the next search does not find by it. Raises `NotFound`, `Forbidden` to the grantee."""
    principal.require_scope(KeyScope.WRITE)
    with resources.open_transaction(principal) as session:
        row = grants.get_grant(session, principal.tenant_id, grant_id)
        if row is None:
            raise NotFound("There is no such grant.")
        principal.require_user(row.owner_user_id, field="owner_user_id")
        grants.revoke_grant(session, principal.tenant_id, grant_id, resources.now())


def _check_owned_memories(session: Session, tenant_id: str, user_id: str, ids: Collection[UUID]) -> None:
    rows = memories.list_memories_by_ids(session, tenant_id, ids) if ids else ()
    known = {row.id for row in rows if row.user_id == user_id and row.status != Status.EXPIRED}
    strange = set(ids) - known
    if strange:
        raise InvalidInput(f"The owner has no memory {min(strange)}.", field="memory_ids")


def _to_grant_row(principal: Principal, request: GrantIn, now: datetime) -> dict[str, Any]:
    """The row, its lists in one order, so that the same content is the same row."""
    return {
        "tenant_id": principal.tenant_id,
        "id": new_id(),
        "owner_user_id": request.owner_user_id,
        "grantee_user_id": request.grantee_user_id,
        "right": request.right,
        "memory_ids": sorted(set(request.memory_ids)) if request.memory_ids is not None else None,
        "kinds": sorted(set(request.kinds)) if request.kinds is not None else None,
        "tags": sorted(set(request.tags)) if request.tags is not None else None,
        "actor": f"key:{principal.key_id}",
        "created_at": now,
        "expires_at": request.expires_at,
        "revoked_at": None,
    }


def _to_grant_out(row: Grant, now: datetime) -> GrantOut:
    values = {name: getattr(row, name) for name in GrantOut.model_fields if name != "active"}
    active = row.revoked_at is None and (row.expires_at is None or row.expires_at > now)
    return GrantOut(**values, active=active)
