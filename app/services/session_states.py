"""The state of a session: of constant size, changed by compare-and-set."""

from app.core.errors import InvalidInput, NotFound, PreconditionFailed
from app.core.security import Principal
from app.core.vocabulary import Scope
from app.db.repositories import session_states, users
from app.db.state_models import SessionState as Row
from app.memory.session_state import size
from app.resources import Resources
from app.schemas.session_states import SessionState, SessionStateIn, SessionStateOut


def get(resources: Resources, principal: Principal, user_id: str, session_id: str) -> SessionStateOut:
    """The state of a session. Raises `NotFound` when there is none yet."""
    principal.require(Scope.READ)
    principal.require_user(user_id)
    with resources.transaction(principal) as session:
        row = session_states.get(session, principal.tenant_id, user_id, session_id)
    if row is None:
        raise NotFound("This session has no state.")
    return _as_out(row)


def put(
    resources: Resources, principal: Principal, session_id: str, request: SessionStateIn, version: int
) -> SessionStateOut:
    """Replace the state if it is still at `version`; 0 = there is none yet.

    Raises `PreconditionFailed` when it has moved on, `InvalidInput` when it is too large.
    """
    principal.require(Scope.WRITE)
    principal.require_user(request.user_id)
    state = request.state.model_dump(mode="json")
    limit, found = resources.settings.session_state_bytes, size(state)
    if found > limit:
        raise InvalidInput(f"The state may have {limit} bytes of JSON, this has {found}.", field="state")
    tenant_id = principal.tenant_id
    with resources.transaction(principal) as session:
        users.ensure(session, tenant_id, request.user_id)
        row = session_states.hold(session, tenant_id, request.user_id, session_id)
        if row.version != version:
            raise PreconditionFailed(
                f"The state is at version {row.version}; read it again and repeat the change.",
                field="If-Match",
            )
        session_states.write(session, row, state, 0, f"key:{principal.key_id}", resources.now())
    return get(resources, principal, request.user_id, session_id)


def _as_out(row: Row) -> SessionStateOut:
    return SessionStateOut(
        user_id=row.user_id,
        session_id=row.session_id,
        version=row.version,
        state=SessionState.model_validate(row.state),
        bytes=size(row.state),
        goals_left_out=row.goals_left_out,
        actor=row.actor,
        updated_at=row.updated_at,
    )
