"""Forget memories: retention finds the due ones, an LLM judges the borderline, every step is a version."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

import structlog

from app.core.ids import new_id
from app.core.security import Principal
from app.core.vocabulary import (
    ActorKind,
    ForgettingAction,
    Form,
    KeyScope,
    Kind,
    Layer,
    LinkType,
    LlmPurpose,
    Op,
    Origin,
)
from app.db import models
from app.db.repositories.memories import memories
from app.db.repositories.platform import operations, users
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
from app.schemas.consolidation.forgetting import ForgetOut, ForgottenItem, PlanForgetting
from app.services.memories.reconciliation.new_memories import new_memory
from app.services.memories.unit_of_work import UserWrite, Writer, user_write
from app.services.models.model_registry import VectorPair, embed_texts, with_models
from app.services.platform import llm_budget
from app.services.platform.jobs import JobClaim
from app.services.platform.user_context import UserContext

log = structlog.get_logger(__name__)
JUDGE_BATCH_SIZE = 20


@dataclass(slots=True)
class ForgetPlan:
    """The planned changes: `kept` by a judgement, `forgotten`, and the groups that are condensed to a
    summary.
    """

    kept: list[tuple[RetentionCandidate, str]] = field(default_factory=list[tuple[RetentionCandidate, str]])
    forgotten: list[ForgettingDecision] = field(default_factory=list[ForgettingDecision])
    summaries: list[tuple[str, list[RetentionCandidate]]] = field(
        default_factory=list[tuple[str, list[RetentionCandidate]]]
    )


def preview_forgetting(resources: Resources, principal: Principal, request: PlanForgetting) -> ForgetOut:
    """List what would be forgotten and why, without a change; the list is empty for an unknown user."""
    principal.require_scope(KeyScope.WRITE)
    principal.require_user(request.user_id)
    forgotten = _find_due_memories(resources, principal, request.user_id, request.reference_time)
    now = resources.now()
    items = [
        ForgottenItem(
            memory_id=item.memory.id,
            content=item.memory.content if not _is_expired(item.memory, now) else None,
            action=ForgettingAction.EXPIRE if item.expires else ForgettingAction.ARCHIVE,
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
    """Forget the due memories of the claim's user."""
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
    with UserContext(resources, principal, user_id).open_transaction() as user:
        now = at or resources.now()
        rows = memories.list_current_memories(user, or_expired=now)
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
    """Let the LLM judge the borderline memories; without a model or an answer, retention decides."""
    plan = ForgetPlan(forgotten=[item for item in forgotten if not item.is_borderline])
    borderline = [item for item in forgotten if item.is_borderline]
    for start in range(0, len(borderline), JUDGE_BATCH_SIZE):
        part = borderline[start : start + JUDGE_BATCH_SIZE]
        messages = build_retention_messages([item.memory.content for item in part])
        reply = llm_budget.complete_within_budget(
            resources, claim, messages, RETENTION_SCHEMA, "decisions", LlmPurpose.JUDGEMENT
        )
        judgements = parse_retention_actions(reply, len(part)) if reply is not None else [None] * len(part)
        condensed: list[RetentionCandidate] = []
        for item, judgement in zip(part, judgements, strict=True):
            if judgement is None:
                plan.forgotten.append(item)
                continue
            action, reason = judgement
            full_reason = f"{resources.extractor_name}: {action}: {reason}"
            if action is RetentionAction.KEEP:
                plan.kept.append((item.memory, full_reason))
                continue
            plan.forgotten.append(ForgettingDecision(item.memory, False, full_reason, item.retrievability))
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
    embedded = embed_texts(in_use, [text for text, _ in plan.summaries])
    ctx = UserContext(resources, claim.principal, claim.user_id)
    writer = Writer.of_claim(ActorKind.FORGETTING, claim, resources.extractor_name)
    with user_write(ctx, writer, in_use=in_use) as change:
        rows = memories.list_current_memories(change.user, or_expired=change.now)
        fresh = {row.id: row for row in rows}
        for memory, reason in plan.kept:
            if memory.id in fresh:
                change.edit(memory.id, Op.KEEP, reason, {"anchor_at": change.now})
        # A memory that was asserted or cited since it was read is not due any more.
        still_due = [
            i
            for i in plan.forgotten
            if i.memory.id in fresh and _to_retention_candidate(fresh[i.memory.id]) == i.memory
        ]
        for item in still_due:
            if item.expires:
                change.expire(item.memory.id, item.reason)
            else:
                change.archive(item.memory.id, item.reason)
        for row, (text, group) in enumerate(plan.summaries):
            _add_summary(change, text, [memory.id for memory in group], embedded.vector_pair(row))
        written = change.flush()
        expired = [item.memory.id for item in still_due if item.expires]
        change.redact(expired)
        if expired:
            users.bump_epoch(change.user)
        counts = {"memories_written": len(written.created)}
        operations.add_usage_counts(change.session, change.tenant_id, change.now.date(), counts)
    log.info("forgot", archived=len(still_due) - len(expired), expired=len(expired), kept=len(plan.kept))


def _add_summary(change: UserWrite, text: str, sources: Sequence[UUID], vectors: VectorPair) -> None:
    memory_id = new_id()
    fact = Fact(turn_id=memory_id, content=text, quote="", kind=Kind.SUMMARY, form=Form.EVENT, importance=0.5)
    created = new_memory(
        memory_id, fact, origin=Origin.INFERENCE, confidence=0.5, valid_from=None, anchor_at=change.now
    )
    reason = f"condensed from {len(sources)} memories that faded"
    change.create(replace(created, extractor=change.model), vectors, reason)
    for source in sources:
        change.link(memory_id, source, LinkType.DERIVED_FROM)
