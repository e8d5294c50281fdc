"""Accept turns: committed before the response is sent, idempotent when repeated."""

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.errors import Conflict
from app.core.ids import new_id
from app.core.security import Principal
from app.core.telemetry import TURNS_ACCEPTED
from app.core.vocabulary import KeyScope, Stage
from app.db.repositories.ingestion import turns
from app.db.repositories.platform import users
from app.db.user_session import UserSession
from app.memory.reconciliation.decisions import normalise_text
from app.resources import Resources
from app.schemas.turns import TurnIn, TurnsAccepted, TurnsIn
from app.services.platform import keys
from app.services.platform.idempotency import find_stored_response, hash_request, store_response


def accept_turns(
    resources: Resources, principal: Principal, request: TurnsIn, idempotency_key: str | None
) -> TurnsAccepted:
    """Store the turns and their job in one transaction; `ring` tells the workers.

    Raises `Conflict` when the Idempotency-Key came with another body, or a ref with other content.
    """
    with resources.open_transaction(principal) as session:
        answer, stored = _accept_turns(session, resources, principal, request, idempotency_key)
    TURNS_ACCEPTED.inc(stored)
    return answer


def accept_turns_by_key(
    resources: Resources, key: str, request: TurnsIn, idempotency_key: str | None
) -> tuple[TurnsAccepted, Principal]:
    """As `accept`, of whoever calls with this bearer key. Raises `Unauthorized` too."""
    with keys.authenticated_transaction(resources, key) as (session, principal):
        answer, stored = _accept_turns(session, resources, principal, request, idempotency_key)
    TURNS_ACCEPTED.inc(stored)
    return answer, principal


def _accept_turns(
    session: Session, resources: Resources, principal: Principal, request: TurnsIn, key: str | None
) -> tuple[TurnsAccepted, int]:
    """(the answer, how many turns are new)."""
    principal.require_scope(KeyScope.WRITE)
    principal.require_user(request.user_id)
    of_user, digest = (principal.tenant_id, request.user_id), b""
    if key is not None:
        digest = hash_request(request)
        users.next_revision(
            UserSession(session, *of_user)
        )  # its lock: of two posts at once the second is the repetition
        given = find_stored_response(session, principal, request.user_id, key, digest)
        if given is not None:
            return TurnsAccepted.model_validate(given), 0
    claim = turns.claim_positions(session, *of_user, request.session_id, len(request.turns))
    answer = _store_turns(session, resources, principal.tenant_id, request, claim)
    store_response(session, principal, request.user_id, key, digest, answer.model_dump(mode="json"))
    return answer, len(answer.turn_ids) - answer.duplicates


def notify_workers(resources: Resources) -> None:
    """Tell the workers that turns wait; when nobody tells them the sweep finds the job."""
    resources.notifier.notify_workers(Stage.INGEST)


def _store_turns(
    session: Session, resources: Resources, tenant_id: str, request: TurnsIn, claim: turns.ClaimedPositions
) -> TurnsAccepted:
    refs = [turn.ref for turn in request.turns if turn.ref is not None]
    known = turns.load_ids_by_ref(session, tenant_id, request.user_id, request.session_id, refs)
    _refuse_changed_turns(session, tenant_id, request.turns, known)
    job_id, now = new_id(), resources.now()
    rows: list[dict[str, Any]] = []
    ids: list[UUID] = []
    for position, turn in enumerate(request.turns, start=claim.position):
        if turn.ref is not None and turn.ref in known:
            ids.append(known[turn.ref])
            continue
        turn_id = new_id()
        row = _to_turn_row(turn, request) | {
            "tenant_id": tenant_id,
            "id": turn_id,
            "position": position,
            "observed_at": turn.observed_at or now,
            "recorded_at": now,
            "job_id": job_id,
            "revision": claim.revision,
        }
        rows.append(row)
        ids.append(turn_id)
        if turn.ref is not None:
            known[turn.ref] = turn_id
    if request.close_session:
        turns.close_session(session, tenant_id, request.user_id, request.session_id)
    if not rows and not request.close_session:
        stored = turns.get_turn(session, tenant_id, ids[0])
        job_id = stored.job_id if stored is not None else job_id
        return TurnsAccepted(turn_ids=ids, job_id=job_id, duplicates=len(ids))
    job = {
        "tenant_id": tenant_id,
        "id": job_id,
        "user_id": request.user_id,
        "session_id": request.session_id,
        "turns_total": len(rows),
        "close_session": request.close_session,
    }
    turns.insert_turns_with_job(session, job, rows)
    return TurnsAccepted(turn_ids=ids, job_id=job_id, duplicates=len(ids) - len(rows))


def _refuse_changed_turns(
    session: Session, tenant_id: str, incoming: Sequence[TurnIn], known: dict[str, UUID]
) -> None:
    """A turn is immutable: the same ref with other words is a mistake that the client must hear of."""
    stored = (
        {turn.id: turn for turn in turns.load_turns(session, tenant_id, list(known.values()))}
        if known
        else {}
    )
    seen: dict[str, str] = {ref: stored[turn_id].content for ref, turn_id in known.items()}
    for index, turn in enumerate(incoming):
        if turn.ref is None:
            continue
        if normalise_text(seen.setdefault(turn.ref, turn.content)) != normalise_text(turn.content):
            raise Conflict(
                f"The ref {turn.ref!r} is stored with other content; a turn can't be changed.",
                field=f"turns[{index}].ref",
            )


def _to_turn_row(turn: TurnIn, request: TurnsIn) -> dict[str, Any]:
    return {
        "user_id": request.user_id,
        "session_id": request.session_id,
        "agent_id": request.agent_id,
        "role": turn.role,
        "name": turn.name,
        "content": turn.content,
        "content_hash": hashlib.sha256(turn.content.encode()).digest(),
        "ref": turn.ref,
        "metadata_": turn.metadata,
        "place": turn.place.model_dump() if turn.place is not None else None,
        "shown_memory_ids": turn.shown_memory_ids,
    }
