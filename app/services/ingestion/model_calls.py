"""Asks the language model, each question once: answers are paid for, so they are kept with their job."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from app.core.vocabulary import LlmPurpose
from app.db.repositories.platform import jobs
from app.llm.client import EndpointFailed, Usage
from app.memory.extraction.extractors import ExtractionRequest, PaidReply
from app.memory.extraction.prompt import EXTRACTION_SCHEMA
from app.memory.reconciliation.judgement.verdicts import (
    VERDICT_SCHEMA,
    build_verdict_messages,
    parse_pair_judgements,
)
from app.resources import Resources
from app.services.memories.reconciliation.reconcile import OpenPair, Verdicts
from app.services.platform.jobs import JobClaim
from app.services.platform.llm_usage import count_llm_usage


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked: the schema of the answer, its name, and to what end."""

    schema: dict[str, Any]
    name: str
    purpose: LlmPurpose


_EXTRACTION = _Question(EXTRACTION_SCHEMA, "facts", LlmPurpose.EXTRACTION)
_JUDGEMENT = _Question(VERDICT_SCHEMA, "verdicts", LlmPurpose.JUDGEMENT)
_SHOWN = "related"  # beside the model's own fields, the ids that its numbers stand for


def request_facts(resources: Resources, claim: JobClaim, request: ExtractionRequest) -> PaidReply:
    """Request the facts of a segment.

    The key of the answer leaves the related memories out: a retry must find the answer although they have
    changed. So the ids that were shown are kept with the answer, whose numbers mean them.
    """
    parts = [*(str(turn.id) for turn in request.turns), *([str(request.part)] if request.part else [])]
    shown = {_SHOWN: [str(memory_id) for memory_id in request.related]}
    reply = _complete_cached(resources, claim, _cache_key(parts), request.messages, _EXTRACTION, shown)
    return PaidReply(reply, _read_ids(reply.get(_SHOWN)))


def _read_ids(stored: object) -> list[UUID]:
    return [UUID(one) for one in stored] if isinstance(stored, list) else []


def request_verdicts(resources: Resources, claim: JobClaim, open_pairs: list[OpenPair]) -> Verdicts:
    """Request the verdicts on all pairs of a batch in one call; a pair without one counts as unrelated."""
    pairs = [pair for _, _, pair in open_pairs]
    key = _cache_key([pair.new.text + "\x1f" + pair.stored.text for pair in pairs])
    messages = build_verdict_messages(pairs)
    reply = _complete_cached(resources, claim, key, messages, _JUDGEMENT, {})
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
    question: _Question,
    kept_with_it: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the model's answer with `kept_with_it`, from the job if it has been paid for."""
    assert resources.chat is not None
    job = claim.jobs[0]
    for other in claim.jobs:
        if key in other.llm_cache:
            return other.llm_cache[key]
    try:
        reply = resources.chat.complete_json(messages, question.schema, question.name)
    except EndpointFailed as failure:
        _record_usage(resources, claim, question.purpose, failure.usage, None)
        raise
    value = {**reply.value, **kept_with_it}
    job.llm_cache[key] = value
    _record_usage(resources, claim, question.purpose, reply.usage, (key, value))
    return value


def _record_usage(
    resources: Resources,
    claim: JobClaim,
    purpose: LlmPurpose,
    usage: Usage,
    reply: tuple[str, dict[str, Any]] | None,
) -> None:
    tenant_id, job_id = claim.principal.tenant_id, claim.jobs[0].id
    with resources.open_transaction(claim.principal) as session:
        count_llm_usage(resources, session, tenant_id, purpose, usage, job_id)
        if reply is not None:
            jobs.cache_llm_reply(session, tenant_id, job_id, *reply)
