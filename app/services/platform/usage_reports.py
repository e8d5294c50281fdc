"""Report what a tenant's memory has cost and how its jobs do."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import RowMapping

from app.core.errors import Forbidden
from app.core.histograms import COUNTS, add_counts, cumulate_counts, estimate_quantile
from app.core.security import Principal
from app.core.vocabulary import KeyScope, LlmPurpose
from app.db.repositories.platform import llm_times, usage
from app.resources import Resources
from app.schemas.platform.usage import JobCount, LlmTimesOut, UsageDay, UsageReport

MOST_DAYS = 366
_MEDIAN, _SLOW = 0.5, 0.95


def report_usage(resources: Resources, principal: Principal, days: int) -> UsageReport:
    """Report the last `days` days, today included; days without any work have zeros.

    Raises `Forbidden` for a key that is bound to a user, as these are figures of the whole tenant.
    """
    principal.require_scope(KeyScope.READ)
    if principal.user_id is not None:
        raise Forbidden("A key that is bound to a user can't see the figures of the tenant.")
    first = resources.now().date() - timedelta(days=days - 1)
    with resources.open_transaction(principal) as session:
        rows = usage.list_usage_days(session, principal.tenant_id, first)
        times = llm_times.list_llm_times(session, principal.tenant_id, first)
        counts = usage.list_unfinished_counts(session, principal.tenant_id)
    stored = {row["day"]: row for row in rows}
    by_day, by_purpose = defaultdict[date, list[RowMapping]](list), defaultdict[str, list[RowMapping]](list)
    for row in times:
        by_day[row["day"]].append(row)
        by_purpose[row["purpose"]].append(row)
    wanted = [first + timedelta(days=number) for number in range(days)]
    return UsageReport(
        days=[_to_day(day, stored.get(day), by_day[day]) for day in wanted],
        llm=[_to_llm_times(purpose, by_purpose[purpose]) for purpose in LlmPurpose if purpose in by_purpose],
        jobs=[JobCount(**row) for row in counts],
    )


def _to_day(day: date, stored: RowMapping | None, times: Sequence[RowMapping]) -> UsageDay:
    counts = cumulate_counts(_sum_counts(times))
    counters: dict[str, Any] = {"day": day, **(stored or {})}
    return UsageDay(
        **counters,
        llm_median_seconds=estimate_quantile(counts, _MEDIAN),
        llm_slow_seconds=estimate_quantile(counts, _SLOW),
    )


def _to_llm_times(purpose: LlmPurpose, rows: Sequence[RowMapping]) -> LlmTimesOut:
    sums = {
        name: sum(row[name] for row in rows)
        for name in ("calls", "failed_calls", "prompt_tokens", "completion_tokens", "answer_ms", "failure_ms")
    }
    answer_ms, failure_ms = sums.pop("answer_ms"), sums.pop("failure_ms")
    counts = _sum_counts(rows)
    cumulative = cumulate_counts(counts)
    return LlmTimesOut(
        purpose=purpose,
        **sums,
        mean_seconds=_mean_seconds(answer_ms, sum(counts)),
        median_seconds=estimate_quantile(cumulative, _MEDIAN),
        slow_seconds=estimate_quantile(cumulative, _SLOW),
        failure_seconds=_mean_seconds(failure_ms, sums["failed_calls"]),
    )


def _sum_counts(rows: Sequence[RowMapping]) -> list[int]:
    total = [0] * COUNTS
    for row in rows:
        total = add_counts(total, row["counts"])
    return total


def _mean_seconds(milliseconds: int, calls: int) -> float | None:
    return milliseconds / 1000 / calls if calls else None
