"""Read derived memories: the summary of a session, the portrait of a user."""

from app.core.errors import NotFound
from app.core.security import Principal
from app.core.vocabulary import Basis, KeyScope, Kind, Status
from app.db.repositories.memories import derivations, memories
from app.db.user_session import UserSession
from app.memory.consolidation.insights import PORTRAIT_KEY
from app.resources import Resources
from app.schemas.consolidation.derived import DerivedOut, DerivedSource
from app.services.memories.memory_reads import to_memory_outs


def get_session_summary(
    resources: Resources, principal: Principal, user_id: str, session_id: str
) -> DerivedOut:
    """Return the summary of a session. Raises `NotFound` while there is none."""
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    return _get_derived_memory(
        resources, principal, user_id, Basis.SESSION, session_id, "This session has no summary."
    )


def get_portrait(resources: Resources, principal: Principal, user_id: str) -> DerivedOut:
    """Return the portrait of a user. Raises `NotFound` while there is none."""
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    return _get_derived_memory(
        resources, principal, user_id, Basis.USER, PORTRAIT_KEY, "There is no portrait of this user."
    )


def _get_derived_memory(
    resources: Resources, principal: Principal, user_id: str, basis: Basis, key: str, missing: str
) -> DerivedOut:
    tenant_id = principal.tenant_id
    with resources.read_transaction(principal) as session:
        row = derivations.get_derivation(UserSession(session, tenant_id, user_id), basis, key)
        rows = (
            memories.list_memories_by_ids(session, tenant_id, [row.memory_id])
            if row and row.memory_id
            else []
        )
        if not rows or rows[0].status not in derivations.VALID_STATUSES:
            raise NotFound(missing)
        memory = rows[0]
        sources = derivations.load_derivation_sources(session, tenant_id, [memory.id]).get(memory.id, [])
        remaining = [source for source in sources if source.status != Status.EXPIRED]
        days = derivations.load_said_days(session, tenant_id, [source.id for source in remaining])
        stale = memory.stale or derivations.depends_on_expired(session, tenant_id, memory.id)
        outs = to_memory_outs(session, tenant_id, [memory], resources.now())
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
            for source in remaining
        ],
    )
