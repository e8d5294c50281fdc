"""The working set of a session, derived from its last turns: nothing is stored, so nothing goes stale."""

from app.core.security import Principal
from app.core.vocabulary import KeyScope, Kind, Status
from app.db.repositories.ingestion import turns
from app.db.repositories.memories import memories
from app.memory.sessions.working_set import MAX_TURNS_READ, MemoryUse, select_working_set
from app.resources import Resources
from app.schemas.session_states import WorkingSet, WorkingSlot


def get_working_set(
    resources: Resources, principal: Principal, user_id: str, session_id: str, slots: int
) -> WorkingSet:
    """The current memories that the session's last turns used most; empty for a session without turns."""
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    tenant_id = principal.tenant_id
    with resources.read_transaction(principal) as session:
        last = turns.list_recent_turns(session, tenant_id, user_id, session_id, MAX_TURNS_READ)
        ago = {turn.id: place for place, turn in enumerate(reversed(last))}
        said = memories.list_assertion_pairs(session, tenant_id, list(ago))
        uses = [MemoryUse(memory_id, ago[turn_id], True) for memory_id, turn_id in said]
        uses += [
            MemoryUse(shown, ago[turn.id], False) for turn in last for shown in set(turn.shown_memory_ids)
        ]
        rows = memories.list_memories_by_ids(session, tenant_id, {use.memory_id for use in uses})
    held = {row.id: row for row in rows if row.user_id == user_id and row.status == Status.ACTIVATED}
    importance = {memory_id: row.importance for memory_id, row in held.items()}
    at = {place: turn.observed_at for place, turn in enumerate(reversed(last))}
    newest: dict[object, int] = {}
    for use in uses:
        newest[use.memory_id] = min(use.turns_ago, newest.get(use.memory_id, MAX_TURNS_READ))
    items = [
        WorkingSlot(
            memory_id=memory_id,
            kind=Kind(held[memory_id].kind),
            content=held[memory_id].content,
            version=held[memory_id].version,
            score=round(score, 4),
            used_at=at[newest[memory_id]],
        )
        for memory_id, score in select_working_set(uses, importance, slots)
    ]
    return WorkingSet(items=items)
