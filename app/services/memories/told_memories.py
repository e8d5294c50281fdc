"""Memories by id, each with the turns that state it and what a client sent along with those."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.core.security import Principal
from app.core.vocabulary import KeyScope, Role
from app.db.repositories.memories import memories, told_turns
from app.resources import Resources
from app.schemas.memories.memories import MemoryOut
from app.services.memories.memory_reads import to_memory_outs


@dataclass(frozen=True, slots=True)
class ToldTurn:
    """A turn that states a memory, and the words in it that do."""

    turn_id: UUID
    session_id: str
    agent_id: str | None
    role: Role
    quote: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToldMemory:
    """A memory with the turns that state it, oldest first."""

    memory: MemoryOut
    turns: Sequence[ToldTurn]


def load_told_memories(
    resources: Resources, principal: Principal, memory_ids: Sequence[UUID]
) -> list[ToldMemory]:
    """Load the memories that there are among these ids, in their order. Raises `Forbidden`."""
    principal.require_scope(KeyScope.READ)
    tenant_id = principal.tenant_id
    with resources.read_transaction(principal) as session:
        rows = memories.list_memories_by_ids(session, tenant_id, memory_ids)
        served = [row for row in rows if row.status != "expired"]
        outs = {out.id: out for out in to_memory_outs(session, tenant_id, served, resources.now())}
        said = told_turns.list_told_turns(session, tenant_id, outs)
    turns: dict[UUID, list[ToldTurn]] = {}
    for row in said:
        told = ToldTurn(
            row.turn_id, row.session_id, row.agent_id, Role(row.role), row.quote, row.metadata or {}
        )
        turns.setdefault(row.memory_id, []).append(told)
    return [ToldMemory(outs[one], turns.get(one, ())) for one in memory_ids if one in outs]


def load_memories_of_turns(
    resources: Resources, principal: Principal, turn_ids: Iterable[UUID]
) -> list[ToldMemory]:
    """Load the memories that any of these turns states, oldest first. Raises `Forbidden`."""
    principal.require_scope(KeyScope.READ)
    with resources.read_transaction(principal) as session:
        pairs = memories.list_assertion_pairs(session, principal.tenant_id, list(turn_ids))
    return load_told_memories(resources, principal, sorted({memory_id for memory_id, _ in pairs}))
