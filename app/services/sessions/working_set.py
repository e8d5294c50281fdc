"""The working set of a session. It is computed from the last turns at each request, so it is never stale."""

from app.core.security import Principal
from app.core.vocabulary import KeyScope, Kind, Status
from app.db.repositories.ingestion import turns
from app.db.repositories.memories import memories
from app.memory.sessions.working_set import MAX_TURNS_READ, MemoryUse, select_working_set
from app.resources import Resources
from app.schemas.sessions.session_states import WorkingSet, WorkingSlot
from app.services.platform.user_context import UserContext


def get_working_set(
    resources: Resources, principal: Principal, user_id: str, session_id: str, slots: int
) -> WorkingSet:
    """Return the current memories that the session's last turns used most, at most `slots`.

    The set is empty for a session without turns. Raises `Forbidden`.
    """
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    with UserContext(resources, principal, user_id).read_transaction() as user:
        session, tenant_id = user.session, user.tenant_id
        last_turns = turns.list_recent_turns(user, session_id, MAX_TURNS_READ)
        turns_ago = {turn.id: ago for ago, turn in enumerate(reversed(last_turns))}
        assertion_pairs = memories.list_assertion_pairs(session, tenant_id, list(turns_ago))
        uses = [MemoryUse(memory_id, turns_ago[turn_id], True) for memory_id, turn_id in assertion_pairs]
        uses += [
            MemoryUse(memory_id, turns_ago[turn.id], False)
            for turn in last_turns
            for memory_id in set(turn.shown_memory_ids)
        ]
        rows = memories.list_memories_by_ids(session, tenant_id, {use.memory_id for use in uses})
    current = {row.id: row for row in rows if row.user_id == user_id and row.status == Status.ACTIVATED}
    importance = {memory_id: row.importance for memory_id, row in current.items()}
    used_at = {ago: turn.observed_at for ago, turn in enumerate(reversed(last_turns))}
    last_use: dict[object, int] = {}
    for use in uses:
        last_use[use.memory_id] = min(use.turns_ago, last_use.get(use.memory_id, MAX_TURNS_READ))
    items = [
        WorkingSlot(
            memory_id=memory_id,
            kind=Kind(current[memory_id].kind),
            content=current[memory_id].content,
            version=current[memory_id].version,
            score=round(score, 4),
            used_at=used_at[last_use[memory_id]],
        )
        for memory_id, score in select_working_set(uses, importance, slots)
    ]
    return WorkingSet(items=items)
