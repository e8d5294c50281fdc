"""Tenants, users and the revision that orders a user's writes."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import column, delete, func, or_, select, table, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db import models
from app.db.session import AnyRow
from app.db.user_session import UserSession

# As texts: every write of a turn takes it, and a built statement costs three times the CPU.
NEXT_REVISION = """
INSERT INTO users AS u (tenant_id, user_id, revision, epoch) VALUES (:tenant, :user, 1, :epoch)
ON CONFLICT (tenant_id, user_id) DO UPDATE SET revision = u.revision + 1
RETURNING revision"""
_NEXT_REVISION = text(NEXT_REVISION)
_LOCK = "pg_advisory_xact_lock(hashtextextended(:tenant || chr(31) || :user, 0))"
# The lock first, and by it the row: both in one round trip. The row that another writer has left meanwhile is
# found by its key and not by the snapshot of the statement, which is older than the wait.
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
    """Make the tenant's row unless it is there."""
    session.execute(insert(models.Tenant).values(tenant_id=tenant_id).on_conflict_do_nothing())


def next_revision(user: UserSession) -> int:
    """Take the user's write lock until the transaction ends and return its revision."""
    values = {"tenant": user.tenant_id, "user": user.user_id, "epoch": generate_epoch()}
    return user.session.execute(_NEXT_REVISION, values).scalar_one()


def lock_and_next_revision(user: UserSession) -> int:
    """As `lock_user` and then `next_revision`: what every change of a user's memories begins with."""
    values = {"tenant": user.tenant_id, "user": user.user_id, "epoch": generate_epoch()}
    return user.session.execute(_LOCK_AND_NEXT_REVISION, values).scalar_one()


def generate_epoch() -> int:
    """That of a user who is new: who is erased and comes back counts from 1 again, but in another epoch."""
    return secrets.randbelow(2**30)


def ensure_user(user: UserSession) -> None:
    """Make the user's row unless it is there; unlike `next_revision` it takes no lock and moves nothing."""
    values = {"tenant_id": user.tenant_id, "user_id": user.user_id, "revision": 1, "epoch": generate_epoch()}
    user.session.execute(insert(models.User).values(**values).on_conflict_do_nothing())


def get_revision_and_epoch(user: UserSession) -> tuple[int, int] | None:
    """The user's (revision, epoch), or None when nothing was ever written for it."""
    statement = select(models.User.revision, models.User.epoch).where(
        models.User.tenant_id == user.tenant_id, models.User.user_id == user.user_id
    )
    row = user.session.execute(statement).one_or_none()
    return (row.revision, row.epoch) if row else None


def bump_epoch(user: UserSession) -> None:
    """Say that rows of the user vanished, so that every reader loads it anew."""
    user.session.execute(
        text("UPDATE users SET epoch = epoch + 1 WHERE tenant_id = :tenant AND user_id = :user"),
        {"tenant": user.tenant_id, "user": user.user_id},
    )


def list_user_tables(session: Session) -> dict[str, list[str]]:
    """{table: its columns that name a user}, as the database has them, whatever code made them."""
    rows = session.execute(_TABLES, {"names": list(USER_ID_COLUMNS)})
    return {row.relname: list(row.columns) for row in rows}


def count_user_rows(user: UserSession) -> dict[str, int]:
    """How many rows of each table name the user."""
    found: dict[str, int] = {}
    for name, columns in list_user_tables(user.session).items():
        of = table(name, column("tenant_id"), *(column(one) for one in columns))
        named = or_(*(of.c[one] == user.user_id for one in columns))
        statement = select(func.count()).select_from(of).where(of.c.tenant_id == user.tenant_id, named)
        found[name] = user.session.execute(statement).scalar_one()
    return found


def delete_user(user: UserSession) -> None:
    """Delete every row that names the user; foreign keys carry it through the tables."""
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
    """Note when the user's memories were consolidated last."""
    U = models.User
    user.session.execute(
        update(U).where(U.tenant_id == user.tenant_id, U.user_id == user.user_id).values(consolidated_at=at)
    )


def get_consolidated_at(user: UserSession) -> datetime | None:
    """When the user's memories were consolidated last, or None when they never were."""
    U = models.User
    where = (U.tenant_id == user.tenant_id, U.user_id == user.user_id)
    return user.session.execute(select(U.consolidated_at).where(*where)).scalar_one_or_none()


def list_due_users(
    session: Session, now: datetime, before: datetime, idle_since: datetime, limit: int
) -> Sequence[AnyRow]:
    """(tenant_id, user_id) of those who have something to consolidate.

    Not consolidated since `before`, with what expires by `now`, with a stale memory, or with a session that
    is closed or of which nothing was extracted since `idle_since`.
    """
    values = {"now": now, "before": before, "idle": idle_since, "limit": limit}
    return session.execute(
        text("SELECT * FROM memcubed_due_users(:now, :before, :idle, :limit)"), values
    ).all()


def list_non_ascii_users(session: Session, limit: int) -> Sequence[AnyRow]:
    """(tenant_id, user_id) of those whose id is not plain ASCII, of all tenants."""
    return session.execute(text("SELECT * FROM memcubed_unusual_users(:limit)"), {"limit": limit}).all()
