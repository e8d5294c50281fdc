"""Session states: read, and change if still at the version that was read."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db.models import SessionState as S


def get_session_state(session: Session, tenant_id: str, user_id: str, session_id: str) -> S | None:
    """The state of a session, or None when nobody has written one."""
    row = session.get(S, (tenant_id, user_id, session_id))
    return row if row is not None and row.version > 0 else None


def lock_session_state(session: Session, tenant_id: str, user_id: str, session_id: str) -> S:
    """The row of a session's state, made if need be at version 0, locked until the transaction ends."""
    key = {"tenant_id": tenant_id, "user_id": user_id, "session_id": session_id}
    session.execute(insert(S).values(**key).on_conflict_do_nothing())
    statement = select(S).filter_by(**key).with_for_update().execution_options(populate_existing=True)
    return session.execute(statement).scalar_one()


def update_session_state(
    session: Session, row: S, state: dict[str, Any], left_out: int, actor: str, now: datetime
) -> None:
    """Put a new state in the place of the one that is held."""
    session.execute(
        update(S)
        .where(S.tenant_id == row.tenant_id, S.user_id == row.user_id, S.session_id == row.session_id)
        .values(version=row.version + 1, state=state, goals_left_out=left_out, actor=actor, updated_at=now)
    )
