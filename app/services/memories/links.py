"""Read the links of a memory."""

from collections.abc import Sequence
from uuid import UUID

from app.core.errors import NotFound
from app.core.security import Principal
from app.core.vocabulary import KeyScope, LinkDirection, LinkType
from app.db.repositories.memories import links, memories
from app.resources import Resources
from app.schemas.memories.memories import Dependent, DependentPage, LinkOut, LinkPage
from app.services.platform.pagination import decode_cursor, encode_cursor


def list_links(
    resources: Resources,
    principal: Principal,
    memory_id: UUID,
    *,
    types: Sequence[LinkType] | None,
    cursor: str | None,
    limit: int,
) -> LinkPage:
    """List the links of a memory, in both directions. Raises `NotFound`."""
    principal.require_scope(KeyScope.READ)
    after, tenant_id = decode_cursor(cursor), principal.tenant_id
    with resources.read_transaction(principal) as session:
        if memories.get_memory(session, tenant_id, memory_id) is None:
            raise NotFound("There is no such memory.")
        rows = links.list_links(session, tenant_id, memory_id, types=types, after=after, limit=limit + 1)
    ids = list(dict.fromkeys(row.memory_id for row in rows))
    shown = set(ids[:limit])
    field_names = [name for name in LinkOut.model_fields if name != "direction"]
    return LinkPage(
        items=[
            LinkOut(
                **{name: getattr(row, name) for name in field_names},
                direction=LinkDirection.OUT if row.outward else LinkDirection.IN,
            )
            for row in rows
            if row.memory_id in shown
        ],
        next_cursor=encode_cursor(ids, limit),
    )


def list_dependents(
    resources: Resources, principal: Principal, memory_id: UUID, *, cursor: str | None, limit: int
) -> DependentPage:
    """List the memories that are derived from a memory. Raises `NotFound`."""
    principal.require_scope(KeyScope.READ)
    after, tenant_id = decode_cursor(cursor), principal.tenant_id
    with resources.read_transaction(principal) as session:
        if memories.get_memory(session, tenant_id, memory_id) is None:
            raise NotFound("There is no such memory.")
        rows = links.list_dependents(session, tenant_id, memory_id, after=after, limit=limit + 1)
    items = [Dependent(**{name: getattr(row, name) for name in Dependent.model_fields}) for row in rows]
    return DependentPage(
        items=items[:limit], next_cursor=encode_cursor([row.memory_id for row in rows], limit)
    )
