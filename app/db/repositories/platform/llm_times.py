"""How long the calls of the LLM took."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import RowMapping, TextClause, text
from sqlalchemy.orm import Session

_SUMS = ("calls", "failed_calls", "prompt_tokens", "completion_tokens", "answer_ms", "failure_ms")
_COLUMNS = (*_SUMS, "counts")


def _add_to(table: str, keys: Sequence[str]) -> TextClause:
    """The statement that adds a row's counters to those that are there."""
    columns = (*keys, *_COLUMNS)
    values = [f":{name}" for name in (*keys, *_SUMS)] + ["CAST(:counts AS bigint[])"]
    sums = [f"{name} = {table}.{name} + excluded.{name}" for name in _SUMS]
    return text(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(values)})"  # noqa: S608 - of constants
        f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {', '.join(sums)}, counts ="
        " (SELECT array_agg(coalesce(a, 0) + coalesce(b, 0) ORDER BY n)"
        f" FROM unnest({table}.counts, excluded.counts) WITH ORDINALITY AS both_counts (a, b, n))"
    )


_ADD_TIMES = _add_to("llm_times", ("tenant_id", "day", "purpose"))
_ADD_TOTALS = _add_to("llm_totals", ("purpose",))
_TIMES = text(
    f"SELECT day, purpose, {', '.join(_COLUMNS)} FROM llm_times"  # noqa: S608 - of constants
    " WHERE tenant_id = :tenant_id AND day >= :since ORDER BY day, purpose"
)
_TOTALS = text(f"SELECT purpose, {', '.join(_COLUMNS)} FROM llm_totals ORDER BY purpose")  # noqa: S608


def add_llm_times(
    session: Session, tenant_id: str, day: date, purpose: str, counters: Mapping[str, Any]
) -> None:
    """Add to the tenant's counters of a day and a purpose, and to those of all tenants."""
    values = {"purpose": purpose, **counters}
    session.execute(_ADD_TIMES, {"tenant_id": tenant_id, "day": day, **values})
    session.execute(_ADD_TOTALS, values)


def list_llm_times(session: Session, tenant_id: str, since: date) -> Sequence[RowMapping]:
    """List the tenant's counters of each day from `since`, by purpose."""
    return session.execute(_TIMES, {"tenant_id": tenant_id, "since": since}).mappings().all()


def list_llm_totals(session: Session) -> Sequence[RowMapping]:
    """List the counters of all tenants and days, by purpose."""
    return session.execute(_TOTALS).mappings().all()
