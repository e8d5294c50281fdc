"""Index snapshots: serialised search indexes, one per user."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.db.models import IndexSnapshot, User
from app.db.repositories.search.index_feed import SearchState
from app.db.session import AnyRow
from app.db.user_session import UserSession

P = IndexSnapshot
# Read in binary: in the text format half of the bytes of a snapshot would be sent twice.
_READ = (
    "SELECT revision, form, index, vectors, documents FROM scope_packs WHERE tenant_id = %s AND user_id = %s "
    "AND model_id = %s AND form = ANY(%s) AND epoch = %s AND revision <= %s"
)
# Documents of more bytes are not read with the rest of a snapshot: the first search of a process shows a few
# of them only. Half of them are those of 2,000 rows, which take some milliseconds.
DEFERRED_BYTES, _ANY_BYTES = 1_000_000, 2**31 - 1
# The state, the snapshot and whether there may be conflicts, by one statement and so of one moment.
_READ_START = """
SELECT s.serial, s.revision, s.epoch, s.ranker, EXISTS (
  SELECT FROM links l WHERE l.tenant_id = %(tenant)s AND l.user_id = %(user)s
  AND l.type = 'contradicts' AND l.dismissed_at IS NULL), p.revision, p.form, p.index, p.vectors,
  CASE WHEN octet_length(p.documents) <= %(most)s THEN p.documents END
FROM memcubed_user_state(%(tenant)s, %(user)s) s
LEFT JOIN scope_packs p ON p.tenant_id = %(tenant)s AND p.user_id = %(user)s AND p.model_id = %(model)s
  AND p.form = ANY(%(forms)s) AND p.epoch = s.epoch AND p.revision <= s.revision"""
_READ_DOCUMENTS = (
    "SELECT documents FROM scope_packs WHERE tenant_id = %s AND user_id = %s AND model_id = %s AND form = %s "
    "AND revision = %s AND epoch = %s"
)
_RESERVE = text("""
INSERT INTO scope_packs (tenant_id, user_id, model_id, form, revision, epoch, index, vectors, documents)
SELECT tenant_id, user_id, :model, 0, 0, epoch, '', '', '' FROM users
WHERE tenant_id = :tenant AND user_id = :user FOR KEY SHARE
ON CONFLICT DO NOTHING""")

# A user who is being erased is locked: no search waits for that, and none fails because of it.
_REQUEST = text("""
INSERT INTO pack_requests (tenant_id, user_id) SELECT tenant_id, user_id FROM users
WHERE tenant_id = :tenant AND user_id = :user FOR KEY SHARE SKIP LOCKED ON CONFLICT DO NOTHING""")

# A snapshot takes some 400 bytes a row beside its vectors, so this counts in rows. Of a large user it is due
# after so many more that who reads them asks for it. While more of the user's turns wait to be read, the most
# rows count: a conversation that is brought in is written whole once instead of after each of its parts.
_REQUEST_IF_DUE = text("""
INSERT INTO pack_requests (tenant_id, user_id)
SELECT u.tenant_id, u.user_id FROM users u
LEFT JOIN scope_packs p ON p.tenant_id = u.tenant_id AND p.user_id = u.user_id
WHERE u.tenant_id = :tenant AND u.user_id = :user AND coalesce(p.form, 0) >= 0 AND EXISTS (
  SELECT FROM turns t WHERE t.tenant_id = u.tenant_id AND t.user_id = u.user_id
  AND t.revision > coalesce(p.revision, 0)
  OFFSET CASE WHEN EXISTS (
    SELECT FROM jobs j WHERE j.tenant_id = u.tenant_id AND j.user_id = u.user_id
    AND j.status = 'queued' AND j.stage IN ('ingest', 'extract') AND j.run_after <= :now
  ) THEN :most ELSE least(:most, greatest(:least,
    coalesce(octet_length(p.index) + octet_length(p.documents), 0) / 400 / :share)) END LIMIT 1)
ON CONFLICT DO NOTHING RETURNING 1""")
LEAST_NEW_ROWS, MOST_NEW_ROWS, NEW_ROWS_SHARE = 50, 500, 4


def snapshot_due_after(row_count: int) -> int:
    """How many new rows an index of so many rows, the new ones included, may lack in its snapshot.

    A process reads 50 rows in a few milliseconds. A snapshot is written whole, so in proportion to its rows.
    """
    return min(MOST_NEW_ROWS, max(LEAST_NEW_ROWS, row_count // NEW_ROWS_SHARE))


@dataclass(frozen=True, slots=True)
class StoredIndexSnapshot:
    """A user's serialised index as of a revision; `form` is the version of its format.

    `documents` are None if they were not read, as they are many: `load_documents` reads them.
    """

    model_id: str
    epoch: int
    revision: int
    form: int
    index: bytes
    vectors: bytes
    documents: bytes | None


@dataclass(frozen=True, slots=True)
class IndexStart:
    """What the index of a user begins with: the user's state, and the index snapshot if there is one.

    `may_conflict`: whether memories contradict each other, ended ones included.
    """

    state: SearchState
    may_conflict: bool
    snapshot: StoredIndexSnapshot | None


def load_index_start(
    user: UserSession, model_id: str, forms: Sequence[int], *, may_defer: bool = False
) -> IndexStart | None:
    """Load the user's state and the snapshot of this model, of one of the formats, that is of that state.

    `may_defer`: documents that are many are not read. None before the first start of the service.
    """
    values = {"tenant": user.tenant_id, "user": user.user_id, "model": model_id, "forms": list(forms)}
    most = DEFERRED_BYTES if may_defer else _ANY_BYTES
    connection: Any = user.session.connection().connection
    with connection.cursor(binary=True) as cursor:
        row = cursor.execute(_READ_START, values | {"most": most}).fetchone()
    if row is None:
        return None
    state, may_conflict, snapshot = SearchState(*row[:4]), row[4], row[5:]
    if snapshot[0] is None:
        return IndexStart(state, may_conflict, None)
    return IndexStart(state, may_conflict, StoredIndexSnapshot(model_id, state.epoch, *snapshot))


def load_index_snapshot(
    user: UserSession,
    model_id: str,
    forms: Sequence[int],
    state: tuple[int, int],
) -> StoredIndexSnapshot | None:
    """Load the user's snapshot of this model, of one of the formats and of this epoch, or None.

    `state` is the user's (revision, epoch); a snapshot of a later revision is not given.
    """
    revision, epoch = state
    connection: Any = user.session.connection().connection
    with connection.cursor(binary=True) as cursor:
        row = cursor.execute(
            _READ, (user.tenant_id, user.user_id, model_id, list(forms), epoch, revision)
        ).fetchone()
    return StoredIndexSnapshot(model_id, epoch, *row) if row is not None else None


def request_index_snapshot(user: UserSession) -> None:
    """Record that a worker should make a snapshot of the user's index."""
    user.session.execute(_REQUEST, {"tenant": user.tenant_id, "user": user.user_id})


def request_due_index_snapshot(user: UserSession, now: datetime) -> bool:
    """Record the same if many turns were written since the last snapshot; return whether that is new."""
    values = {"least": LEAST_NEW_ROWS, "most": MOST_NEW_ROWS, "share": NEW_ROWS_SHARE}
    values |= {"tenant": user.tenant_id, "user": user.user_id, "now": now}
    return user.session.execute(_REQUEST_IF_DUE, values).first() is not None


def take_index_snapshot_request(session: Session) -> AnyRow | None:
    """Delete the oldest request for a snapshot, of any tenant; return its (tenant_id, user_id), or None."""
    return session.execute(text("SELECT * FROM memcubed_take_pack_request()")).one_or_none()


def is_index_snapshot_requested(session: Session) -> bool:
    """Return whether there is a request for a snapshot, of any tenant."""
    return session.execute(text("SELECT memcubed_pack_requested()")).scalar_one()


def reserve_index_snapshot(user: UserSession, model_id: str) -> None:
    """Insert the row that a snapshot will be written to, without contents, unless there is one."""
    user.session.execute(_RESERVE, {"tenant": user.tenant_id, "user": user.user_id, "model": model_id})


def store_index_snapshot(user: UserSession, snapshot: StoredIndexSnapshot) -> bool:
    """Write a snapshot to the user's row; return False if that was deleted, as it is when the epoch moves."""
    where = (P.tenant_id == user.tenant_id, P.user_id == user.user_id)
    written = user.session.execute(
        update(P)
        .where(*where)
        .values(
            model_id=snapshot.model_id,
            form=snapshot.form,
            revision=snapshot.revision,
            epoch=snapshot.epoch,
            index=snapshot.index,
            vectors=snapshot.vectors,
            documents=snapshot.documents,
        )
        .returning(P.user_id)
    )
    return written.first() is not None


def load_snapshot_documents(
    user: UserSession, model_id: str, form: int, revision: int, epoch: int
) -> bytes | None:
    """Load the documents of the user's snapshot of this model, format, revision and epoch, if it is there."""
    connection: Any = user.session.connection().connection
    with connection.cursor(binary=True) as cursor:
        row = cursor.execute(
            _READ_DOCUMENTS, (user.tenant_id, user.user_id, model_id, form, revision, epoch)
        ).fetchone()
    return row[0] if row is not None else None


def get_index_snapshot_revision(user: UserSession, model_id: str, forms: Sequence[int], epoch: int) -> int:
    """Return the revision of the user's snapshot of this model, one of the formats and this epoch, or 0."""
    where = (P.tenant_id == user.tenant_id, P.user_id == user.user_id, P.model_id == model_id)
    where += (P.form.in_(forms), P.epoch == epoch)
    return user.session.execute(select(P.revision).where(*where)).scalar_one_or_none() or 0


def get_user_epoch(user: UserSession) -> int | None:
    """Return the user's epoch, or None when there is no such user."""
    return user.session.execute(
        select(User.epoch).where(User.tenant_id == user.tenant_id, User.user_id == user.user_id)
    ).scalar_one_or_none()
