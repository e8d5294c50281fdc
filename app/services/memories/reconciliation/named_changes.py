"""Apply the changes that a statement names: of a memory that a model chose, or of what it describes."""

from uuid import UUID

import structlog

from app.core.vocabulary import ChangeKind, Origin, Status
from app.memory.reconciliation.nomination import object_words
from app.memory.reconciliation.topic_values import topics_among
from app.memory.types import Change, Fact, Memory
from app.services.memories.reconciliation.memory_pool import MemoryPool
from app.services.memories.reconciliation.statement_changes import relate_statements

log = structlog.get_logger(__name__)
_LIVING = frozenset({Status.ACTIVATED, Status.ARCHIVED})


def apply_named_changes(pool: MemoryPool, index: int, memory_id: UUID) -> None:
    """Apply the changes of a fact that became a memory, or was added to one."""
    fact = pool.batch.facts[index]
    for named in fact.changes:
        if named.target_id is None:
            targets = _find_targets(pool, fact, memory_id, named)
            reason = f"it says so: {named.kind}"
        else:
            targets = [named.target_id] if named.target_id in pool.known else []
            reason = f"model: {named.kind}"
        if not targets:
            log.info("change_without_target", memory_id=str(memory_id), kind=str(named.kind))
        for target in targets:
            relate_statements(pool, memory_id, target, named.kind, reason)


def _find_targets(pool: MemoryPool, fact: Fact, memory_id: UUID, named: Change) -> list[UUID]:
    """The current memories that a change describes: all that an end concerns, else what was said last."""
    said_before = None
    if named.attribute is None and not named.words:
        said_before = set(pool.ids_said_before(fact))
    told = max(pool.told_at(one) for one in pool.said_of(memory_id))
    found = [
        memory.id
        for memory in pool.known.values()
        if memory.id != memory_id
        and (memory.id in said_before if said_before is not None else _is_described(memory, fact, named))
        and memory.status in _LIVING
        and memory.origin is not Origin.INFERENCE
        and any(pool.told_at(one) <= told for one in pool.said_of(memory.id))
    ]
    if named.kind is ChangeKind.END or said_before is not None:
        return found
    latest = max((_last_told(pool, one) for one in found), default=None)
    return [one for one in found if _last_told(pool, one) == latest]


def _last_told(pool: MemoryPool, memory_id: UUID) -> tuple[object, ...]:
    return max((pool.told_at(one), one.session_id, one.position) for one in pool.said_of(memory_id))


def _is_described(memory: Memory, fact: Fact, named: Change) -> bool:
    subject = named.subject or (fact.slot.subject if fact.slot is not None else fact.subject)
    own = memory.slot.subject if memory.slot is not None else memory.subject
    if subject is not None and own is not None and subject != own:
        return False
    if named.words and object_words(" ".join(named.words)) <= object_words(memory.content):
        return True
    if named.attribute is None:
        return False
    slot = memory.slot.attribute.split(":")[0] if memory.slot is not None else None
    return slot == named.attribute or bool(topics_among(memory.content, frozenset([named.attribute])))
