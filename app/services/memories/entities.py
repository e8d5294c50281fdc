"""Entities and their neighbours, read from the memories that name them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.core.errors import NotFound
from app.core.security import Principal
from app.core.vocabulary import KeyScope, Status
from app.db.repositories.memories import memories
from app.memory.reconciliation import relations
from app.memory.reconciliation.relations import Entity, RelationEdge, entity_id
from app.resources import Resources
from app.schemas.entities import EntityOut, EntityPage, Neighbour, NeighbourPage
from app.services.memories.as_of import NOW, BitemporalPoint, load_state_as_of
from app.services.platform.pagination import paginate_rows
from app.services.platform.user_context import UserContext

_Row = Mapping[str, Any]
_NAMING_STATUSES = frozenset([Status.ACTIVATED, Status.SUPERSEDED, Status.ARCHIVED])


@dataclass(frozen=True, slots=True)
class NeighbourFilter:
    """Which neighbours are wanted: by one relation, with those that no longer hold, as of a point."""

    relation: str | None = None
    include_superseded: bool = False
    point: BitemporalPoint = NOW


def list_entities(
    resources: Resources,
    principal: Principal,
    *,
    user_id: str,
    name: str | None,
    point: BitemporalPoint,
    cursor: str | None,
    limit: int,
) -> EntityPage:
    """Who and what a user's memories name or named, by name; only `name` if it is given."""
    found = relations.collect_entities(_load_naming_memories(resources, principal, user_id, point))
    wanted = sorted(found) if name is None else [n for n in [relations.normalise_name(name)] if n in found]
    names, following = paginate_rows(wanted, str, cursor, limit)
    return EntityPage(items=[_to_entity_out(user_id, found[one]) for one in names], next_cursor=following)


def list_neighbours(
    resources: Resources,
    principal: Principal,
    an_id: UUID,
    *,
    user_id: str,
    wanted: NeighbourFilter,
    cursor: str | None,
    limit: int,
) -> NeighbourPage:
    """Who and what an entity is related to. Raises `NotFound`, also when nothing named it then."""
    rows = _load_naming_memories(resources, principal, user_id, wanted.point)
    found = relations.collect_entities(rows)
    here = next((name for name in found if entity_id(user_id, name) == an_id), None)
    if here is None:
        raise NotFound("This user has no entity of this id.")
    held = rows if wanted.include_superseded else [row for row in rows if row["status"] == Status.ACTIVATED]
    edges = [edge for edge in relations.find_edges(held, here) if wanted.relation in (None, edge.relation)]
    shown, following = paginate_rows(sorted(edges, key=_edge_key), _edge_key, cursor, limit)
    return NeighbourPage(
        items=[_to_neighbour(user_id, here, edge, found) for edge in shown], next_cursor=following
    )


def _edge_key(edge: RelationEdge) -> str:
    return f"{edge.relation} {edge.source} {edge.target} {edge.memory['id'].hex}"


def _load_naming_memories(
    resources: Resources, principal: Principal, user_id: str, point: BitemporalPoint
) -> Sequence[_Row]:
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    with UserContext(resources, principal, user_id).read_transaction() as user:
        if not point:
            return memories.list_entity_mentions(user, _NAMING_STATUSES)
        stood = load_state_as_of(user, point)
    named = [row for row in stood.memories if row.status in _NAMING_STATUSES and not row.stale]
    return [{name: getattr(row, name) for name in memories.ENTITY_COLUMNS} for row in named]


def _to_neighbour(user_id: str, here: str, edge: RelationEdge, found: Mapping[str, Entity]) -> Neighbour:
    other = edge.target if edge.source == here else edge.source
    names = ("content", "status", "valid_from", "valid_to", "confidence")
    return Neighbour(
        relation=edge.relation,
        direction="out" if edge.source == here else "in",
        entity=_to_entity_out(user_id, found[other]),
        memory_id=edge.memory["id"],
        **{name: edge.memory[name] for name in names},
    )


def _to_entity_out(user_id: str, entity: Entity) -> EntityOut:
    return EntityOut(
        id=entity_id(user_id, entity.name),
        name=entity.display_name,
        type=entity.type,
        memories=len(entity.memories),
    )
