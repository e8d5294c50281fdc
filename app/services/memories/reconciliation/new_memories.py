"""Build the memory that a fact becomes."""

from datetime import datetime
from uuid import UUID

from app.core.instants import utc_offset_minutes
from app.core.vocabulary import Form, Origin
from app.db.memory_rows import NewMemory
from app.memory.reconciliation.decisions import content_hash
from app.memory.reconciliation.stays import own_end
from app.memory.reconciliation.timeline.reliance import default_volatility
from app.memory.types import Fact


def distinct_hash(fact: Fact) -> bytes:
    """The hash of a content that another memory has with another meaning: of its words, slot and day."""
    slot = "" if fact.slot is None else "\x1f".join((fact.slot.subject, fact.slot.attribute, fact.slot.value))
    day = "" if fact.event_from is None else fact.event_from.isoformat()
    return content_hash(f"{fact.content}\x1f{slot}\x1f{fact.polarity}\x1f{day}")


def new_memory(
    memory_id: UUID,
    fact: Fact,
    *,
    origin: Origin,
    confidence: float,
    valid_from: datetime | None,
    anchor_at: datetime,
) -> NewMemory:
    """Return a new memory of what a fact says; `anchor_at` is when it was learned."""
    slot = fact.slot
    return NewMemory(
        id=memory_id,
        kind=fact.kind,
        form=fact.form,
        content=fact.content,
        content_hash=content_hash(fact.content),
        origin=origin,
        confidence=confidence,
        importance=fact.importance,
        valid_from=valid_from,
        valid_to=own_end(fact.content, valid_from) if valid_from and fact.form is Form.STATE else None,
        utc_offset=utc_offset_minutes(valid_from),
        anchor_at=anchor_at,
        volatility=default_volatility(fact.form, slot.attribute if slot else None),
        subject=slot.subject if slot else fact.subject,
        attribute=slot.attribute if slot else None,
        value=slot.value if slot else None,
        polarity=fact.polarity,
        keywords=list(fact.keywords),
        tags=list(fact.tags),
        entities=list(fact.entities),
        context=fact.context,
        place=_to_place(fact),
        event_from=fact.event_from,
        event_to=fact.event_to,
        event_precision=fact.event_precision,
    )


def _to_place(fact: Fact) -> dict[str, object] | None:
    if fact.location is None:
        return None
    return {"name": fact.location.name, "lat": fact.location.lat, "lon": fact.location.lon}
