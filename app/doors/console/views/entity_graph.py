"""The graph around one entity, as numbers for an SVG: its neighbours on rings around it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.schemas.memories.entities import EntityOut, Neighbour

WIDTH, HEIGHT = 760.0, 520.0
MAX_NODES = 36
_FIRST_RING = 14
_LABEL_CHARACTERS = 22
_MENTIONED = "mentioned_with"


@dataclass(frozen=True, slots=True)
class Node:
    """An entity at its place, with the relations that lead to it."""

    entity: EntityOut
    x: float
    y: float
    label_x: float
    label_y: float
    anchor: str
    label: str
    relations: str
    relation_label: str | None
    relation_x: float
    relation_y: float
    is_superseded: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """The entity in the middle, those around it, and how many had no room."""

    centre_x: float
    centre_y: float
    nodes: Sequence[Node]
    left_out: int


def draw_graph(neighbours: Sequence[Neighbour]) -> Graph:
    """Lay the neighbours out: those with a named relation come first, on the inner ring."""
    grouped: dict[UUID, list[Neighbour]] = {}
    for neighbour in sorted(neighbours, key=_order):
        grouped.setdefault(neighbour.entity.id, []).append(neighbour)
    shown = list(grouped.values())[:MAX_NODES]
    inner, outer = shown[:_FIRST_RING], shown[_FIRST_RING:]
    nodes = [*_place_ring(inner, 0.5 if outer else 0.86, 0.0), *_place_ring(outer, 0.96, math.pi / 22)]
    return Graph(WIDTH / 2, HEIGHT / 2, nodes, len(grouped) - len(shown))


def _order(neighbour: Neighbour) -> tuple[bool, str, str]:
    return neighbour.relation == _MENTIONED, neighbour.relation, neighbour.entity.name


def _place_ring(groups: Sequence[Sequence[Neighbour]], share: float, turned: float) -> list[Node]:
    nodes: list[Node] = []
    for number, group in enumerate(groups):
        angle = -math.pi / 2 + turned + 2 * math.pi * number / len(groups)
        x = WIDTH / 2 + share * (WIDTH / 2 - 110) * math.cos(angle)
        y = HEIGHT / 2 + share * (HEIGHT / 2 - 24) * math.sin(angle)
        side = math.cos(angle)
        anchor = "middle" if abs(side) < 0.2 else "start" if side > 0 else "end"
        below = 20 if math.sin(angle) > 0 else -12
        label_x, label_y = (x, y + below) if anchor == "middle" else (x + (11 if side > 0 else -11), y + 4)
        nodes.append(_to_node(group, (x, y, label_x, label_y), anchor))
    return nodes


def _to_node(group: Sequence[Neighbour], at: tuple[float, float, float, float], anchor: str) -> Node:
    entity = group[0].entity
    name = (
        entity.name if len(entity.name) <= _LABEL_CHARACTERS else entity.name[: _LABEL_CHARACTERS - 1] + "…"
    )
    named = next((one.relation for one in group if one.relation != _MENTIONED), None)
    relations = ", ".join(dict.fromkeys(one.relation.replace("_", " ") for one in group))
    x, y, label_x, label_y = (round(value, 1) for value in at)
    return Node(
        entity=entity,
        x=x,
        y=y,
        label_x=label_x,
        label_y=label_y,
        anchor=anchor,
        label=name,
        relation_label=named.replace("_", " ")[:_LABEL_CHARACTERS] if named else None,
        relation_x=round(WIDTH / 2 + 0.62 * (at[0] - WIDTH / 2), 1),
        relation_y=round(HEIGHT / 2 + 0.62 * (at[1] - HEIGHT / 2) + 4, 1),
        relations=relations if len(relations) <= 60 else relations[:59] + "…",
        is_superseded=all(one.status != "activated" for one in group),
    )
