"""What an erasure leaves to be done later: Redis that was away, the files of tables, the write-ahead log."""

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
from app.db.session import AnyRow, by_statement, open_engine
from app.resources import Resources

log = structlog.get_logger(__name__)
AFTER = timedelta(minutes=2)  # what was under way at the erasure has ended by then
APART = timedelta(hours=6)  # the erasures of some hours are one rewrite
AGAIN = timedelta(minutes=10)  # what others held is tried again so soon, then ever later
LOCK_SECONDS = 1.0  # for so long others may wait behind a rewrite that waits for its turn
ATTEMPTS = 5
_NOT_POOLED = (
    "A rewrite needs a session of Postgres to itself, and MEMCUBED_DATABASE_OWNER_URL leads to a connection"
    " pooler: give the URL of Postgres itself."
)
_STATISTICS = "pg_catalog.pg_statistic"  # it holds samples of what the columns held


@dataclass(slots=True)
class Scrubbed:
    """What a run did: whether it had its turn, what is to be tried again, and how many erasures it ended.

    `samples`: the planner's samples stay, as only a superuser may delete them.
    """

    ran: bool = False
    left: list[str] = field(default_factory=list[str])
    erasures: int = 0
    samples: bool = False


def run(resources: Resources, *, engine: Engine | None = None, now: bool = False) -> Scrubbed:
    """Do what is due of all erasures; `now`: do not wait until some have come together.

    `engine` is the owner's, where the service's role may not rewrite tables.
    """
    with resources.transaction(None) as session:
        waiting = erasures.unfinished(session)
        last, may = erasures.last_rewrite(session), scrubbing.may(session)
    if not waiting:
        return Scrubbed()
    done = Scrubbed()
    _forget_in_redis(resources, waiting)
    if engine is not None or may.rewrite:
        files = _due(resources, waiting, last, now=now, by_hand=engine is not None)
        if files:
            done = _rewrite(resources, engine or resources.by_statement, files)
    _follow_log(resources, engine or resources.by_statement)
    return done


def run_as_owner(resources: Resources, owner_url: str) -> Scrubbed:
    """The same at once and by the role that owns the tables. Raises `StartupRefused` behind a pooler."""
    engine = open_engine(owner_url, pool_size=1)
    try:
        if is_lent(by_statement(engine)):
            raise StartupRefused(_NOT_POOLED)
        return run(resources, engine=by_statement(engine), now=True)
    finally:
        engine.dispose()


def is_lent(engine: Engine) -> bool:
    """Whether a connection pooler stands before Postgres, also one that does not look like it."""
    with engine.connect() as connection:
        if pooler.is_pooled(connection):
            return True
    return pooler.shares_sessions(engine)


def _due(
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
    if new and at - new[0].erased_at >= AFTER and (last is None or at - last >= APART):
        return files
    return [row for row in files if row.tried_at is not None and at >= row.files_due_at]


def _forget_in_redis(resources: Resources, waiting: Sequence[AnyRow]) -> None:
    """Nobody's name is kept for this: all copies in Redis go, which fill themselves again.

    A new erasure is not waited for here: its own request is clearing what is its user's just now.
    """
    at = resources.now()
    away = [row for row in waiting if row.redis_at is None and at - row.erased_at >= AFTER]
    if away and resources.cache.forget_all():
        for row in away:
            _note(resources, row.tenant_id, row.id, {"redis_at": resources.now()})


def _rewrite(resources: Resources, engine: Engine, files: Sequence[AnyRow]) -> Scrubbed:
    with scrubbing.scrubber(engine) as scrubber:
        if scrubber is None:
            return Scrubbed()
        tables, at = scrubber.tables(), resources.now()
        wanted = {row.id: tables if row.files_left is None else row.files_left for row in files}
        # Before it begins, so that what ends it, as a full disk, does not begin it again the next minute.
        for row in files:
            begun = {"tried_at": row.tried_at or at, "files_due_at": at + APART, "files_left": wanted[row.id]}
            _note(resources, row.tenant_id, row.id, begun)
        found = _rewrite_all(scrubber, [name for name in tables if any(name in of for of in wanted.values())])
        still = {
            key: [name for name in found if name in of or name == _STATISTICS] for key, of in wanted.items()
        }
        ended = [row for row in files if not _to_do(found, still[row.id])]
        wal = _new_log(scrubber) if ended else None
    for row in files:
        values = {"files_left": still[row.id]} | _outcome(resources, row, found, still[row.id], wal)
        _note(resources, row.tenant_id, row.id, values)
    left = _to_do(found, list(found))
    log.info("files_rewritten", erasures=len(ended), left=list(found))
    return Scrubbed(True, left, len(ended), samples=_STATISTICS in found and _STATISTICS not in left)


def _outcome(
    resources: Resources, row: AnyRow, found: Mapping[str, Outcome], still: list[str], wal: str | None
) -> dict[str, object]:
    """What is to be noted of an erasure of which so much is `still` left, by what was `found`."""
    at, left = resources.now(), _to_do(found, still)
    if left:
        # Whoever holds a table lets it go soon, or it is tried ever later. What was rewritten in vain waits.
        soon = all(found[name] is Outcome.LOCKED for name in left)
        wait = min(APART, max(AGAIN, at - (row.tried_at or at))) if soon else APART
        return {"files_due_at": at + wait}
    if still and row.files_at is not None:
        return {}
    return {"files_at": at, "wal_from": wal, "wal_at": None}


def _to_do(found: Mapping[str, Outcome], names: list[str]) -> list[str]:
    """What the next run tries again: not the samples, where only a superuser may delete them."""
    return [name for name in names if (name, found[name]) != (_STATISTICS, Outcome.REFUSED)]


def _new_log(scrubber: Scrubber) -> str:
    """Begin a new file of the log; the name behind which no older words are."""
    # The first checkpoint lets go of what the one before still needed.
    begun = [scrubber.checkpoint() for _ in range(2)]
    # A file that could not be ended has older words: "~" sorts behind its name, not behind the next.
    return scrubber.wal_now() + ("" if all(begun) else "~")


def _rewrite_all(scrubber: Scrubber, tables: list[str]) -> dict[str, Outcome]:
    """What was left of the tables and of the samples, and why. Each is written at most once."""
    found = dict.fromkeys(tables, Outcome.LOCKED)
    for _ in range(ATTEMPTS):
        for name in [name for name in tables if found[name] is Outcome.LOCKED]:
            found[name] = scrubber.rewrite(name, LOCK_SECONDS)
    for name in scrubber.partitions():
        scrubber.clean(name)
    # Last, as each table's new statistics leave the old ones behind.
    found[_STATISTICS] = Outcome.REFUSED
    if scrubber.forget_samples():
        found[_STATISTICS] = scrubber.rewrite(_STATISTICS, LOCK_SECONDS)
    return {name: outcome for name, outcome in found.items() if outcome is not Outcome.CLEAN}


def _follow_log(resources: Resources, engine: Engine) -> None:
    """Note which erasures are in no file of the write-ahead log any more."""
    with resources.transaction(None) as session:
        waiting = [
            row for row in erasures.unfinished(session) if row.wal_from is not None and row.wal_at is None
        ]
    if not waiting:
        return
    with scrubbing.scrubber(engine) as scrubber:
        after = [row for row in waiting if scrubber is not None and _is_after(scrubber, row)]
    for row in after:
        _note(resources, row.tenant_id, row.id, {"wal_at": resources.now()})


def _is_after(scrubber: Scrubber, row: AnyRow) -> bool:
    return scrubber.log_is_after(row.wal_from, row.files_at)


def _note(resources: Resources, tenant_id: str, erasure_id: UUID, values: Mapping[str, object]) -> None:
    with resources.transaction(Principal(tenant_id)) as session:
        erasures.move(session, tenant_id, erasure_id, values)
