"""Finish erasures in the background: clear Redis, rewrite table files, wait until old WAL files are gone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import Engine

from app.core.errors import StartupRefused
from app.core.security import Principal
from app.db import pooler
from app.db.repositories.portability import erasures, scrubbing
from app.db.repositories.portability.scrubbing import Outcome, Scrubber
from app.db.session import AnyRow, open_engine, with_autocommit
from app.resources import Resources

log = structlog.get_logger(__name__)
MIN_ERASURE_AGE = timedelta(minutes=2)  # requests that were under way at the erasure have ended by then
REWRITE_INTERVAL = timedelta(hours=6)  # one rewrite serves the erasures of so long
RETRY_DELAY = timedelta(minutes=10)  # for tables that others had locked; it grows with every attempt
LOCK_SECONDS = 1.0  # so long other transactions may wait behind a rewrite that waits for its lock
ATTEMPTS = 5
_NOT_POOLED = (
    "A rewrite needs a session of Postgres to itself, and MEMCUBED_DATABASE_OWNER_URL leads to a connection"
    " pooler: give the URL of Postgres itself."
)
_STATISTICS_TABLE = "pg_catalog.pg_statistic"  # the planner's samples of column values


@dataclass(slots=True)
class ScrubResult:
    """Whether a run rewrote files, the tables to be tried again, and how many erasures it finished.

    `samples_left`: the planner's samples stay, because only a superuser may delete them.
    """

    did_run: bool = False
    tables_left: list[str] = field(default_factory=list[str])
    erasures_finished: int = 0
    samples_left: bool = False


def run_scrubbing(resources: Resources, *, engine: Engine | None = None, now: bool = False) -> ScrubResult:
    """Do what is due for all erasures; with `now` the interval between rewrites is not waited for.

    `engine` is that of the tables' owner, where the service's role may not rewrite them.
    """
    with resources.open_transaction(None) as session:
        unfinished = erasures.list_unfinished_erasures(session)
        last = erasures.get_last_rewrite_at(session)
        privileges = scrubbing.get_privileges(session)
    if not unfinished:
        return ScrubResult()
    result = ScrubResult()
    _purge_redis(resources, unfinished)
    if engine is not None or privileges.rewrite:
        due = _due_erasures(resources, unfinished, last, now=now, by_hand=engine is not None)
        if due:
            result = _rewrite_files(resources, engine or resources.autocommit_engine, due)
    _record_wal_progress(resources, engine or resources.autocommit_engine)
    return result


def run_scrubbing_as_owner(resources: Resources, owner_url: str) -> ScrubResult:
    """Do the same at once as the role that owns the tables. Raises `StartupRefused` behind a pooler."""
    engine = open_engine(owner_url, pool_size=1)
    try:
        if is_engine_pooled(with_autocommit(engine)):
            raise StartupRefused(_NOT_POOLED)
        return run_scrubbing(resources, engine=with_autocommit(engine), now=True)
    finally:
        engine.dispose()


def is_engine_pooled(engine: Engine) -> bool:
    """Return whether a connection pooler stands before Postgres; one that hides is found by a probe."""
    with engine.connect() as connection:
        if pooler.is_pooled(connection):
            return True
    return pooler.shares_sessions(engine)


def _due_erasures(
    resources: Resources, unfinished: Sequence[AnyRow], last: datetime | None, *, now: bool, by_hand: bool
) -> list[AnyRow]:
    """List the erasures whose files are to be rewritten now; `last` is when files were rewritten last.

    `by_hand` includes those for which only what the service may not do is left.
    """
    files = [row for row in unfinished if row.files_at is None or (by_hand and row.files_left)]
    if now:
        return files
    at = resources.now()
    new = [row for row in files if row.tried_at is None]
    if new and at - new[0].erased_at >= MIN_ERASURE_AGE and (last is None or at - last >= REWRITE_INTERVAL):
        return files
    return [row for row in files if row.tried_at is not None and at >= row.files_due_at]


def _purge_redis(resources: Resources, unfinished: Sequence[AnyRow]) -> None:
    """Delete all cached data in Redis if an erasure could not delete its user's keys.

    An erasure does not store the user's id, so all keys go; the cache fills itself again. New erasures are
    left out, because their own requests are deleting the keys just now.
    """
    at = resources.now()
    missed = [row for row in unfinished if row.redis_at is None and at - row.erased_at >= MIN_ERASURE_AGE]
    if missed and resources.cache.delete_all_keys():
        for row in missed:
            _update_erasure(resources, row.tenant_id, row.id, {"redis_at": resources.now()})


def _rewrite_files(resources: Resources, engine: Engine, files: Sequence[AnyRow]) -> ScrubResult:
    with scrubbing.open_scrubber(engine) as scrubber:
        if scrubber is None:
            return ScrubResult()
        tables, at = scrubber.list_user_tables(), resources.now()
        tables_by_erasure = {row.id: tables if row.files_left is None else row.files_left for row in files}
        # Before it begins, so that an error that ends it, such as a full disk, does not repeat every minute.
        for row in files:
            columns = {
                "tried_at": row.tried_at or at,
                "files_due_at": at + REWRITE_INTERVAL,
                "files_left": tables_by_erasure[row.id],
            }
            _update_erasure(resources, row.tenant_id, row.id, columns)
        needed = {name for names in tables_by_erasure.values() for name in names}
        failures = _rewrite_tables(scrubber, [name for name in tables if name in needed])
        left_by_erasure = {
            erasure_id: [name for name in failures if name in names or name == _STATISTICS_TABLE]
            for erasure_id, names in tables_by_erasure.items()
        }
        finished = [row for row in files if not _tables_to_retry(failures, left_by_erasure[row.id])]
        wal_file = _switch_wal_file(scrubber) if finished else None
    for row in files:
        left = left_by_erasure[row.id]
        columns = {"files_left": left} | _outcome_columns(resources, row, failures, left, wal_file)
        _update_erasure(resources, row.tenant_id, row.id, columns)
    retried = _tables_to_retry(failures, list(failures))
    log.info("files_rewritten", erasures=len(finished), left=list(failures))
    samples_left = _STATISTICS_TABLE in failures and _STATISTICS_TABLE not in retried
    return ScrubResult(True, retried, len(finished), samples_left=samples_left)


def _outcome_columns(
    resources: Resources,
    row: AnyRow,
    failures: Mapping[str, Outcome],
    tables_left: list[str],
    wal_file: str | None,
) -> dict[str, object]:
    """Return the columns of an erasure for which `tables_left` could not be rewritten."""
    at, retried = resources.now(), _tables_to_retry(failures, tables_left)
    if retried:
        # A lock on a table ends soon, so only such tables are tried again soon, with growing delays.
        soon = all(failures[name] is Outcome.LOCKED for name in retried)
        wait = (
            min(REWRITE_INTERVAL, max(RETRY_DELAY, at - (row.tried_at or at))) if soon else REWRITE_INTERVAL
        )
        return {"files_due_at": at + wait}
    if tables_left and row.files_at is not None:
        return {}
    return {"files_at": at, "wal_from": wal_file, "wal_at": None}


def _tables_to_retry(failures: Mapping[str, Outcome], names: list[str]) -> list[str]:
    """List the tables that the next run tries again: not the samples, if only a superuser may delete them."""
    return [name for name in names if (name, failures[name]) != (_STATISTICS_TABLE, Outcome.REFUSED)]


def _switch_wal_file(scrubber: Scrubber) -> str:
    """Begin a new WAL file; return a name that sorts after all files with deleted rows."""
    # Twice, because the first checkpoint still needs the file of the one before.
    switched = [scrubber.switch_wal() for _ in range(2)]
    # A file that could not be ended has deleted rows: "~" sorts after its name, and before the next one.
    return scrubber.current_wal_file() + ("" if all(switched) else "~")


def _rewrite_tables(scrubber: Scrubber, tables: list[str]) -> dict[str, Outcome]:
    """Rewrite tables and samples, each at most once; return those that failed, with the reason."""
    outcomes = dict.fromkeys(tables, Outcome.LOCKED)
    for _ in range(ATTEMPTS):
        for name in [name for name in tables if outcomes[name] is Outcome.LOCKED]:
            outcomes[name] = scrubber.rewrite(name, LOCK_SECONDS)
    for name in scrubber.list_partitions():
        scrubber.vacuum_partition(name)
    # Last, because each rewrite writes new statistics and leaves the old ones in the file.
    outcomes[_STATISTICS_TABLE] = Outcome.REFUSED
    if scrubber.delete_planner_samples():
        outcomes[_STATISTICS_TABLE] = scrubber.rewrite(_STATISTICS_TABLE, LOCK_SECONDS)
    return {name: outcome for name, outcome in outcomes.items() if outcome is not Outcome.CLEAN}


def _record_wal_progress(resources: Resources, engine: Engine) -> None:
    """Record which erasures are in no WAL file any more."""
    with resources.open_transaction(None) as session:
        waiting = [
            row
            for row in erasures.list_unfinished_erasures(session)
            if row.wal_from is not None and row.wal_at is None
        ]
    if not waiting:
        return
    with scrubbing.open_scrubber(engine) as scrubber:
        recycled = [row for row in waiting if scrubber is not None and _is_wal_recycled(scrubber, row)]
    for row in recycled:
        _update_erasure(resources, row.tenant_id, row.id, {"wal_at": resources.now()})


def _is_wal_recycled(scrubber: Scrubber, row: AnyRow) -> bool:
    return scrubber.is_wal_after(row.wal_from, row.files_at)


def _update_erasure(
    resources: Resources, tenant_id: str, erasure_id: UUID, values: Mapping[str, object]
) -> None:
    with resources.open_transaction(Principal(tenant_id)) as session:
        erasures.update_erasure(session, tenant_id, erasure_id, values)
