"""Snapshots of a user's memory: make, list."""

from app.core.ids import new_id
from app.core.security import Principal
from app.core.vocabulary import Scope
from app.db import models
from app.db.repositories.memories import snapshots
from app.db.repositories.platform import users
from app.resources import Resources
from app.schemas.snapshots import SnapshotIn, SnapshotOut, SnapshotPage
from app.services.platform.pagination import as_cursor, from_cursor


def create(resources: Resources, principal: Principal, request: SnapshotIn) -> SnapshotOut:
    """Note this moment, once those who write for the user are done; the memory may be empty yet."""
    principal.require(Scope.WRITE)
    principal.require_user(request.user_id)
    tenant_id = principal.tenant_id
    with resources.transaction(principal) as session:
        users.lock(session, tenant_id, request.user_id)
        users.next_revision(session, tenant_id, request.user_id)
        row = models.Snapshot(
            tenant_id=tenant_id,
            id=new_id(),
            user_id=request.user_id,
            name=request.name,
            known_at=resources.now(),
            actor=f"key:{principal.key_id}",
        )
        snapshots.add(session, row)
    return as_out(row)


def page(
    resources: Resources, principal: Principal, *, user_id: str, cursor: str | None, limit: int
) -> SnapshotPage:
    """A user's snapshots, newest first."""
    principal.require(Scope.READ)
    principal.require_user(user_id)
    after = from_cursor(cursor)
    with resources.transaction(principal) as session:
        rows = snapshots.page(session, principal.tenant_id, user_id=user_id, after=after, limit=limit + 1)
    return SnapshotPage(
        items=[as_out(row) for row in rows[:limit]], next_cursor=as_cursor([row.id for row in rows], limit)
    )


def as_out(row: models.Snapshot) -> SnapshotOut:
    """The snapshot on the wire."""
    return SnapshotOut(**{name: getattr(row, name) for name in SnapshotOut.model_fields})
