"""The HNSW indexes of users who outgrow exact search: made by a worker, dropped when they are not needed."""

import structlog

from app.core.security import Principal
from app.db.repositories.search import ann_vectors
from app.llm.embedders import InUse
from app.resources import Resources
from app.services.models.model_registry import with_models

log = structlog.get_logger(__name__)

EXACT_ROWS = 50_000  # vectors of a user up to which every search is exact
KEPT_ROWS = EXACT_ROWS // 2  # below it an index is dropped


def build(resources: Resources, tenant_id: str, user_id: str, above: int = EXACT_ROWS) -> bool:
    """Index the vectors of a user who has more than `above` of the model in use; whether it is done."""
    principal = Principal(tenant_id)

    def work(in_use: InUse) -> bool:
        large = is_large(resources, in_use, principal, user_id, above)
        return large and make(resources, in_use, principal, user_id)

    return with_models(resources, work)


def is_large(resources: Resources, in_use: InUse, principal: Principal, user_id: str, above: int) -> bool:
    """Whether the user has more than so many vectors of the model in use."""
    with resources.transaction(principal) as session:
        return ann_vectors.more_than(session, principal.tenant_id, user_id, in_use.active.model_id, above)


def make(resources: Resources, in_use: InUse, principal: Principal, user_id: str) -> bool:
    """Index the user's vectors if no index is there; False while another process makes it."""
    model = in_use.active
    of_user = (principal.tenant_id, user_id, model.model_id)
    with resources.transaction(principal) as session:
        if ann_vectors.build(session, *of_user, model.dimensions):
            log.info("far_vectors_built", tenant_id=principal.tenant_id)
        return ann_vectors.exists(session, *of_user)


def prune(resources: Resources, least: int = KEPT_ROWS) -> None:
    """Drop the indexes of users who shrank or were erased, and of models that were dropped."""
    with resources.transaction(None) as session:
        dropped = ann_vectors.prune(session, least)
    if dropped:
        log.info("far_vectors_dropped", indexes=dropped)
