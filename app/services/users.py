"""Erasure: a person's right, different from forgetting."""

from app.core.errors import NotFound, Unavailable
from app.core.security import Principal
from app.core.vocabulary import Scope
from app.db.repositories import copies, far_vectors, grants, users
from app.resources import Resources
from app.schemas.users import ErasureReceipt
from app.services.copies import take_back


def erase(resources: Resources, principal: Principal, user_id: str) -> ErasureReceipt:
    """Delete every row, vector and cached text of a user, count again, and say so.

    What others copied from the user and have from nobody else goes too. Raises `NotFound`, and `Unavailable`
    when somebody copies meanwhile.
    """
    principal.require(Scope.ADMIN)
    principal.require_user(user_id)
    tenant_id = principal.tenant_id
    with resources.transaction(principal) as session:
        others = copies.receivers(session, tenant_id, user_id) - {user_id}
        # Whoever locks jobs before the user's row holds this lock first: no deadlock with a failing job.
        for name in sorted({user_id, *others}):
            users.lock(session, tenant_id, name)
        if users.state(session, tenant_id, user_id) is None:
            raise NotFound("There is no such user.")
        rows = users.counts(session, tenant_id, user_id)
        grants.remove_of(session, tenant_id, user_id)
        if copies.receivers(session, tenant_id, user_id) - {user_id, *others}:
            raise Unavailable("Memories of the user were copied just now; try again.")
        copied = sum(take_back(session, resources, principal, other, user_id) for other in sorted(others))
        users.next_revision(session, tenant_id, user_id)
        far_vectors.clear(session, tenant_id, user_id)
        users.erase(session, tenant_id, user_id)
    with resources.transaction(principal) as session:
        remaining = sum(users.counts(session, tenant_id, user_id).values())
    for name in (user_id, *others):
        resources.scopes.drop(tenant_id, name)
    cleared = [resources.cache.forget_user(tenant_id, name) for name in (user_id, *sorted(others))]
    return ErasureReceipt(
        user_id=user_id,
        erased_at=resources.now(),
        rows=rows,
        copies=copied,
        remaining=remaining,
        working_memory_cleared=all(cleared),
    )
