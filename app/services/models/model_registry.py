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
    """Other models are in use than those that the work was begun with: nothing of it was written."""


@dataclass(frozen=True, slots=True)
class EmbeddedTexts:
    """The vectors of n texts: (n, d) by the model in use, and by the one to follow it, if there is one."""

    active: Vectors
    target: Vectors | None

    def vector_pair(self, row: int) -> VectorPair:
        """Both vectors of one text."""
        return self.active[row], self.target[row] if self.target is not None else None


def current_models(resources: Resources) -> EmbeddersInUse:
    """The models in use, as far as this process knows: `search.refresh` and `hold_models` find out."""
    return resources.embedders.in_use or load_models(resources)


def load_models(resources: Resources) -> EmbeddersInUse:
    """Read from the database which models are in use; on the first start of all, the configured one."""
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
    """Raise `StartupRefused` when the settings name a model that the database has never heard of."""
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
    """Do the work with the models in use; should they change meanwhile, do it again with the new ones."""
    in_use = current_models(resources)
    while True:
        try:
            return work(in_use)
        except ModelsChanged:
            in_use = load_models(resources)


def embed_texts(in_use: EmbeddersInUse, texts: Sequence[str]) -> EmbeddedTexts:
    """Embed by the model in use and by the one to follow it. Raises `UpstreamFailed` for the former only.

    What the latter misses is found by the re-embedding under way before it switches.
    """
    active = in_use.active.embed(texts)
    if in_use.target is None or not texts:
        return EmbeddedTexts(active, None)
    try:
        return EmbeddedTexts(active, in_use.target.embed(texts))
    except UpstreamFailed as failure:
        log.warning("not_embedded_by_the_next_model", model=in_use.target.model_id, error=failure.code)
        return EmbeddedTexts(active, None)


def lock_models(session: Session, in_use: EmbeddersInUse) -> None:
    """Keep the models as they are until the transaction ends. Raises `ModelsChanged` if they are others."""
    if embedding_models.get_locked_serial(session) != in_use.serial:
        raise ModelsChanged


def to_model_row(spec: ModelSpec) -> dict[str, str | int]:
    """The row of a model."""
    return {
        "model_id": spec.model_id,
        "dimensions": spec.dimensions,
        "embeddings": spec.embeddings,
        "model": spec.model,
        "query_prefix": spec.query_prefix,
        "passage_prefix": spec.passage_prefix,
    }


def _to_model_spec(row: models.EmbeddingModel) -> ModelSpec:
    return ModelSpec(row.embeddings, row.model, row.dimensions, row.query_prefix, row.passage_prefix)
