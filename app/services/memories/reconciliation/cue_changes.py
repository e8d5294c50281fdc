"""Apply the changes that the words of statements tell, where no model does."""

from datetime import datetime
from uuid import UUID

from app.core.vocabulary import Form, Kind, Origin
from app.memory.reconciliation.change_matching import find_change
from app.memory.reconciliation.end_matching import find_death
from app.memory.reconciliation.told import Finding, Told, can_end
from app.memory.types import Memory
from app.services.memories.change_set import SlotKey
from app.services.memories.reconciliation.candidates import speaker_words
from app.services.memories.reconciliation.memory_pool import MemoryPool
from app.services.memories.reconciliation.statement_changes import doubt_statements, relate_statements
from app.services.memories.validity_replay import slot_of

_UNTOLD = frozenset([Kind.EXAMPLE, Kind.SUMMARY, Kind.PORTRAIT, Kind.INSIGHT])


def apply_cues(pool: MemoryPool, memory_id: UUID, *, deaths_only: bool = False) -> None:
    """Let a statement change the stored ones that its words end, and be changed by those that end it.

    With `deaths_only` a model has told the other changes: a death ends more than it is shown.
    """
    find = find_death if deaths_only else find_change
    speakers = speaker_words(pool.batch.turns.values())
    self_names = pool.account_words() or speakers
    own = pool.get(memory_id)
    if own.kind == Kind.EXAMPLE:
        return
    said = pool.first_said(memory_id)
    if said is None:
        return
    told, key = _told(pool, memory_id, said[0]), slot_of(own)
    for other, memory in list(pool.known.items()):
        if other == memory_id or not _may_concern(pool, key, memory):
            continue
        said_of_other = pool.first_said(other)
        if said_of_other is None:
            continue
        told_of_other = _told(pool, other, said_of_other[0])
        if said >= said_of_other:
            later, earlier, found = memory_id, other, find(told, told_of_other, self_names, speakers)
        else:
            later, earlier, found = other, memory_id, find(told_of_other, told, self_names, speakers)
        if found is None:
            continue
        if found.finding is Finding.CHANGED:
            relate_statements(pool, later, earlier, found.kind, found.reason)
        else:
            doubt_statements(pool, later, earlier, found.reason)


def _may_concern(pool: MemoryPool, key: SlotKey | None, memory: Memory) -> bool:
    if memory.origin is Origin.INFERENCE or memory.kind in _UNTOLD:
        return False
    return key is None or key != slot_of(pool.get(memory.id))


def _told(pool: MemoryPool, memory_id: UUID, said: datetime) -> Told:
    draft = pool.change.created.get(memory_id)
    known = pool.told.get(memory_id)
    if known is not None and known[0] == said and known[1] is draft:
        return known[2]
    memory = pool.get(memory_id)
    told = Told(
        content=memory.content,
        subject=memory.subject,
        attribute=memory.attribute,
        value=memory.value,
        polarity=memory.polarity,
        form=Form(memory.form),
        is_open=can_end(memory.content, memory.form, memory.event_from, said),
        lies_ahead=memory.event_from is not None and memory.event_from > said,
    )
    pool.told[memory_id] = (said, draft, told)
    return told
