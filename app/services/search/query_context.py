"""Load the context of the session in which a query is asked, only if the query depends on it."""

from app.core.security import Principal
from app.core.vocabulary import Basis, Role
from app.db.repositories.ingestion import turns
from app.db.repositories.memories import derivations, history, memories
from app.db.repositories.sessions import session_states
from app.db.user_session import UserSession
from app.memory.sessions.query_rewriting import MAX_TURNS_READ, build_query_context, is_self_contained
from app.resources import Resources
from app.schemas.search import SearchIn
from app.services.memories.as_of import BitemporalPoint


def load_query_context(resources: Resources, principal: Principal, request: SearchIn) -> str:
    """What the session adds to the question; "" when it stands alone or is asked in no session.

    A question of the past is asked with the turns of then: state and summary tell of later ones.
    """
    if request.asked_in is None or is_self_contained(request.query):
        return ""
    tenant_id, user_id, session_id = principal.tenant_id, request.user_id, request.asked_in
    clocks = BitemporalPoint(request.as_of, request.known_at)
    with resources.read_transaction(principal) as session:
        if clocks:
            of_user = history.list_turns_as_of(
                UserSession(session, tenant_id, user_id), clocks.as_of, clocks.known_at
            )
            last = [turn for turn in of_user if turn.session_id == session_id][-MAX_TURNS_READ:]
            return build_query_context(
                request.query, [turn.content for turn in last if turn.role != Role.SYSTEM], {}, ""
            )
        last = turns.list_recent_turns(session, tenant_id, user_id, session_id, MAX_TURNS_READ)
        state = session_states.get_session_state(session, tenant_id, user_id, session_id)
        derived = derivations.get_derivation(
            UserSession(session, tenant_id, user_id), Basis.SESSION, session_id
        )
        found = (
            memories.list_memories_by_ids(session, tenant_id, [derived.memory_id])
            if derived and derived.memory_id
            else []
        )
        summary = "".join(m.content for m in found if m.status in derivations.VALID_STATUSES and not m.stale)
        spoken = [turn.content for turn in last if turn.role != Role.SYSTEM]
        return build_query_context(request.query, spoken, state.state if state is not None else {}, summary)
