"""Entities: who and what a user's memories name, and how they are related."""

from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from app.doors.console.console_route import PREFIX, ConsoleRoute
from app.doors.console.rendering import render
from app.doors.console.views.entity_graph import HEIGHT, WIDTH, draw_graph
from app.doors.console.visits import UserFields, VisitDep
from app.schemas.memories.entities import EntityOut
from app.services.memories import entities
from app.services.memories.as_of import NOW

router = APIRouter(prefix=PREFIX, route_class=ConsoleRoute, include_in_schema=False)
_MOST_ENTITIES = 200
_MOST_NEIGHBOURS = 120
_SELF = "user"  # the alias of the user's own person


class EntityFields(UserFields):
    """The query of the graph."""

    entity: UUID | None = None
    superseded: bool = False


@router.get("/entities")
def show_entities(visit: VisitDep) -> Response:
    """The entities of a user, and the graph around one of them."""
    asked = visit.parse_query(EntityFields)
    user = visit.resolve_user(asked.user)
    page = entities.list_entities(
        visit.resources,
        visit.principal,
        user_id=user,
        name=None,
        point=NOW,
        cursor=asked.cursor,
        limit=_MOST_ENTITIES,
    )
    focus = _choose_focus(page.items, asked.entity)
    neighbours = None
    if focus is not None:
        neighbours = entities.list_neighbours(
            visit.resources,
            visit.principal,
            focus,
            user_id=user,
            wanted=entities.NeighbourFilter(None, asked.superseded, NOW),
            cursor=None,
            limit=_MOST_NEIGHBOURS,
        )
    named = next((one for one in page.items if one.id == focus), None)
    return render(
        visit,
        "entities.html",
        user=user,
        page=page,
        focus=named,
        focus_id=focus,
        neighbours=neighbours.items if neighbours is not None else [],
        has_more=neighbours is not None and neighbours.next_cursor is not None,
        graph=draw_graph(neighbours.items) if neighbours is not None else None,
        width=WIDTH,
        height=HEIGHT,
        superseded=asked.superseded,
    )


def _choose_focus(items: list[EntityOut], asked: UUID | None) -> UUID | None:
    """The entity in the middle: the one asked for, the user's own person, or the one named most."""
    if asked is not None:
        return asked
    own = next((one for one in items if _SELF in one.aliases or one.name.lower() == _SELF), None)
    if own is not None:
        return own.id
    return max(items, key=lambda one: one.memories).id if items else None
