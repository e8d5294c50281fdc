"""The LLM calls that consolidation may make: so many a day for a tenant, then rules do the work."""

from collections.abc import Sequence
from typing import Any

import structlog

from app.db.repositories.platform import jobs, operations
from app.llm.client import EndpointFailed, Usage
from app.resources import Resources
from app.services.platform.jobs import Claim

log = structlog.get_logger(__name__)


def ask(
    resources: Resources, held: Claim, messages: Sequence[dict[str, str]], schema: dict[str, Any], name: str
) -> dict[str, Any] | None:
    """The model's answer, or None: none is configured, it is silent, or the day's budget is spent."""
    if resources.chat is None:
        return None
    if not left(resources, held):
        log.info("consolidation_budget_spent")
        return None
    value: dict[str, Any] | None = None
    try:
        reply = resources.chat.complete_json(messages, schema, name)
        value, usage = reply.value, reply.usage
    except EndpointFailed as failure:
        log.warning("consolidation_by_rules", error=failure.code)
        usage = failure.usage
    _bill(resources, held, usage)
    return value


def left(resources: Resources, held: Claim) -> bool:
    """Whether there is a model to ask, and a call of the day's budget."""
    if resources.chat is None:
        return False
    with resources.transaction(held.principal) as session:
        spent = operations.consolidation_calls(session, held.principal.tenant_id, resources.now().date())
    return spent < resources.settings.consolidation_calls_per_day


def _bill(resources: Resources, held: Claim, usage: Usage) -> None:
    counts = {
        "llm_calls": usage.calls,
        "llm_failed_calls": usage.failed_calls,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
    }
    tenant_id, today = held.principal.tenant_id, resources.now().date()
    with resources.transaction(held.principal) as session:
        jobs.add_usage(session, tenant_id, held.jobs[0].id, counts)
        operations.count(session, tenant_id, today, counts | {"consolidation_calls": usage.calls})
