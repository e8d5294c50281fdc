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
MIN_ERASURE_AGE = timedelta(minutes=2)  # what was under way at the erasure has ended by then
REWRITE_INTERVAL = timedelta(hours=6)  # the erasures of some hours are one rewrite
RETRY_DELAY = timedelta(minutes=10)  # what others held is tried again so soon, then ever later
LOCK_SECONDS = 1.0  # for so long others may wait behind a rewrite that waits for its turn
ATTEMPTS = 5
_NOT_POOLED = (
    "A rewrite needs a session of Postgres to itself, and MEMCUBED_DATABASE_OWNER_URL leads to a connection"
    " pooler: give the URL of Postgres itself."
)
_STATISTICS_TABLE = "pg_catalog.pg_statistic"  # it holds samples of what the columns held


@dataclass(slots=True)
class ScrubResult:
    """What a run did: whether it had its turn, what is to be tried again, and how many erasures it ended.

    `samples`: the planner's samples stay, as only a superuser may delete them.
    """

    did_run: bool = False
    tables_left: list[str] = field(default_factory=list[str])
    erasures_finished: int = 0
    samples_left: bool = False


def run_scrubbing(resources: Resources, *, engine: Engine | None = None, now: bool = False) -> ScrubResult:
    """Do what is due of all erasures; `now`: do not wait until some have come together.

    `engine` is the owner's, where the service's role may not rewrite tables.
    """
    with resources.open_transaction(None) as session:
        waiting = erasures.list_unfinished_erasures(session)
        last, may = erasures.get_last_rewrite_at(session), scrubbing.get_privileges(session)
    if not waiting:
        return ScrubResult()
    done = ScrubResult()
    _purge_redis(resources, waiting)
    if engine is not None or may.rewrite:
        files = _due_erasures(resources, waiting, last, now=now, by_hand=engine is not None)
        if files:
            done = _rewrite_files(resources, engine or resources.autocommit_engine, files)
    _record_wal_progress(resources, engine or resources.autocommit_engine)
    return done


def run_scrubbing_as_owner(resources: Resources, owner_url: str) -> ScrubResult:
    """The same at once and by the role that owns the tables. Raises `StartupRefused` behind a pooler."""
    engine = open_engine(owner_url, pool_size=1)
    try:
        if is_engine_pooled(with_autocommit(engine)):
            raise StartupRefused(_NOT_POOLED)
        return run_scrubbing(resources, engine=with_autocommit(engine), now=True)
    finally:
        engine.dispose()


def is_engine_pooled(engine: Engine) -> bool:
    """Whether a connection pooler stands before Postgres, also one that does not look like it."""
    with engine.connect() as connection:
        if pooler.is_pooled(connection):
            return True
    return pooler.shares_sessions(engine)


def _due_erasures(
    resources: Resources, waiting: Sequence[AnyRow], last: datetime | None, *, now: bool, by_hand: bool
) -> list[AnyRow]:
    """The erasures whose files are to be rewritten now; `last` is when those of a new one were tried.

    By hand those are too of which only what the service may not do is left.
    """
    files = [row for row in waiting if row.files_at is None or (by_hand and row.files_left)]
    if now:
        return files
    at = resources.now()
    new = [row for row in files if row.tried_at is None]
    if new and at - new[0].erased_at >= MIN_ERASURE_AGE and (last is None or at - last >= REWRITE_INTERVAL):
        return files
    return [row for row in files if row.tried_at is not None and at >= row.files_due_at]


def _purge_redis(resources: Resources, waiting: Sequence[AnyRow]) -> None:
    """Nobody's name is kept for this: all copies in Redis go, which fill themselves again.

    A new erasure is not waited for here: its own request is clearing what is its user's just now.
    """
    at = resources.now()
    away = [row for row in waiting if row.redis_at is None and at - row.erased_at >= MIN_ERASURE_AGE]
    if away and resources.cache.delete_all_keys():
        for row in away:
            _update_erasure(resources, row.tenant_id, row.id, {"redis_at": resources.now()})


def _rewrite_files(resources: Resources, engine: Engine, files: Sequence[AnyRow]) -> ScrubResult:
    with scrubbing.open_scrubber(engine) as scrubber:
        if scrubber is None:
            return ScrubResult()
        tables, at = scrubber.list_user_tables(), resources.now()
        wanted = {row.id: tables if row.files_left is None else row.files_left for row in files}
        # Before it begins, so that what ends it, as a full disk, does not begin it again the next minute.
        for row in files:
            begun = {
                "tried_at": row.tried_at or at,
                "files_due_at": at + REWRITE_INTERVAL,
                "files_left": wanted[row.id],
            }
            _update_erasure(resources, row.tenant_id, row.id, begun)
        found = _rewrite_tables(
            scrubber, [name for name in tables if any(name in of for of in wanted.values())]
        )
        still = {
            key: [name for name in found if name in of or name == _STATISTICS_TABLE]
            for key, of in wanted.items()
        }
        ended = [row for row in files if not _tables_to_retry(found, still[row.id])]
        wal = _switch_wal_file(scrubber) if ended else None
    for row in files:
        values = {"files_left": still[row.id]} | _outcome_columns(resources, row, found, still[row.id], wal)
        _update_erasure(resources, row.tenant_id, row.id, values)
    left = _tables_to_retry(found, list(found))
    log.info("files_rewritten", erasures=len(ended), left=list(found))
    return ScrubResult(
        True, left, len(ended), samples_left=_STATISTICS_TABLE in found and _STATISTICS_TABLE not in left
    )


def _outcome_columns(
    resources: Resources, row: AnyRow, found: Mapping[str, Outcome], still: list[str], wal: str | None
) -> dict[str, object]:
    """What is to be noted of an erasure of which so much is `still` left, by what was `found`."""
    at, left = resources.now(), _tables_to_retry(found, still)
    if left:
        # Whoever holds a table lets it go soon, or it is tried ever later. What was rewritten in vain waits.
        soon = all(found[name] is Outcome.LOCKED for name in left)
        wait = (
            min(REWRITE_INTERVAL, max(RETRY_DELAY, at - (row.tried_at or at))) if soon else REWRITE_INTERVAL
        )
        return {"files_due_at": at + wait}
    if still and row.files_at is not None:
        return {}
    return {"files_at": at, "wal_from": wal, "wal_at": None}


def _tables_to_retry(found: Mapping[str, Outcome], names: list[str]) -> list[str]:
    """What the next run tries again: not the samples, where only a superuser may delete them."""
    return [name for name in names if (name, found[name]) != (_STATISTICS_TABLE, Outcome.REFUSED)]


def _switch_wal_file(scrubber: Scrubber) -> str:
    """Begin a new file of the log; the name behind which no older words are."""
    # The first checkpoint lets go of what the one before still needed.
    begun = [scrubber.switch_wal() for _ in range(2)]
    # A file that could not be ended has older words: "~" sorts behind its name, not behind the next.
    return scrubber.current_wal_file() + ("" if all(begun) else "~")


def _rewrite_tables(scrubber: Scrubber, tables: list[str]) -> dict[str, Outcome]:
    """What was left of the tables and of the samples, and why. Each is written at most once."""
    found = dict.fromkeys(tables, Outcome.LOCKED)
    for _ in range(ATTEMPTS):
        for name in [name for name in tables if found[name] is Outcome.LOCKED]:
            found[name] = scrubber.rewrite(name, LOCK_SECONDS)
    for name in scrubber.list_partitions():
        scrubber.vacuum_partition(name)
    # Last, as each table's new statistics leave the old ones behind.
    found[_STATISTICS_TABLE] = Outcome.REFUSED
    if scrubber.delete_planner_samples():
        found[_STATISTICS_TABLE] = scrubber.rewrite(_STATISTICS_TABLE, LOCK_SECONDS)
    return {name: outcome for name, outcome in found.items() if outcome is not Outcome.CLEAN}


def _record_wal_progress(resources: Resources, engine: Engine) -> None:
    """Note which erasures are in no file of the write-ahead log any more."""
    with resources.open_transaction(None) as session:
        waiting = [
            row
            for row in erasures.list_unfinished_erasures(session)
            if row.wal_from is not None and row.wal_at is None
        ]
    if not waiting:
        return
    with scrubbing.open_scrubber(engine) as scrubber:
        after = [row for row in waiting if scrubber is not None and _is_wal_recycled(scrubber, row)]
    for row in after:
        _update_erasure(resources, row.tenant_id, row.id, {"wal_at": resources.now()})


def _is_wal_recycled(scrubber: Scrubber, row: AnyRow) -> bool:
    return scrubber.is_wal_after(row.wal_from, row.files_at)


def _update_erasure(
    resources: Resources, tenant_id: str, erasure_id: UUID, values: Mapping[str, object]
) -> None:
    with resources.open_transaction(Principal(tenant_id)) as session:
        erasures.update_erasure(session, tenant_id, erasure_id, values)
