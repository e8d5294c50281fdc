"""Compile conditions on metadata to SQL, as `memory.metadata_filters.matches` evaluates them.

The SQL is text: to build a statement of this size of expressions took 9 ms of CPU, 2 of them are left.
"""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.types import DateTime

from app.db.user_session import UserSession
from app.memory.metadata_filters import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Metadata,
    Not,
    Operator,
    RowColumn,
    RowComparison,
)

# What memories inherit of the turns that state them; what is derived, over any number of steps, inherits what
# its sources have and inherit. All begins at the turns and memories of the user, which have an index.
_INHERITED = """
rests(memory_id, source_id) AS (
  SELECT l.source_id, l.target_id FROM memories m
  JOIN links l ON l.tenant_id = m.tenant_id AND l.source_id = m.id AND l.type = 'derived_from'
  WHERE m.tenant_id = :tenant AND m.user_id = :user AND m.kind IN ('summary', 'portrait', 'insight')
    AND (CAST(:known_at AS timestamptz) IS NULL OR l.at <= :known_at)
  UNION
  SELECT r.memory_id, l.target_id FROM rests r
  JOIN links l ON l.tenant_id = :tenant AND l.source_id = r.source_id AND l.type = 'derived_from'
    AND (CAST(:known_at AS timestamptz) IS NULL OR l.at <= :known_at)),
said(memory_id, metadata) AS MATERIALIZED (
  SELECT a.memory_id, t.metadata FROM turns t
  JOIN assertions a ON a.tenant_id = t.tenant_id AND a.turn_id = t.id AND a.polarity > 0
  WHERE t.tenant_id = :tenant AND t.user_id = :user AND t.metadata <> '{}'
    AND (CAST(:known_at AS timestamptz) IS NULL OR a.recorded_at <= :known_at)
    AND (CAST(:said_by AS timestamptz) IS NULL OR t.observed_at <= :said_by)),
inherited(memory_id, metadata) AS MATERIALIZED (
  SELECT memory_id, metadata FROM said
  UNION ALL SELECT r.memory_id, s.metadata FROM rests r JOIN said s ON s.memory_id = r.source_id
  UNION ALL SELECT r.memory_id, m.metadata FROM rests r
    JOIN memories m ON m.tenant_id = :tenant AND m.id = r.source_id WHERE m.metadata <> '{}')"""
# The turns that state memories; what it is put into names tenant and user.
_TOLD = """id IN (SELECT a.memory_id FROM assertions a
  JOIN turns t ON t.tenant_id = a.tenant_id AND t.id = a.turn_id
  WHERE a.tenant_id = :tenant AND a.user_id = :user AND a.polarity > 0 AND {condition})"""
_TURN_COLUMNS = {RowColumn.UPDATED_AT: "recorded_at", RowColumn.EXPIRES_AT: "CAST(NULL AS timestamptz)"}
_OF_USER = "tenant_id = :tenant AND user_id = :user"
_JOINED = "string_agg(uuid_send(id), CAST('' AS bytea))"  # one value: thousands of rows take longer to read
_ORDER = {Operator.GT: ">", Operator.GTE: ">=", Operator.LT: "<", Operator.LTE: "<="}


class MatchingRows(NamedTuple):
    """The ids of the turns and of the memories that fulfil a condition, 16 bytes each."""

    turn_ids: bytes
    memory_ids: bytes


def turn_matches(condition: Condition) -> TextClause:
    """Return the condition that a turn's metadata fulfil it."""
    writer = _SqlWriter()
    return text(writer.write(condition, None)).bindparams(**writer.parameters)


def memory_matches(user: UserSession, condition: Condition) -> TextClause:
    """Return the condition that a memory of the user fulfils it by its own metadata or what it inherits."""
    writer = _SqlWriter()
    where = writer.write(condition, "inherited")
    ids = f"WITH RECURSIVE {_INHERITED} SELECT id FROM memories WHERE {_OF_USER} AND {where}"  # noqa: S608
    return text(f"memories.id = ANY(ARRAY({ids}))").bindparams(*_times(), **_of(user), **writer.parameters)


def load_matching_rows(user: UserSession, condition: Condition) -> MatchingRows:
    """Load the ids of all rows of the user that fulfil the condition."""
    of_turns, of_memories = _SqlWriter("turn"), _SqlWriter("memory")
    statement = f"""WITH RECURSIVE {_INHERITED}
SELECT (SELECT {_JOINED} FROM turns WHERE {_OF_USER} AND {of_turns.write(condition, None)}),
  (SELECT {_JOINED} FROM memories WHERE {_OF_USER} AND {of_memories.write(condition, "inherited")})"""  # noqa: S608
    values = _of(user) | of_turns.parameters | of_memories.parameters
    row = user.session.execute(text(statement).bindparams(*_times()), values).one()
    return MatchingRows(bytes(row[0] or b""), bytes(row[1] or b""))


def load_inherited_metadata(
    user: UserSession, said_by: datetime | None, known_at: datetime | None
) -> dict[UUID, list[Metadata]]:
    """Load what each memory inherited of turns said up to `said_by`, as was recorded up to `known_at`."""
    statement = f"WITH RECURSIVE {_INHERITED} SELECT memory_id, metadata FROM inherited"  # noqa: S608
    values = _of(user) | {"said_by": said_by, "known_at": known_at}
    found: dict[UUID, list[Metadata]] = {}
    for memory_id, metadata in user.session.execute(text(statement).bindparams(*_times()), values):
        found.setdefault(memory_id, []).append(metadata)
    return found


def _of(user: UserSession) -> dict[str, Any]:
    return {"tenant": user.tenant_id, "user": user.user_id}


def _times() -> list[Any]:
    """The bounds in time, which are none unless they are given."""
    return [bindparam(name, None, DateTime(timezone=True)) for name in ("said_by", "known_at")]


class _SqlWriter:
    """Writes a condition as SQL on the columns `id` and `metadata`; never null, so that NOT negates it."""

    def __init__(self, prefix: str = "metadata") -> None:
        self._prefix = prefix
        self.parameters: dict[str, str] = {}

    def write(self, condition: Condition, inherited: str | None) -> str:
        """The condition; `inherited` is the table of what the rows inherit, if they do."""
        match condition:
            case AllOf():
                return f"({' AND '.join(self.write(part, inherited) for part in condition.conditions)})"
            case AnyOf():
                return f"({' OR '.join(self.write(part, inherited) for part in condition.conditions)})"
            case Not():
                return f"(NOT {self.write(condition.condition, inherited)})"
            case RowComparison():
                return self._row_holds(condition, is_memory=inherited is not None)
            case Comparison():
                holds = self._holds(condition)
                if inherited is None:
                    return holds
                source = f"SELECT memory_id FROM {inherited} WHERE {holds}"  # noqa: S608 -- names of our own
                has_own = f"metadata -> {self._text(condition.path[0])} IS NOT NULL"
                return f"(CASE WHEN {has_own} THEN {holds} ELSE id IN ({source}) END)"

    def _text(self, value: str) -> str:
        name = f"{self._prefix}_{len(self.parameters)}"
        self.parameters[name] = value
        return f"CAST(:{name} AS text)"

    def _json(self, value: Any) -> str:
        return f"CAST({self._text(orjson.dumps(value).decode())} AS jsonb)"

    def _holds(self, comparison: Comparison) -> str:
        # `->` with a text finds keys of objects only; `#>` would find elements of lists too.
        found = "metadata" + "".join(f" -> {self._text(key)}" for key in comparison.path)
        value = comparison.value
        match comparison.operator:
            case Operator.EXISTS:
                return f"({found} IS NOT NULL)"
            case Operator.EQ:
                return f"coalesce({found} = {self._json(value)}, false)"
            case Operator.IN:
                values = ", ".join(self._json(one) for one in value)
                return f"coalesce({found} IN ({values}), false)"
            case Operator.CONTAINS:
                return self._contains(f"({found})", value)
            case _:
                return self._is_ordered(f"({found})", _ORDER[comparison.operator], value)

    def _row_holds(self, comparison: RowComparison, *, is_memory: bool) -> str:
        column = comparison.column
        match column:
            case RowColumn.ID:
                return f"(id = ANY(CAST({self._texts(comparison.value)} AS uuid[])))"
            case RowColumn.CONTENT:
                return self._has_part("content", comparison)
            case RowColumn.TAGS:
                return self._is_tagged(comparison) if is_memory else "false"
            case RowColumn.AGENT | RowColumn.SESSION:
                return self._is_of(column, comparison.value, is_memory=is_memory)
            case _:
                name = str(column) if is_memory else _TURN_COLUMNS.get(column, str(column))
                return self._is_dated(name, comparison)

    def _is_tagged(self, comparison: RowComparison) -> str:
        if comparison.operator is Operator.IN:
            return f"(tags && {self._texts(comparison.value)})"
        part = self._has_part("tag", comparison)
        return f"EXISTS (SELECT 1 FROM unnest(tags) AS of_row(tag) WHERE {part})"  # noqa: S608

    def _is_dated(self, name: str, comparison: RowComparison) -> str:
        if comparison.operator is Operator.EXISTS:
            return f"({name} IS NOT NULL)"
        at = f"CAST({self._text(comparison.value.isoformat())} AS timestamptz)"
        return f"coalesce({name} {_ORDER[comparison.operator]} {at}, false)"

    def _is_of(self, column: RowColumn, values: Any, *, is_memory: bool) -> str:
        """Whether the row, or a turn that states it, is of one of these agents or sessions; None = of any."""
        name = "agent_id" if column is RowColumn.AGENT else "session_id"
        said = f"{name} IS NOT NULL" if values is None else f"{name} = ANY({self._texts(values)})"
        if not is_memory:
            return f"coalesce({said}, false)"
        told = _TOLD.format(condition=f"t.{said}")
        return f"(coalesce({said}, false) OR {told})" if column is RowColumn.AGENT else f"({told})"

    def _has_part(self, name: str, comparison: RowComparison) -> str:
        part = self._text(comparison.value)
        if comparison.is_exact:
            return f"(strpos({name}, {part}) > 0)"
        return f"(strpos(lower({name}), lower({part})) > 0)"

    def _texts(self, values: Any) -> str:
        return f"ARRAY(SELECT jsonb_array_elements_text({self._json(list(values))}))"

    def _contains(self, found: str, value: Any) -> str:
        branches = f"WHEN 'array' THEN {found} @> {self._json([value])}"
        if isinstance(value, str):
            branches += f" WHEN 'string' THEN strpos({found} #>> '{{}}', {self._text(value)}) > 0"
        return f"(CASE jsonb_typeof({found}) {branches} ELSE false END)"

    def _is_ordered(self, found: str, operator: str, value: Any) -> str:
        if isinstance(value, str):
            # The collation of code points: that of the database differs from one installation to the next.
            ordered = f"WHEN 'string' THEN {found} #>> '{{}}' COLLATE \"C\" {operator} {self._text(value)}"
        else:
            ordered = f"WHEN 'number' THEN {found} {operator} {self._json(value)}"
        return f"(CASE jsonb_typeof({found}) {ordered} ELSE false END)"
