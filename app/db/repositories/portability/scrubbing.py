"""Rewrites the files of tables, so that none contains deleted rows, and recycles write-ahead log files."""

import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.db import pooler
from app.db.repositories.platform.users import USER_ID_COLUMNS

_LOCK = 0x73637275  # one rewrite at a time
_FIRST_NUMBER = re.compile(r"\d+")
_MAY = text("""
SELECT CASE WHEN current_setting('server_version_num')::int >= 170000
    THEN has_table_privilege('turns', 'MAINTAIN') ELSE false END
    OR pg_has_role((SELECT relowner FROM pg_class WHERE oid = 'turns'::regclass), 'MEMBER') AS rewrite,
  has_function_privilege('pg_ls_waldir()', 'EXECUTE') AS see_wal""")
_TABLES = """
SELECT DISTINCT c.relname, c.relkind FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND NOT c.relispartition
  AND a.attname = ANY(%s) AND NOT a.attisdropped ORDER BY 1"""
_PARTITIONS = """
SELECT c.relname FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid
WHERE i.inhparent = 'far_vectors'::regclass ORDER BY 1"""


# Postgres recycles a WAL file under the name of a future one, and its contents stay until it is overwritten.
_WAL = """
SELECT bool_and(name >= %s AND (modification > %s OR name <= now)) FROM pg_ls_waldir(),
  pg_walfile_name(pg_current_wal_insert_lsn()) AS now WHERE name ~ '^[0-9A-F]{24}$'"""


# The same as the function of the database does, for a superuser where the tables' owner is none.
_FORGET_SAMPLES = """
DELETE FROM pg_statistic s USING pg_class c
WHERE c.oid = s.starelid AND c.relnamespace = 'public'::regnamespace AND c.reltuples = 0"""


class Privileges(NamedTuple):
    """What the role may do to table files and WAL; nothing over a connection that is `pooled`."""

    rewrite: bool
    see_wal: bool
    pooled: bool


class Outcome(Enum):
    """The outcome of the rewrite of one table."""

    CLEAN = "clean"
    LOCKED = "locked"  # other transactions had locked the table
    SEEN = "seen"  # a transaction still saw deleted rows, so they were rewritten with the rest
    REFUSED = "refused"  # the role lacks the privilege


def get_privileges(session: Session) -> Privileges:
    """Return what the service may do with its role over this connection."""
    row = session.execute(_MAY).one()
    pooled = pooler.is_pooled(session.connection())
    return Privileges(row.rewrite and not pooled, row.see_wal and not pooled, pooled)


class Scrubber:
    """A connection that maintains tables; each command is a transaction of its own."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._notices: list[str] = []
        connection.add_notice_handler(
            lambda notice: self._notices.append(f"{notice.message_primary}|{notice.message_detail}")
        )

    def list_user_tables(self) -> list[str]:
        """List the tables with a column that names a user, without the partitions of ANN vectors."""
        return self._fetch_names(_TABLES, [list(USER_ID_COLUMNS)])

    def list_partitions(self) -> list[str]:
        """List the partitions of the ANN vectors of large users."""
        return self._fetch_names(_PARTITIONS, [])

    def rewrite(self, name: str, lock_seconds: float) -> Outcome:
        """Rewrite a table, its TOAST values and indexes; give up if others lock it for so long."""
        self._notices.clear()
        table = sql.Identifier(*name.split("."))
        try:
            self._execute_command(
                sql.SQL("SET lock_timeout = {}").format(sql.Literal(f"{int(lock_seconds * 1000)}ms"))
            )
            self._execute_command(sql.SQL("VACUUM (FULL, VERBOSE, ANALYZE) {}").format(table))
        except psycopg.errors.LockNotAvailable:
            return Outcome.LOCKED
        finally:
            self._execute_command(sql.SQL("RESET lock_timeout"))
        details = [line.partition("|")[2] for line in self._notices if "nonremovable" in line]
        if not details:
            return Outcome.REFUSED  # Postgres skips such a table with a warning
        return Outcome.CLEAN if all(_is_clean(detail) for detail in details) else Outcome.SEEN

    def vacuum_partition(self, name: str) -> None:
        """Vacuum a partition of ANN vectors; its index overwrites the deleted vectors."""
        self._execute_command(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(name)))

    def delete_planner_samples(self) -> bool:
        """Delete the planner's samples of empty tables; return False if the role lacks the privilege."""
        if self._connection.execute("SELECT memcubed_forget_samples()").fetchall()[0][0]:
            return True
        try:
            self._connection.execute(_FORGET_SAMPLES)
        except psycopg.errors.InsufficientPrivilege:
            return False
        return True

    def switch_wal(self) -> bool:
        """Begin a new WAL file and release the old ones; return False if the role lacks the privilege."""
        try:
            self._execute_command(sql.SQL("SELECT pg_switch_wal()"))
            self._execute_command(sql.SQL("CHECKPOINT"))
        except psycopg.errors.InsufficientPrivilege:
            return False
        return True

    def current_wal_file(self) -> str:
        """Return the name of the WAL file that is written now."""
        query = sql.SQL("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")
        return str(self._connection.execute(query).fetchall()[0][0])

    def is_wal_after(self, name: str, at: datetime) -> bool:
        """Return whether no WAL file is left that was begun before `name`, or recycled with contents of `at`.

        It is False if the role may not list WAL files.
        """
        try:
            (row,) = self._connection.execute(_WAL, [name, at]).fetchall()
        except psycopg.errors.InsufficientPrivilege:
            return False
        return bool(row[0])

    def _fetch_names(self, query: str, values: Sequence[Any]) -> list[str]:
        return [row[0] for row in self._connection.execute(query.encode(), values or None).fetchall()]

    def _execute_command(self, command: sql.SQL | sql.Composed) -> None:
        self._connection.execute(command)


def _is_clean(detail: str) -> bool:
    """Return whether the detail of VACUUM's report counts 0 dead row versions that can't be removed yet."""
    count = _FIRST_NUMBER.search(detail)
    return count is not None and int(count.group()) == 0


@contextmanager
def open_scrubber(engine: Engine) -> Generator[Scrubber | None]:
    """Open a connection for rewrites; yield None while another process rewrites, and behind a pooler.

    The lock and the settings belong to the database session, and each command is a transaction of its own: a
    pooler would send each to another session, and leave lock and settings to the next client of that one.
    `engine` is one in autocommit mode.
    """
    with engine.connect() as pooled_connection:
        if pooler.is_pooled(pooled_connection):
            yield None
            return
        connection: psycopg.Connection[Any] = pooled_connection.connection.driver_connection  # pyright: ignore
        is_locked = connection.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK]).fetchall()[0][0]
        if not is_locked:
            yield None
            return
        try:
            yield Scrubber(connection)
        finally:
            pooled_connection.invalidate()  # its notice handler and its lock end with it
