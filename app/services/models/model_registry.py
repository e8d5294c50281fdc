"""The registry of embedding models: all processes use the models that the database marks as active."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import structlog
from sqlalchemy.orm import Session

from app.core.errors import StartupRefused, UpstreamFailed
from app.db import models
from app.db.repositories.models import embedding_models
from app.llm.embedders import EmbeddersInUse
from app.llm.embeddings import Vectors
from app.llm.model_specs import ModelSpec
from app.memory.numeric import FloatArray
from app.resources import Resources

log = structlog.get_logger(__name__)
Result = TypeVar("Result")
VectorPair = tuple[FloatArray, FloatArray | None]


class ModelsChanged(Exception):
    """Raised when other models are in use than when the work began; nothing of the work was written."""


@dataclass(frozen=True, slots=True)
class EmbeddedTexts:
    """The vectors (n, d) of n texts by the active model, and by the target of a re-embedding, if any."""

    active: Vectors
    target: Vectors | None

    def vector_pair(self, row: int) -> VectorPair:
        """Return both vectors (d,) of one text."""
        return self.active[row], self.target[row] if self.target is not None else None


def current_models(resources: Resources) -> EmbeddersInUse:
    """Return the models in use as far as this process knows.

    `user_indexes.refresh_index` and `lock_models` find out whether others are in use by now.
    """
    return resources.embedders.in_use or load_models(resources)


def load_models(resources: Resources) -> EmbeddersInUse:
    """Load the models in use from the database; at the very first start the configured one is inserted."""
    embedders = resources.embedders
    with resources.open_transaction(None) as session:
        rows = embedding_models.list_models(session)
        if not rows:
            embedding_models.insert_first_model(session, to_model_row(embedders.configured))
            rows = embedding_models.list_models(session)
        target_id = embedding_models.get_target_id(session)
    specs = {row.model_id: _to_model_spec(row) for row in rows}
    active = rows[0]
    in_use = EmbeddersInUse(
        serial=active.serial,
        spec=specs[active.model_id],
        active=embedders.get_embedder(specs[active.model_id]),
        target=embedders.get_embedder(specs[target_id]) if target_id is not None else None,
        others=len(rows) > 1,
    )
    embedders.in_use = in_use
    return in_use


def check_configured_model(resources: Resources) -> None:
    """Raise `StartupRefused` when the settings name a model that the database does not know."""
    configured = resources.embedders.configured
    in_use = load_models(resources)
    with resources.open_transaction(None) as session:
        known = {row.model_id for row in embedding_models.list_models(session)}
        if configured.model_id in known:
            embedding_models.upsert_model(session, to_model_row(configured))
    if configured.model_id not in known:
        raise StartupRefused(
            f"The stored vectors are of {in_use.spec.model_id}, but the settings name {configured.model_id}."
            " Set MEMCUBED_EMBEDDINGS and what belongs to it back, start, and change the model with"
            " `memcubed reembed`: see docs/operations.md."
        )
    if configured.model_id != in_use.spec.model_id:
        log.warning("embeddings_setting_outdated", setting=configured.model_id, in_use=in_use.spec.model_id)


def with_models(resources: Resources, work: Callable[[EmbeddersInUse], Result]) -> Result:
    """Do the work with the models in use; if it raises `ModelsChanged`, do it again with the new ones."""
    in_use = current_models(resources)
    while True:
        try:
            return work(in_use)
        except ModelsChanged:
            in_use = load_models(resources)


def embed_texts(in_use: EmbeddersInUse, texts: Sequence[str]) -> EmbeddedTexts:
    """Embed texts by the active model and by the target of a re-embedding, if there is one.

    Raises `UpstreamFailed` if the active model fails. Vectors that the target fails to give are backfilled
    before it is activated.
    """
    active = in_use.active.embed(texts)
    if in_use.target is None or not texts:
        return EmbeddedTexts(active, None)
    try:
        return EmbeddedTexts(active, in_use.target.embed(texts))
    except UpstreamFailed as failure:
        log.warning("not_embedded_by_target_model", model=in_use.target.model_id, error=failure.code)
        return EmbeddedTexts(active, None)


def lock_models(session: Session, in_use: EmbeddersInUse) -> None:
    """Lock the models until the transaction ends. Raises `ModelsChanged` if others are in use by now."""
    if embedding_models.get_locked_serial(session) != in_use.serial:
        raise ModelsChanged


def to_model_row(spec: ModelSpec) -> models.EmbeddingModel:
    """Convert a model's specification to its row."""
    return models.EmbeddingModel(
        model_id=spec.model_id,
        dimensions=spec.dimensions,
        embeddings=spec.embeddings,
        model=spec.model,
        query_prefix=spec.query_prefix,
        passage_prefix=spec.passage_prefix,
    )


def _to_model_spec(row: models.EmbeddingModel) -> ModelSpec:
    return ModelSpec(row.embeddings, row.model, row.dimensions, row.query_prefix, row.passage_prefix)
