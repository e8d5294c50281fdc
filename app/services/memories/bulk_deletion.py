"""Delete many memories of one user at once."""

from collections.abc import Sequence
from uuid import UUID

from app.core.errors import NotFound
from app.core.security import Principal
from app.core.vocabulary import KeyScope
from app.db.repositories.memories import links
from app.resources import Resources
from app.services.memories.memory_reads import require_memory
from app.services.memories.memory_writes import expire_memory, write_removals
from app.services.memories.unit_of_work import refuse_duplicates, user_write
from app.services.memories.validity_replay import slots_of
from app.services.platform.user_context import UserContext

MAX_DELETED = 500  # in one transaction, which holds the user's lock


def delete_memories(
    resources: Resources, principal: Principal, user_id: str, memory_ids: Sequence[UUID]
) -> None:
    """Delete up to `MAX_DELETED` memories of a user as `delete_memory` does; all of them or none.

    A slot that they held returns to the newest value that is not among them. Raises `Forbidden`, `NotFound`,
    and `Conflict` when one of them is frozen.
    """
    principal.require_scope(KeyScope.WRITE)
    principal.require_user(user_id)
    if not 0 < len(memory_ids) <= MAX_DELETED:
        raise ValueError(f"1 to {MAX_DELETED} memories are deleted at once")
    ctx = UserContext(resources, principal, user_id)
    ids = sorted(set(memory_ids))  # locked in one order, whoever deletes them
    with refuse_duplicates(), user_write(ctx) as change:
        rows = [require_memory(change.session, principal, one, for_update=True) for one in ids]
        if any(row.user_id != user_id for row in rows):
            raise NotFound("There is no such memory.")
        slots = slots_of(rows)  # read now, because an expired memory has no slot
        freed: set[UUID] = set()
        for row in rows:
            expire_memory(change, row, "deleted")
            freed.update(links.delete_endings(change.user, row.id))
        write_removals(change, ids, slots, freed)
    resources.cache.delete_user_keys(principal.tenant_id, user_id)
