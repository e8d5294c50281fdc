"""Derive insights and the portrait of a user, and re-derive stale memories that no other step covers."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from app.core.vocabulary import Basis, Form, Kind, Origin, Status
from app.db import models
from app.db.models import Derivation
from app.db.repositories.memories import derivations, memories
from app.memory.consolidation.condensation import join_statements
from app.memory.consolidation.derivation import MIN_SOURCES, MemoryDraft, select_sources
from app.memory.consolidation.insights import (
    INSIGHT_SCHEMA,
    MIN_PORTRAIT_CHANGES,
    PORTRAIT_KEY,
    PORTRAIT_SCHEMA,
    ExistingInsight,
    SourceMemory,
    build_insight_messages,
    build_portrait_messages,
    draft_attribute_insights,
    draft_cluster_insights,
    draft_portrait,
    draft_portraits_by_rules,
    parse_insight,
    parse_portrait,
)
from app.resources import Resources
from app.services.consolidation import summaries
from app.services.consolidation.derivation import DerivationOutcome, DerivedText, SkipReason, apply_drafts
from app.services.platform import llm_budget
from app.services.platform.jobs import JobClaim
from app.services.platform.user_context import UserContext

MAX_CLUSTERS_PER_RUN = 3
PORTRAIT_INTERVAL = timedelta(days=7)


def derive_insights(resources: Resources, claim: JobClaim) -> DerivationOutcome:
    """Draw insights from related memories, with at most `MAX_CLUSTERS_PER_RUN` new questions to the model."""
    with UserContext(resources, claim.principal, claim.user_id).open_transaction() as user:
        known = _to_known_memories(memories.list_current_memories(user))
        links = [(row.source_id, row.target_id) for row in derivations.list_related_pairs(user)]
        rows = derivations.list_derivations(user, [Basis.CLUSTER])
        ids = [row.memory_id for row in rows if row.memory_id is not None]
        sources = derivations.load_derivation_sources(user.session, user.tenant_id, ids)
        stale = {memory.id for memory in derivations.list_stale_memories(user)}
    source_ids = {
        memory_id: frozenset(source.id for source in source_rows)
        for memory_id, source_rows in sources.items()
    }
    existing = [
        ExistingInsight(
            key=row.key,
            source_count=row.sources,
            sources=source_ids.get(row.memory_id, frozenset()) if row.memory_id is not None else frozenset(),
            stale=row.memory_id in stale,
        )
        for row in rows
    ]
    drafts = draft_attribute_insights(known, {one.key: one for one in existing})
    if llm_budget.has_budget_left(resources, claim):
        drafts += draft_cluster_insights(known, links, existing)[:MAX_CLUSTERS_PER_RUN]
    return apply_drafts(
        resources, claim, drafts, lambda draft: _write_insight_text(resources, claim, draft, renewed=False)
    )


def _write_insight_text(
    resources: Resources, claim: JobClaim, draft: MemoryDraft, *, renewed: bool
) -> DerivedText | SkipReason:
    """Write the text of an insight; a list needs no model.

    Without a model, a stale insight (`renewed`) joins the texts of the sources that it still has.
    """
    if "list" in draft.tags:
        return DerivedText(draft, draft.extractive_text, "offline")
    reply = llm_budget.complete_within_budget(
        resources, claim, build_insight_messages(draft.source_contents), INSIGHT_SCHEMA, "insight"
    )
    if reply is None:
        return DerivedText(draft, draft.extractive_text, "offline") if renewed else SkipReason.LLM_UNAVAILABLE
    insight = parse_insight(reply, len(draft.sources))
    if insight is None:
        return SkipReason.NOTHING_TO_CONCLUDE
    text, numbers = insight
    return DerivedText(select_sources(draft, numbers), text, resources.extractor_name)


def derive_portrait(resources: Resources, claim: JobClaim) -> DerivationOutcome:
    """Write the user's portrait once memories of two days support it, and again when it changes.

    The model is asked again only when the portrait is stale, a week old, or differs in five sources.
    """
    if resources.chat is None:
        return _derive_portraits_by_rules(resources, claim)
    with UserContext(resources, claim.principal, claim.user_id).open_transaction() as user:
        known = _to_known_memories(memories.list_current_memories(user))
        days = derivations.load_said_days(user.session, user.tenant_id, [memory.id for memory in known])
        row = derivations.get_derivation(user, Basis.USER, PORTRAIT_KEY)
        portraits = (
            memories.list_memories_by_ids(user.session, user.tenant_id, [row.memory_id])
            if row and row.memory_id
            else []
        )
        sources = derivations.load_derivation_sources(
            user.session, user.tenant_id, [memory.id for memory in portraits]
        )
    draft = draft_portrait(known, days)
    if draft is None:
        return DerivationOutcome()
    if row is not None and portraits and not portraits[0].stale:
        linked = {source.id for source in sources.get(portraits[0].id, ())}
        changed = len(linked ^ {memory_id for memory_id, _ in draft.sources})
        if changed < MIN_PORTRAIT_CHANGES and resources.now() - row.at < PORTRAIT_INTERVAL:
            return DerivationOutcome()
    return apply_drafts(
        resources, claim, [draft], lambda draft: _write_portrait_text(resources, claim, draft)
    )


def _derive_portraits_by_rules(resources: Resources, claim: JobClaim) -> DerivationOutcome:
    """Write the portraits that rules can write, one of each subject, and end those that have too little left.

    What a client edited or froze stays.
    """
    with UserContext(resources, claim.principal, claim.user_id).open_transaction() as user:
        known = _to_known_memories(memories.list_current_memories(user))
        ids = [memory.id for memory in known]
        days = derivations.load_said_days(user.session, user.tenant_id, ids)
        sessions: dict[UUID, set[str]] = {}
        for row in derivations.list_memory_speakers(user.session, user.tenant_id, ids):
            sessions.setdefault(row.memory_id, set()).add(row.session_id)
        keys = {
            row.memory_id: row.key
            for row in derivations.list_derivations(user, [Basis.USER])
            if row.memory_id is not None
        }
        portraits = memories.list_memories_by_ids(user.session, user.tenant_id, keys)
    drafts = draft_portraits_by_rules(known, days, sessions)
    drafted = {draft.key for draft in drafts}
    to_end = [
        portrait
        for portrait in portraits
        if keys[portrait.id] not in drafted
        and portrait.status in derivations.VALID_STATUSES
        and portrait.origin == Origin.INFERENCE
        and not portrait.frozen
    ]
    return apply_drafts(
        resources,
        claim,
        drafts,
        lambda draft: DerivedText(draft, draft.extractive_text, "offline"),
        to_end,
    )


def _write_portrait_text(resources: Resources, claim: JobClaim, draft: MemoryDraft) -> DerivedText:
    reply = llm_budget.complete_within_budget(
        resources, claim, build_portrait_messages(draft.source_contents), PORTRAIT_SCHEMA, "portrait"
    )
    text = parse_portrait(reply) if reply is not None else None
    return (
        DerivedText(draft, text, resources.extractor_name)
        if text
        else DerivedText(draft, draft.extractive_text, "offline")
    )


def rederive_stale(resources: Resources, claim: JobClaim) -> DerivationOutcome:
    """Derive the remaining stale memories again from their valid sources; end those with too few.

    Summaries of sessions and days are left to `summaries`, which knows who said what in them, and topics to
    `topics`.
    """
    with UserContext(resources, claim.principal, claim.user_id).open_transaction() as user:
        stale = derivations.list_stale_memories(user)
        sources = derivations.load_derivation_sources(
            user.session, user.tenant_id, [memory.id for memory in stale]
        )
        rows = {row.memory_id: row for row in derivations.list_derivations(user, list(Basis))}
    drafts: list[MemoryDraft] = []
    to_end: list[models.Memory] = []
    known: dict[str, models.Memory] = {}
    for memory in stale:
        memory_sources, row = sources.get(memory.id, []), rows.get(memory.id)
        if row is not None and row.basis in {*summaries.SUMMARY_BASES, Basis.TOPIC}:
            continue
        if any(source.stale and not source.frozen for source in memory_sources):
            continue  # it is derived again after its sources are
        valid_sources = [
            source
            for source in memory_sources
            if source.status in derivations.VALID_STATUSES and not source.stale
        ]
        if memory.kind == Kind.PORTRAIT or len(valid_sources) < (
            1 if memory.kind == Kind.SUMMARY else MIN_SOURCES
        ):
            to_end.append(memory)
            continue
        draft = _redraft_memory(memory, row, valid_sources)
        drafts.append(draft)
        known[draft.key] = memory

    def write_text(draft: MemoryDraft) -> DerivedText | SkipReason:
        if draft.kind is Kind.SUMMARY:
            return summaries.write_summary_text(resources, claim, draft)
        return _write_insight_text(resources, claim, draft, renewed=True)

    return apply_drafts(resources, claim, drafts, write_text, to_end, known)


def _redraft_memory(
    memory: models.Memory, row: Derivation | None, valid_sources: list[models.Memory]
) -> MemoryDraft:
    sources = tuple((source.id, source.content) for source in valid_sources)
    return MemoryDraft(
        basis=Basis(row.basis) if row is not None else Basis.CLUSTER,
        key=row.key if row is not None else str(memory.id),
        kind=Kind(memory.kind),
        form=Form(memory.form),
        sources=sources,
        extractive_text=join_statements([content for _, content in sources]),
        tags=tuple(memory.tags),
        since=memory.event_from,
        until=memory.event_to,
    )


def _to_known_memories(rows: Sequence[models.Memory]) -> list[SourceMemory]:
    return [
        SourceMemory(
            id=row.id,
            kind=Kind(row.kind),
            form=Form(row.form),
            content=row.content,
            importance=row.importance,
            use_days=row.use_days,
            subject=row.subject,
            attribute=row.attribute,
            polarity=row.polarity,
            since=row.valid_from or row.recorded_at,
            value=row.value,
            origin=Origin(row.origin),
        )
        for row in rows
        if not row.stale and row.status == Status.ACTIVATED
    ]
