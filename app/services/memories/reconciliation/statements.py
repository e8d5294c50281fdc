"""What the memories of a pool tell, as far as one may change another."""

from dataclasses import dataclass

from app.core.vocabulary import Form, Kind, Origin
from app.db import models
from app.db.memory_rows import NewMemory
from app.memory.reconciliation.change_matching import may_correct
from app.memory.reconciliation.timeline.replay import SaidKey
from app.memory.reconciliation.told import Told, can_end
from app.memory.types import Memory
from app.services.memories.change_set import SlotKey
from app.services.memories.validity_replay import slot_of

_UNTOLD = frozenset([Kind.EXAMPLE, Kind.SUMMARY, Kind.PORTRAIT, Kind.INSIGHT])


@dataclass(frozen=True, slots=True)
class Statement:
    """What a memory tells, and by what it was first said in valid time.

    `slot` decides when it holds, if it has one. `is_told`: somebody said it, so that what others say changes
    it. `may_correct`: its words may take back another one. `draft` is what it was read from if it is not
    stored yet.
    """

    memory: Memory
    said: SaidKey
    told: Told
    slot: SlotKey | None
    is_told: bool
    may_correct: bool
    draft: NewMemory | None


def read_statement(
    memory: Memory, row: models.Memory | NewMemory, draft: NewMemory | None, said: SaidKey
) -> Statement:
    """Return what a memory tells that was first said then."""
    at = said[0]
    told = Told(
        content=row.content,
        subject=row.subject,
        attribute=row.attribute,
        value=row.value,
        polarity=row.polarity,
        form=Form(row.form),
        is_open=can_end(row.content, row.form, row.event_from, at),
        lies_ahead=row.event_from is not None and row.event_from > at,
        said_at=at,
        happens_at=row.event_from,
    )
    return Statement(
        memory=memory,
        said=said,
        told=told,
        slot=slot_of(row),
        is_told=memory.origin is not Origin.INFERENCE and memory.kind not in _UNTOLD,
        may_correct=may_correct(row.content),
        draft=draft,
    )
