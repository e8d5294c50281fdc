"""Build the index of memories shared with a user, for one search; it is not cached, so a revoked grant ends
at once.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.security import Principal
from app.db.models import Grant
from app.db.repositories.memories import conflicts
from app.db.repositories.models import embedding_models
from app.db.repositories.sharing import grants
from app.db.user_session import UserSession
from app.llm.embedders import EmbeddersInUse
from app.memory.index.documents import MemoryRow, SourceRow
from app.memory.ranking.shared_index import SharedIndex
from app.memory.reconciliation.conflicts import conflicts_by_memory
from app.resources import Resources
from app.services.memories.as_of import MEMORY_COLUMNS
from app.services.models.model_registry import ModelsChanged


def build_shared_index(
    resources: Resources, in_use: EmbeddersInUse, principal: Principal, user_id: str
) -> SharedIndex:
    """The current memories that grants in force let the user read.

    Of a memory's sources only the dates are read, and of what contradicts it only what is granted too.
    Raises `ModelsChanged` when another embedding model is in use by now.
    """
    tenant_id = principal.tenant_id
    found = SharedIndex(in_use.active.dimensions)
    with resources.open_transaction(principal) as session:
        given = grants.list_grants_to(session, tenant_id, user_id, resources.now())
    for owner, covering in groupby(sorted(given, key=_grant_owner), key=_grant_owner):
        # As the owner: a key that is bound to the grantee does not see these rows.
        with resources.read_transaction(Principal(tenant_id, user_id=owner)) as session:
            _add_owner_memories(session, in_use, owner, list(covering), found)
            if embedding_models.get_serial(session) != in_use.serial:
                raise ModelsChanged
    return found


def load_granted_contents(
    resources: Resources, principal: Principal, user_id: str, ids: Collection[UUID]
) -> dict[UUID, str]:
    """What those of these memories say that grants in force let the user read."""
    tenant_id, found = principal.tenant_id, dict[UUID, str]()
    with resources.open_transaction(replace(principal, user_id=user_id)) as session:
        given = grants.list_grants_to(session, tenant_id, user_id, resources.now()) if ids else ()
    for owner, covering in groupby(sorted(given, key=_grant_owner), key=_grant_owner):
        with resources.open_transaction(Principal(tenant_id, user_id=owner)) as session:
            rows = grants.list_covered_memories(session, tenant_id, list(covering), ids=ids, limit=len(ids))
            found |= {row.id: row.content for row in rows}
    return found


def _grant_owner(grant: Grant) -> str:
    return grant.owner_user_id


def _add_owner_memories(
    session: Session, in_use: EmbeddersInUse, owner: str, covering: Sequence[Grant], shared_index: SharedIndex
) -> None:
    tenant_id = covering[0].tenant_id
    rows = grants.list_shared_memories(session, tenant_id, covering, MEMORY_COLUMNS)
    said = grants.load_shared_dates(session, tenant_id, covering)
    for row in rows:
        dates = [SourceRow(None, "", at) for at in said.get(row.id, ())]
        shared_index.add_shared_memory(owner, MemoryRow(*row, sources=dates))
    for memory_id, vector in grants.list_shared_vectors(session, tenant_id, covering, in_use.active.model_id):
        shared_index.set_vector(memory_id, False, vector)
    shared_index.conflicts |= _granted_conflicts(
        conflicts_by_memory(conflicts.list_open_conflicts(UserSession(session, tenant_id, owner))),
        shared_index,
    )


def _granted_conflicts(
    against: Mapping[UUID, Sequence[UUID]], shared_index: SharedIndex
) -> dict[UUID, list[UUID]]:
    """The contradictions of which both sides are granted."""
    sides = {
        memory_id: [other for other in others if other in shared_index.owners]
        for memory_id, others in against.items()
        if memory_id in shared_index.owners
    }
    return {memory_id: others for memory_id, others in sides.items() if others}
