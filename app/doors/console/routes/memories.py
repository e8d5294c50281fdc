"""Memories: list, one memory with all that proves it, and the timeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from app.core.errors import NotFound
from app.core.vocabulary import Kind, Status
from app.doors.console.console_route import PREFIX, ConsoleRoute
from app.doors.console.rendering import render
from app.doors.console.views.hostile_text import mark_quotes
from app.doors.console.views.time_bars import Bar, Span, draw_bars
from app.doors.console.visits import Fields, SessionId, UserFields, Visit, VisitDep
from app.memory.types import MemoryFilter
from app.schemas.common import Name
from app.schemas.ingestion.turns import TurnOut
from app.schemas.memories.memories import MemoryHistory, MemorySource
from app.services.ingestion import turn_reads
from app.services.memories import chronology, links, memory_reads

router = APIRouter(prefix=PREFIX, route_class=ConsoleRoute, include_in_schema=False)
_PAGE = 50
_MOST_LINKS = 50
_MOST_SOURCES = 20


class MemoryListFields(UserFields):
    """The query of the list of memories."""

    status: Status | None = None
    kind: Kind | None = None
    session: SessionId | None = None
    tag: Name | None = None


class TimelineFields(UserFields):
    """The query of the timeline."""

    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class SourceText:
    """A source of a memory, with its turn and the quote marked in it if the turn is still there."""

    source: MemorySource
    turn: TurnOut | None
    parts: Sequence[tuple[str, bool]]


@router.get("/memories")
def show_memories(visit: VisitDep) -> Response:
    """A user's memories, newest first."""
    asked = visit.parse_query(MemoryListFields)
    user = visit.resolve_user(asked.user)
    page = memory_reads.list_memories(
        visit.resources,
        visit.principal,
        user_id=user,
        matching=MemoryFilter(
            [asked.status or Status.ACTIVATED],
            [asked.kind] if asked.kind is not None else None,
            tags=[asked.tag] if asked.tag is not None else None,
            session_id=asked.session,
        ),
        cursor=asked.cursor,
        limit=_PAGE,
        is_counted=True,
    )
    return render(
        visit, "memories.html", user=user, page=page, asked=asked, statuses=list(Status), kinds=list(Kind)
    )


@router.get("/memories/{memory_id}")
def show_memory(visit: VisitDep, memory_id: UUID) -> Response:
    """One memory: its sources in their turns, its versions, the timeline of its slot, and its links."""
    visit.parse_query(Fields)
    memory = memory_reads.get_memory(visit.resources, visit.principal, memory_id)
    history = memory_reads.get_memory_history(visit.resources, visit.principal, memory_id)
    linked = links.list_links(
        visit.resources, visit.principal, memory_id, types=None, cursor=None, limit=_MOST_LINKS
    )
    return render(
        visit,
        "memory.html",
        user=memory.user_id,
        memory=memory,
        history=history,
        links=linked.items,
        sources=_load_sources(visit, memory_id),
        drawing=draw_bars(_to_spans(history), visit.resources.now()),
        bar=draw_bars([Span(memory.valid_from, memory.valid_to)], visit.resources.now()),
    )


@router.get("/timeline")
def show_timeline(visit: VisitDep) -> Response:
    """A user's dated memories, oldest first."""
    asked = visit.parse_query(TimelineFields)
    user = visit.resolve_user(asked.user)
    page = chronology.list_timeline(
        visit.resources,
        visit.principal,
        user_id=user,
        wanted=chronology.TimelineFilter(kinds=[asked.kind] if asked.kind is not None else None),
        cursor=asked.cursor,
        limit=_PAGE,
        is_counted=True,
    )
    drawing = draw_bars([Span(item.from_, item.to) for item in page.items], visit.resources.now())
    rows: list[tuple[object, Bar]] = list(zip(page.items, drawing.bars, strict=True))
    return render(
        visit,
        "timeline.html",
        user=user,
        page=page,
        rows=rows,
        drawing=drawing,
        asked=asked,
        kinds=list(Kind),
    )


def _to_spans(history: MemoryHistory) -> list[Span]:
    return [Span(entry.valid_from, entry.valid_to) for entry in history.timeline]


def _load_sources(visit: Visit, memory_id: UUID) -> list[SourceText]:
    sources = memory_reads.list_sources(visit.resources, visit.principal, memory_id).items[:_MOST_SOURCES]
    return [_load_source(visit, source) for source in sources]


def _load_source(visit: Visit, source: MemorySource) -> SourceText:
    if source.turn_id is None:
        return SourceText(source, None, [])
    try:
        turn = turn_reads.get_turn(visit.resources, visit.principal, source.turn_id)
    except NotFound:
        return SourceText(source, None, [])
    return SourceText(source, turn, mark_quotes(turn.content, [source.quote]))
