"""Read what was derived: the summary of a session, the portrait of a user."""

from app.core.errors import NotFound
from app.core.security import Principal
from app.core.vocabulary import Basis, Kind, Scope, Status
from app.db.repositories.memories import derivations, memories
from app.resources import Resources
from app.schemas.derived import DerivedOut, DerivedSource
from app.services.memories.memory_reads import as_outs


def summary(resources: Resources, principal: Principal, user_id: str, session_id: str) -> DerivedOut:
    """The summary of a session. Raises `NotFound` while there is none."""
    principal.require(Scope.READ)
    principal.require_user(user_id)
    return _get(resources, principal, user_id, Basis.SESSION, session_id, "This session has no summary.")


def portrait(resources: Resources, principal: Principal, user_id: str) -> DerivedOut:
    """The portrait of a user. Raises `NotFound` while there is none."""
    principal.require(Scope.READ)
    principal.require_user(user_id)
    return _get(resources, principal, user_id, Basis.USER, "portrait", "There is no portrait of this user.")


def _get(
    resources: Resources, principal: Principal, user_id: str, basis: Basis, key: str, missing: str
) -> DerivedOut:
    tenant_id = principal.tenant_id
    with resources.reading(principal) as session:
        row = derivations.one(session, tenant_id, user_id, basis, key)
        found = memories.by_ids(session, tenant_id, [row.memory_id]) if row and row.memory_id else []
        if not found or found[0].status not in derivations.STANDING:
            raise NotFound(missing)
        memory = found[0]
        of = derivations.sources_of(session, tenant_id, [memory.id]).get(memory.id, [])
        kept = [source for source in of if source.status != Status.EXPIRED]
        days = derivations.days_of(session, tenant_id, [source.id for source in kept])
        stale = memory.stale or derivations.rests_on_expired(session, tenant_id, memory.id)
        outs = as_outs(session, tenant_id, [memory], resources.now())
    return DerivedOut(
        user_id=user_id,
        stale=stale,
        memory=None if stale else outs[0],
        sources=[
            DerivedSource(
                memory_id=source.id,
                kind=Kind(source.kind),
                status=Status(source.status),
                content=source.content,
                days=sorted(days.get(source.id, ())),
            )
            for source in kept
        ],
    )
