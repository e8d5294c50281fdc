"""The engine, and the transaction that carries the tenant into Postgres."""

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

import psycopg
import structlog
from psycopg.rows import namedtuple_row
from sqlalchemy import Connection, Engine, Row, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from app.core import json_values
from app.core.errors import Conflict, Unauthorized, Unavailable
from app.core.security import Principal
from app.db.pooler import (
    POOLER_NOT_DETECTED,
    PREPARED_STATEMENT_ERRORS,
    SETTING,
    is_pooled,
    set_up_connection,
)

log = structlog.get_logger(__name__)
T = TypeVar("T")
AnyRow = Row[*tuple[Any, ...]]


class KeyRow(Protocol):
    """An API key as it is looked up."""

    tenant_id: str
    id: UUID
    scopes: list[str]
    user_id: str | None
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


_GUARD_CODES = "MC"  # raised by the trigger memcubed_memory_guard
_ENDED_KEY = "MK001"  # raised by the trigger memcubed_bound_user

# A pooler in transaction mode lends the next transaction another session: whatever is set is set in each.
_IN_UTC = "; SET LOCAL TimeZone = 'UTC'"
_TENANT_SETTINGS = (
    "SELECT set_config('memcubed.tenant', {tenant}, true), set_config('memcubed.user', {user}, true)"
)
_BEGIN_OF_KEY = (
    "BEGIN{zone}; SELECT k.*, set_config('memcubed.tenant', k.tenant_id, true) AS tenant_set, "
    "set_config('memcubed.user', coalesce(k.user_id, ''), true) AS user_set "
    "FROM memcubed_find_key(decode('{hash}', 'hex')) k"
)
_WITHOUT_PARAMETERS = {"no_parameters": True}  # several commands go in one message only without parameters


def driver_url(url: str) -> str:
    """The URL with psycopg 3 named as the driver."""
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else url


def open_engine(
    url: str, pool_size: int = 10, *, pooled: bool | None = None, is_autocommit: bool = False
) -> Engine:
    """An engine whose pool waits 5 s for a connection.

    `pooled`: whether a connection pooler stands before Postgres; None = each connection finds out.
    `is_by_statement`: as `by_statement`, but set once a connection instead of each time one is taken.
    """
    engine = create_engine(
        driver_url(url),
        **({"isolation_level": "AUTOCOMMIT"} if is_autocommit else {}),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=5,
        pool_pre_ping=False,
        json_deserializer=json_values.parse_json,
        hide_parameters=True,  # they are what people said, and the text of an error would quote them
        # No `options`, which PgBouncer refuses.
        connect_args={"connect_timeout": 5, "application_name": "memcubed"},
    )

    def on_connect(connection: psycopg.Connection[Any], _record: object) -> None:
        set_up_connection(connection, pooled)

    event.listen(engine, "connect", on_connect)
    return engine


def with_autocommit(engine: Engine) -> Engine:
    """The same connections, each statement by itself unless it stands in a `transaction`."""
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def with_read_committed(engine: Engine) -> Engine:
    """The same connections as an engine that works by statement, in transactions that SQLAlchemy begins."""
    return engine.execution_options(isolation_level="READ COMMITTED")


def renew_connections(engine: Engine) -> None:
    """Close the connections: those at rest at once, those in use when they come back."""
    old = engine.pool
    engine.dispose(close=False)  # first: the new pool has the listeners that the old one has by now
    event.listen(old, "checkin", _invalidate_connection)
    old.dispose()


def _invalidate_connection(_connection: object, record: ConnectionPoolEntry) -> None:
    # The pool that it goes back to lends nothing any more, and would leave the closing to chance.
    record.invalidate()


@contextmanager
def open_transaction(
    engine: Engine,
    principal: Principal | None,
    *,
    is_read_snapshot: bool = False,
    now: datetime | None = None,
) -> Generator[Session]:
    """One transaction of one principal: row-level security lets it see its own rows only.

    `engine` is one of `by_statement`: the transaction begins and gets its principal in one round trip.
    Without a principal no tenant's row is visible. `is_read_snapshot`: all statements read one snapshot.
    `now`: a memory whose time to live has ended by then is not visible either.
    Raises `Unavailable` when Postgres can't be reached, `Conflict` when the guard of a memory's life
    refuses a change, `Unauthorized` when the key that is bound to a user has ended with it.
    """

    def send_begin(connection: Connection) -> None:
        begin = _begin_sql(principal, is_read_snapshot, now, is_lent=is_pooled(connection))
        connection.exec_driver_sql(begin, execution_options=_WITHOUT_PARAMETERS)

    with _translate_db_errors(), _open_session(engine, send_begin) as (session, _):
        yield session


@contextmanager
def open_key_transaction(engine: Engine, digest: bytes) -> Generator[tuple[Session, KeyRow | None]]:
    """As `transaction`, of whoever has the key with this hash: it is looked up as the transaction begins.

    Without such a key no tenant's row is visible. Whether the key is still good is the caller's to ask.
    """
    with (
        _translate_db_errors(),
        _open_session(engine, lambda connection: _begin_with_key(connection, digest)) as begun,
    ):
        yield begun


@contextmanager
def _open_session(engine: Engine, begin: Callable[[Connection], T]) -> Generator[tuple[Session, T]]:
    """A session whose transaction has begun by the first message, and what that gave."""
    stack, session, given = _retry_if_disconnected(lambda: _begin_session(engine, begin))
    with stack:
        yield session, given


def _begin_session(engine: Engine, begin: Callable[[Connection], T]) -> tuple[ExitStack, Session, T]:
    with ExitStack() as stack:
        session = stack.enter_context(Session(engine, expire_on_commit=False))
        stack.enter_context(session.begin())
        given = begin(session.connection())
        return stack.pop_all(), session, given


def _retry_if_disconnected(attempt: Callable[[], T]) -> T:
    """What `attempt` gives: for what changes nothing, so that it may be done twice.

    A connection that was cut while it lay in the pool, as by a restart of Postgres or of a pooler, is found
    out by the next message over it. The pool then drops all that are as old.
    """
    try:
        return attempt()
    except DBAPIError as exc:
        if not exc.connection_invalidated:
            raise
        return attempt()


def _begin_with_key(connection: Connection, digest: bytes) -> KeyRow | None:
    driver: Any = connection.connection
    try:
        with driver.cursor(row_factory=namedtuple_row) as cursor:
            zone = _IN_UTC if is_pooled(connection) else ""
            cursor.execute(_BEGIN_OF_KEY.format(zone=zone, hash=digest.hex()))
            while cursor.nextset():
                pass  # only the last command gives rows
            return cursor.fetchone()
    except psycopg.OperationalError:
        # SQLAlchemy hears of a lost connection by a statement of its own only; it then drops all older ones.
        connection.exec_driver_sql("SELECT 1")
        raise


def _begin_sql(
    principal: Principal | None, is_read_snapshot: bool, now: datetime | None, *, is_lent: bool
) -> str:
    begin = "BEGIN ISOLATION LEVEL REPEATABLE READ" if is_read_snapshot else "BEGIN"
    begin += _IN_UTC if is_lent else ""
    if principal is None:
        return begin
    scope = _TENANT_SETTINGS.format(
        tenant=_text_literal(principal.tenant_id), user=_text_literal(principal.user_id or "")
    )
    if now is not None:
        scope += f", set_config('memcubed.now', '{now.isoformat()}', true)"
    return f"{begin}; {scope}"


def _text_literal(value: str) -> str:
    """SQL for a text, made of hexadecimal digits only: nothing in it can end the literal."""
    return f"convert_from(decode('{value.encode().hex()}', 'hex'), 'UTF8')"


def execute_statement(engine: Engine, ask: Callable[[Connection], T]) -> T:
    """What `ask` reads by one statement, without a transaction's two further round trips.

    `engine` is one of `by_statement`. No tenant's row is visible: it is for the functions that read before
    or beside the tenant's rows. Moments that it reads may be in any time zone. Raises `Unavailable` when
    Postgres can't be reached.
    """

    def run_query() -> T:
        with engine.connect() as connection:
            return ask(connection)

    with _translate_db_errors():
        return _retry_if_disconnected(run_query)


@contextmanager
def _translate_db_errors() -> Generator[None]:
    """The database's errors as ours."""
    try:
        yield
    except (OperationalError, PoolTimeout, psycopg.OperationalError) as exc:
        raise Unavailable("The database can't be reached.") from exc
    except (DBAPIError, psycopg.Error) as exc:
        if isinstance(exc, DBAPIError) and exc.connection_invalidated:
            raise Unavailable("The database connection was lost.") from exc
        code = str(getattr(getattr(exc, "orig", exc), "sqlstate", ""))
        if code in PREPARED_STATEMENT_ERRORS:
            log.error("pooler_not_seen", setting=SETTING)
            raise Unavailable(POOLER_NOT_DETECTED) from exc
        if code == _ENDED_KEY:
            raise Unauthorized from exc
        if code.startswith(_GUARD_CODES):
            raise Conflict("The memory's life does not allow this change.") from exc
        raise
