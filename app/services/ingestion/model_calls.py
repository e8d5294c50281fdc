"""Asks the language model, each question once: answers are paid for, so they are kept with their job."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from app.db.repositories.platform import jobs, operations
from app.llm.client import EndpointFailed, Usage
from app.memory.extraction.extractors import ExtractionRequest, PaidReply
from app.memory.extraction.prompt import EXTRACTION_SCHEMA
from app.memory.reconciliation.verdicts import VERDICT_SCHEMA, build_verdict_messages, parse_pair_judgements
from app.resources import Resources
from app.services.memories.reconciliation.reconcile import OpenPair, Verdicts
from app.services.platform.jobs import JobClaim

_SHOWN = "related"  # beside the model's own fields, the ids that its numbers stand for


def request_facts(resources: Resources, claim: JobClaim, request: ExtractionRequest) -> PaidReply:
    """Request the facts of a segment.

    The key of the answer leaves the related memories out: a retry must find the answer although they have
    changed. So the ids that were shown are kept with the answer, whose numbers mean them.
    """
    parts = [*(str(turn.id) for turn in request.turns), *([str(request.part)] if request.part else [])]
    shown = {_SHOWN: [str(memory_id) for memory_id in request.related]}
    reply = _complete_cached(
        resources, claim, _cache_key(parts), request.messages, (EXTRACTION_SCHEMA, "facts"), shown
    )
    return PaidReply(reply, _read_ids(reply.get(_SHOWN)))


def _read_ids(stored: object) -> list[UUID]:
    return [UUID(one) for one in stored] if isinstance(stored, list) else []


def request_verdicts(resources: Resources, claim: JobClaim, open_pairs: list[OpenPair]) -> Verdicts:
    """Request the verdicts on all pairs of a batch in one call; a pair without one counts as unrelated."""
    pairs = [pair for _, _, pair in open_pairs]
    key = _cache_key([pair.new.text + "\x1f" + pair.stored.text for pair in pairs])
    messages = build_verdict_messages(pairs)
    reply = _complete_cached(resources, claim, key, messages, (VERDICT_SCHEMA, "verdicts"), {})
    judgements = parse_pair_judgements(reply, len(pairs))
    return {
        (index, memory_id): judgement
        for (index, memory_id, _), judgement in zip(open_pairs, judgements, strict=True)
    }


def _cache_key(parts: Sequence[str]) -> str:
    return hashlib.sha256(orjson.dumps(list(parts))).hexdigest()


def _complete_cached(
    resources: Resources,
    claim: JobClaim,
    key: str,
    messages: Sequence[Mapping[str, str]],
    schema: tuple[dict[str, Any], str],
    kept_with_it: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the model's answer with `kept_with_it`, from the job if it has been paid for; count its usage.

    `schema` is that of the answer and its name.
    """
    assert resources.chat is not None
    job = claim.jobs[0]
    for other in claim.jobs:
        if key in other.llm_cache:
            return other.llm_cache[key]
    try:
        reply = resources.chat.complete_json(messages, *schema)
    except EndpointFailed as failure:
        _record_usage(resources, claim, failure.usage, None)
        raise
    value = {**reply.value, **kept_with_it}
    job.llm_cache[key] = value
    _record_usage(resources, claim, reply.usage, (key, value))
    return value


def _record_usage(
    resources: Resources, claim: JobClaim, usage: Usage, reply: tuple[str, dict[str, Any]] | None
) -> None:
    tenant_id, job_id = claim.principal.tenant_id, claim.jobs[0].id
    counts = {
        "llm_calls": usage.calls,
        "llm_failed_calls": usage.failed_calls,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
    }
    with resources.open_transaction(claim.principal) as session:
        jobs.add_llm_usage(session, tenant_id, job_id, counts)
        operations.add_usage_counts(session, tenant_id, resources.now().date(), counts)
        if reply is not None:
            jobs.cache_llm_reply(session, tenant_id, job_id, *reply)
