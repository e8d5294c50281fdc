"""The counters of one tenant by day, and the figures of its jobs."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

_DAYS = text("""
WITH done AS (
  SELECT (finished_at AT TIME ZONE 'UTC')::date AS day,
    extract(epoch FROM finished_at - created_at) AS seconds
  FROM jobs
  WHERE tenant_id = :tenant AND status = 'succeeded'
    AND finished_at >= CAST(:since AS date) AT TIME ZONE 'UTC'
), speed AS (
  SELECT day, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median_seconds,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS slow_seconds
  FROM done GROUP BY day
)
SELECT u.day, u.jobs_succeeded, u.jobs_dead, u.memories_written, u.facts_refused, u.llm_calls,
  u.llm_failed_calls, u.prompt_tokens, u.completion_tokens, s.median_seconds, s.slow_seconds
FROM usage u LEFT JOIN speed s USING (day)
WHERE u.tenant_id = :tenant AND u.day >= :since ORDER BY u.day""")
_COUNTS = text("""
SELECT status, count(*) AS jobs, min(created_at) AS oldest
FROM jobs WHERE tenant_id = :tenant AND status <> 'succeeded' GROUP BY status ORDER BY status""")


def list_usage_days(session: Session, tenant_id: str, since: date) -> Sequence[RowMapping]:
    """List the tenant's counters of each day from `since`, with two percentiles of the time of its jobs."""
    return session.execute(_DAYS, {"tenant": tenant_id, "since": since}).mappings().all()


def list_unfinished_counts(session: Session, tenant_id: str) -> Sequence[RowMapping]:
    """List (status, jobs, oldest) of the tenant's jobs that have not succeeded."""
    return session.execute(_COUNTS, {"tenant": tenant_id}).mappings().all()
