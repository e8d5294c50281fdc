"""Insights and the portrait of a user, and what is stale without a rule of its own."""

from collections.abc import Sequence
from datetime import timedelta

from app.core.vocabulary import Basis, Form, Kind, Status
from app.db import models
from app.db.models import Derivation
from app.db.repositories.memories import derivations, memories
from app.memory.consolidation.condensation import joined
from app.memory.consolidation.derivation import MIN_SOURCES, Draft, narrowed
from app.memory.consolidation.insights import (
    INSIGHT_SCHEMA,
    PORTRAIT_CHANGED,
    PORTRAIT_SCHEMA,
    Concluded,
    Known,
    clusters,
    families,
    insight_messages,
    parse_insight,
    parse_portrait,
    portrait,
    portrait_messages,
)
from app.resources import Resources
from app.services.consolidation import summaries
from app.services.consolidation.derivation import Outcome, Silence, Told, settle
from app.services.platform import llm_budget
from app.services.platform.jobs import Claim

CLUSTERS_AT_ONCE = 3
PORTRAIT_EVERY = timedelta(days=7)


def insights(resources: Resources, held: Claim) -> Outcome:
    """Conclude from what belongs together; at most `CLUSTERS_AT_ONCE` new questions to the model."""
    tenant_id, user_id = held.principal.tenant_id, held.user_id
    with resources.transaction(held.principal) as session:
        known = _known(memories.current(session, tenant_id, user_id))
        links = [(row.source_id, row.target_id) for row in derivations.related(session, tenant_id, user_id)]
        rows = derivations.stored(session, tenant_id, user_id, [Basis.CLUSTER])
        ids = [row.memory_id for row in rows if row.memory_id is not None]
        sources = derivations.sources_of(session, tenant_id, ids)
        stale = {memory.id for memory in derivations.stale(session, tenant_id, user_id)}
    used = {memory_id: frozenset(source.id for source in of) for memory_id, of in sources.items()}
    before = [
        Concluded(
            key=row.key,
            looked_at=row.sources,
            sources=used.get(row.memory_id, frozenset()) if row.memory_id is not None else frozenset(),
            stale=row.memory_id in stale,
        )
        for row in rows
    ]
    drafts = families(known, {one.key: one for one in before})
    if llm_budget.left(resources, held):
        drafts += clusters(known, links, before)[:CLUSTERS_AT_ONCE]
    return settle(resources, held, drafts, lambda draft: _insight(resources, held, draft, renewed=False))


def _insight(resources: Resources, held: Claim, draft: Draft, *, renewed: bool) -> Told | Silence:
    """A list needs no model. Without one, what was stale (`renewed`) says what is left of its sources."""
    if "list" in draft.tags:
        return Told(draft, draft.extract, "offline")
    reply = llm_budget.ask(resources, held, insight_messages(draft.contents), INSIGHT_SCHEMA, "insight")
    if reply is None:
        return Told(draft, draft.extract, "offline") if renewed else Silence.LATER
    found = parse_insight(reply, len(draft.sources))
    if found is None:
        return Silence.NOTHING
    text, numbers = found
    return Told(narrowed(draft, numbers), text, resources.extractor)


def portraits(resources: Resources, held: Claim) -> Outcome:
    """Paint the user's portrait once two days tell of it, and again when it changes.

    A model is asked again only when it is stale, weekly, or for five traits.
    """
    tenant_id, user_id = held.principal.tenant_id, held.user_id
    with resources.transaction(held.principal) as session:
        known = _known(memories.current(session, tenant_id, user_id))
        days = derivations.days_of(session, tenant_id, [memory.id for memory in known])
        row = derivations.one(session, tenant_id, user_id, Basis.USER, "portrait")
        painted = memories.by_ids(session, tenant_id, [row.memory_id]) if row and row.memory_id else []
        used = derivations.sources_of(session, tenant_id, [memory.id for memory in painted])
    draft = portrait(known, days)
    if draft is None:
        return Outcome()
    if resources.chat is not None and row is not None and painted and not painted[0].stale:
        linked = {source.id for source in used.get(painted[0].id, ())}
        changed = len(linked ^ {memory_id for memory_id, _ in draft.sources})
        if changed < PORTRAIT_CHANGED and resources.now() - row.at < PORTRAIT_EVERY:
            return Outcome()
    return settle(resources, held, [draft], lambda draft: _portrait(resources, held, draft))


def _portrait(resources: Resources, held: Claim, draft: Draft) -> Told:
    reply = llm_budget.ask(resources, held, portrait_messages(draft.contents), PORTRAIT_SCHEMA, "portrait")
    text = parse_portrait(reply) if reply is not None else None
    return Told(draft, text, resources.extractor) if text else Told(draft, draft.extract, "offline")


def renew(resources: Resources, held: Claim) -> Outcome:
    """Make again what is still stale from those of its sources that still hold; end what has too few.

    Summaries of sessions and days are left to `recaps`, which knows who said what in them,
    and topics to `topics`.
    """
    tenant_id, user_id = held.principal.tenant_id, held.user_id
    with resources.transaction(held.principal) as session:
        stale = derivations.stale(session, tenant_id, user_id)
        sources = derivations.sources_of(session, tenant_id, [memory.id for memory in stale])
        rows = {row.memory_id: row for row in derivations.stored(session, tenant_id, user_id, list(Basis))}
    drafts: list[Draft] = []
    gone: list[models.Memory] = []
    known: dict[str, models.Memory] = {}
    for memory in stale:
        of, row = sources.get(memory.id, []), rows.get(memory.id)
        if row is not None and row.basis in {*summaries.BASES, Basis.TOPIC}:
            continue
        if any(source.stale and not source.frozen for source in of):
            continue  # its turn comes when they are made again
        left = [source for source in of if source.status in derivations.STANDING and not source.stale]
        if memory.kind == Kind.PORTRAIT or len(left) < (1 if memory.kind == Kind.SUMMARY else MIN_SOURCES):
            gone.append(memory)
            continue
        draft = _draft(memory, row, left)
        drafts.append(draft)
        known[draft.key] = memory

    def tell(draft: Draft) -> Told | Silence:
        if draft.kind is Kind.SUMMARY:
            return summaries.tell(resources, held, draft)
        return _insight(resources, held, draft, renewed=True)

    return settle(resources, held, drafts, tell, gone, known)


def _draft(memory: models.Memory, row: Derivation | None, left: list[models.Memory]) -> Draft:
    sources = tuple((source.id, source.content) for source in left)
    return Draft(
        basis=Basis(row.basis) if row is not None else Basis.CLUSTER,
        key=row.key if row is not None else str(memory.id),
        kind=Kind(memory.kind),
        form=Form(memory.form),
        sources=sources,
        extract=joined([content for _, content in sources]),
        tags=tuple(memory.tags),
        since=memory.event_from,
        until=memory.event_to,
    )


def _known(rows: Sequence[models.Memory]) -> list[Known]:
    return [
        Known(
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
        )
        for row in rows
        if not row.stale and row.status == Status.ACTIVATED
    ]
