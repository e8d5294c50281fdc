"""Count what a tenant uses of the LLM outside of jobs."""

from app.core.security import Principal
from app.db.repositories.platform import operations
from app.llm.client import Usage
from app.resources import Resources


def record_llm_usage(resources: Resources, principal: Principal, usage: Usage) -> None:
    """Add calls and tokens to the tenant's counters of today."""
    counts = {
        "llm_calls": usage.calls,
        "llm_failed_calls": usage.failed_calls,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
    }
    with resources.open_transaction(principal) as session:
        operations.add_usage_counts(session, principal.tenant_id, resources.now().date(), counts)
