"""The HNSW indexes of users who outgrow exact search: made by a worker, dropped when they are not needed."""

import structlog

from app.core.security import Principal
from app.db.repositories.search import ann_indexes
from app.llm.embedders import EmbeddersInUse
from app.resources import Resources
from app.services.models.model_registry import with_models

log = structlog.get_logger(__name__)

EXACT_ROWS = 50_000  # vectors of a user up to which every search is exact
MIN_INDEXED_ROWS = EXACT_ROWS // 2  # below it an index is dropped


def build_ann_index_if_large(
    resources: Resources, tenant_id: str, user_id: str, above: int = EXACT_ROWS
) -> bool:
    """Index the vectors of a user who has more than `above` of the model in use; whether it is done."""
    principal = Principal(tenant_id)

    def build_index(in_use: EmbeddersInUse) -> bool:
        large = is_large_user(resources, in_use, principal, user_id, above)
        return large and ensure_ann_index(resources, in_use, principal, user_id)

    return with_models(resources, build_index)


def is_large_user(
    resources: Resources, in_use: EmbeddersInUse, principal: Principal, user_id: str, above: int
) -> bool:
    """Whether the user has more than so many vectors of the model in use."""
    with resources.open_transaction(principal) as session:
        return ann_indexes.has_more_vectors(
            session, principal.tenant_id, user_id, in_use.active.model_id, above
        )


def ensure_ann_index(
    resources: Resources, in_use: EmbeddersInUse, principal: Principal, user_id: str
) -> bool:
    """Index the user's vectors if no index is there; False while another process makes it."""
    model = in_use.active
    of_user = (principal.tenant_id, user_id, model.model_id)
    with resources.open_transaction(principal) as session:
        if ann_indexes.build_ann_index(session, *of_user, model.dimensions):
            log.info("far_vectors_built", tenant_id=principal.tenant_id)
        return ann_indexes.has_ann_index(session, *of_user)


def prune_ann_indexes(resources: Resources, least: int = MIN_INDEXED_ROWS) -> None:
    """Drop the indexes of users who shrank or were erased, and of models that were dropped."""
    with resources.open_transaction(None) as session:
        dropped = ann_indexes.prune_ann_indexes(session, least)
    if dropped:
        log.info("far_vectors_dropped", indexes=dropped)
