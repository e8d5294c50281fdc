"""Create and list snapshots of a user's memories."""

from app.core.ids import new_id
from app.core.security import Principal
from app.core.vocabulary import KeyScope
from app.db import models
from app.db.repositories.memories import snapshots
from app.resources import Resources
from app.schemas.memories.snapshots import CreateSnapshot, SnapshotOut, SnapshotPage
from app.services.memories.unit_of_work import user_write
from app.services.platform.pagination import decode_cursor, encode_cursor
from app.services.platform.user_context import UserContext


def create_snapshot(resources: Resources, principal: Principal, request: CreateSnapshot) -> SnapshotOut:
    """Record the current time as a snapshot, once the user's running writes are done; a user without memories
    may have one.
    """
    principal.require_scope(KeyScope.WRITE)
    principal.require_user(request.user_id)
    with user_write(UserContext(resources, principal, request.user_id)) as change:
        row = models.Snapshot(
            tenant_id=principal.tenant_id,
            id=new_id(),
            user_id=request.user_id,
            name=request.name,
            known_at=change.now,
            actor=str(change.actor),
        )
        snapshots.insert_snapshot(change.session, row)
    return to_snapshot_out(row)


def list_snapshots(
    resources: Resources, principal: Principal, *, user_id: str, cursor: str | None, limit: int
) -> SnapshotPage:
    """List a user's snapshots, newest first."""
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    after = decode_cursor(cursor)
    with UserContext(resources, principal, user_id).open_transaction() as user:
        rows = snapshots.list_snapshots(user, after=after, limit=limit + 1)
    return SnapshotPage(
        items=[to_snapshot_out(row) for row in rows[:limit]],
        next_cursor=encode_cursor([row.id for row in rows], limit),
    )


def to_snapshot_out(row: models.Snapshot) -> SnapshotOut:
    """Convert a snapshot for the response."""
    return SnapshotOut(**{name: getattr(row, name) for name in SnapshotOut.model_fields})
