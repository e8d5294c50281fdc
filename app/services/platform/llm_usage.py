"""Count what a tenant uses of the LLM, and how long that takes."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.histograms import count_by_bound
from app.core.security import Principal
from app.core.vocabulary import LlmPurpose
from app.db.repositories.platform import jobs, llm_times, operations
from app.llm.client import Usage
from app.resources import Resources


def record_llm_usage(resources: Resources, principal: Principal, purpose: LlmPurpose, usage: Usage) -> None:
    """Add calls, tokens and times to the tenant's counters of today."""
    with resources.open_transaction(principal) as session:
        count_llm_usage(resources, session, principal.tenant_id, purpose, usage)


def count_llm_usage(
    resources: Resources,
    session: Session,
    tenant_id: str,
    purpose: LlmPurpose,
    usage: Usage,
    job_id: UUID | None = None,
    more_counts: Mapping[str, int] | None = None,
) -> None:
    """Add calls, tokens and times to the tenant's counters of today, and to those of a job.

    `more_counts` are of the same day. The row of all tenants is locked until the transaction ends, so nothing
    slow may follow in it.
    """
    counts = {
        "llm_calls": usage.calls,
        "llm_failed_calls": usage.failed_calls,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
    }
    if not any(counts.values()):
        return
    today = resources.now().date()
    if job_id is not None:
        jobs.add_llm_usage(session, tenant_id, job_id, counts)
    operations.add_usage_counts(session, tenant_id, today, {**counts, **(more_counts or {})})
    times = {
        "calls": usage.calls,
        "failed_calls": usage.failed_calls,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "answer_ms": _to_ms(sum(usage.answer_seconds)),
        "failure_ms": _to_ms(sum(usage.failure_seconds)),
        "counts": count_by_bound(usage.answer_seconds),
    }
    llm_times.add_llm_times(session, tenant_id, today, purpose, times)


def _to_ms(seconds: float) -> int:
    return round(1000 * seconds)
