"""Derive memories of topics, which summarise what several sessions say of one subject."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from app.core.ids import new_id
from app.core.vocabulary import Basis, Origin
from app.db import models
from app.db.models import Derivation
from app.db.repositories.ingestion import turns
from app.db.repositories.memories import derivations, memories
from app.llm.embedders import EmbeddersInUse
from app.memory.consolidation.derivation import MemoryDraft
from app.memory.consolidation.insights import PRIMARY_KINDS
from app.memory.consolidation.topics import MAX_GROUPED_MEMORIES, ExistingTopic, TopicMember, draft_topics
from app.resources import Resources
from app.services.consolidation import summaries
from app.services.consolidation.derivation import DerivationOutcome, apply_drafts
from app.services.models.model_registry import lock_models, with_models
from app.services.platform.jobs import JobClaim
from app.services.platform.user_context import UserContext


def derive_topics(resources: Resources, claim: JobClaim) -> DerivationOutcome:
    """Summarise each topic of the user, again when its memories changed, and end topics that are obsolete."""
    drafts, to_end = with_models(resources, lambda in_use: _plan_topics(resources, claim, in_use))
    return apply_drafts(
        resources, claim, drafts, lambda draft: summaries.write_summary_text(resources, claim, draft), to_end
    )


def _plan_topics(
    resources: Resources, claim: JobClaim, in_use: EmbeddersInUse
) -> tuple[list[MemoryDraft], list[models.Memory]]:
    """Return the drafts of the topics, and the memories of topics that no longer exist."""
    with UserContext(resources, claim.principal, claim.user_id).open_transaction() as user:
        lock_models(user.session, in_use)
        rows = derivations.list_valid_memories(user, PRIMARY_KINDS, MAX_GROUPED_MEMORIES)
        row_ids = [row.id for row in rows]
        speakers = derivations.list_memory_speakers(user.session, user.tenant_id, row_ids)
        vectors = turns.load_turn_vectors(user.session, user.tenant_id, row_ids, in_use.active.model_id)
        derivation_rows = derivations.list_derivations(user, [Basis.TOPIC])
        ids = [row.memory_id for row in derivation_rows if row.memory_id is not None]
        memory_by_id = {
            memory.id: memory for memory in memories.list_memories_by_ids(user.session, user.tenant_id, ids)
        }
        sources = derivations.load_derivation_sources(user.session, user.tenant_id, ids)
    sessions: dict[UUID, set[str]] = {}
    for row in speakers:
        sessions.setdefault(row.memory_id, set()).add(row.session_id)
    members = [
        TopicMember(
            id=row.id,
            content=row.content,
            importance=row.importance,
            since=row.valid_from or row.recorded_at,
            words=_topic_words(row),
            sessions=frozenset(sessions.get(row.id, ())),
            vector=vectors[row.id],
        )
        for row in rows
        if row.id in vectors
    ]
    existing = [
        ExistingTopic(
            key=row.key,
            fingerprint=row.fingerprint,
            sources=frozenset(source.id for source in sources.get(row.memory_id, ()))
            if row.memory_id is not None
            else frozenset(),
        )
        for row in derivation_rows
    ]
    drafts = draft_topics(
        members,
        {row.speaker for row in speakers},
        existing,
        lambda: str(new_id()),
        by_rules=resources.chat is None,
    )
    return drafts, _ended_topics(derivation_rows, memory_by_id, {draft.key for draft in drafts})


def _topic_words(row: models.Memory) -> frozenset[str]:
    return frozenset(word.casefold() for word in (*row.entities, *row.tags, row.subject or "") if word)


def _ended_topics(
    derivation_rows: Sequence[Derivation], memory_by_id: Mapping[UUID, models.Memory], keys: Collection[str]
) -> list[models.Memory]:
    """Return the memories of topics that no longer exist, except those that a client edited or froze."""
    ended = [
        memory_by_id[row.memory_id]
        for row in derivation_rows
        if row.key not in keys and row.memory_id is not None
    ]
    return [
        memory
        for memory in ended
        if memory.status in derivations.VALID_STATUSES
        and memory.origin == Origin.INFERENCE
        and not memory.frozen
    ]
