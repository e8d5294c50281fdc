"""The change of the embedding model: asked for, watched, cancelled. `refilling` does the work."""

from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.errors import Conflict, Forbidden, InvalidInput
from app.core.ids import new_id
from app.core.security import Principal
from app.core.settings import FASTEMBED, LOCAL_EMBEDDINGS
from app.core.vocabulary import Reembed, ReembedStatus, Scope
from app.db import models
from app.db.repositories.models import embedding_models, reembeddings
from app.llm.embedders import InUse
from app.llm.model_specs import ModelSpec, make_spec
from app.resources import Resources
from app.schemas.reembedding import EmbeddingModelOut, ReembedIn, ReembedOut, ReembedState
from app.services.models.model_registry import columns, load
from app.services.platform.keys import DEFAULT_TENANT

_PROBE = "Where does Ann live?"


def start(resources: Resources, principal: Principal, request: ReembedIn) -> ReembedOut:
    """Try the model, then begin to embed everything by it.

    Raises `InvalidInput` for a model that there isn't, `UpstreamFailed` when it can't be reached or gives
    other dimensions, `Conflict` when it is in use already or while another run is under way.
    """
    _require_operator(principal)
    in_use = load(resources)
    spec = _spec(in_use, request)
    if spec.model_id == in_use.spec.model_id:
        raise Conflict(f"{spec.model_id} is the model in use.")
    resources.embedders.of(spec).embed([_PROBE])
    values = {
        "action": Reembed.FILL,
        "source_model_id": in_use.spec.model_id,
        "target_model_id": spec.model_id,
        "drop_old": request.drop_old,
    }
    try:
        with resources.transaction(None) as session:
            embedding_models.lock(session)
            if embedding_models.serial(session) != in_use.serial:
                raise Conflict("The models have just changed: look at them, and ask again.")
            embedding_models.note(session, columns(spec))
            embedding_models.bump(session)
            run = _add(session, values)
    except IntegrityError as exc:
        raise Conflict("Another run is under way: wait for its end, or cancel it.") from exc
    resources.doorbell.ring_reembed()
    return run


def state(resources: Resources, principal: Principal) -> ReembedState:
    """The models with the numbers of their vectors, and the run under way or the last one.

    Counting reads an index of every vector: not for each look at a run, which has its own numbers.
    """
    _require_operator(principal)
    with resources.transaction(None) as session:
        run = reembeddings.latest(session)
        rows = embedding_models.every(session)
        ended = run is None or run.status not in reembeddings.UNDER_WAY
        counts = embedding_models.counts(session) if ended else {}
    return ReembedState(
        models=[
            EmbeddingModelOut(
                model_id=row.model_id,
                dimensions=row.dimensions,
                active=row.active,
                vectors=counts.get(row.model_id, 0) if ended else None,
            )
            for row in rows
        ],
        run=_as_out(run) if run is not None else None,
    )


def cancel(resources: Resources, principal: Principal) -> ReembedOut:
    """End the run under way before its end. Raises `Conflict` when there is none."""
    _require_operator(principal)
    with resources.transaction(None) as session:
        embedding_models.lock(session)
        run = reembeddings.under_way(session)
        if run is None:
            raise Conflict("No run is under way.")
        run.status = ReembedStatus.CANCELLED
        run.finished_at, run.lease_until, run.worker = resources.now(), None, None
        embedding_models.bump(session)
        return _as_out(run)


def drop(resources: Resources, principal: Principal) -> ReembedOut:
    """Begin to drop the vectors of every model that is not in use. Raises `Conflict`."""
    _require_operator(principal)
    try:
        with resources.transaction(None) as session:
            active_id = embedding_models.every(session)[0].model_id
            if not set(embedding_models.counts(session)) - {active_id}:
                raise Conflict("There are no vectors of other models.")
            run = add_drop(session, active_id)
    except IntegrityError as exc:
        raise Conflict("Another run is under way: wait for its end, or cancel it.") from exc
    resources.doorbell.ring_reembed()
    return run


def add_drop(session: Session, active_id: str) -> ReembedOut:
    """Store a run that drops the vectors of every model but this one."""
    ids = {"source_model_id": active_id, "target_model_id": active_id}
    return _add(session, {"action": Reembed.DROP, **ids})


def _require_operator(principal: Principal) -> None:
    """All tenants share the model, so only an admin of the operator's own tenant may change it."""
    principal.require(Scope.ADMIN)
    if principal.tenant_id != DEFAULT_TENANT or principal.user_id is not None:
        raise Forbidden(f"Only an admin key of the operator's tenant, `{DEFAULT_TENANT}`, may do that.")


def _spec(in_use: InUse, request: ReembedIn) -> ModelSpec:
    now = in_use.spec
    embeddings = request.embeddings or now.embeddings
    of_endpoint = embeddings != LOCAL_EMBEDDINGS and not embeddings.startswith(FASTEMBED)
    for field in ("model", "dimensions"):
        if getattr(request, field) is not None and not of_endpoint:
            message = f"`{embeddings}` knows its own; name an endpoint in `embeddings` to choose."
            raise InvalidInput(message, field=field)
    same = embeddings == now.embeddings and of_endpoint
    return make_spec(
        embeddings,
        request.model or (now.model if same else None),
        request.dimensions or (now.dimensions if same else None),
        request.query_prefix,
        request.passage_prefix,
    )


def _add(session: Session, values: dict[str, Any]) -> ReembedOut:
    reembeddings.add(session, {"id": new_id()} | values)
    run = reembeddings.latest(session)
    assert run is not None
    return _as_out(run)


def _as_out(run: models.Reembedding) -> ReembedOut:
    left = run.total - run.done
    return ReembedOut(
        id=run.id,
        action=Reembed(run.action),
        source_model_id=run.source_model_id,
        target_model_id=run.target_model_id,
        status=ReembedStatus(run.status),
        drop_old=run.drop_old,
        total=run.total,
        done=run.done,
        rate=run.rate,
        remaining_seconds=round(left / run.rate, 1) if run.rate and run.finished_at is None else None,
        error=run.error,
        created_at=run.created_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
    )
