"""Artifacts and their versions."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.ids import new_id
from app.db.models import Artifact as A
from app.db.models import ArtifactVersion as V
from app.db.session import AnyRow


def get_newest_version(session: Session, tenant_id: str, user_id: str, path: str) -> int | None:
    """The newest version of an artifact, or None when there is no such artifact."""
    row = session.get(A, (tenant_id, user_id, path))
    return row.version if row is not None else None


def lock_artifact(session: Session, tenant_id: str, user_id: str, path: str) -> A:
    """The head of an artifact, made if need be at version 0, locked until the transaction ends."""
    key = {"tenant_id": tenant_id, "user_id": user_id, "path": path}
    session.execute(insert(A).values(**key, id=new_id()).on_conflict_do_nothing())
    statement = select(A).filter_by(**key).with_for_update().execution_options(populate_existing=True)
    return session.execute(statement).scalar_one()


def insert_artifact_version(session: Session, values: dict[str, Any]) -> None:
    """Store a version and make it the newest."""
    session.execute(insert(V).values(**values))
    session.execute(
        update(A)
        .where(A.tenant_id == values["tenant_id"], A.user_id == values["user_id"], A.path == values["path"])
        .values(version=values["version"])
    )


def get_artifact_version(session: Session, tenant_id: str, user_id: str, path: str, number: int) -> V | None:
    """One version, or None."""
    return session.get(V, (tenant_id, user_id, path, number))


def list_artifact_versions(
    session: Session, tenant_id: str, user_id: str, path: str, *, after: UUID | None, limit: int
) -> Sequence[V]:
    """The versions of an artifact, newest first."""
    statement = select(V).where(V.tenant_id == tenant_id, V.user_id == user_id, V.path == path)
    if after is not None:
        statement = statement.where(V.id < after)
    return session.execute(statement.order_by(V.version.desc()).limit(limit)).scalars().all()


def list_artifacts(
    session: Session, tenant_id: str, user_id: str, *, prefix: str | None, after: UUID | None, limit: int
) -> Sequence[AnyRow]:
    """(head, newest version) of a user's artifacts, the newest artifact first."""
    newest_one = (
        (V.tenant_id == A.tenant_id)
        & (V.user_id == A.user_id)
        & (V.path == A.path)
        & (V.version == A.version)
    )
    statement = select(A, V).join(V, newest_one).where(A.tenant_id == tenant_id, A.user_id == user_id)
    if prefix is not None:
        statement = statement.where(func.starts_with(A.path, prefix))
    if after is not None:
        statement = statement.where(A.id < after)
    return session.execute(statement.order_by(A.id.desc()).limit(limit)).all()


def delete_artifact(session: Session, tenant_id: str, user_id: str, path: str) -> None:
    """Delete an artifact with all its versions."""
    session.execute(delete(A).where(A.tenant_id == tenant_id, A.user_id == user_id, A.path == path))
