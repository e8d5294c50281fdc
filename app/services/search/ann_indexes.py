"""The ANN indexes (HNSW) of large users: a worker builds them, and drops those that are no longer needed."""

import structlog

from app.core.security import Principal
from app.db.repositories.search import ann_indexes
from app.llm.embedders import EmbeddersInUse
from app.resources import Resources
from app.services.models.model_registry import with_models
from app.services.platform.user_context import UserContext

log = structlog.get_logger(__name__)

# A user with more vectors of the model in use is a large user, whose documents stay in Postgres.
DOCUMENT_ROWS = 50_000
# Up to so many vectors every search of a user is exact; with more it is approximate. The number comes from
# `benchmarks/growth.py`, see docs/decisions/0012-hnsw-for-large-users.md.
EXACT_ROWS = 150_000
MIN_INDEXED_ROWS = EXACT_ROWS // 2  # an ANN index of fewer vectors is dropped


def build_ann_index_if_large(
    resources: Resources, tenant_id: str, user_id: str, above: int = EXACT_ROWS
) -> bool:
    """Build the user's ANN index if it has more than `above` vectors of the model in use.

    Returns whether the index is there.
    """
    ctx = UserContext(resources, Principal(tenant_id), user_id)

    def build_index(in_use: EmbeddersInUse) -> bool:
        return has_more_vectors(ctx, in_use, above) and ensure_ann_index(ctx, in_use)

    return with_models(resources, build_index)


def has_more_vectors(ctx: UserContext, in_use: EmbeddersInUse, above: int) -> bool:
    """Return whether the user has more than `above` vectors of the model in use."""
    with ctx.open_transaction() as user:
        return ann_indexes.has_more_vectors(user, in_use.active.model_id, above)


def ensure_ann_index(ctx: UserContext, in_use: EmbeddersInUse) -> bool:
    """Build the user's ANN index unless there is one; return False while another process builds it."""
    model = in_use.active
    with ctx.open_transaction() as user:
        if ann_indexes.build_ann_index(user, model.model_id, model.dimensions):
            log.info("ann_index_built", tenant_id=ctx.tenant_id)
        return ann_indexes.has_ann_index(user, model.model_id)


def prune_ann_indexes(resources: Resources, least: int = MIN_INDEXED_ROWS) -> None:
    """Drop the ANN indexes of fewer than `least` vectors, of all tenants.

    These are those of users who shrank or were erased, and of models whose vectors were dropped.
    """
    with resources.open_transaction(None) as session:
        dropped = ann_indexes.prune_ann_indexes(session, least)
    if dropped:
        log.info("ann_indexes_dropped", indexes=dropped)
