"""Accept turns: they are committed before the response is sent, and repeating a request changes nothing."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.core.errors import Conflict
from app.core.ids import new_id
from app.core.instants import utc_offset_minutes
from app.core.security import Principal
from app.core.telemetry import TURNS_ACCEPTED
from app.core.vocabulary import KeyScope, Stage, TurnState
from app.db.repositories.ingestion import turns
from app.db.repositories.platform import users
from app.db.user_session import UserSession
from app.memory.reconciliation.decisions import normalise_text
from app.resources import Resources
from app.schemas.ingestion.turns import AcceptedTurns, AddTurns, NewTurn
from app.services.platform import keys
from app.services.platform.idempotency import find_stored_response, hash_request, store_response
from app.services.platform.user_context import UserContext

NO_TEXT_REASON = "a call of a tool says nothing"


def accept_turns(
    resources: Resources, principal: Principal, request: AddTurns, idempotency_key: str | None
) -> AcceptedTurns:
    """Store the turns and their job in one transaction; `notify_workers` tells the workers afterwards.

    Raises `Forbidden`, and `Conflict` when the Idempotency-Key came with another body, or a ref with other
    content.
    """
    ctx = UserContext(resources, principal, request.user_id)
    with ctx.open_transaction() as user:
        accepted, new_count = _accept_turns(ctx, user, request, idempotency_key)
    TURNS_ACCEPTED.inc(new_count)
    return accepted


def accept_turns_by_key(
    resources: Resources, key: str, request: AddTurns, idempotency_key: str | None
) -> tuple[AcceptedTurns, Principal]:
    """Do the same as `accept_turns` for the bearer of this API key, and return the bearer too.

    Raises `Unauthorized` as well.
    """
    with keys.authenticated_transaction(resources, key) as (session, principal):
        ctx = UserContext(resources, principal, request.user_id)
        user = UserSession(session, ctx.tenant_id, ctx.user_id)
        accepted, new_count = _accept_turns(ctx, user, request, idempotency_key)
    TURNS_ACCEPTED.inc(new_count)
    return accepted, principal


def _accept_turns(
    ctx: UserContext, user: UserSession, request: AddTurns, key: str | None
) -> tuple[AcceptedTurns, int]:
    """Store the turns; return the response, and how many turns are new."""
    ctx.principal.require_scope(KeyScope.WRITE)
    ctx.principal.require_user(request.user_id)
    digest = b""
    if key is not None:
        digest = hash_request(request)
        # This takes the user's lock: of two concurrent requests with the same key, the second is the
        # repetition.
        users.next_revision(user)
        stored = find_stored_response(user, key, digest)
        if stored is not None:
            return AcceptedTurns.model_validate(stored), 0
    claim = turns.claim_positions(user, request.session_id, len(request.turns))
    accepted = _store_turns(user, request, claim, ctx.resources.now())
    store_response(user, key, digest, accepted.model_dump(mode="json"))
    return accepted, len(accepted.turn_ids) - accepted.duplicates


def notify_workers(resources: Resources) -> None:
    """Tell the workers that turns wait. If the message is lost, the sweep finds the job."""
    resources.notifier.notify_workers(Stage.INGEST)


def _store_turns(
    user: UserSession, request: AddTurns, claim: turns.ClaimedPositions, now: datetime
) -> AcceptedTurns:
    session, tenant_id = user.session, user.tenant_id
    refs = [turn.ref for turn in request.turns if turn.ref is not None]
    id_by_ref = turns.load_ids_by_ref(user, request.session_id, refs)
    _refuse_changed_turns(user, request.turns, id_by_ref)
    job_id = new_id()
    rows: list[turns.NewTurn] = []
    ids: list[UUID] = []
    for position, turn in enumerate(request.turns, start=claim.position):
        if turn.ref is not None and turn.ref in id_by_ref:
            ids.append(id_by_ref[turn.ref])
            continue
        turn_id = new_id()
        rows.append(_to_new_turn(turn, request, turn_id, position, now))
        ids.append(turn_id)
        if turn.ref is not None:
            id_by_ref[turn.ref] = turn_id
    if request.close_session:
        turns.close_session(user, request.session_id)
    if not rows and not request.close_session:
        stored = turns.get_turn(session, tenant_id, ids[0])
        job_id = stored.job_id if stored is not None else job_id
        return AcceptedTurns(turn_ids=ids, job_id=job_id, duplicates=len(ids))
    job = turns.TurnJob(job_id, request.session_id, request.close_session)
    turns.insert_turns_with_job(user, job, rows, claim.revision)
    return AcceptedTurns(turn_ids=ids, job_id=job_id, duplicates=len(ids) - len(rows))


def _refuse_changed_turns(user: UserSession, incoming: Sequence[NewTurn], id_by_ref: dict[str, UUID]) -> None:
    """Raise `Conflict` for a ref that is known with other content, because a turn is immutable."""
    stored = (
        {turn.id: turn for turn in turns.load_turns(user.session, user.tenant_id, list(id_by_ref.values()))}
        if id_by_ref
        else {}
    )
    content_by_ref = {ref: stored[turn_id].content for ref, turn_id in id_by_ref.items()}
    for index, turn in enumerate(incoming):
        if turn.ref is None:
            continue
        first_content = content_by_ref.setdefault(turn.ref, turn.content)
        if normalise_text(first_content) != normalise_text(turn.content):
            raise Conflict(
                f"The ref {turn.ref!r} is stored with other content; a turn can't be changed.",
                field=f"turns[{index}].ref",
            )


def _to_new_turn(
    turn: NewTurn, request: AddTurns, turn_id: UUID, position: int, now: datetime
) -> turns.NewTurn:
    return turns.NewTurn(
        id=turn_id,
        session_id=request.session_id,
        agent_id=request.agent_id,
        position=position,
        role=turn.role,
        name=turn.name,
        content=turn.content,
        content_hash=hashlib.sha256(turn.content.encode()).digest(),
        ref=turn.ref,
        metadata_=turn.metadata | turn.call_metadata,
        place=turn.place.model_dump() if turn.place is not None else None,
        shown_memory_ids=turn.shown_memory_ids,
        observed_at=turn.observed_at or now,
        utc_offset=utc_offset_minutes(turn.observed_at),
        recorded_at=now,
        state=TurnState.STORED if turn.has_text else TurnState.NOTHING,
        state_reason=None if turn.has_text else NO_TEXT_REASON,
    )
