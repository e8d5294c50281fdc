"""What an erasure leaves to be done later: Redis that was away, the files of tables, the write-ahead log."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import Engine

from app.core.security import Principal
from app.db.repositories import erasures, scrubbing
from app.db.repositories.scrubbing import Scrubber
from app.db.session import AnyRow, by_statement, open_engine
from app.resources import Resources

log = structlog.get_logger(__name__)
AFTER = timedelta(minutes=2)  # what was under way at the erasure has ended by then
APART = timedelta(hours=6)  # the erasures of some hours are one rewrite
LOCK_SECONDS = 1.0  # for so long others may wait behind a rewrite that waits for its turn
ATTEMPTS = 5
_STATISTICS = "pg_catalog.pg_statistic"  # it holds samples of what the columns held


@dataclass(slots=True)
class Scrubbed:
    """What a run did: whether it had its turn, what it could not rewrite, and of how many erasures."""

    ran: bool = False
    left: list[str] = field(default_factory=list[str])
    erasures: int = 0


def run(resources: Resources, *, engine: Engine | None = None, now: bool = False) -> Scrubbed:
    """Do what is due of all erasures; `now`: do not wait until some have come together.

    `engine` is the owner's, where the service's role may not rewrite tables.
    """
    with resources.transaction(None) as session:
        waiting = erasures.unfinished(session)
        last, may = erasures.last_rewrite(session), scrubbing.may(session)
    if not waiting:
        return Scrubbed()
    _forget_in_redis(resources, [row for row in waiting if row.redis_at is None])
    done = Scrubbed()
    files = [row for row in waiting if row.files_at is None]
    if files and (engine is not None or may.rewrite) and (now or _is_due(resources, files, last)):
        done = _rewrite(resources, engine or resources.by_statement, files)
    _follow_log(resources, engine or resources.by_statement)
    return done


def run_as_owner(resources: Resources, owner_url: str) -> Scrubbed:
    """The same at once and by the role that owns the tables."""
    engine = open_engine(owner_url, pool_size=1)
    try:
        return run(resources, engine=by_statement(engine), now=True)
    finally:
        engine.dispose()


def _is_due(resources: Resources, files: Sequence[AnyRow], last: datetime | None) -> bool:
    now = resources.now()
    return now - files[0].erased_at >= AFTER and (last is None or now - last >= APART)


def _forget_in_redis(resources: Resources, waiting: Sequence[AnyRow]) -> None:
    """Nobody's name is kept for this: all copies in Redis go, which fill themselves again."""
    if waiting and resources.cache.forget_all():
        for row in waiting:
            _note(resources, row.tenant_id, row.id, {"redis_at": resources.now()})


def _rewrite(resources: Resources, engine: Engine, files: Sequence[AnyRow]) -> Scrubbed:
    with scrubbing.scrubber(engine) as scrubber:
        if scrubber is None:
            return Scrubbed()
        left = _rewrite_all(scrubber)
        log.info("files_rewritten", erasures=len(files), left=left)
        if left:
            return Scrubbed(True, left)
        # The first checkpoint lets go of what the one before still needed.
        begun = [scrubber.checkpoint() for _ in range(2)]
        # A file that could not be ended has older words: "~" sorts behind its name, not behind the next.
        wal = scrubber.wal_now() + ("" if all(begun) else "~")
    for row in files:
        _note(resources, row.tenant_id, row.id, {"files_at": resources.now(), "wal_from": wal})
    return Scrubbed(True, [], len(files))


def _rewrite_all(scrubber: Scrubber) -> list[str]:
    """The tables that could not be rewritten: the next run tries them again."""
    left = scrubber.tables()
    for _ in range(ATTEMPTS):
        left = [name for name in left if not scrubber.rewrite(name, LOCK_SECONDS)]
    for name in scrubber.partitions():
        scrubber.clean(name)
    # Last, as each table's new statistics leave the old ones behind.
    may = scrubber.forget_samples() and scrubber.rewrite(_STATISTICS, LOCK_SECONDS)
    return left if left or may else [_STATISTICS]


def _follow_log(resources: Resources, engine: Engine) -> None:
    """Note which erasures are in no file of the write-ahead log any more."""
    with resources.transaction(None) as session:
        waiting = [row for row in erasures.unfinished(session) if row.wal_from is not None]
    if not waiting:
        return
    with scrubbing.scrubber(engine) as scrubber:
        after = [row for row in waiting if scrubber is not None and _is_after(scrubber, row)]
    for row in after:
        _note(resources, row.tenant_id, row.id, {"wal_at": resources.now()})


def _is_after(scrubber: Scrubber, row: AnyRow) -> bool:
    return scrubber.log_is_after(row.wal_from, row.files_at)


def _note(resources: Resources, tenant_id: str, erasure_id: UUID, values: dict[str, object]) -> None:
    with resources.transaction(Principal(tenant_id)) as session:
        erasures.move(session, tenant_id, erasure_id, values)
