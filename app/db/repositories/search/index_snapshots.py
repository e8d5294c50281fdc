"""Index snapshots: serialised search indexes, one per user."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.db.models import IndexSnapshot, User
from app.db.session import AnyRow

P = IndexSnapshot
# As text, half of the bytes of a pack would be read twice over.
_READ = (
    "SELECT revision, form, index, vectors FROM scope_packs WHERE tenant_id = %s AND user_id = %s "
    "AND model_id = %s AND form = ANY(%s) AND epoch = %s AND revision <= %s"
)
_RESERVE = text("""
INSERT INTO scope_packs (tenant_id, user_id, model_id, form, revision, epoch, index, vectors)
SELECT tenant_id, user_id, :model, 0, 0, epoch, '', '' FROM users
WHERE tenant_id = :tenant AND user_id = :user
ON CONFLICT DO NOTHING""")


_REQUEST = text("""
INSERT INTO pack_requests (tenant_id, user_id) SELECT tenant_id, user_id FROM users
WHERE tenant_id = :tenant AND user_id = :user ON CONFLICT DO NOTHING""")


@dataclass(frozen=True, slots=True)
class StoredIndexSnapshot:
    """A user's index at a revision."""

    revision: int
    form: int
    index: bytes
    vectors: bytes


def load_index_snapshot(
    session: Session,
    tenant_id: str,
    user_id: str,
    model_id: str,
    forms: Sequence[int],
    state: tuple[int, int],
) -> StoredIndexSnapshot | None:
    """The user's pack of this model and one of the forms if it is of this epoch.

    `state` is (revision, epoch).
    """
    revision, epoch = state
    connection: Any = session.connection().connection
    with connection.cursor(binary=True) as cursor:
        row = cursor.execute(_READ, (tenant_id, user_id, model_id, list(forms), epoch, revision)).fetchone()
    return StoredIndexSnapshot(*row) if row is not None else None


def request_index_snapshot(session: Session, tenant_id: str, user_id: str) -> None:
    """Note that the user's index is worth packing."""
    session.execute(_REQUEST, {"tenant": tenant_id, "user": user_id})


def take_index_snapshot_request(session: Session) -> AnyRow | None:
    """(tenant_id, user_id) of whoever asked first for a pack, of all tenants; the request is deleted."""
    return session.execute(text("SELECT * FROM memcubed_take_pack_request()")).one_or_none()


def is_index_snapshot_requested(session: Session) -> bool:
    """Whether anybody of any tenant waits for a pack."""
    return session.execute(text("SELECT memcubed_pack_requested()")).scalar_one()


def reserve_index_snapshot(session: Session, tenant_id: str, user_id: str, model_id: str) -> None:
    """Make the row of a pack to come, of no form, unless there is one."""
    session.execute(_RESERVE, {"tenant": tenant_id, "user": user_id, "model": model_id})


def store_index_snapshot(session: Session, values: Mapping[str, Any]) -> bool:
    """Keep a pack in the user's row; False when that was deleted, which is when the epoch moves."""
    changed = {name: value for name, value in values.items() if name not in {"tenant_id", "user_id"}}
    where = (P.tenant_id == values["tenant_id"], P.user_id == values["user_id"])
    written = session.execute(update(P).where(*where).values(changed).returning(P.user_id))
    return written.first() is not None


def get_index_snapshot_revision(
    session: Session, tenant_id: str, user_id: str, model_id: str, form: int, epoch: int
) -> int:
    """The revision of the user's pack of this model, form and epoch; 0 when there is none."""
    where = (P.tenant_id == tenant_id, P.user_id == user_id, P.model_id == model_id)
    where += (P.form == form, P.epoch == epoch)
    return session.execute(select(P.revision).where(*where)).scalar_one_or_none() or 0


def get_user_epoch(session: Session, tenant_id: str, user_id: str) -> int | None:
    """The user's epoch; None when there is no such user."""
    return session.execute(
        select(User.epoch).where(User.tenant_id == tenant_id, User.user_id == user_id)
    ).scalar_one_or_none()
