"""Whether there is a connection pooler before Postgres, and what a connection then does without.

In transaction mode a pooler lends a server session for one transaction only. What a connection leaves in a
session, such as a prepared statement, is missing in its next transaction and visible to others.
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

# The session of a direct connection gets its time zone; a lent session is not ours to configure.
_SET_UP_SQL = (
    "SELECT pid = %(greeted)s, CASE WHEN coalesce(NOT %(pooled)s::bool, pid = %(greeted)s)"
    " THEN set_config('TimeZone', 'UTC', false) END FROM pg_backend_pid() pid"
)
_ASKED = 3


def set_up_connection(connection: psycopg.Connection[Any], pooled: bool | None) -> None:
    """Turn off prepared statements on a new connection if it is `pooled`; None = detect it.

    The greeting of Postgres has the pid of the backend that will answer. A pooler sends a number of its own,
    since it must distinguish the clients that share a backend, each of whom may cancel its query.
    """
    previous, connection.autocommit = connection.autocommit, True
    values = {"greeted": connection.info.backend_pid, "pooled": pooled}
    row = connection.execute(_SET_UP_SQL, values, prepare=False).fetchone()
    connection.autocommit = previous
    if pooled or (pooled is None and (row is None or not row[0])):
        connection.prepare_threshold = None


def is_pooled(connection: Connection) -> bool:
    """Whether the connection was classified as going through a pooler."""
    driver: Any = connection.connection.driver_connection
    return driver.prepare_threshold is None


def shares_sessions(engine: Engine) -> bool:
    """Whether two open connections share one session, or one uses two: direct connections never do.

    `engine` is an autocommit engine.
    """
    with engine.connect() as first, engine.connect() as second:
        pids = [(_backend_pid(first), _backend_pid(second)) for _ in range(_ASKED)]
    return len(set(pids)) > 1 or pids[0][0] == pids[0][1]


def _backend_pid(connection: Connection) -> int:
    return connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
