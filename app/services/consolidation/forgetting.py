"""Forgetting: retention says what is due, an LLM judges the borderline, every step is a version."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog

from app.core.ids import new_id
from app.core.security import Principal
from app.core.vocabulary import Form, KeyScope, Kind, Layer, LinkType, Origin, Status
from app.db import models
from app.db.repositories.memories import memories
from app.db.repositories.platform import jobs, operations, users
from app.llm.embedders import EmbeddersInUse
from app.memory.consolidation.condensation import (
    RETENTION_SCHEMA,
    SUMMARY_SCHEMA,
    RetentionAction,
    build_retention_messages,
    build_summary_messages,
    join_statements,
    parse_retention_actions,
    parse_summary,
)
from app.memory.consolidation.retention import (
    UNCONDENSABLE_KINDS,
    ForgettingDecision,
    MemoryTrace,
    RetentionCandidate,
    group_for_condensation,
    select_forgettable,
)
from app.memory.types import Fact
from app.resources import Resources
from app.schemas.forgetting import ForgetIn, ForgetOut, ForgottenItem
from app.services.memories.memory_versions import ChangeSet, write_changes
from app.services.memories.reconciliation import new_memory_row
from app.services.models.model_registry import VectorPair, embed_texts, with_models
from app.services.platform import llm_budget
from app.services.platform.jobs import JobClaim, LeaseLost

log = structlog.get_logger(__name__)
JUDGE_BATCH_SIZE = 20


@dataclass(slots=True)
class ForgetPlan:
    """What is done in one go: `kept` by a judgement, `gone`, and the groups that leave a summary."""

    kept: list[tuple[RetentionCandidate, str]] = field(default_factory=list[tuple[RetentionCandidate, str]])
    forgotten: list[ForgettingDecision] = field(default_factory=list[ForgettingDecision])
    summaries: list[tuple[str, list[RetentionCandidate]]] = field(
        default_factory=list[tuple[str, list[RetentionCandidate]]]
    )


def preview_forgetting(resources: Resources, principal: Principal, request: ForgetIn) -> ForgetOut:
    """What would go and why, changing nothing; nothing of a user of whom nothing was ever written."""
    principal.require_scope(KeyScope.WRITE)
    principal.require_user(request.user_id)
    forgotten = _find_due_memories(resources, principal, request.user_id, request.reference_time)
    now = resources.now()
    items = [
        ForgottenItem(
            memory_id=item.memory.id,
            content=item.memory.content if not _is_expired(item.memory, now) else None,
            action="expire" if item.expires else "archive",
            reason=item.reason,
            retrievability=round(item.retrievability, 4),
            borderline=item.is_borderline,
        )
        for item in forgotten
    ]
    return ForgetOut(items=items, dry_run=True)


def _is_expired(memory: RetentionCandidate, now: datetime) -> bool:
    return memory.expires_at is not None and memory.expires_at <= now and not memory.frozen


def forget_due_memories(resources: Resources, claim: JobClaim) -> None:
    """Forget what is due of the claim's user."""
    forgotten = _find_due_memories(resources, claim.principal, claim.user_id, None)
    if not forgotten:
        return
    plan = _judge_borderline(resources, claim, forgotten)
    for group in group_for_condensation(plan.forgotten):
        plan.summaries.append((_summarise_group(resources, claim, group), group))
    with_models(resources, lambda in_use: _apply_plan(resources, claim, in_use, plan))


def _find_due_memories(
    resources: Resources, principal: Principal, user_id: str, at: datetime | None
) -> list[ForgettingDecision]:
    settings = resources.settings
    with resources.open_transaction(principal) as session:
        now = at or resources.now()
        rows = memories.list_current_memories(session, principal.tenant_id, user_id, or_expired=now)
        candidates = [_to_retention_candidate(row) for row in rows]
    return select_forgettable(candidates, now, settings.memories_per_user, settings.kind_ttl_days)


def _to_retention_candidate(row: models.Memory) -> RetentionCandidate:
    return RetentionCandidate(
        id=row.id,
        kind=Kind(row.kind),
        content=row.content,
        subject=row.subject or next(iter(row.entities), None),
        attribute=row.attribute,
        importance=row.importance,
        trace=MemoryTrace(Layer(row.layer), row.strength, row.anchor_at, row.use_days),
        pinned=row.pinned,
        frozen=row.frozen,
        expires_at=row.expires_at,
    )


def _judge_borderline(
    resources: Resources, claim: JobClaim, forgotten: Sequence[ForgettingDecision]
) -> ForgetPlan:
    """Put the borderline ones to the LLM; without one, or without an answer, retention's word stands."""
    plan = ForgetPlan(forgotten=[item for item in forgotten if not item.is_borderline])
    borderline = [item for item in forgotten if item.is_borderline]
    for start in range(0, len(borderline), JUDGE_BATCH_SIZE):
        part = borderline[start : start + JUDGE_BATCH_SIZE]
        messages = build_retention_messages([item.memory.content for item in part])
        reply = llm_budget.complete_within_budget(resources, claim, messages, RETENTION_SCHEMA, "decisions")
        judged = parse_retention_actions(reply, len(part)) if reply is not None else [None] * len(part)
        condensed: list[RetentionCandidate] = []
        for item, judgement in zip(part, judged, strict=True):
            if judgement is None:
                plan.forgotten.append(item)
                continue
            action, reason = judgement
            why = f"{resources.extractor_name}: {action}: {reason}"
            if action is RetentionAction.KEEP:
                plan.kept.append((item.memory, why))
                continue
            plan.forgotten.append(ForgettingDecision(item.memory, False, why, item.retrievability))
            if action is RetentionAction.CONDENSE and item.memory.kind not in UNCONDENSABLE_KINDS:
                condensed.append(item.memory)
        if condensed:
            plan.summaries.append((_summarise_group(resources, claim, condensed), condensed))
    return plan


def _summarise_group(resources: Resources, claim: JobClaim, group: Sequence[RetentionCandidate]) -> str:
    contents = [memory.content for memory in group]
    reply = llm_budget.complete_within_budget(
        resources, claim, build_summary_messages(contents), SUMMARY_SCHEMA, "summary"
    )
    return (parse_summary(reply) if reply is not None else None) or join_statements(contents)


def _apply_plan(resources: Resources, claim: JobClaim, in_use: EmbeddersInUse, plan: ForgetPlan) -> None:
    tenant_id, now = claim.principal.tenant_id, resources.now()
    embedded = embed_texts(in_use, [text for text, _ in plan.summaries])
    with resources.open_transaction(claim.principal) as session:
        users.lock_user(session, tenant_id, claim.user_id)
        revision = users.next_revision(session, tenant_id, claim.user_id)
        if not jobs.lock_jobs(session, tenant_id, claim.job_ids, claim.worker_id):
            raise LeaseLost
        change = ChangeSet(tenant_id, claim.user_id, revision, now, "forgetting", resources.extractor_name)
        rows = memories.list_current_memories(session, tenant_id, claim.user_id, or_expired=now)
        fresh = {row.id: row for row in rows}
        for memory, reason in plan.kept:
            if memory.id in fresh:
                change.edit_memory(memory.id, "keep", reason, {"anchor_at": now})
        # Said or cited since it was looked at: not due any more.
        gone = [
            i
            for i in plan.forgotten
            if i.memory.id in fresh and _to_retention_candidate(fresh[i.memory.id]) == i.memory
        ]
        for item in gone:
            if item.expires:
                change.expire_memory(item.memory.id, item.reason)
            else:
                change.edit_memory(item.memory.id, "archive", item.reason, {"status": Status.ARCHIVED})
        for row, (text, group) in enumerate(plan.summaries):
            _add_summary(change, text, [memory.id for memory in group], embedded.vector_pair(row))
        write_changes(session, change, in_use)
        expired = [item.memory.id for item in gone if item.expires]
        for memory_id in expired:
            memories.redact_memory(session, tenant_id, memory_id)
        if expired:
            users.bump_epoch(session, tenant_id, claim.user_id)
        counts = {"memories_written": len(change.new_rows)}
        operations.add_usage_counts(session, tenant_id, now.date(), counts)
    log.info("forgot", archived=len(gone) - len(expired), expired=len(expired), kept=len(plan.kept))


def _add_summary(change: ChangeSet, text: str, sources: Sequence[UUID], vectors: VectorPair) -> None:
    memory_id = new_id()
    fact = Fact(turn_id=memory_id, content=text, quote="", kind=Kind.SUMMARY, form=Form.EVENT, importance=0.5)
    change.new_rows[memory_id] = new_memory_row(change, memory_id, fact) | {
        "agent_id": None,
        "origin": Origin.INFERENCE,
        "valid_from": None,
        "confidence": 0.5,
        "anchor_at": change.now,
        "extractor": change.model,
    }
    change.reasons[memory_id] = f"condensed from {len(sources)} memories that faded"
    change.vectors[memory_id] = vectors
    for source in sources:
        change.add_link(memory_id, source, LinkType.DERIVED_FROM)
