"""Entities and their neighbours, read from the memories that name them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from app.core.errors import NotFound
from app.core.security import Principal
from app.core.vocabulary import KeyScope, LinkDirection, Status
from app.db.repositories.memories import memories
from app.memory.identity.attributes import find_attribute
from app.memory.identity.subjects import ACCOUNT, Identities
from app.memory.reconciliation import relations
from app.memory.reconciliation.relations import MENTIONED_WITH, Entity, RelationEdge, entity_id
from app.resources import Resources
from app.schemas.memories.entities import EntityOut, EntityPage, Neighbour, NeighbourPage
from app.services.memories.as_of import NOW, BitemporalPoint, load_state_as_of
from app.services.memories.identities import load_identities
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
    rows, identities = _load_naming_memories(resources, principal, user_id, point)
    entities = collect_entities(rows, identities)
    selected = sorted(entities, key=lambda one: _page_key(entities[one]))
    if name is not None:
        selected = [one for one in [canonical_name(identities, name)] if one in entities]
    names, following = paginate_rows(selected, lambda one: _page_key(entities[one]), cursor, limit)
    return EntityPage(
        items=[to_entity_out(user_id, entities[one], identities) for one in names], next_cursor=following
    )


def _page_key(entity: Entity) -> str:
    return f"{entity.display_name.casefold()} {entity.name}"


def canonical_name(identities: Identities, name: str) -> str:
    """The name of the entity that a name in a memory means."""
    folded = relations.normalise_name(name)
    return ACCOUNT if identities.is_account(folded) else identities.follow(folded)


def collect_entities(rows: Sequence[_Row], identities: Identities) -> dict[str, Entity]:
    """The entities that memories name or relate, each once, by its canonical name."""
    merged: dict[str, Entity] = {}
    for name, entity in relations.collect_entities(rows).items():
        canonical = canonical_name(identities, name)
        one = merged.setdefault(canonical, Entity(canonical))
        one.type = one.type or entity.type
        one.memories |= entity.memories
        spellings = entity.spelling_counts
        if name == canonical and spellings:
            one.spelling_counts = dict(spellings)  # it is shown by its own name, not by an alias of it
        elif canonical == ACCOUNT or not one.spelling_counts:
            one.spelling_counts = {**one.spelling_counts, **spellings}
    if ACCOUNT in merged and not merged[ACCOUNT].spelling_counts and identities.account_names:
        merged[ACCOUNT].spelling_counts[max(identities.account_names, key=len).title()] = 1
    return merged


def find_entity(
    user_id: str, entities: Mapping[str, Entity], identities: Identities, an_id: UUID
) -> str | None:
    """The canonical name of the entity that has this id, or had it under one of its other names."""
    for name in entities:
        names = (name, *identities.aliases_of(name))
        if any(entity_id(user_id, one) == an_id for one in names):
            return name
    return None


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
    rows, identities = _load_naming_memories(resources, principal, user_id, wanted.point)
    entities = collect_entities(rows, identities)
    entity_name = find_entity(user_id, entities, identities, an_id)
    if entity_name is None:
        raise NotFound("This user has no entity of this id.")
    edge_rows = (
        rows if wanted.include_superseded else [row for row in rows if row["status"] == Status.ACTIVATED]
    )
    relation = _canonical_relation(wanted.relation)
    edges = [
        edge for edge in _find_edges(edge_rows, entity_name, identities) if relation in (None, edge.relation)
    ]
    shown, following = paginate_rows(sorted(edges, key=_edge_key), _edge_key, cursor, limit)
    return NeighbourPage(
        items=[_to_neighbour(user_id, entity_name, edge, entities, identities) for edge in shown],
        next_cursor=following,
    )


def _canonical_relation(relation: str | None) -> str | None:
    """The relation as edges have it: `wife` is asked for as `partner`."""
    spec = None if relation is None else find_attribute(relation)
    return spec.name if spec is not None and spec.is_role else relation


def _find_edges(rows: Sequence[_Row], name: str, identities: Identities) -> list[RelationEdge]:
    """The edges of an entity under all of its names, each once, between canonical names."""
    edges: dict[tuple[str, str, str, UUID], RelationEdge] = {}
    for one in (name, *identities.aliases_of(name)):
        for edge in relations.find_edges(rows, one):
            source, target = (canonical_name(identities, end) for end in (edge.source, edge.target))
            if source != target:
                key = (source, edge.relation, target, edge.memory["id"])
                edges.setdefault(key, replace(edge, source=source, target=target))
    related = {(source, target, i) for source, relation, target, i in edges if relation != MENTIONED_WITH}
    return [
        edge
        for (source, relation, target, i), edge in edges.items()
        if relation != MENTIONED_WITH or not {(source, target, i), (target, source, i)} & related
    ]


def _edge_key(edge: RelationEdge) -> str:
    return f"{edge.relation} {edge.source} {edge.target} {edge.memory['id'].hex}"


def _load_naming_memories(
    resources: Resources, principal: Principal, user_id: str, point: BitemporalPoint
) -> tuple[Sequence[_Row], Identities]:
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    with UserContext(resources, principal, user_id).read_transaction() as user:
        identities = load_identities(user)
        if not point:
            return memories.list_entity_mentions(user, _NAMING_STATUSES), identities
        state = load_state_as_of(user, point)
    naming = [row for row in state.memories if row.status in _NAMING_STATUSES and not row.stale]
    return [{name: getattr(row, name) for name in memories.ENTITY_COLUMNS} for row in naming], identities


def _to_neighbour(
    user_id: str,
    entity_name: str,
    edge: RelationEdge,
    entities: Mapping[str, Entity],
    identities: Identities,
) -> Neighbour:
    other = edge.target if edge.source == entity_name else edge.source
    names = ("content", "status", "valid_from", "valid_to", "confidence")
    return Neighbour(
        relation=edge.relation,
        direction=LinkDirection.OUT if edge.source == entity_name else LinkDirection.IN,
        entity=to_entity_out(user_id, entities[other], identities),
        memory_id=edge.memory["id"],
        **{name: edge.memory[name] for name in names},
    )


def to_entity_out(user_id: str, entity: Entity, identities: Identities) -> EntityOut:
    """Convert an entity for the response."""
    return EntityOut(
        id=entity_id(user_id, entity.name),
        name=entity.display_name,
        type=entity.type,
        memories=len(entity.memories),
        aliases=identities.aliases_of(entity.name),
    )
