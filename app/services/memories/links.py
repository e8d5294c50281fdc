"""Read the links of a memory."""

from collections.abc import Sequence
from uuid import UUID

from app.core.errors import NotFound
from app.core.security import Principal
from app.core.vocabulary import LinkType, Scope
from app.db.repositories.memories import links, memories
from app.resources import Resources
from app.schemas.memories import Dependent, DependentPage, LinkOut, LinkPage
from app.services.platform.pagination import as_cursor, from_cursor


def page(
    resources: Resources,
    principal: Principal,
    memory_id: UUID,
    *,
    types: Sequence[LinkType] | None,
    cursor: str | None,
    limit: int,
) -> LinkPage:
    """The links of a memory, both ways. Raises `NotFound`."""
    principal.require(Scope.READ)
    after, tenant_id = from_cursor(cursor), principal.tenant_id
    with resources.reading(principal) as session:
        if memories.get(session, tenant_id, memory_id) is None:
            raise NotFound("There is no such memory.")
        rows = links.around(session, tenant_id, memory_id, types=types, after=after, limit=limit + 1)
    ids = list(dict.fromkeys(row.memory_id for row in rows))
    shown = set(ids[:limit])
    named = [name for name in LinkOut.model_fields if name != "direction"]
    return LinkPage(
        items=[
            LinkOut(**{name: getattr(row, name) for name in named}, direction="out" if row.outward else "in")
            for row in rows
            if row.memory_id in shown
        ],
        next_cursor=as_cursor(ids, limit),
    )


def dependents(
    resources: Resources, principal: Principal, memory_id: UUID, *, cursor: str | None, limit: int
) -> DependentPage:
    """What was derived from a memory. Raises `NotFound`."""
    principal.require(Scope.READ)
    after, tenant_id = from_cursor(cursor), principal.tenant_id
    with resources.reading(principal) as session:
        if memories.get(session, tenant_id, memory_id) is None:
            raise NotFound("There is no such memory.")
        rows = links.dependents(session, tenant_id, memory_id, after=after, limit=limit + 1)
    items = [Dependent(**{name: getattr(row, name) for name in Dependent.model_fields}) for row in rows]
    return DependentPage(items=items[:limit], next_cursor=as_cursor([row.memory_id for row in rows], limit))
