"""Routes of order and timeline."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.api.entrance.dependencies import (
    AreaDep,
    CursorQuery,
    LimitQuery,
    MetadataDep,
    OptionalQuery,
    PrincipalDep,
    ResourcesDep,
    SessionQuery,
    TotalQuery,
    UserQuery,
)
from app.api.entrance.guarded_route import GuardedRoute
from app.core.vocabulary import Kind
from app.schemas.common import Instant
from app.schemas.memories.chronology import OrderOut, TimelinePage
from app.services.memories import chronology
from app.services.memories.metadata_conditions import to_condition_or_none

router = APIRouter(route_class=GuardedRoute, prefix="/v1", tags=["timeline"])


@router.get("/order", operation_id="get_order")
def get_order(
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: UserQuery,
    first: Annotated[UUID, Query(description="A turn or a memory")],
    second: Annotated[UUID, Query(description="Another one")],
) -> OrderOut:
    """Which of two came first: by the dates of events, else by when they were said."""
    return chronology.compare_order(resources, principal, user_id, first, second)


@router.get("/timeline", operation_id="get_timeline")
def get_timeline(
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: UserQuery,
    since: Annotated[Instant | None, Query(description="Ends or begins at or after")] = None,
    until: Annotated[Instant | None, Query(description="Begins before")] = None,
    subject: OptionalQuery = None,
    kinds: Annotated[list[Kind] | None, Query()] = None,
    area: AreaDep = None,
    session_id: SessionQuery = None,
    metadata: MetadataDep = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = 50,
    include_total: TotalQuery = False,
) -> TimelinePage:
    """A user's dated memories, oldest first; what is no longer true is among them."""
    return chronology.list_timeline(
        resources,
        principal,
        user_id=user_id,
        wanted=chronology.TimelineFilter(
            since, until, subject, kinds, area, session_id, to_condition_or_none(metadata)
        ),
        cursor=cursor,
        limit=limit,
        is_counted=include_total,
    )
