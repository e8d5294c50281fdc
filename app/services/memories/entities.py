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
    """A filter of neighbours: one relation or all, with superseded edges or without, as of a point."""

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
    """List the entities that a user's memories name or named, by name; only `name` if it is given."""
    entities = relations.collect_entities(_load_naming_memories(resources, principal, user_id, point))
    selected_names = (
        sorted(entities) if name is None else [n for n in [relations.normalise_name(name)] if n in entities]
    )
    names, following = paginate_rows(selected_names, str, cursor, limit)
    return EntityPage(items=[_to_entity_out(user_id, entities[one]) for one in names], next_cursor=following)


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
    """List the neighbours of an entity. Raises `NotFound`, also when no memory named the entity at that
    point.
    """
    rows = _load_naming_memories(resources, principal, user_id, wanted.point)
    entities = relations.collect_entities(rows)
    entity_name = next((name for name in entities if entity_id(user_id, name) == an_id), None)
    if entity_name is None:
        raise NotFound("This user has no entity of this id.")
    edge_rows = (
        rows if wanted.include_superseded else [row for row in rows if row["status"] == Status.ACTIVATED]
    )
    edges = [
        edge
        for edge in relations.find_edges(edge_rows, entity_name)
        if wanted.relation in (None, edge.relation)
    ]
    shown, following = paginate_rows(sorted(edges, key=_edge_key), _edge_key, cursor, limit)
    return NeighbourPage(
        items=[_to_neighbour(user_id, entity_name, edge, entities) for edge in shown], next_cursor=following
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
        state = load_state_as_of(user, point)
    naming = [row for row in state.memories if row.status in _NAMING_STATUSES and not row.stale]
    return [{name: getattr(row, name) for name in memories.ENTITY_COLUMNS} for row in naming]


def _to_neighbour(
    user_id: str, entity_name: str, edge: RelationEdge, entities: Mapping[str, Entity]
) -> Neighbour:
    other = edge.target if edge.source == entity_name else edge.source
    names = ("content", "status", "valid_from", "valid_to", "confidence")
    return Neighbour(
        relation=edge.relation,
        direction="out" if edge.source == entity_name else "in",
        entity=_to_entity_out(user_id, entities[other]),
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
