"""The daily budget of LLM calls that consolidation may make for a tenant; beyond it rules do the work."""

from collections.abc import Sequence
from typing import Any

import structlog

from app.core.vocabulary import LlmPurpose
from app.db.repositories.platform import operations
from app.llm.client import EndpointFailed
from app.resources import Resources
from app.services.platform.jobs import JobClaim
from app.services.platform.llm_usage import count_llm_usage

log = structlog.get_logger(__name__)


def complete_within_budget(
    resources: Resources,
    claim: JobClaim,
    messages: Sequence[dict[str, str]],
    schema: dict[str, Any],
    name: str,
    purpose: LlmPurpose = LlmPurpose.DERIVATION,
) -> dict[str, Any] | None:
    """Ask the LLM for JSON of a schema; return None without an LLM, without an answer or without budget.

    `name` is the name of the schema. Calls, tokens and times are counted on the claim's first job and the
    tenant.
    """
    if resources.chat is None:
        return None
    if not has_budget_left(resources, claim):
        log.info("consolidation_budget_spent")
        return None
    value: dict[str, Any] | None = None
    try:
        reply = resources.chat.complete_json(messages, schema, name)
        value, usage = reply.value, reply.usage
    except EndpointFailed as failure:
        log.warning("consolidation_by_rules", error=failure.code)
        usage = failure.usage
    with resources.open_transaction(claim.principal) as session:
        count_llm_usage(
            resources,
            session,
            claim.principal.tenant_id,
            purpose,
            usage,
            claim.jobs[0].id,
            {"consolidation_calls": usage.calls},
        )
    return value


def has_budget_left(resources: Resources, claim: JobClaim) -> bool:
    """Return whether an LLM is configured and a call is left of the tenant's budget of today."""
    if resources.chat is None:
        return False
    with resources.open_transaction(claim.principal) as session:
        spent = operations.get_consolidation_calls(session, claim.principal.tenant_id, resources.now().date())
    return spent < resources.settings.consolidation_calls_per_day
