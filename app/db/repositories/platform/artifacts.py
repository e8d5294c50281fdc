"""Artifacts and their versions."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.ids import new_id
from app.db.models import Artifact as A
from app.db.models import ArtifactVersion as V
from app.db.session import AnyRow
from app.db.user_session import UserSession


def get_newest_version(user: UserSession, path: str) -> int | None:
    """Return the number of an artifact's newest version, or None when there is no such artifact."""
    row = user.session.get(A, (user.tenant_id, user.user_id, path))
    return row.version if row is not None else None


def lock_artifact(user: UserSession, path: str) -> A:
    """Insert an artifact's head at version 0 unless it exists, and lock it until the transaction ends."""
    key = {"tenant_id": user.tenant_id, "user_id": user.user_id, "path": path}
    user.session.execute(insert(A).values(**key, id=new_id()).on_conflict_do_nothing())
    statement = select(A).filter_by(**key).with_for_update().execution_options(populate_existing=True)
    return user.session.execute(statement).scalar_one()


def insert_artifact_version(session: Session, row: V) -> None:
    """Store a version and make it the newest of its artifact."""
    session.add(row)
    session.flush()
    session.execute(
        update(A)
        .where(A.tenant_id == row.tenant_id, A.user_id == row.user_id, A.path == row.path)
        .values(version=row.version)
    )


def get_artifact_version(user: UserSession, path: str, number: int) -> V | None:
    """Load one version of an artifact, or None."""
    return user.session.get(V, (user.tenant_id, user.user_id, path, number))


def list_artifact_versions(user: UserSession, path: str, *, after: UUID | None, limit: int) -> Sequence[V]:
    """List up to `limit` versions of an artifact, newest first, those before the id `after`."""
    statement = select(V).where(V.tenant_id == user.tenant_id, V.user_id == user.user_id, V.path == path)
    if after is not None:
        statement = statement.where(V.id < after)
    return user.session.execute(statement.order_by(V.version.desc()).limit(limit)).scalars().all()


def list_artifacts(
    user: UserSession, *, prefix: str | None, after: UUID | None, limit: int
) -> Sequence[AnyRow]:
    """List (head, newest version) of a user's artifacts, newest first, those before the id `after`.

    `prefix` is what their paths begin with; None = any path.
    """
    newest_one = (
        (V.tenant_id == A.tenant_id)
        & (V.user_id == A.user_id)
        & (V.path == A.path)
        & (V.version == A.version)
    )
    statement = (
        select(A, V).join(V, newest_one).where(A.tenant_id == user.tenant_id, A.user_id == user.user_id)
    )
    if prefix is not None:
        statement = statement.where(func.starts_with(A.path, prefix))
    if after is not None:
        statement = statement.where(A.id < after)
    return user.session.execute(statement.order_by(A.id.desc()).limit(limit)).all()


def delete_artifact(user: UserSession, path: str) -> None:
    """Delete an artifact with all its versions."""
    user.session.execute(
        delete(A).where(A.tenant_id == user.tenant_id, A.user_id == user.user_id, A.path == path)
    )
