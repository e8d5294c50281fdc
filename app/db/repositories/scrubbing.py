"""Rewrites the files of tables, so that what was deleted is in none of them, and looks after the log."""

import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.db.repositories.users import NAMES_USER

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


class May(NamedTuple):
    """What the role may do for files and log."""

    rewrite: bool
    see_wal: bool


def may(session: Session) -> May:
    """What the service's role may do."""
    row = session.execute(_MAY).one()
    return May(row.rewrite, row.see_wal)


class Scrubber:
    """A connection that maintains tables; each command is a transaction of its own."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._notices: list[str] = []
        connection.add_notice_handler(
            lambda notice: self._notices.append(f"{notice.message_primary}|{notice.message_detail}")
        )

    def tables(self) -> list[str]:
        """The tables that name a user, but the partitions of large users' vectors."""
        return self._names(_TABLES, [list(NAMES_USER)])

    def partitions(self) -> list[str]:
        """The partitions of large users' vectors."""
        return self._names(_PARTITIONS, [])

    def rewrite(self, name: str, lock_seconds: float) -> bool:
        """Write a table, its long values and its indexes anew; whether nothing that was deleted is left.

        False when others held it for longer than `lock_seconds`, or when a transaction still sees old rows.
        """
        self._notices.clear()
        table = sql.Identifier(*name.split("."))
        try:
            self._run(sql.SQL("SET lock_timeout = {}").format(sql.Literal(f"{int(lock_seconds * 1000)}ms")))
            self._run(sql.SQL("VACUUM (FULL, VERBOSE, ANALYZE) {}").format(table))
        except psycopg.errors.LockNotAvailable:
            return False
        finally:
            self._run(sql.SQL("RESET lock_timeout"))
        details = [line.partition("|")[2] for line in self._notices if "nonremovable" in line]
        return bool(details) and all(_is_clean(detail) for detail in details)

    def clean(self, name: str) -> None:
        """Remove what was deleted of a partition; its index of vectors overwrites them."""
        self._run(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(name)))

    def forget_samples(self) -> bool:
        """Drop the planner's samples of tables that are empty now; whether the owner of the tables may."""
        return bool(self._connection.execute("SELECT memcubed_forget_samples()").fetchall()[0][0])

    def checkpoint(self) -> bool:
        """Begin a new file of the log and let go of the old ones; whether the role may."""
        try:
            self._run(sql.SQL("SELECT pg_switch_wal()"))
            self._run(sql.SQL("CHECKPOINT"))
        except psycopg.errors.InsufficientPrivilege:
            return False
        return True

    def wal_now(self) -> str:
        """The file of the log that is written now, which is a new one if the role may begin one."""
        query = sql.SQL("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")
        return str(self._connection.execute(query).fetchall()[0][0])

    def log_is_after(self, name: str, at: datetime) -> bool:
        """Whether no file of the log was begun before `name`, or kept for later with what it held at `at`."""
        try:
            (row,) = self._connection.execute(_WAL, [name, at]).fetchall()
        except psycopg.errors.InsufficientPrivilege:
            return False
        return bool(row[0])

    def _names(self, query: str, values: Sequence[Any]) -> list[str]:
        return [row[0] for row in self._connection.execute(query.encode(), values or None).fetchall()]

    def _run(self, command: sql.SQL | sql.Composed) -> None:
        self._connection.execute(command)


def _is_clean(detail: str) -> bool:
    """By the detail of VACUUM's report: "0 dead row versions cannot be removed yet." """
    found = _FIRST_NUMBER.search(detail)
    return found is not None and int(found.group()) == 0


@contextmanager
def scrubber(engine: Engine) -> Generator[Scrubber | None]:
    """A connection for the rewrite; None while another process rewrites.

    `engine` is one of `by_statement`.
    """
    with engine.connect() as pooled:
        connection: psycopg.Connection[Any] = pooled.connection.driver_connection  # pyright: ignore
        taken = connection.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK]).fetchall()[0][0]
        if not taken:
            yield None
            return
        try:
            yield Scrubber(connection)
        finally:
            pooled.invalidate()  # its notice handler and its lock end with it
