"""Inserts many rows by one statement with one JSON parameter.

One message per row costs both sides several times the work (480 links: 44 ms of CPU instead of 16).
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import TextClause, text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.orm import Session

from app.db.base import Base

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_DIALECT = PGDialect_psycopg()


def insert_rows(
    session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]], on_conflict: str = ""
) -> None:
    """Insert rows given by the attributes of `model`; a missing attribute gets the table's default.

    `on_conflict` is the SQL after ON CONFLICT.
    """
    alike: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        alike.setdefault(tuple(row), []).append(row)
    for attributes, group in alike.items():
        session.execute(_insert_statement(model, attributes, on_conflict), {"rows": encode_rows(group)})


def to_rows(
    model: type[Base], values: Sequence["DataclassInstance"], common: Mapping[str, object]
) -> list[dict[str, Any]]:
    """Rows of dataclasses that name the attributes of `model`; `common` is the same for all of them.

    A None where the table allows none is left out, so that the table's default counts.
    """
    required, names = (
        _required_attributes(model),
        [field.name for field in fields(values[0])] if values else [],
    )
    rows: list[dict[str, Any]] = []
    for value in values:
        row = {name: getattr(value, name) for name in names}
        rows.append({name: one for name, one in row.items() if one is not None or name not in required})
        rows[-1] |= common
    return rows


def insert_into_tables(
    session: Session, parts: Sequence[tuple[type[Base], Sequence[Mapping[str, Any]]]]
) -> None:
    """Insert rows of several tables by one statement; the rows of one table have the same attributes."""
    full = [(model, rows) for model, rows in parts if rows]
    values = {f"rows{at}": encode_rows(rows) for at, (_, rows) in enumerate(full)}
    session.execute(
        _insert_together_statement(tuple((model, tuple(rows[0])) for model, rows in full)), values
    )


def encode_rows(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as JSON for Postgres' json_to_recordset."""
    return orjson.dumps(rows, default=_encode_bytes, option=orjson.OPT_SERIALIZE_NUMPY).decode()


@cache
def _required_attributes(model: type[Base]) -> frozenset[str]:
    columns = model.__mapper__.columns
    return frozenset(name for name, column in columns.items() if not column.nullable)


@cache
def _insert_together_statement(parts: tuple[tuple[type[Base], tuple[str, ...]], ...]) -> TextClause:
    each = [f"p{at} AS ({_insert_sql(*part, f'rows{at}')})" for at, part in enumerate(parts)]
    return text(f"WITH {', '.join(each)} SELECT 1")


@cache
def _insert_statement(model: type[Base], attributes: tuple[str, ...], on_conflict: str) -> TextClause:
    return text(
        _insert_sql(model, attributes, "rows") + (f" ON CONFLICT {on_conflict}" if on_conflict else "")
    )


def _insert_sql(model: type[Base], attributes: tuple[str, ...], parameter: str) -> str:
    columns = [model.__mapper__.columns[attribute] for attribute in attributes]
    into = ", ".join(f'"{column.name}"' for column in columns)
    given = ", ".join(f'"{attribute}"' for attribute in attributes)
    typed = ", ".join(
        f'"{attribute}" {column.type.compile(_DIALECT)}'
        for attribute, column in zip(attributes, columns, strict=True)
    )
    # The names are those of memcubed's own tables.
    return (
        f'INSERT INTO "{model.__tablename__}" ({into}) SELECT {given}'  # noqa: S608
        f" FROM json_to_recordset(CAST(:{parameter} AS json)) AS r({typed})"
    )


def _encode_bytes(value: Any) -> Any:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    raise TypeError(f"{type(value).__name__} has no JSON form")
