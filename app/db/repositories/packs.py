"""Users' packed search indexes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db.models import User
from app.db.pack_models import ScopePack

P = ScopePack
# As text, half of the bytes of a pack would be read twice over.
_READ = (
    "SELECT revision, form, index, vectors FROM scope_packs WHERE tenant_id = %s AND user_id = %s "
    "AND model_id = %s AND form = ANY(%s) AND epoch = %s AND revision <= %s"
)


@dataclass(frozen=True, slots=True)
class Pack:
    """A user's index at a revision."""

    revision: int
    form: int
    index: bytes
    vectors: bytes


def read(
    session: Session,
    tenant_id: str,
    user_id: str,
    model_id: str,
    forms: Sequence[int],
    state: tuple[int, int],
) -> Pack | None:
    """The user's pack of this model and one of the forms if it is of this epoch.

    `state` is (revision, epoch).
    """
    revision, epoch = state
    connection: Any = session.connection().connection
    with connection.cursor(binary=True) as cursor:
        row = cursor.execute(_READ, (tenant_id, user_id, model_id, list(forms), epoch, revision)).fetchone()
    return Pack(*row) if row is not None else None


def write(session: Session, values: dict[str, Any]) -> None:
    """Keep a pack in place of the user's earlier one."""
    changed = {name: value for name, value in values.items() if name not in {"tenant_id", "user_id"}}
    session.execute(
        insert(P).values(values).on_conflict_do_update(index_elements=["tenant_id", "user_id"], set_=changed)
    )


def revision_of(session: Session, tenant_id: str, user_id: str, model_id: str, form: int, epoch: int) -> int:
    """The revision of the user's pack of this model, form and epoch; 0 when there is none."""
    where = (P.tenant_id == tenant_id, P.user_id == user_id, P.model_id == model_id)
    where += (P.form == form, P.epoch == epoch)
    return session.execute(select(P.revision).where(*where)).scalar_one_or_none() or 0


def epoch_held(session: Session, tenant_id: str, user_id: str) -> int | None:
    """The user's epoch, which does not move until the transaction ends; None when there is no such user."""
    return session.execute(
        select(User.epoch)
        .where(User.tenant_id == tenant_id, User.user_id == user_id)
        .with_for_update(read=True)
    ).scalar_one_or_none()
