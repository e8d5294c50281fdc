"""The change of the embedding model: request it, watch it, cancel it. `backfill` does the work."""

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.errors import Conflict, Forbidden, InvalidInput
from app.core.ids import new_id
from app.core.security import Principal
from app.core.settings import FASTEMBED, LOCAL_EMBEDDINGS
from app.core.vocabulary import DEFAULT_TENANT, KeyScope, Reembed, ReembedStatus
from app.db import models
from app.db.repositories.models import embedding_models, reembeddings
from app.llm.embedders import EmbeddersInUse
from app.llm.model_specs import ModelSpec, make_spec
from app.resources import Resources
from app.schemas.models.reembedding import EmbeddingModelOut, ReembedOut, ReembedState, StartReembed
from app.services.models.model_registry import load_models, to_model_row

_PROBE_TEXT = "Where does Ann live?"


def start_reembedding(resources: Resources, principal: Principal, request: StartReembed) -> ReembedOut:
    """Probe a model, then start a run that embeds everything by it.

    Raises `Forbidden`, `InvalidInput` for a model that does not exist, `UpstreamFailed` when it can't be
    reached or gives other dimensions, `Conflict` when it is in use already or another run is under way.
    """
    _require_operator(principal)
    in_use = load_models(resources)
    spec = _requested_spec(in_use, request)
    if spec.model_id == in_use.spec.model_id:
        raise Conflict(f"{spec.model_id} is the model in use.")
    resources.embedders.get_embedder(spec).embed([_PROBE_TEXT])
    new = models.Reembedding(
        id=new_id(),
        action=Reembed.FILL,
        source_model_id=in_use.spec.model_id,
        target_model_id=spec.model_id,
        drop_old=request.drop_old,
    )
    try:
        with resources.open_transaction(None) as session:
            embedding_models.lock_serial(session)
            if embedding_models.get_serial(session) != in_use.serial:
                raise Conflict("The models have just changed: look at them, and ask again.")
            embedding_models.upsert_model(session, to_model_row(spec))
            embedding_models.bump_serial(session)
            run = _add_run(session, new)
    except IntegrityError as exc:
        raise Conflict("Another run is under way: wait for its end, or cancel it.") from exc
    resources.notifier.notify_reembed()
    return run


def get_reembedding_state(resources: Resources, principal: Principal) -> ReembedState:
    """Return the models with the numbers of their vectors, and the run under way or the last one.

    Counting reads an index of every vector, so it is not done while a run is under way, which has its
    own numbers. Raises `Forbidden`.
    """
    _require_operator(principal)
    with resources.open_transaction(None) as session:
        run = reembeddings.get_latest_run(session)
        rows = embedding_models.list_models(session)
        ended = run is None or run.status not in reembeddings.ACTIVE_STATUSES
        counts = embedding_models.count_vectors_by_model(session) if ended else {}
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
        run=_to_reembed_out(run) if run is not None else None,
    )


def cancel_reembedding(resources: Resources, principal: Principal) -> ReembedOut:
    """Cancel the run under way. Raises `Forbidden`, and `Conflict` when there is none."""
    _require_operator(principal)
    with resources.open_transaction(None) as session:
        embedding_models.lock_serial(session)
        run = reembeddings.lock_active_run(session)
        if run is None:
            raise Conflict("No run is under way.")
        run.status = ReembedStatus.CANCELLED
        run.finished_at, run.lease_until, run.worker = resources.now(), None, None
        embedding_models.bump_serial(session)
        return _to_reembed_out(run)


def drop_old_vectors(resources: Resources, principal: Principal) -> ReembedOut:
    """Start a run that drops the vectors of every model that is not in use.

    Raises `Forbidden`, and `Conflict` when there are none or another run is under way.
    """
    _require_operator(principal)
    try:
        with resources.open_transaction(None) as session:
            active_id = embedding_models.list_models(session)[0].model_id
            if not set(embedding_models.count_vectors_by_model(session)) - {active_id}:
                raise Conflict("There are no vectors of other models.")
            run = add_drop_run(session, active_id)
    except IntegrityError as exc:
        raise Conflict("Another run is under way: wait for its end, or cancel it.") from exc
    resources.notifier.notify_reembed()
    return run


def add_drop_run(session: Session, active_id: str) -> ReembedOut:
    """Insert a run that drops the vectors of every model but this one."""
    run = models.Reembedding(
        id=new_id(), action=Reembed.DROP, source_model_id=active_id, target_model_id=active_id
    )
    return _add_run(session, run)


def _require_operator(principal: Principal) -> None:
    """Raise `Forbidden` unless an admin of the operator's own tenant calls: all tenants share the model."""
    principal.require_scope(KeyScope.ADMIN)
    if principal.tenant_id != DEFAULT_TENANT or principal.user_id is not None:
        raise Forbidden(f"Only an admin key of the operator's tenant, `{DEFAULT_TENANT}`, may do that.")


def _requested_spec(in_use: EmbeddersInUse, request: StartReembed) -> ModelSpec:
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


def _add_run(session: Session, run: models.Reembedding) -> ReembedOut:
    reembeddings.insert_run(session, run)
    return _to_reembed_out(run)


def _to_reembed_out(run: models.Reembedding) -> ReembedOut:
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
