"""The counters of one tenant by day, and the figures of its jobs."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from app.core.vocabulary import Stage

_DAYS = text("""
WITH done AS (
  SELECT (finished_at AT TIME ZONE 'UTC')::date AS day,
    extract(epoch FROM finished_at - created_at) AS seconds
  FROM jobs
  WHERE tenant_id = :tenant AND status = 'succeeded'
    AND finished_at >= :begin
), speed AS (
  SELECT day, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median_seconds,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS slow_seconds
  FROM done GROUP BY day
)
SELECT u.day, u.jobs_succeeded, u.jobs_dead, u.memories_written, u.facts_refused, u.llm_calls,
  u.llm_failed_calls, u.prompt_tokens, u.completion_tokens, s.median_seconds, s.slow_seconds
FROM usage u LEFT JOIN speed s USING (day)
WHERE u.tenant_id = :tenant AND u.day >= :since ORDER BY u.day""")
# Each half has an index; with one condition for both, all jobs that the tenant ever had would be read.
_COUNTS = text("""
SELECT status, count(*) AS jobs, min(created_at) AS oldest FROM (
  SELECT status, created_at FROM jobs
  WHERE tenant_id = :tenant AND stage = ANY(:stages) AND status IN ('queued', 'running')
  UNION ALL
  SELECT status, created_at FROM jobs WHERE tenant_id = :tenant AND status IN ('failed', 'dead')
) AS unfinished GROUP BY status ORDER BY status""")


def list_usage_days(session: Session, tenant_id: str, since: date) -> Sequence[RowMapping]:
    """List the tenant's counters of each day from `since`, with two percentiles of the time of its jobs."""
    # An instant as it is: behind the policy of the table no index is asked for what is yet to be computed.
    begin = datetime.combine(since, time.min, UTC)
    return session.execute(_DAYS, {"tenant": tenant_id, "since": since, "begin": begin}).mappings().all()


def list_unfinished_counts(session: Session, tenant_id: str) -> Sequence[RowMapping]:
    """List (status, jobs, oldest) of the tenant's jobs that have not succeeded."""
    return session.execute(_COUNTS, {"tenant": tenant_id, "stages": list(Stage)}).mappings().all()
