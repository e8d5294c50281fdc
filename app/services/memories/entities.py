"""Entities and their neighbours, read from the memories that name them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from app.core.errors import NotFound
from app.core.security import Principal
from app.core.vocabulary import Scope, Status
from app.db.repositories.memories import memories
from app.memory.reconciliation import relations
from app.memory.reconciliation.relations import Edge, Entity, entity_id
from app.resources import Resources
from app.schemas.entities import EntityOut, EntityPage, Neighbour, NeighbourPage
from app.services.memories.as_of import Clocks, memories_at
from app.services.platform.pagination import page_of

_Row = Mapping[str, Any]
_STATUSES = frozenset([Status.ACTIVATED, Status.SUPERSEDED, Status.ARCHIVED])


def page(
    resources: Resources,
    principal: Principal,
    *,
    user_id: str,
    name: str | None,
    clocks: Clocks,
    cursor: str | None,
    limit: int,
) -> EntityPage:
    """Who and what a user's memories name or named, by name; only `name` if it is given."""
    found = relations.entities(_rows(resources, principal, user_id, clocks))
    wanted = sorted(found) if name is None else [n for n in [relations.normal(name)] if n in found]
    names, following = page_of(wanted, str, cursor, limit)
    return EntityPage(items=[_as_out(user_id, found[one]) for one in names], next_cursor=following)


def neighbours(
    resources: Resources,
    principal: Principal,
    an_id: UUID,
    *,
    user_id: str,
    relation: str | None,
    include_superseded: bool,
    clocks: Clocks,
    cursor: str | None,
    limit: int,
) -> NeighbourPage:
    """Who and what an entity is related to. Raises `NotFound`, also when nothing named it then."""
    rows = _rows(resources, principal, user_id, clocks)
    found = relations.entities(rows)
    here = next((name for name in found if entity_id(user_id, name) == an_id), None)
    if here is None:
        raise NotFound("This user has no entity of this id.")
    held = rows if include_superseded else [row for row in rows if row["status"] == Status.ACTIVATED]
    edges = [edge for edge in relations.edges(held, here) if relation in (None, edge.relation)]
    shown, following = page_of(sorted(edges, key=_key), _key, cursor, limit)
    return NeighbourPage(
        items=[_neighbour(user_id, here, edge, found) for edge in shown], next_cursor=following
    )


def _key(edge: Edge) -> str:
    return f"{edge.relation} {edge.one} {edge.other} {edge.memory['id'].hex}"


def _rows(resources: Resources, principal: Principal, user_id: str, clocks: Clocks) -> Sequence[_Row]:
    principal.require(Scope.READ)
    principal.require_user(user_id)
    with resources.reading(principal) as session:
        if not clocks:
            return memories.naming(session, principal.tenant_id, user_id, _STATUSES)
        stood = memories_at(session, principal.tenant_id, user_id, clocks)
    return [row for row in stood.memories if row["status"] in _STATUSES and not row["stale"]]


def _neighbour(user_id: str, here: str, edge: Edge, found: Mapping[str, Entity]) -> Neighbour:
    other = edge.other if edge.one == here else edge.one
    names = ("content", "status", "valid_from", "valid_to", "confidence")
    return Neighbour(
        relation=edge.relation,
        direction="out" if edge.one == here else "in",
        entity=_as_out(user_id, found[other]),
        memory_id=edge.memory["id"],
        **{name: edge.memory[name] for name in names},
    )


def _as_out(user_id: str, entity: Entity) -> EntityOut:
    return EntityOut(
        id=entity_id(user_id, entity.name),
        name=entity.written,
        type=entity.type,
        memories=len(entity.memories),
    )
