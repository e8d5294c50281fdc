"""The engine, and transactions that pass the tenant to Postgres for row-level security."""

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
from app.core.errors import Conflict, Deadlocked, Unauthorized, Unavailable
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
_DEADLOCK = "40P01"
_ENDED_KEY = "MK001"  # raised by the trigger memcubed_bound_user

# A pooler in transaction mode runs the next transaction in another session, so settings are made in each.
_IN_UTC = "; SET LOCAL TimeZone = 'UTC'"
_TENANT_SETTINGS = (
    "SELECT set_config('memcubed.tenant', {tenant}, true), set_config('memcubed.user', {user}, true)"
)
_BEGIN_OF_KEY = (
    "BEGIN{zone}; SELECT k.*, set_config('memcubed.tenant', k.tenant_id, true) AS tenant_set, "
    "set_config('memcubed.user', coalesce(k.user_id, ''), true) AS user_set "
    "FROM memcubed_find_key(decode('{hash}', 'hex')) k"
)
# one message can have several commands only if it has no parameters
_WITHOUT_PARAMETERS = {"no_parameters": True}


def driver_url(url: str) -> str:
    """The URL with psycopg 3 named as the driver."""
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else url


def open_engine(
    url: str, pool_size: int = 10, *, pooled: bool | None = None, is_autocommit: bool = False
) -> Engine:
    """An engine whose pool waits up to 5 s for a connection; it does not ping (see `_retry_if_disconnected`).

    `pooled`: whether there is a connection pooler before Postgres; None = each connection detects it.
    `is_autocommit`: as `with_autocommit`, but set once per connection instead of at each checkout.
    """
    engine = create_engine(
        driver_url(url),
        **({"isolation_level": "AUTOCOMMIT"} if is_autocommit else {}),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=5,
        pool_pre_ping=False,
        json_deserializer=json_values.parse_json,
        hide_parameters=True,  # parameters are what people said, and the text of an error would quote them
        # No `options`, which PgBouncer rejects.
        connect_args={"connect_timeout": 5, "application_name": "memcubed"},
    )

    def on_connect(connection: psycopg.Connection[Any], _record: object) -> None:
        set_up_connection(connection, pooled)

    event.listen(engine, "connect", on_connect)
    return engine


def with_autocommit(engine: Engine) -> Engine:
    """The same connection pool in autocommit mode, except within `open_transaction`."""
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def with_read_committed(engine: Engine) -> Engine:
    """The connection pool of an autocommit engine, in READ COMMITTED transactions that SQLAlchemy begins."""
    return engine.execution_options(isolation_level="READ COMMITTED")


def renew_connections(engine: Engine) -> None:
    """Close the connections: idle ones at once, those in use when they are returned."""
    old = engine.pool
    engine.dispose(close=False)  # first: a new pool takes over the listeners that the old one has by now
    event.listen(old, "checkin", _invalidate_connection)
    old.dispose()


def _invalidate_connection(_connection: object, record: ConnectionPoolEntry) -> None:
    # The disposed pool lends it no more, and would leave closing it to garbage collection.
    record.invalidate()


@contextmanager
def open_transaction(
    engine: Engine,
    principal: Principal | None,
    *,
    is_read_snapshot: bool = False,
    now: datetime | None = None,
) -> Generator[Session]:
    """Open a transaction of one principal: row-level security shows it its own rows only.

    `engine` is an autocommit engine: the transaction begins and gets its principal in one round trip. Without
    a principal no tenant's row is visible. `is_read_snapshot`: all statements read one snapshot (REPEATABLE
    READ). `now`: memories whose time to live has ended by then are not visible either. Raises `Unavailable`
    if Postgres can't be reached, `Conflict` if the memory guard rejects a change, `Unauthorized` if the key's
    user was erased with it.
    """

    def send_begin(connection: Connection) -> None:
        begin = _begin_sql(principal, is_read_snapshot, now, is_lent=is_pooled(connection))
        connection.exec_driver_sql(begin, execution_options=_WITHOUT_PARAMETERS)

    with _translate_db_errors(), _open_session(engine, send_begin) as (session, _):
        yield session


@contextmanager
def open_key_transaction(engine: Engine, digest: bytes) -> Generator[tuple[Session, KeyRow | None]]:
    """As `open_transaction`, for the owner of the key with this hash, which is looked up at its beginning.

    Without such a key no tenant's row is visible. The caller must check whether the key is still valid.
    """
    with (
        _translate_db_errors(),
        _open_session(engine, lambda connection: _begin_with_key(connection, digest)) as begun,
    ):
        yield begun


@contextmanager
def _open_session(engine: Engine, begin: Callable[[Connection], T]) -> Generator[tuple[Session, T]]:
    """Open a session and begin its transaction with one message; also yields that message's result."""
    stack, session, result = _retry_if_disconnected(lambda: _begin_session(engine, begin))
    with stack:
        yield session, result


def _begin_session(engine: Engine, begin: Callable[[Connection], T]) -> tuple[ExitStack, Session, T]:
    with ExitStack() as stack:
        session = stack.enter_context(Session(engine, expire_on_commit=False))
        stack.enter_context(session.begin())
        result = begin(session.connection())
        return stack.pop_all(), session, result


def _retry_if_disconnected(attempt: Callable[[], T]) -> T:
    """The result of `attempt`, repeated once if the connection was lost; `attempt` must change nothing.

    A connection that was cut while idle in the pool, by a restart of Postgres or of a pooler, is detected by
    the next message over it. The pool then drops all connections that are as old.
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
                pass  # only the last command returns rows
            return cursor.fetchone()
    except psycopg.OperationalError:
        # SQLAlchemy notices a lost connection only by a statement of its own; it then drops all older ones.
        connection.exec_driver_sql("SELECT 1")
        raise


def _begin_sql(
    principal: Principal | None, is_read_snapshot: bool, now: datetime | None, *, is_lent: bool
) -> str:
    begin = "BEGIN ISOLATION LEVEL REPEATABLE READ" if is_read_snapshot else "BEGIN"
    begin += _IN_UTC if is_lent else ""
    if principal is None:
        return begin
    settings = _TENANT_SETTINGS.format(
        tenant=_text_literal(principal.tenant_id), user=_text_literal(principal.user_id or "")
    )
    if now is not None:
        settings += f", set_config('memcubed.now', '{now.isoformat()}', true)"
    return f"{begin}; {settings}"


def _text_literal(value: str) -> str:
    """SQL for a text, made of hexadecimal digits only: nothing in it can end the literal."""
    return f"convert_from(decode('{value.encode().hex()}', 'hex'), 'UTF8')"


def execute_statement(engine: Engine, ask: Callable[[Connection], T]) -> T:
    """The result of `ask`, which reads by one statement, without a transaction's two further round trips.

    `engine` is an autocommit engine. No tenant's row is visible: it is for functions that read before or
    beside the tenant's rows. Timestamps that it reads may be in any time zone. Raises `Unavailable` if
    Postgres can't be reached.
    """

    def run_query() -> T:
        with engine.connect() as connection:
            return ask(connection)

    with _translate_db_errors():
        return _retry_if_disconnected(run_query)


@contextmanager
def _translate_db_errors() -> Generator[None]:
    """Translate database errors into the service's errors."""
    try:
        yield
    except (OperationalError, PoolTimeout, psycopg.OperationalError) as exc:
        if getattr(getattr(exc, "orig", exc), "sqlstate", None) == _DEADLOCK:
            raise Deadlocked from exc
        raise Unavailable("The database can't be reached.") from exc
    except (DBAPIError, psycopg.Error) as exc:
        if isinstance(exc, DBAPIError) and exc.connection_invalidated:
            raise Unavailable("The database connection was lost.") from exc
        code = str(getattr(getattr(exc, "orig", exc), "sqlstate", ""))
        if code in PREPARED_STATEMENT_ERRORS:
            log.error("pooler_not_detected", setting=SETTING)
            raise Unavailable(POOLER_NOT_DETECTED) from exc
        if code == _ENDED_KEY:
            raise Unauthorized from exc
        if code.startswith(_GUARD_CODES):
            raise Conflict("The memory's life does not allow this change.") from exc
        raise
