"""Memories of topics: what several sessions say of one thing, told in one place."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from app.core.ids import new_id
from app.core.vocabulary import Basis, Origin
from app.db import models
from app.db.models import Derivation
from app.db.repositories.ingestion import turns
from app.db.repositories.memories import derivations, memories
from app.llm.embedders import InUse
from app.memory.consolidation.derivation import Draft
from app.memory.consolidation.insights import PRIMARY
from app.memory.consolidation.topics import GROUPED_MOST, Member, Noted, topics
from app.resources import Resources
from app.services.consolidation import summaries
from app.services.consolidation.derivation import Outcome, settle
from app.services.models.model_registry import hold_models, with_models
from app.services.platform.jobs import Claim


def make(resources: Resources, held: Claim) -> Outcome:
    """Tell each topic of the user, again when its memories changed, and end those that are none any more."""
    drafts, gone = with_models(resources, lambda in_use: _found(resources, held, in_use))
    return settle(resources, held, drafts, lambda draft: summaries.tell(resources, held, draft), gone)


def _found(resources: Resources, held: Claim, in_use: InUse) -> tuple[list[Draft], list[models.Memory]]:
    """The topics as they should be, and the memories of those that are none any more."""
    tenant_id, user_id = held.principal.tenant_id, held.user_id
    with resources.transaction(held.principal) as session:
        hold_models(session, in_use)
        rows = derivations.standing(session, tenant_id, user_id, PRIMARY, GROUPED_MOST)
        of_rows = [row.id for row in rows]
        said = derivations.said_in(session, tenant_id, of_rows)
        vectors = turns.vectors(session, tenant_id, of_rows, in_use.active.model_id)
        noted = derivations.stored(session, tenant_id, user_id, [Basis.TOPIC])
        ids = [row.memory_id for row in noted if row.memory_id is not None]
        told = {memory.id: memory for memory in memories.by_ids(session, tenant_id, ids)}
        sources = derivations.sources_of(session, tenant_id, ids)
    sessions: dict[UUID, set[str]] = {}
    for row in said:
        sessions.setdefault(row.memory_id, set()).add(row.session_id)
    members = [
        Member(
            id=row.id,
            content=row.content,
            importance=row.importance,
            since=row.valid_from or row.recorded_at,
            words=_words(row),
            sessions=frozenset(sessions.get(row.id, ())),
            vector=vectors[row.id],
        )
        for row in rows
        if row.id in vectors
    ]
    before = [
        Noted(
            key=row.key,
            fingerprint=row.fingerprint,
            sources=frozenset(source.id for source in sources.get(row.memory_id, ()))
            if row.memory_id is not None
            else frozenset(),
        )
        for row in noted
    ]
    drafts = topics(members, {row.speaker for row in said}, before, lambda: str(new_id()))
    return drafts, _gone(noted, told, {draft.key for draft in drafts})


def _words(row: models.Memory) -> frozenset[str]:
    return frozenset(word.casefold() for word in (*row.entities, *row.tags, row.subject or "") if word)


def _gone(
    noted: Sequence[Derivation], told: Mapping[UUID, models.Memory], keys: Collection[str]
) -> list[models.Memory]:
    """The memories of topics that are none any more, but for what somebody edited or froze."""
    left = [told[row.memory_id] for row in noted if row.key not in keys and row.memory_id is not None]
    return [
        memory
        for memory in left
        if memory.status in derivations.STANDING and memory.origin == Origin.INFERENCE and not memory.frozen
    ]
