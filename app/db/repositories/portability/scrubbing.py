"""Rewrites the files of tables, so that what was deleted is in none of them, and looks after the log."""

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


# A file that is kept for later gets the name of one to come, and keeps what it held.
_WAL = """
SELECT bool_and(name >= %s AND (modification > %s OR name <= now)) FROM pg_ls_waldir(),
  pg_walfile_name(pg_current_wal_insert_lsn()) AS now WHERE name ~ '^[0-9A-F]{24}$'"""


# As in the function of the database, for a superuser where the tables' owner is none.
_FORGET_SAMPLES = """
DELETE FROM pg_statistic s USING pg_class c
WHERE c.oid = s.starelid AND c.relnamespace = 'public'::regnamespace AND c.reltuples = 0"""


class Privileges(NamedTuple):
    """What the service may do for files and log; nothing over a connection that is `pooled`."""

    rewrite: bool
    see_wal: bool
    pooled: bool


class Outcome(Enum):
    """What a rewrite came to."""

    CLEAN = "clean"
    LOCKED = "locked"  # others held the table
    SEEN = "seen"  # a transaction still sees what was deleted, so that it was written anew with the rest
    REFUSED = "refused"  # the role may not


def get_privileges(session: Session) -> Privileges:
    """What the service may do by its role and its connections."""
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
        """The tables that name a user, but the partitions of large users' vectors."""
        return self._fetch_names(_TABLES, [list(USER_ID_COLUMNS)])

    def list_partitions(self) -> list[str]:
        """The partitions of large users' vectors."""
        return self._fetch_names(_PARTITIONS, [])

    def rewrite(self, name: str, lock_seconds: float) -> Outcome:
        """Write a table, its long values and its indexes anew, if others hold it no longer than so long."""
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
        """Remove what was deleted of a partition; its index of vectors overwrites them."""
        self._execute_command(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(name)))

    def delete_planner_samples(self) -> bool:
        """Drop the planner's samples of tables that are empty now; whether tables' owner or the role may."""
        if self._connection.execute("SELECT memcubed_forget_samples()").fetchall()[0][0]:
            return True
        try:
            self._connection.execute(_FORGET_SAMPLES)
        except psycopg.errors.InsufficientPrivilege:
            return False
        return True

    def switch_wal(self) -> bool:
        """Begin a new file of the log and let go of the old ones; whether the role may."""
        try:
            self._execute_command(sql.SQL("SELECT pg_switch_wal()"))
            self._execute_command(sql.SQL("CHECKPOINT"))
        except psycopg.errors.InsufficientPrivilege:
            return False
        return True

    def current_wal_file(self) -> str:
        """The file of the log that is written now, which is a new one if the role may begin one."""
        query = sql.SQL("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")
        return str(self._connection.execute(query).fetchall()[0][0])

    def is_wal_after(self, name: str, at: datetime) -> bool:
        """Whether no file of the log was begun before `name`, or kept for later with what it held at `at`."""
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
    """By the detail of VACUUM's report: "0 dead row versions cannot be removed yet." """
    found = _FIRST_NUMBER.search(detail)
    return found is not None and int(found.group()) == 0


@contextmanager
def open_scrubber(engine: Engine) -> Generator[Scrubber | None]:
    """A connection for the rewrite; None while another process rewrites, and behind a connection pooler.

    Lock and settings are the session's, and the commands are transactions of their own: a pooler would send
    each to another session, and leave the lock and the settings to whoever is lent that one next.
    `engine` is one of `by_statement`.
    """
    with engine.connect() as held:
        if pooler.is_pooled(held):
            yield None
            return
        connection: psycopg.Connection[Any] = held.connection.driver_connection  # pyright: ignore
        taken = connection.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK]).fetchall()[0][0]
        if not taken:
            yield None
            return
        try:
            yield Scrubber(connection)
        finally:
            held.invalidate()  # its notice handler and its lock end with it
