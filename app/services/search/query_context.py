"""Load the context of the session in which a query is asked, only if the query depends on it."""

from collections.abc import Sequence

from app.core.vocabulary import Basis, Role
from app.db.models import Turn
from app.db.repositories.ingestion import turns
from app.db.repositories.memories import derivations, history, memories
from app.db.repositories.sessions import session_states
from app.memory.sessions.query_rewriting import MAX_TURNS_READ, build_query_context, is_self_contained
from app.schemas.search.search import SearchMemory
from app.services.memories.as_of import BitemporalPoint
from app.services.platform.user_context import UserContext


def load_query_context(ctx: UserContext, request: SearchMemory) -> str:
    """Return the words that the session adds to the question.

    They are "" for a question that stands alone or is asked in no session. A question of the past is asked
    with the turns of then alone, because the session's state and summary tell of later turns too.
    """
    if request.asked_in is None or is_self_contained(request.query):
        return ""
    session_id = request.asked_in
    point = BitemporalPoint(request.as_of, request.known_at)
    with ctx.read_transaction() as user:
        if point:
            all_turns = history.list_turns_as_of(user, point.as_of, point.known_at)
            last_turns = [turn for turn in all_turns if turn.session_id == session_id][-MAX_TURNS_READ:]
            return build_query_context(request.query, _spoken_contents(last_turns), {}, "")
        last_turns = turns.list_recent_turns(user, session_id, MAX_TURNS_READ)
        state = session_states.get_session_state(user, session_id)
        derivation = derivations.get_derivation(user, Basis.SESSION, session_id)
        summaries = (
            memories.list_memories_by_ids(user.session, user.tenant_id, [derivation.memory_id])
            if derivation and derivation.memory_id
            else []
        )
    summary = "".join(
        memory.content
        for memory in summaries
        if memory.status in derivations.VALID_STATUSES and not memory.stale
    )
    state_document = state.state if state is not None else {}
    return build_query_context(request.query, _spoken_contents(last_turns), state_document, summary)


def _spoken_contents(session_turns: Sequence[Turn]) -> list[str]:
    return [turn.content for turn in session_turns if not Role(turn.role).is_instruction]
