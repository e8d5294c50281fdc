"""Compile conditions on metadata to SQL, as `memory.metadata_filters.matches` evaluates them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import (
    CTE,
    ColumnElement,
    and_,
    case,
    cast,
    collate,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy import Text as SqlText
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from app.core.vocabulary import LinkType
from app.db import models
from app.db.user_session import UserSession
from app.memory.metadata_filters import AllOf, AnyOf, Comparison, Condition, Metadata, Not, Operator

A = models.Assertion
L = models.Link
M = models.Memory
T = models.Turn
Json = ColumnElement[Any]
_ORDER: dict[Operator, Callable[[Any, Any], ColumnElement[bool]]] = {
    Operator.GT: lambda one, other: one > other,
    Operator.GTE: lambda one, other: one >= other,
    Operator.LT: lambda one, other: one < other,
    Operator.LTE: lambda one, other: one <= other,
}


class MatchingRows(NamedTuple):
    """The ids of the turns and of the memories that fulfil a condition, 16 bytes each."""

    turn_ids: bytes
    memory_ids: bytes


def turn_matches(condition: Condition) -> ColumnElement[bool]:
    """Return the condition that a turn's metadata fulfil it."""
    return _compile(condition, lambda comparison: _holds(comparison, _metadata(T)))


def memory_matches(user: UserSession, condition: Condition) -> ColumnElement[bool]:
    """Return the condition that a memory of the user fulfils it by its own metadata or what it inherits."""
    inherited = _inherited(user)

    def compile_comparison(comparison: Comparison) -> ColumnElement[bool]:
        of_source = select(inherited.c.memory_id).where(_holds(comparison, inherited.c.metadata))
        own = _metadata(M)
        has_own = own.op("?", is_comparison=True)(literal(comparison.path[0], SqlText))
        return case((has_own, _holds(comparison, own)), else_=M.id.in_(of_source))

    return _compile(condition, compile_comparison)


def load_matching_rows(user: UserSession, condition: Condition) -> MatchingRows:
    """Load the ids of all rows of the user that fulfil the condition."""
    turns = select(_joined_ids(T.id)).where(
        T.tenant_id == user.tenant_id, T.user_id == user.user_id, turn_matches(condition)
    )
    memories = select(_joined_ids(M.id)).where(
        M.tenant_id == user.tenant_id, M.user_id == user.user_id, memory_matches(user, condition)
    )
    row = user.session.execute(select(turns.scalar_subquery(), memories.scalar_subquery())).one()
    return MatchingRows(bytes(row[0] or b""), bytes(row[1] or b""))


def load_inherited_metadata(
    user: UserSession, said_by: datetime | None, known_at: datetime | None
) -> dict[UUID, list[Metadata]]:
    """Load what each memory inherited of turns said up to `said_by`, as was recorded up to `known_at`."""
    inherited = _inherited(user, said_by, known_at)
    found: dict[UUID, list[Metadata]] = {}
    for memory_id, metadata in user.session.execute(select(inherited.c.memory_id, inherited.c.metadata)):
        found.setdefault(memory_id, []).append(metadata)
    return found


def _metadata(table: Any) -> Json:
    return table.metadata_


def _joined_ids(column: Any) -> ColumnElement[bytes]:
    # One value instead of thousands of rows, which take longer to read than to find.
    return func.string_agg(func.uuid_send(column), literal(b""))


def _inherited(user: UserSession, said_by: datetime | None = None, known_at: datetime | None = None) -> CTE:
    """Rows (memory_id, metadata): what memories inherit of the turns that state them.

    What is derived of memories inherits theirs, and that of their turns, over any number of steps.
    """
    mine = (A.tenant_id == user.tenant_id, A.user_id == user.user_id, A.polarity > 0)
    there = T.metadata_ != cast(literal("{}", SqlText), JSONB)
    if said_by is not None:
        mine += (T.observed_at <= said_by,)
    if known_at is not None:
        mine += (A.recorded_at <= known_at,)
    links = (L.tenant_id == user.tenant_id, L.user_id == user.user_id, L.type == LinkType.DERIVED_FROM)
    if known_at is not None:
        links += (L.at <= known_at,)
    rests = select(L.source_id.label("memory_id"), L.target_id.label("source_id")).where(*links)
    rests = rests.cte("rests", recursive=True)
    further = aliased(L)
    rests = rests.union(
        select(rests.c.memory_id, further.target_id)
        .join(further, further.source_id == rests.c.source_id)
        .where(
            further.tenant_id == user.tenant_id,
            further.type == LinkType.DERIVED_FROM,
            *((further.at <= known_at,) if known_at is not None else ()),
        )
    )
    of_turns = (T.tenant_id == A.tenant_id) & (T.id == A.turn_id)
    source = aliased(M)
    said = select(A.memory_id, T.metadata_.label("metadata")).join(T, of_turns).where(*mine, there)
    under = (
        select(rests.c.memory_id, T.metadata_)
        .join(A, A.memory_id == rests.c.source_id)
        .join(T, of_turns)
        .where(*mine, there)
    )
    own = (
        select(rests.c.memory_id, source.metadata_)
        .join(source, source.id == rests.c.source_id)
        .where(source.tenant_id == user.tenant_id)
    )
    return said.union_all(under, own).cte("inherited")


def _compile(
    condition: Condition, compile_comparison: Callable[[Comparison], ColumnElement[bool]]
) -> ColumnElement[bool]:
    match condition:
        case AllOf():
            return and_(*(_compile(part, compile_comparison) for part in condition.conditions))
        case AnyOf():
            return or_(*(_compile(part, compile_comparison) for part in condition.conditions))
        case Not():
            return not_(_compile(condition.condition, compile_comparison))
        case Comparison():
            return compile_comparison(condition)


def _holds(comparison: Comparison, metadata: Json) -> ColumnElement[bool]:
    """Return the condition that the value at the path compares so; it is never null, so `not` negates it."""
    found = metadata
    for key in comparison.path:
        found = _child(found, key)
    value = comparison.value
    match comparison.operator:
        case Operator.EXISTS:
            return found.is_not(None)
        case Operator.EQ:
            return func.coalesce(found == _json(value), false())
        case Operator.IN:
            return func.coalesce(or_(*(found == _json(one) for one in value)), false())
        case Operator.CONTAINS:
            return _contains(found, value)
        case _:
            return _is_ordered(comparison.operator, found, value)


def _child(parent: Json, key: str) -> Json:
    # `->` with a text finds keys of objects only; `#>` would find elements of lists too.
    return parent.op("->", return_type=JSONB())(literal(key, SqlText))


def _as_text(found: Json) -> ColumnElement[str]:
    return found.op("#>>", return_type=SqlText())(literal_column("'{}'"))


def _json(value: Any) -> Json:
    return cast(literal(orjson.dumps(value).decode(), SqlText), JSONB)


def _contains(found: Json, value: Any) -> ColumnElement[bool]:
    type_of = func.jsonb_typeof(found)
    branches: list[tuple[ColumnElement[bool], ColumnElement[bool]]] = [
        (type_of == "array", found.op("@>", is_comparison=True)(_json([value])))
    ]
    if isinstance(value, str):
        branches.append((type_of == "string", func.strpos(_as_text(found), value) > 0))
    return case(*branches, else_=false())


def _is_ordered(operator: Operator, found: Json, value: Any) -> ColumnElement[bool]:
    compare = _ORDER[operator]
    if isinstance(value, str):
        # The collation of code points: that of the database differs from one installation to the next.
        ordered = compare(collate(_as_text(found), "C"), literal(value, SqlText))
        return case((func.jsonb_typeof(found) == "string", ordered), else_=false())
    return case((func.jsonb_typeof(found) == "number", compare(found, _json(value))), else_=false())
