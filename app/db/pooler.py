"""Whether a connection pooler stands before Postgres, and what a connection then goes without.

In transaction mode it lends a session of the server for one transaction only. What a connection leaves in a
session, such as a prepared statement, is gone in the next transaction and met by somebody else.
"""

from typing import Any

import psycopg
from sqlalchemy import Connection, Engine

SETTING = "MEMCUBED_DATABASE_POOLED"
POOLER_NOT_DETECTED = (
    "Connections to Postgres share its sessions, as behind a connection pooler in transaction mode:"
    f" set {SETTING}=true for every part."
)
PREPARED_STATEMENT_ERRORS = {"26000", "42P05"}  # "prepared statement … does not exist", "… already exists"

# The session of a direct connection gets its time zone; one that is lent is not ours to set.
_SET_UP_SQL = (
    "SELECT pid = %(greeted)s, CASE WHEN coalesce(NOT %(pooled)s::bool, pid = %(greeted)s)"
    " THEN set_config('TimeZone', 'UTC', false) END FROM pg_backend_pid() pid"
)
_ASKED = 3


def set_up_connection(connection: psycopg.Connection[Any], pooled: bool | None) -> None:
    """Prepare no statements on a new connection if it is `pooled`; None = find out.

    Postgres greets with the number of the process that will answer. A pooler greets with a number of its own,
    since it has to tell apart the clients that share a process, each of whom may ask to cancel its query.
    """
    was, connection.autocommit = connection.autocommit, True
    values = {"greeted": connection.info.backend_pid, "pooled": pooled}
    row = connection.execute(_SET_UP_SQL, values, prepare=False).fetchone()
    connection.autocommit = was
    if pooled or (pooled is None and (row is None or not row[0])):
        connection.prepare_threshold = None


def is_pooled(connection: Connection) -> bool:
    """Whether the connection was taken for one to a pooler."""
    driver: Any = connection.connection.driver_connection
    return driver.prepare_threshold is None


def shares_sessions(engine: Engine) -> bool:
    """Whether two open connections are seen to use one session, or one of them two: no direct one does.

    `engine` is one that commits each statement by itself.
    """
    with engine.connect() as first, engine.connect() as second:
        seen = [(_backend_pid(first), _backend_pid(second)) for _ in range(_ASKED)]
    return len(set(seen)) > 1 or seen[0][0] == seen[0][1]


def _backend_pid(connection: Connection) -> int:
    return connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
