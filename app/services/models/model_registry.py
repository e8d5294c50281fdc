"""The embedding models in use: every process works with those that the database names, at each moment."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import structlog
from sqlalchemy.orm import Session

from app.core.errors import StartupRefused, UpstreamFailed
from app.db import models
from app.db.repositories.models import embedding_models
from app.llm.embedders import InUse
from app.llm.embeddings import Vectors
from app.llm.model_specs import ModelSpec
from app.memory.numeric import Array
from app.resources import Resources

log = structlog.get_logger(__name__)
Result = TypeVar("Result")
VectorPair = tuple[Array, Array | None]


class ModelsChanged(Exception):
    """Other models are in use than those that the work was begun with: nothing of it was written."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """The vectors of n texts: (n, d) by the model in use, and by the one to follow it, if there is one."""

    active: Vectors
    target: Vectors | None

    def pair(self, row: int) -> VectorPair:
        """Both vectors of one text."""
        return self.active[row], self.target[row] if self.target is not None else None


def current(resources: Resources) -> InUse:
    """The models in use, as far as this process knows: `search.refresh` and `hold_models` find out."""
    return resources.embedders.in_use or load(resources)


def load(resources: Resources) -> InUse:
    """Read from the database which models are in use; on the first start of all, the configured one."""
    embedders = resources.embedders
    with resources.transaction(None) as session:
        rows = embedding_models.every(session)
        if not rows:
            embedding_models.add_first(session, columns(embedders.configured))
            rows = embedding_models.every(session)
        target_id = embedding_models.target_id(session)
    specs = {row.model_id: _spec(row) for row in rows}
    active = rows[0]
    in_use = InUse(
        serial=active.serial,
        spec=specs[active.model_id],
        active=embedders.of(specs[active.model_id]),
        target=embedders.of(specs[target_id]) if target_id is not None else None,
        others=len(rows) > 1,
    )
    embedders.in_use = in_use
    return in_use


def check(resources: Resources) -> None:
    """Raise `StartupRefused` when the settings name a model that the database has never heard of."""
    configured = resources.embedders.configured
    in_use = load(resources)
    with resources.transaction(None) as session:
        known = {row.model_id for row in embedding_models.every(session)}
        if configured.model_id in known:
            embedding_models.note(session, columns(configured))
    if configured.model_id not in known:
        raise StartupRefused(
            f"The stored vectors are of {in_use.spec.model_id}, but the settings name {configured.model_id}."
            " Set MEMCUBED_EMBEDDINGS and what belongs to it back, start, and change the model with"
            " `memcubed reembed`: see docs/operations.md."
        )
    if configured.model_id != in_use.spec.model_id:
        log.warning("embeddings_setting_outdated", setting=configured.model_id, in_use=in_use.spec.model_id)


def with_models(resources: Resources, work: Callable[[InUse], Result]) -> Result:
    """Do the work with the models in use; should they change meanwhile, do it again with the new ones."""
    in_use = current(resources)
    while True:
        try:
            return work(in_use)
        except ModelsChanged:
            in_use = load(resources)


def embed(in_use: InUse, texts: Sequence[str]) -> Embedded:
    """Embed by the model in use and by the one to follow it. Raises `UpstreamFailed` for the former only.

    What the latter misses is found by the re-embedding under way before it switches.
    """
    active = in_use.active.embed(texts)
    if in_use.target is None or not texts:
        return Embedded(active, None)
    try:
        return Embedded(active, in_use.target.embed(texts))
    except UpstreamFailed as failure:
        log.warning("not_embedded_by_the_next_model", model=in_use.target.model_id, error=failure.code)
        return Embedded(active, None)


def hold_models(session: Session, in_use: InUse) -> None:
    """Keep the models as they are until the transaction ends. Raises `ModelsChanged` if they are others."""
    if embedding_models.held_serial(session) != in_use.serial:
        raise ModelsChanged


def columns(spec: ModelSpec) -> dict[str, str | int]:
    """The row of a model."""
    return {
        "model_id": spec.model_id,
        "dimensions": spec.dimensions,
        "embeddings": spec.embeddings,
        "model": spec.model,
        "query_prefix": spec.query_prefix,
        "passage_prefix": spec.passage_prefix,
    }


def _spec(row: models.EmbeddingModel) -> ModelSpec:
    return ModelSpec(row.embeddings, row.model, row.dimensions, row.query_prefix, row.passage_prefix)
