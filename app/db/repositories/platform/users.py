"""Store and read tenants, users and the revision that orders a user's writes."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import column, delete, func, or_, select, table, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db import models
from app.db.session import AnyRow
from app.db.user_session import UserSession

# The statement is a text: every write of a turn runs it, and building it costs three times the CPU.
NEXT_REVISION = """
INSERT INTO users AS u (tenant_id, user_id, revision, epoch) VALUES (:tenant, :user, 1, :epoch)
ON CONFLICT (tenant_id, user_id) DO UPDATE SET revision = u.revision + 1
RETURNING revision"""
_NEXT_REVISION = text(NEXT_REVISION)
_LOCK = "pg_advisory_xact_lock(hashtextextended(:tenant || chr(31) || :user, 0))"
# The lock comes first and orders the row's update: both take one round trip. A row that another writer has
# inserted meanwhile is found by its key and not by the statement's snapshot, which is older than the wait.
_LOCK_AND_NEXT_REVISION = text(f"""
WITH locked AS MATERIALIZED (SELECT {_LOCK})
INSERT INTO users AS u (tenant_id, user_id, revision, epoch) SELECT :tenant, :user, 1, :epoch FROM locked
ON CONFLICT (tenant_id, user_id) DO UPDATE SET revision = u.revision + 1
RETURNING revision""")  # noqa: S608 - of constants
USER_ID_COLUMNS = ("user_id", "owner_user_id", "grantee_user_id")
_TABLES = text("""
SELECT c.relname, array_agg(a.attname ORDER BY a.attnum) AS columns
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND a.attname = ANY(:names) AND NOT a.attisdropped
GROUP BY c.relname ORDER BY c.relname""")


def ensure_tenant(session: Session, tenant_id: str) -> None:
    """Insert the tenant's row unless it exists."""
    session.execute(insert(models.Tenant).values(tenant_id=tenant_id).on_conflict_do_nothing())


def next_revision(user: UserSession) -> int:
    """Increment the user's revision and return it; the row stays locked until the transaction ends."""
    values = {"tenant": user.tenant_id, "user": user.user_id, "epoch": generate_epoch()}
    return user.session.execute(_NEXT_REVISION, values).scalar_one()


def lock_and_next_revision(user: UserSession) -> int:
    """Do the same as `lock_user` and then `next_revision`; every change of a user's
    memories begins with it.
    """
    values = {"tenant": user.tenant_id, "user": user.user_id, "epoch": generate_epoch()}
    return user.session.execute(_LOCK_AND_NEXT_REVISION, values).scalar_one()


def generate_epoch() -> int:
    """Return the epoch of a new user; an erased user who returns has revisions from 1 again, in another
    epoch.
    """
    return secrets.randbelow(2**30)


def ensure_user(user: UserSession) -> None:
    """Insert the user's row unless it exists; unlike `next_revision` it does not change an existing row."""
    values = {"tenant_id": user.tenant_id, "user_id": user.user_id, "revision": 1, "epoch": generate_epoch()}
    user.session.execute(insert(models.User).values(**values).on_conflict_do_nothing())


def get_revision_and_epoch(user: UserSession) -> tuple[int, int] | None:
    """Return the user's (revision, epoch), or None when nothing was ever written for the user."""
    statement = select(models.User.revision, models.User.epoch).where(
        models.User.tenant_id == user.tenant_id, models.User.user_id == user.user_id
    )
    row = user.session.execute(statement).one_or_none()
    return (row.revision, row.epoch) if row else None


def bump_epoch(user: UserSession) -> None:
    """Increment the user's epoch because rows were deleted, so that every reader loads the user again."""
    user.session.execute(
        text("UPDATE users SET epoch = epoch + 1 WHERE tenant_id = :tenant AND user_id = :user"),
        {"tenant": user.tenant_id, "user": user.user_id},
    )


def list_user_tables(session: Session) -> dict[str, list[str]]:
    """Return {table: its columns that name a user}, read from the database's catalogue."""
    rows = session.execute(_TABLES, {"names": list(USER_ID_COLUMNS)})
    return {row.relname: list(row.columns) for row in rows}


def count_user_rows(user: UserSession) -> dict[str, int]:
    """Count the rows of each table that name the user."""
    counts: dict[str, int] = {}
    for name, columns in list_user_tables(user.session).items():
        user_table = table(name, column("tenant_id"), *(column(one) for one in columns))
        named = or_(*(user_table.c[one] == user.user_id for one in columns))
        statement = (
            select(func.count())
            .select_from(user_table)
            .where(user_table.c.tenant_id == user.tenant_id, named)
        )
        counts[name] = user.session.execute(statement).scalar_one()
    return counts


def delete_user(user: UserSession) -> None:
    """Delete every row that names the user; foreign keys cascade through the other tables."""
    for model in (models.IdempotencyKey, models.ApiKey, models.User):
        user.session.execute(
            delete(model).where(model.tenant_id == user.tenant_id, model.user_id == user.user_id)
        )


def lock_user(user: UserSession) -> None:
    """Hold the user's advisory lock until the transaction ends."""
    user.session.execute(
        text(f"SELECT {_LOCK}"),
        {"tenant": user.tenant_id, "user": user.user_id},
    )


def set_consolidated_at(user: UserSession, at: datetime) -> None:
    """Record when the user's memories were last consolidated."""
    U = models.User
    user.session.execute(
        update(U).where(U.tenant_id == user.tenant_id, U.user_id == user.user_id).values(consolidated_at=at)
    )


def get_consolidated_at(user: UserSession) -> datetime | None:
    """Return when the user's memories were last consolidated, or None when they never were."""
    U = models.User
    where = (U.tenant_id == user.tenant_id, U.user_id == user.user_id)
    return user.session.execute(select(U.consolidated_at).where(*where)).scalar_one_or_none()


def list_due_users(
    session: Session, now: datetime, before: datetime, idle_since: datetime, limit: int
) -> Sequence[AnyRow]:
    """List (tenant_id, user_id) of the users who have something to consolidate.

    A user is due when the last consolidation was before `before`, a memory expires by `now`, a memory is
    stale, or a session is closed or has had no extraction since `idle_since`.
    """
    values = {"now": now, "before": before, "idle": idle_since, "limit": limit}
    return session.execute(
        text("SELECT * FROM memcubed_due_users(:now, :before, :idle, :limit)"), values
    ).all()


def list_non_ascii_users(session: Session, limit: int) -> Sequence[AnyRow]:
    """List (tenant_id, user_id) of the users of all tenants whose id is not plain ASCII."""
    return session.execute(text("SELECT * FROM memcubed_unusual_users(:limit)"), {"limit": limit}).all()
