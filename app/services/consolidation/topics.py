"""Memories of topics: what several sessions say of one thing, told in one place."""

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
    """Tell each topic of the user, again when its memories changed, and end those that are none any more."""
    drafts, gone = with_models(resources, lambda in_use: _plan_topics(resources, claim, in_use))
    return apply_drafts(
        resources, claim, drafts, lambda draft: summaries.write_summary_text(resources, claim, draft), gone
    )


def _plan_topics(
    resources: Resources, claim: JobClaim, in_use: EmbeddersInUse
) -> tuple[list[MemoryDraft], list[models.Memory]]:
    """The topics as they should be, and the memories of those that are none any more."""
    with UserContext(resources, claim.principal, claim.user_id).open_transaction() as user:
        lock_models(user.session, in_use)
        rows = derivations.list_valid_memories(user, PRIMARY_KINDS, MAX_GROUPED_MEMORIES)
        of_rows = [row.id for row in rows]
        said = derivations.list_memory_speakers(user.session, user.tenant_id, of_rows)
        vectors = turns.load_turn_vectors(user.session, user.tenant_id, of_rows, in_use.active.model_id)
        noted = derivations.list_derivations(user, [Basis.TOPIC])
        ids = [row.memory_id for row in noted if row.memory_id is not None]
        told = {
            memory.id: memory for memory in memories.list_memories_by_ids(user.session, user.tenant_id, ids)
        }
        sources = derivations.load_derivation_sources(user.session, user.tenant_id, ids)
    sessions: dict[UUID, set[str]] = {}
    for row in said:
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
    before = [
        ExistingTopic(
            key=row.key,
            fingerprint=row.fingerprint,
            sources=frozenset(source.id for source in sources.get(row.memory_id, ()))
            if row.memory_id is not None
            else frozenset(),
        )
        for row in noted
    ]
    drafts = draft_topics(members, {row.speaker for row in said}, before, lambda: str(new_id()))
    return drafts, _ended_topics(noted, told, {draft.key for draft in drafts})


def _topic_words(row: models.Memory) -> frozenset[str]:
    return frozenset(word.casefold() for word in (*row.entities, *row.tags, row.subject or "") if word)


def _ended_topics(
    noted: Sequence[Derivation], told: Mapping[UUID, models.Memory], keys: Collection[str]
) -> list[models.Memory]:
    """The memories of topics that are none any more, but for what somebody edited or froze."""
    left = [told[row.memory_id] for row in noted if row.key not in keys and row.memory_id is not None]
    return [
        memory
        for memory in left
        if memory.status in derivations.VALID_STATUSES
        and memory.origin == Origin.INFERENCE
        and not memory.frozen
    ]
