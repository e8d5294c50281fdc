"""Read the turn ledger."""

from uuid import UUID

from app.core.errors import NotFound
from app.core.security import Principal
from app.core.vocabulary import KeyScope, TurnState
from app.db import models
from app.db.repositories.ingestion import turns
from app.resources import Resources
from app.schemas.ingestion.turns import TurnOut, TurnPage
from app.schemas.memories.metadata_filters import MetadataFilter
from app.services.memories.metadata_conditions import to_condition_or_none
from app.services.platform.pagination import decode_cursor, encode_cursor
from app.services.platform.user_context import UserContext


def list_turns(
    resources: Resources,
    principal: Principal,
    *,
    user_id: str,
    matching: turns.TurnFilter,
    cursor: str | None,
    limit: int,
    is_counted: bool = False,
    newest_first: bool = False,
) -> TurnPage:
    """List a user's turns in the order of their ids; `is_counted`: with the number of all that match.

    `newest_first` reverses the order; a cursor goes on in the order that is asked for with it.

    Raises `Forbidden`, and `InvalidInput` for a bad cursor.
    """
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    after = decode_cursor(cursor)
    with UserContext(resources, principal, user_id).open_transaction() as user:
        rows = turns.list_turns(user, matching, after=after, limit=limit + 1, newest_first=newest_first)
        total = turns.count_turns(user, matching) if is_counted else None
    return TurnPage(
        items=[to_turn_out(row) for row in rows[:limit]],
        total=total,
        next_cursor=encode_cursor([row.id for row in rows], limit),
    )


def to_turn_filter(
    session_id: str | None, state: TurnState | None, metadata: MetadataFilter | None
) -> turns.TurnFilter:
    """The filter of a list of turns; what is None is not applied."""
    return turns.TurnFilter(session_id, state, to_condition_or_none(metadata))


def get_turn(resources: Resources, principal: Principal, turn_id: UUID) -> TurnOut:
    """Return one turn and what extraction made of it. Raises `Forbidden`, `NotFound`."""
    principal.require_scope(KeyScope.READ)
    with resources.open_transaction(principal) as session:
        row = turns.get_turn(session, principal.tenant_id, turn_id)
        if row is None:
            raise NotFound("There is no such turn.")
        return to_turn_out(row)


def to_turn_out(row: models.Turn) -> TurnOut:
    """Convert a stored turn to the response."""
    values = {n: getattr(row, n) for n in TurnOut.model_fields if n not in {"metadata", "reason"}}
    return TurnOut(**values, metadata=row.metadata_, reason=row.state_reason)
