"""The states of sessions; whoever changes one locks its row first."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db.models import SessionState as S
from app.db.user_session import UserSession


def get_session_state(user: UserSession, session_id: str) -> S | None:
    """Load the state of a session, or None when none was written yet."""
    row = user.session.get(S, (user.tenant_id, user.user_id, session_id))
    return row if row is not None and row.version > 0 else None


def lock_session_state(user: UserSession, session_id: str) -> S:
    """Insert a session's state at version 0 unless it exists, and lock its row until the transaction ends."""
    key = {"tenant_id": user.tenant_id, "user_id": user.user_id, "session_id": session_id}
    user.session.execute(insert(S).values(**key).on_conflict_do_nothing())
    statement = select(S).filter_by(**key).with_for_update().execution_options(populate_existing=True)
    return user.session.execute(statement).scalar_one()


def update_session_state(
    session: Session, row: S, state: dict[str, Any], goals_left_out: int, actor: str, now: datetime
) -> None:
    """Write the next version of a state whose row is locked."""
    values = {"state": state, "goals_left_out": goals_left_out, "actor": actor, "updated_at": now}
    session.execute(
        update(S)
        .where(S.tenant_id == row.tenant_id, S.user_id == row.user_id, S.session_id == row.session_id)
        .values(version=row.version + 1, **values)
    )
