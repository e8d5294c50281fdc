"""Receipts of erasures, and the removal of erased data from the memory of every process."""

import threading
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app.core import memory_scrubbing
from app.core.errors import NotFound, Unavailable
from app.core.logs import describe_exception
from app.core.security import Principal
from app.core.text_caches import clear_text_caches
from app.core.vocabulary import KeyScope
from app.db.models import Erasure as Row
from app.db.repositories.platform import users
from app.db.repositories.portability import erasures, scrubbing
from app.db.session import AnyRow, renew_connections
from app.db.user_session import UserSession
from app.resources import Resources
from app.schemas.portability.erasures import ErasedPart, Erasure, ErasurePage, ErasurePart, ErasureSubject
from app.services.platform.pagination import decode_cursor, encode_cursor

log = structlog.get_logger(__name__)
POLL_SECONDS = 3.0
MAX_POLLS = 6  # after which freed memory is overwritten though erasures still follow one another
PROCESS_DEADLINE = timedelta(seconds=30)
FILE_DEADLINE = timedelta(hours=24)
_LOOKBACK_PERIOD = timedelta(hours=1)  # longer than an erasure's transaction takes to commit
_BY_HAND = "The service may not rewrite the tables here: run `memcubed scrub` as their owner."
_POOLED = (
    "The service's connections go through a pooler, and a rewrite needs a session to itself: run `memcubed"
    " scrub` with the URL of Postgres itself as MEMCUBED_DATABASE_OWNER_URL."
)
_SAMPLES = (
    "Samples of columns may be left in pg_statistic, which only a superuser may delete: run `memcubed scrub`"
    " as one."
)
_MEMORY = (
    "Indexes and caches of every process are dropped by then, and free memory overwritten as far as it is"
    " reached. Remains, as in Postgres' buffers, stay until the memory is used again or the process ends."
)
_WAL = "Files of the write-ahead log go when Postgres needs them no more; its archive and replicas are yours."
_BACKUPS = "Repeat the erasure in what is restored."


def get_erasure(resources: Resources, principal: Principal, erasure_id: UUID) -> Erasure:
    """Return the receipt of an erasure as of now. Raises `Forbidden`, `NotFound`."""
    principal.require_scope(KeyScope.ADMIN)
    with resources.open_transaction(principal) as session:
        row = erasures.get_erasure(session, principal.tenant_id, erasure_id)
        if row is None:
            raise NotFound("There is no such erasure.")
        return to_erasure_out(session, row)


def list_erasures(resources: Resources, principal: Principal, cursor: str | None, limit: int) -> ErasurePage:
    """List the tenant's erasures, newest first. Raises `Forbidden`, and `InvalidInput` for a bad cursor."""
    principal.require_scope(KeyScope.ADMIN)
    after = decode_cursor(cursor)
    with resources.open_transaction(principal) as session:
        rows = erasures.list_erasures(session, principal.tenant_id, after, limit + 1)
        items = [to_erasure_out(session, row) for row in rows[:limit]]
    return ErasurePage(items=items, next_cursor=encode_cursor([row.id for row in rows], limit))


def to_erasure_out(session: Session, row: Row) -> Erasure:
    """Convert the row to the receipt, which does not contain the user's id."""
    privileges = scrubbing.get_privileges(session)
    due = row.erased_at + FILE_DEADLINE
    files_note = _files_note(row, privileges)
    is_rewrite_due = row.files_at is None and privileges.rewrite
    parts = [
        ErasedPart(part=ErasurePart.ROWS, done_at=row.erased_at),
        ErasedPart(part=ErasurePart.COPIES, done_at=row.erased_at),
        ErasedPart(part=ErasurePart.REDIS, done_at=row.redis_at, due_by=None if row.redis_at else due),
        ErasedPart(part=ErasurePart.PROCESSES, due_by=row.erased_at + PROCESS_DEADLINE, note=_MEMORY),
        ErasedPart(
            part=ErasurePart.FILES,
            done_at=row.files_at,
            due_by=due if is_rewrite_due else None,
            note=files_note,
        ),
        ErasedPart(
            part=ErasurePart.WAL,
            done_at=row.wal_at,
            due_by=due if privileges.see_wal and privileges.rewrite and row.wal_at is None else None,
            note=_WAL,
        ),
        ErasedPart(part=ErasurePart.BACKUPS, note=_BACKUPS),
    ]
    return Erasure(
        id=row.id,
        erased_at=row.erased_at,
        subject=ErasureSubject(salt=row.salt.hex(), hash=row.subject.hex()),
        rows=row.rows,
        copies=row.copies,
        remaining=row.remaining,
        parts=parts,
    )


def _files_note(row: Row, privileges: scrubbing.Privileges) -> str | None:
    """Return what the operator has to do for the files, if the service lacks the privilege."""
    if row.files_at is not None:
        return _SAMPLES if row.files_left else None
    if privileges.pooled:
        return _POOLED
    return None if privileges.rewrite else _BY_HAND


def forget_in_process(resources: Resources, erasure_id: UUID, names: Iterable[tuple[str, str]]) -> None:
    """Drop what this process caches of these (tenant id, user id); called by the process that erases."""
    _drop_cached_texts(resources, names)
    _recycle_connections(resources)
    resources.erased_here.add(erasure_id)


def _drop_cached_texts(resources: Resources, names: Iterable[tuple[str, str]]) -> None:
    for tenant_id, user_id in names:
        resources.index_cache.drop_user(tenant_id, user_id)
    resources.embedders.clear_query_caches()
    clear_text_caches()


def _recycle_connections(resources: Resources) -> None:
    """Close the connections, because their Postgres processes keep the texts of their last statements."""
    renew_connections(resources.autocommit_engine)


class ErasureWatcher:
    """Polls the erasure table, so that this process drops erased data even if a message was lost."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._seen: set[UUID] = set()
        self._polls_since = 0  # since the first erasure after which memory was not overwritten

    def poll_erasures(self) -> int:
        """Drop what was erased since the last poll; return of how many erasures. Raises `Unavailable`."""
        with self._resources.open_transaction(None) as session:
            rows = erasures.list_recent_erasures(session, _LOOKBACK_PERIOD)
        new = [row for row in rows if row.id not in self._seen]
        seen = {row.id for row in rows}
        outdated, self._seen = self._seen - seen, seen
        if new:
            self._apply_erasures(new)
        self._resources.erased_here.difference_update(outdated)
        self._overwrite_freed_memory(has_new=bool(new))
        return len(new)

    def _apply_erasures(self, new: Sequence[AnyRow]) -> None:
        """Drop the outdated indexes of the tenants.

        After an erasure of this process itself that is only what a concurrent request has cached again.
        """
        tenant_ids = {row.tenant_id for row in new}
        outdated = [user for tenant_id in tenant_ids for user in self._list_outdated_users(tenant_id)]
        _drop_cached_texts(self._resources, outdated)
        if not self._resources.erased_here.issuperset(row.id for row in new):
            _recycle_connections(self._resources)
        log.info("erasures_applied", erasures=len(new))

    def _overwrite_freed_memory(self, *, has_new: bool) -> None:
        """Overwrite freed memory once for erasures that follow one another, within `PROCESS_DEADLINE`."""
        if not has_new and not self._polls_since:
            return
        self._polls_since += 1
        if not has_new or self._polls_since >= MAX_POLLS:
            memory_scrubbing.overwrite()
            self._polls_since = 0

    def _list_outdated_users(self, tenant_id: str) -> list[tuple[str, str]]:
        """List the (tenant id, user id) whose index in this process has another epoch than the user now."""
        cached = self._resources.index_cache.list_cached_users(tenant_id)
        with self._resources.open_transaction(Principal(tenant_id)) as session:
            states = {
                user: users.get_revision_and_epoch(UserSession(session, tenant_id, user))
                for user, _ in cached
            }
        return [
            (tenant_id, user)
            for user, epoch in cached
            if (state := states[user]) is None or state[1] != epoch
        ]


@contextmanager
def watch_erasures(resources: Resources) -> Generator[None]:
    """Poll for erasures of all processes in a thread until the block ends."""
    watcher, stop = ErasureWatcher(resources), threading.Event()

    def poll_until_stopped() -> None:
        while not stop.wait(POLL_SECONDS):
            try:
                watcher.poll_erasures()
            except Unavailable:
                log.warning("erasures_not_polled")
            except Exception as exc:  # noqa: BLE001 - an exception would end the thread unseen and for good
                log.error("erasures_not_applied", **describe_exception(exc))

    thread = threading.Thread(target=poll_until_stopped, name="erasures", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(POLL_SECONDS)
