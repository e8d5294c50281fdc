"""The engine, and the transaction that carries the tenant into Postgres."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import Connection, Engine, Row, create_engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app.core.errors import Conflict, Unavailable
from app.core.security import Principal

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

_SCOPE = "SELECT set_config('memcubed.tenant', {tenant}, true), set_config('memcubed.user', {user}, true)"
_BEGIN_OF_KEY = (
    "BEGIN; SELECT k.*, set_config('memcubed.tenant', k.tenant_id, true) AS tenant_set, "
    "set_config('memcubed.user', coalesce(k.user_id, ''), true) AS user_set "
    "FROM memcubed_find_key(decode('{hash}', 'hex')) k"
)
_AS_IT_IS = {"no_parameters": True}  # several commands go in one message only without parameters


def driver_url(url: str) -> str:
    """The URL with psycopg 3 named as the driver."""
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else url


def open_engine(url: str, pool_size: int = 10) -> Engine:
    """An engine whose pool waits 5 s for a connection and checks it before use."""
    return create_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=5,
        pool_pre_ping=False,
        hide_parameters=True,  # they are what people said, and the text of an error would quote them
        connect_args={"connect_timeout": 5, "application_name": "memcubed", "options": "-c timezone=UTC"},
    )


def by_statement(engine: Engine) -> Engine:
    """The same connections, each statement by itself unless it stands in a `transaction`."""
    return engine.execution_options(isolation_level="AUTOCOMMIT")


@contextmanager
def transaction(engine: Engine, principal: Principal | None, *, frozen: bool = False) -> Generator[Session]:
    """One transaction of one principal: row-level security lets it see its own rows only.

    `engine` is one of `by_statement`: the transaction begins and gets its principal in one round trip.
    Without a principal no tenant's row is visible. `frozen`: all that it reads is of one moment.
    Raises `Unavailable` when Postgres can't be reached, `Conflict` when the guard of a memory's life
    refuses a change.
    """
    with _told(), Session(engine, expire_on_commit=False) as session, session.begin():
        session.connection().exec_driver_sql(_begin(principal, frozen), execution_options=_AS_IT_IS)
        yield session


@contextmanager
def transaction_of_key(engine: Engine, digest: bytes) -> Generator[tuple[Session, KeyRow | None]]:
    """As `transaction`, of whoever has the key with this hash: it is looked up as the transaction begins.

    Without such a key no tenant's row is visible. Whether the key is still good is the caller's to ask.
    """
    with _told(), Session(engine, expire_on_commit=False) as session, session.begin():
        connection: Any = session.connection().connection
        with connection.cursor(row_factory=namedtuple_row) as cursor:
            cursor.execute(_BEGIN_OF_KEY.format(hash=digest.hex()))
            cursor.nextset()
            row = cursor.fetchone()
        yield session, row


def _begin(principal: Principal | None, frozen: bool) -> str:
    begin = "BEGIN ISOLATION LEVEL REPEATABLE READ" if frozen else "BEGIN"
    if principal is None:
        return begin
    return f"{begin}; " + _SCOPE.format(
        tenant=_literal(principal.tenant_id), user=_literal(principal.user_id or "")
    )


def _literal(value: str) -> str:
    """SQL for a text, made of hexadecimal digits only: nothing in it can end the literal."""
    return f"convert_from(decode('{value.encode().hex()}', 'hex'), 'UTF8')"


@contextmanager
def statement(engine: Engine) -> Generator[Connection]:
    """One reading statement by itself, without a transaction's two further round trips.

    `engine` is one of `by_statement`. No tenant's row is visible: it is for the functions that read before
    or beside the tenant's rows. Raises `Unavailable` when Postgres can't be reached.
    """
    with _told(), engine.connect() as connection:
        yield connection


@contextmanager
def _told() -> Generator[None]:
    """The database's errors as ours."""
    try:
        yield
    except (OperationalError, PoolTimeout, psycopg.OperationalError) as exc:
        raise Unavailable("The database can't be reached.") from exc
    except DBAPIError as exc:
        if exc.connection_invalidated:
            raise Unavailable("The database connection was lost.") from exc
        if str(getattr(exc.orig, "sqlstate", "")).startswith(_GUARD_CODES):
            raise Conflict("The memory's life does not allow this change.") from exc
        raise
