"""Build the index of memories that are shared with a user, for one search. It is not cached, so that a
revoked grant ends at once.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from uuid import UUID

from app.core.security import Principal
from app.db.models import Grant
from app.db.repositories.memories import conflicts
from app.db.repositories.models import embedding_models
from app.db.repositories.sharing import grants
from app.db.user_session import UserSession
from app.llm.embedders import EmbeddersInUse
from app.memory.index.documents import MemoryRow, SourceRow
from app.memory.index.user_index import UserIndex
from app.memory.ranking.shared_index import SharedMemories
from app.memory.reconciliation.timeline.conflicts import conflicts_by_memory
from app.resources import Resources
from app.services.memories.as_of import MEMORY_COLUMNS
from app.services.models.model_registry import ModelsChanged
from app.services.platform.user_context import UserContext


def load_shared_memories(ctx: UserContext, in_use: EmbeddersInUse) -> SharedMemories:
    """Load an index of the current memories that grants in force let the user read.

    Of a memory's sources only the dates are read, and of its contradictions only those whose both sides are
    granted. Raises `ModelsChanged` when another embedding model is in use by now.
    """
    shared = SharedMemories(UserIndex(in_use.active.dimensions))
    with ctx.open_transaction() as user:
        received = grants.list_grants_to(user, ctx.resources.now())
    for owner_id, covering in groupby(sorted(received, key=_grant_owner), key=_grant_owner):
        with _owner_context(ctx.resources, ctx.tenant_id, owner_id).read_transaction() as owner:
            _add_owner_memories(owner, in_use, list(covering), shared)
            if embedding_models.get_serial(owner.session) != in_use.serial:
                raise ModelsChanged
    return shared


def load_granted_contents(
    resources: Resources, principal: Principal, user_id: str, ids: Collection[UUID]
) -> dict[UUID, str]:
    """Load the contents of those of these memories that grants in force let the user read."""
    contents: dict[UUID, str] = {}
    ctx = UserContext(resources, replace(principal, user_id=user_id), user_id)
    with ctx.open_transaction() as user:
        received = grants.list_grants_to(user, resources.now()) if ids else ()
    for owner_id, covering in groupby(sorted(received, key=_grant_owner), key=_grant_owner):
        with _owner_context(resources, ctx.tenant_id, owner_id).open_transaction() as owner:
            rows = grants.list_covered_memories(
                owner.session, owner.tenant_id, list(covering), ids=ids, limit=len(ids)
            )
            contents |= {row.id: row.content for row in rows}
    return contents


def _owner_context(resources: Resources, tenant_id: str, owner_id: str) -> UserContext:
    """Act as the owner: a key that is bound to the grantee does not see the owner's rows."""
    return UserContext(resources, Principal(tenant_id, user_id=owner_id), owner_id)


def _grant_owner(grant: Grant) -> str:
    return grant.owner_user_id


def _add_owner_memories(
    owner: UserSession, in_use: EmbeddersInUse, covering: Sequence[Grant], shared: SharedMemories
) -> None:
    session, tenant_id = owner.session, owner.tenant_id
    rows = grants.list_shared_memories(session, tenant_id, covering, MEMORY_COLUMNS)
    assertion_dates = grants.load_shared_dates(session, tenant_id, covering)
    for row in rows:
        sources = [SourceRow(None, "", at) for at in assertion_dates.get(row.id, ())]
        shared.owners[row.id] = owner.user_id
        shared.index.upsert_memory(MemoryRow(*row, sources=sources))
    for memory_id, vector in grants.list_shared_vectors(session, tenant_id, covering, in_use.active.model_id):
        shared.index.set_vector(memory_id, False, vector)
    open_conflicts = conflicts.list_open_conflicts(UserSession(session, tenant_id, owner.user_id))
    shared.index.conflicts |= _granted_conflicts(conflicts_by_memory(open_conflicts), shared)


def _granted_conflicts(
    contradicting_ids: Mapping[UUID, Sequence[UUID]], shared: SharedMemories
) -> dict[UUID, list[UUID]]:
    """Keep the contradictions of which both sides are granted."""
    sides = {
        memory_id: [other for other in others if other in shared.owners]
        for memory_id, others in contradicting_ids.items()
        if memory_id in shared.owners
    }
    return {memory_id: others for memory_id, others in sides.items() if others}
