"""The state of a session: of constant size, changed by compare-and-set."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.errors import InvalidInput, NotFound
from app.core.preconditions import IfMatch
from app.core.security import Principal
from app.core.vocabulary import KeyScope
from app.db.models import SessionState as Row
from app.db.repositories.ingestion import turns
from app.db.repositories.platform import users
from app.db.repositories.sessions import session_states
from app.db.user_session import UserSession
from app.memory.sessions import goals
from app.memory.sessions.session_state import remove_turn, state_size
from app.memory.sessions.session_state import update_state as rewritten
from app.memory.types import Fact, Turn
from app.resources import Resources
from app.schemas.common import STORED
from app.schemas.session_states import SessionState, SessionStateIn, SessionStateOut
from app.services.platform import artifacts
from app.services.platform.jobs import JobClaim

RECENT_TURNS = 8


def get_session_state(
    resources: Resources, principal: Principal, user_id: str, session_id: str
) -> SessionStateOut:
    """The state of a session. Raises `NotFound` when there is none yet."""
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    with resources.open_transaction(principal) as session:
        row = session_states.get_session_state(session, principal.tenant_id, user_id, session_id)
    if row is None:
        raise NotFound("This session has no state.")
    return _to_session_state_out(row)


def put_session_state(
    resources: Resources, principal: Principal, session_id: str, request: SessionStateIn, match: IfMatch
) -> SessionStateOut:
    """Replace the state if it is still at the version of `match`; 0 = there is none yet.

    Raises `PreconditionFailed` when it has moved on, `InvalidInput` when it is too large.
    """
    principal.require_scope(KeyScope.WRITE)
    principal.require_user(request.user_id)
    state = request.state.model_dump(mode="json")
    limit, found = resources.settings.session_state_bytes, state_size(state)
    if found > limit:
        raise InvalidInput(f"The state may have {limit} bytes of JSON, this has {found}.", field="state")
    tenant_id = principal.tenant_id
    with resources.open_transaction(principal) as session:
        users.ensure_user(UserSession(session, tenant_id, request.user_id))
        if request.state.procedure is not None:
            artifacts.check_procedure_step(session, principal, request.user_id, request.state.procedure)
        row = session_states.lock_session_state(session, tenant_id, request.user_id, session_id)
        match.check_version(row.version, "state")
        session_states.update_session_state(
            session, row, state, 0, f"key:{principal.key_id}", resources.now()
        )
    return get_session_state(resources, principal, request.user_id, session_id)


def rewrite_session_states(
    session: Session,
    resources: Resources,
    claim: JobClaim,
    read: Mapping[str, Sequence[Turn]],
    facts: Sequence[Fact],
) -> None:
    """Carry what was read of each session into its state, in the transaction that writes its memories.

    A model marks goals among its facts, in the one call of extraction; without one, rules find them.
    """
    tenant_id, user_id = claim.principal.tenant_id, claim.user_id
    for session_id, of_session in sorted(read.items()):
        row = session_states.lock_session_state(session, tenant_id, user_id, session_id)
        by_rules = resources.chat is None
        mentions = (
            goals.find_goal_mentions(of_session) if by_rules else goals.goals_from_facts(facts, of_session)
        )
        limit = resources.settings.session_state_bytes
        state, left_out = rewritten(row.state, mentions, _load_recent_turns(session, row), limit)
        _write_version(session, resources, row, state, row.goals_left_out + left_out, "extractor")


def forget_turn(
    session: Session, resources: Resources, principal: Principal, of: tuple[str, str], turn_id: UUID
) -> None:
    """Take what a turn of (user, session) said out of the state; it is gone from the log already."""
    if session_states.get_session_state(session, principal.tenant_id, *of) is None:
        return
    row = session_states.lock_session_state(session, principal.tenant_id, *of)
    state = remove_turn(row.state, turn_id, _load_recent_turns(session, row))
    _write_version(session, resources, row, state, row.goals_left_out, f"key:{principal.key_id}")


def _load_recent_turns(session: Session, row: Row) -> list[Turn]:
    last = turns.list_recent_turns(session, row.tenant_id, row.user_id, row.session_id, RECENT_TURNS)
    return [turns.to_turn(turn) for turn in last]


def _write_version(
    session: Session, resources: Resources, row: Row, state: dict[str, Any], left_out: int, actor: str
) -> None:
    """A new version, unless nothing has changed."""
    same = all(state.get(part) == row.state.get(part, []) for part in ("goals", "topics"))
    if not same or left_out != row.goals_left_out:
        session_states.update_session_state(session, row, state, left_out, actor, resources.now())


def _to_session_state_out(row: Row) -> SessionStateOut:
    return SessionStateOut(
        user_id=row.user_id,
        session_id=row.session_id,
        version=row.version,
        state=SessionState.model_validate(row.state, context=STORED),
        bytes=state_size(row.state),
        goals_left_out=row.goals_left_out,
        actor=row.actor,
        updated_at=row.updated_at,
    )
