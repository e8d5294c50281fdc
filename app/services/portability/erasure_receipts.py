"""Erasures after the fact: their receipts, and what every process lets go of."""

import threading
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app.core import memory_overwriting
from app.core.errors import NotFound, Unavailable
from app.core.logs import told_of
from app.core.security import Principal
from app.core.vocabulary import Scope
from app.db.models import Erasure as Row
from app.db.repositories.platform import users
from app.db.repositories.portability import erasures, scrubbing
from app.db.session import AnyRow, renew_connections
from app.memory.text.analysis import forget_words
from app.resources import Resources
from app.schemas.users import ErasedPart, Erasure, ErasurePage, Part, Subject
from app.services.platform.pagination import as_cursor, from_cursor

log = structlog.get_logger(__name__)
LOOK_SECONDS = 3.0
MOST_LOOKS = 6
PROCESSES_WITHIN = timedelta(seconds=30)
FILES_WITHIN = timedelta(hours=24)
_REMEMBERED = timedelta(hours=1)  # longer than an erasure's transaction takes to commit
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


def get(resources: Resources, principal: Principal, erasure_id: UUID) -> Erasure:
    """An erasure as it stands. Raises `NotFound`."""
    principal.require(Scope.ADMIN)
    with resources.transaction(principal) as session:
        row = erasures.get(session, principal.tenant_id, erasure_id)
        if row is None:
            raise NotFound("There is no such erasure.")
        return as_out(session, row)


def page(resources: Resources, principal: Principal, cursor: str | None, limit: int) -> ErasurePage:
    """The tenant's erasures, newest first."""
    principal.require(Scope.ADMIN)
    after = from_cursor(cursor)
    with resources.transaction(principal) as session:
        rows = erasures.page(session, principal.tenant_id, after, limit + 1)
        items = [as_out(session, row) for row in rows[:limit]]
    return ErasurePage(items=items, next_cursor=as_cursor([row.id for row in rows], limit))


def as_out(session: Session, row: Row) -> Erasure:
    """The receipt without the name."""
    may = scrubbing.may(session)
    due = row.erased_at + FILES_WITHIN
    by_hand = _files_note(row, may)
    left = row.files_at is None and may.rewrite
    parts = [
        ErasedPart(part=Part.ROWS, done_at=row.erased_at),
        ErasedPart(part=Part.COPIES, done_at=row.erased_at),
        ErasedPart(part=Part.REDIS, done_at=row.redis_at, due_by=None if row.redis_at else due),
        ErasedPart(part=Part.PROCESSES, due_by=row.erased_at + PROCESSES_WITHIN, note=_MEMORY),
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


def _files_note(row: Row, may: scrubbing.May) -> str | None:
    """What is left to do by hand for the files, if the service may not do it."""
    if row.files_at is not None:
        return _SAMPLES if row.files_left else None
    if may.pooled:
        return _POOLED
    return None if may.rewrite else _BY_HAND


def forget_here(resources: Resources, erasure_id: UUID, names: Iterable[tuple[str, str]]) -> None:
    """Drop what this process, which made the erasure, holds of these (tenant, user)."""
    _forget_texts(resources, names)
    _forget_connections(resources)
    resources.erased_here.add(erasure_id)


def _forget_texts(resources: Resources, names: Iterable[tuple[str, str]]) -> None:
    for tenant_id, user_id in names:
        resources.scopes.drop(tenant_id, user_id)
    resources.embedders.forget_queries()
    forget_words()


def _forget_connections(resources: Resources) -> None:
    """A connection's other end, a process of Postgres, holds the texts of its last statements."""
    renew_connections(resources.by_statement)


class Watch:
    """Tells one process of erasures, its own too: the table says so, whatever message was lost."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._seen: set[UUID] = set()
        self._since = 0  # looks since the first erasure after which memory was not overwritten

    def look(self) -> int:
        """Let go of what was erased since the last look; of how many erasures. Raises `Unavailable`."""
        with self._resources.transaction(None) as session:
            rows = erasures.recent(session, _REMEMBERED)
        fresh = [row for row in rows if row.id not in self._seen]
        seen = {row.id for row in rows}
        over, self._seen = self._seen - seen, seen
        if fresh:
            self._follow(fresh)
        self._resources.erased_here.difference_update(over)
        self._overwrite(waiting=bool(fresh))
        return len(fresh)

    def _follow(self, fresh: Sequence[AnyRow]) -> None:
        """Of this process's own, only what a request that was under way has put back is let go of."""
        of_tenants = {row.tenant_id for row in fresh}
        _forget_texts(self._resources, [one for tenant in of_tenants for one in self._outdated(tenant)])
        if not self._resources.erased_here.issuperset(row.id for row in fresh):
            _forget_connections(self._resources)
        log.info("erasures_followed", erasures=len(fresh))

    def _overwrite(self, *, waiting: bool) -> None:
        """Overwrite freed memory once for erasures that follow one another, within `PROCESSES_WITHIN`."""
        if not waiting and not self._since:
            return
        self._since += 1
        if not waiting or self._since >= MOST_LOOKS:
            memory_overwriting.overwrite()
            self._since = 0

    def _outdated(self, tenant_id: str) -> list[tuple[str, str]]:
        """The users whose index is of rows that are gone."""
        held = self._resources.scopes.held(tenant_id)
        with self._resources.transaction(Principal(tenant_id)) as session:
            now = {user: users.state(session, tenant_id, user) for user, _ in held}
        return [
            (tenant_id, user) for user, epoch in held if (state := now[user]) is None or state[1] != epoch
        ]


@contextmanager
def watching(resources: Resources) -> Generator[None]:
    """Follow other processes' erasures until the block ends."""
    watch, stop = Watch(resources), threading.Event()

    def run() -> None:
        while not stop.wait(LOOK_SECONDS):
            try:
                watch.look()
            except Unavailable:
                log.warning("erasures_not_read")
            except Exception as exc:  # noqa: BLE001 - whatever ended the thread would end it unseen, and for good
                log.error("erasures_not_followed", **told_of(exc))

    thread = threading.Thread(target=run, name="erasures", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(LOOK_SECONDS)
