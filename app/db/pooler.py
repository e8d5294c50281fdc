"""Whether a connection pooler stands before Postgres, and what a connection then goes without.

In transaction mode it lends a session of the server for one transaction only. What a connection leaves in a
session, such as a prepared statement, is gone in the next transaction and met by somebody else.
"""

from typing import Any

import psycopg
from sqlalchemy import Connection, Engine

SETTING = "MEMCUBED_DATABASE_POOLED"
NOT_SEEN = (
    "Connections to Postgres share its sessions, as behind a connection pooler in transaction mode:"
    f" set {SETTING}=true for every part."
)
STATEMENT_IS_GONE = {"26000", "42P05"}  # "prepared statement … does not exist", "… already exists"

# The session of a direct connection gets its time zone; one that is lent is not ours to set.
_MEET = (
    "SELECT pid = %(greeted)s, CASE WHEN coalesce(NOT %(pooled)s::bool, pid = %(greeted)s)"
    " THEN set_config('TimeZone', 'UTC', false) END FROM pg_backend_pid() pid"
)
_ASKED = 3


def meet(connection: psycopg.Connection[Any], pooled: bool | None) -> None:
    """Prepare no statements on a new connection if it is `pooled`; None = find out.

    Postgres greets with the number of the process that will answer. A pooler greets with a number of its own,
    since it has to tell apart the clients that share a process, each of whom may ask to cancel its query.
    """
    was, connection.autocommit = connection.autocommit, True
    values = {"greeted": connection.info.backend_pid, "pooled": pooled}
    row = connection.execute(_MEET, values, prepare=False).fetchone()
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
        seen = [(_session(first), _session(second)) for _ in range(_ASKED)]
    return len(set(seen)) > 1 or seen[0][0] == seen[0][1]


def _session(connection: Connection) -> int:
    return connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
