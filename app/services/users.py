"""Erasure: a person's right, different from forgetting."""

from app.core.errors import NotFound
from app.core.security import Principal
from app.core.vocabulary import Scope
from app.db.repositories import far_vectors, users
from app.resources import Resources
from app.schemas.users import ErasureReceipt


def erase(resources: Resources, principal: Principal, user_id: str) -> ErasureReceipt:
    """Delete every row, vector and cached text of a user, count again, and say so. Raises `NotFound`."""
    principal.require(Scope.ADMIN)
    principal.require_user(user_id)
    tenant_id = principal.tenant_id
    with resources.transaction(principal) as session:
        # Whoever locks jobs before the user's row holds this lock first: no deadlock with a failing job.
        users.lock(session, tenant_id, user_id)
        if users.state(session, tenant_id, user_id) is None:
            raise NotFound("There is no such user.")
        users.next_revision(session, tenant_id, user_id)
        rows = users.counts(session, tenant_id, user_id)
        far_vectors.clear(session, tenant_id, user_id)
        users.erase(session, tenant_id, user_id)
    with resources.transaction(principal) as session:
        remaining = sum(users.counts(session, tenant_id, user_id).values())
    resources.scopes.drop(tenant_id, user_id)
    cleared = resources.cache.forget_user(tenant_id, user_id)
    return ErasureReceipt(
        user_id=user_id,
        erased_at=resources.now(),
        rows=rows,
        remaining=remaining,
        working_memory_cleared=cleared,
    )
