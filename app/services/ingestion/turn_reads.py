"""Read the turn log."""

from uuid import UUID

from app.core.errors import NotFound
from app.core.security import Principal
from app.core.vocabulary import KeyScope, TurnState
from app.db import models
from app.db.repositories.ingestion import turns
from app.resources import Resources
from app.schemas.turns import TurnOut, TurnPage
from app.services.platform.pagination import decode_cursor, encode_cursor


def list_turns(
    resources: Resources,
    principal: Principal,
    *,
    user_id: str,
    session_id: str | None,
    state: TurnState | None,
    cursor: str | None,
    limit: int,
) -> TurnPage:
    """A user's turns in the order of their arrival."""
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    with resources.open_transaction(principal) as session:
        rows = turns.list_turns(
            session,
            principal.tenant_id,
            user_id=user_id,
            session_id=session_id,
            state=state,
            after=decode_cursor(cursor),
            limit=limit + 1,
        )
    return TurnPage(
        items=[to_turn_out(row) for row in rows[:limit]],
        next_cursor=encode_cursor([row.id for row in rows], limit),
    )


def get_turn(resources: Resources, principal: Principal, turn_id: UUID) -> TurnOut:
    """One turn and what became of it. Raises `NotFound`."""
    principal.require_scope(KeyScope.READ)
    with resources.open_transaction(principal) as session:
        row = turns.get_turn(session, principal.tenant_id, turn_id)
        if row is None:
            raise NotFound("There is no such turn.")
        return to_turn_out(row)


def to_turn_out(row: models.Turn) -> TurnOut:
    """The turn on the wire."""
    values = {n: getattr(row, n) for n in TurnOut.model_fields if n not in {"metadata", "reason"}}
    return TurnOut(**values, metadata=row.metadata_, reason=row.state_reason)
