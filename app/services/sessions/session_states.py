"""The states of sessions: each is of bounded size and changed by compare-and-set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
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
from app.memory.sessions.session_state import remove_turn, state_size, update_state
from app.memory.types import Fact, Turn
from app.resources import Resources
from app.schemas.common import STORED
from app.schemas.sessions.session_states import PutSessionState, SessionState, SessionStateOut
from app.services.platform import artifacts
from app.services.platform.jobs import JobClaim
from app.services.platform.user_context import UserContext

RECENT_TURNS = 8


def get_session_state(
    resources: Resources, principal: Principal, user_id: str, session_id: str
) -> SessionStateOut:
    """Return the state of a session. Raises `Forbidden`, and `NotFound` when there is none yet."""
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    with UserContext(resources, principal, user_id).open_transaction() as user:
        row = session_states.get_session_state(user, session_id)
    if row is None:
        raise NotFound("This session has no state.")
    return _to_session_state_out(row)


def put_session_state(
    resources: Resources, principal: Principal, session_id: str, request: PutSessionState, match: IfMatch
) -> SessionStateOut:
    """Replace the state if its version is still that of `match`; 0 = there is no state yet.

    Raises `Forbidden`, `PreconditionFailed` when the version is another, and `InvalidInput` when the state is
    too large or points to a step of no procedure.
    """
    principal.require_scope(KeyScope.WRITE)
    principal.require_user(request.user_id)
    state = request.state.model_dump(mode="json")
    limit, size = resources.settings.session_state_bytes, state_size(state)
    if size > limit:
        raise InvalidInput(f"The state may have {limit} bytes of JSON, this has {size}.", field="state")
    with UserContext(resources, principal, request.user_id).open_transaction() as user:
        users.ensure_user(user)
        if request.state.procedure is not None:
            artifacts.check_procedure_step(user, request.state.procedure)
        row = session_states.lock_session_state(user, session_id)
        match.check_version(row.version, "state")
        session_states.update_session_state(
            user.session, row, state, 0, f"key:{principal.key_id}", resources.now()
        )
    return get_session_state(resources, principal, request.user_id, session_id)


def rewrite_session_states(
    session: Session,
    resources: Resources,
    claim: JobClaim,
    read: Mapping[str, Sequence[Turn]],
    facts: Sequence[Fact],
) -> None:
    """Update the state of each session from the turns that extraction read, {session id: turns}.

    It runs in the transaction that writes the memories. A model marks goals among its facts, in the one call
    of extraction; without a model, rules find them in the turns.
    """
    user = UserSession(session, claim.principal.tenant_id, claim.user_id)
    for session_id, session_turns in sorted(read.items()):
        row = session_states.lock_session_state(user, session_id)
        mentions = (
            goals.find_goal_mentions(session_turns)
            if resources.chat is None
            else goals.goals_from_facts(facts, session_turns)
        )
        limit = resources.settings.session_state_bytes
        state, left_out = update_state(row.state, mentions, _load_recent_turns(user, row), limit)
        version = _NextVersion(state, row.goals_left_out + left_out, "extractor", resources.now())
        _write_version(session, row, version)


def forget_turn(
    user: UserSession, principal: Principal, session_id: str, turn_id: UUID, now: datetime
) -> None:
    """Remove what a deleted turn said from the state of its session; the turn's row is deleted already."""
    if session_states.get_session_state(user, session_id) is None:
        return
    row = session_states.lock_session_state(user, session_id)
    state = remove_turn(row.state, turn_id, _load_recent_turns(user, row))
    version = _NextVersion(state, row.goals_left_out, f"key:{principal.key_id}", now)
    _write_version(user.session, row, version)


@dataclass(frozen=True, slots=True)
class _NextVersion:
    """What the next version of a state contains, who writes it, and when."""

    state: dict[str, Any]
    goals_left_out: int
    actor: str
    at: datetime


def _load_recent_turns(user: UserSession, row: Row) -> list[Turn]:
    last_turns = turns.list_recent_turns(user, row.session_id, RECENT_TURNS)
    return [turns.to_turn(turn) for turn in last_turns]


def _write_version(session: Session, row: Row, version: _NextVersion) -> None:
    """Write the next version, unless goals and topics are those of the stored one."""
    same = all(version.state.get(part) == row.state.get(part, []) for part in ("goals", "topics"))
    if not same or version.goals_left_out != row.goals_left_out:
        session_states.update_session_state(
            session, row, version.state, version.goals_left_out, version.actor, version.at
        )


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
