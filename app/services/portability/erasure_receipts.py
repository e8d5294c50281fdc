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
from app.core.vocabulary import KeyScope
from app.db.models import Erasure as Row
from app.db.repositories.platform import users
from app.db.repositories.portability import erasures, scrubbing
from app.db.session import AnyRow, renew_connections
from app.db.user_session import UserSession
from app.memory.text.analysis import clear_stem_cache
from app.resources import Resources
from app.schemas.users import ErasedPart, Erasure, ErasurePage, Part, Subject
from app.services.platform.pagination import decode_cursor, encode_cursor

log = structlog.get_logger(__name__)
LOOK_SECONDS = 3.0
MOST_LOOKS = 6
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
    """An erasure as it stands. Raises `NotFound`."""
    principal.require_scope(KeyScope.ADMIN)
    with resources.open_transaction(principal) as session:
        row = erasures.get_erasure(session, principal.tenant_id, erasure_id)
        if row is None:
            raise NotFound("There is no such erasure.")
        return to_erasure_out(session, row)


def list_erasures(resources: Resources, principal: Principal, cursor: str | None, limit: int) -> ErasurePage:
    """The tenant's erasures, newest first."""
    principal.require_scope(KeyScope.ADMIN)
    after = decode_cursor(cursor)
    with resources.open_transaction(principal) as session:
        rows = erasures.list_erasures(session, principal.tenant_id, after, limit + 1)
        items = [to_erasure_out(session, row) for row in rows[:limit]]
    return ErasurePage(items=items, next_cursor=encode_cursor([row.id for row in rows], limit))


def to_erasure_out(session: Session, row: Row) -> Erasure:
    """The receipt without the name."""
    may = scrubbing.get_privileges(session)
    due = row.erased_at + FILE_DEADLINE
    by_hand = _files_note(row, may)
    left = row.files_at is None and may.rewrite
    parts = [
        ErasedPart(part=Part.ROWS, done_at=row.erased_at),
        ErasedPart(part=Part.COPIES, done_at=row.erased_at),
        ErasedPart(part=Part.REDIS, done_at=row.redis_at, due_by=None if row.redis_at else due),
        ErasedPart(part=Part.PROCESSES, due_by=row.erased_at + PROCESS_DEADLINE, note=_MEMORY),
        ErasedPart(part=Part.FILES, done_at=row.files_at, due_by=due if left else None, note=by_hand),
        ErasedPart(
            part=Part.WAL,
            done_at=row.wal_at,
            due_by=due if may.see_wal and may.rewrite and row.wal_at is None else None,
            note=_WAL,
        ),
        ErasedPart(part=Part.BACKUPS, note=_BACKUPS),
    ]
    return Erasure(
        id=row.id,
        erased_at=row.erased_at,
        subject=Subject(salt=row.salt.hex(), hash=row.subject.hex()),
        rows=row.rows,
        copies=row.copies,
        remaining=row.remaining,
        parts=parts,
    )


def _files_note(row: Row, may: scrubbing.Privileges) -> str | None:
    """What is left to do by hand for the files, if the service may not do it."""
    if row.files_at is not None:
        return _SAMPLES if row.files_left else None
    if may.pooled:
        return _POOLED
    return None if may.rewrite else _BY_HAND


def forget_in_process(resources: Resources, erasure_id: UUID, names: Iterable[tuple[str, str]]) -> None:
    """Drop what this process, which made the erasure, holds of these (tenant, user)."""
    _drop_cached_texts(resources, names)
    _recycle_connections(resources)
    resources.erased_here.add(erasure_id)


def _drop_cached_texts(resources: Resources, names: Iterable[tuple[str, str]]) -> None:
    for tenant_id, user_id in names:
        resources.index_cache.drop_user(tenant_id, user_id)
    resources.embedders.clear_query_caches()
    clear_stem_cache()


def _recycle_connections(resources: Resources) -> None:
    """A connection's other end, a process of Postgres, holds the texts of its last statements."""
    renew_connections(resources.autocommit_engine)


class ErasureWatcher:
    """Tells one process of erasures, its own too: the table says so, whatever message was lost."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._seen: set[UUID] = set()
        self._since = 0  # looks since the first erasure after which memory was not overwritten

    def poll_erasures(self) -> int:
        """Let go of what was erased since the last look; of how many erasures. Raises `Unavailable`."""
        with self._resources.open_transaction(None) as session:
            rows = erasures.list_recent_erasures(session, _LOOKBACK_PERIOD)
        fresh = [row for row in rows if row.id not in self._seen]
        seen = {row.id for row in rows}
        over, self._seen = self._seen - seen, seen
        if fresh:
            self._apply_erasures(fresh)
        self._resources.erased_here.difference_update(over)
        self._overwrite_freed_memory(waiting=bool(fresh))
        return len(fresh)

    def _apply_erasures(self, fresh: Sequence[AnyRow]) -> None:
        """Of this process's own, only what a request that was under way has put back is let go of."""
        of_tenants = {row.tenant_id for row in fresh}
        _drop_cached_texts(
            self._resources, [one for tenant in of_tenants for one in self._list_outdated_users(tenant)]
        )
        if not self._resources.erased_here.issuperset(row.id for row in fresh):
            _recycle_connections(self._resources)
        log.info("erasures_followed", erasures=len(fresh))

    def _overwrite_freed_memory(self, *, waiting: bool) -> None:
        """Overwrite freed memory once for erasures that follow one another, within `PROCESSES_WITHIN`."""
        if not waiting and not self._since:
            return
        self._since += 1
        if not waiting or self._since >= MOST_LOOKS:
            memory_scrubbing.overwrite()
            self._since = 0

    def _list_outdated_users(self, tenant_id: str) -> list[tuple[str, str]]:
        """The users whose index is of rows that are gone."""
        held = self._resources.index_cache.list_cached_users(tenant_id)
        with self._resources.open_transaction(Principal(tenant_id)) as session:
            now = {
                user: users.get_revision_and_epoch(UserSession(session, tenant_id, user)) for user, _ in held
            }
        return [
            (tenant_id, user) for user, epoch in held if (state := now[user]) is None or state[1] != epoch
        ]


@contextmanager
def watch_erasures(resources: Resources) -> Generator[None]:
    """Follow other processes' erasures until the block ends."""
    watch, stop = ErasureWatcher(resources), threading.Event()

    def poll_until_stopped() -> None:
        while not stop.wait(LOOK_SECONDS):
            try:
                watch.poll_erasures()
            except Unavailable:
                log.warning("erasures_not_read")
            except Exception as exc:  # noqa: BLE001 - whatever ended the thread would end it unseen, and for good
                log.error("erasures_not_followed", **describe_exception(exc))

    thread = threading.Thread(target=poll_until_stopped, name="erasures", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(LOOK_SECONDS)
