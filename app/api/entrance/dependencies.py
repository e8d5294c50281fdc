"""FastAPI dependencies: resources, principal, user id, Idempotency-Key and If-Match."""

import re
from typing import Annotated

from fastapi import Depends, Header, Path, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from app.core.errors import InvalidInput, PreconditionRequired, Unauthorized
from app.core.preconditions import IfMatch
from app.core.security import Principal
from app.memory.geography import Area
from app.resources import Resources
from app.schemas.common import Name, PathId
from app.schemas.memories.metadata_filters import MAX_QUERY_CHARACTERS, MetadataFilter, parse_query_filter
from app.services.platform import keys, user_ids

_IF_MATCH = 'The version that was read, as `"3"` or `3`; a list of such, or `*` for any'
NEAR_KM = 10.0
_DEGREES = r"-?\d{1,3}(\.\d{1,12})?"
_bearer = HTTPBearer(auto_error=False, description="An API key: `Authorization: Bearer mc_…`")


async def get_resources(request: Request) -> Resources:
    """The resources that the app was started with."""
    # A plain function would be run in a thread, on every request, to read one attribute.
    return request.app.state.resources


# The same applies to all dependencies here that only read the request.
ResourcesDep = Annotated[Resources, Depends(get_resources)]


def get_principal(
    resources: ResourcesDep, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Principal:
    """The caller. Raises `Unauthorized`."""
    return keys.authenticate_key(resources, credentials.credentials if credentials is not None else None)


PrincipalDep = Annotated[Principal, Depends(get_principal)]


async def get_bearer_key(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> str:
    """The caller's key, for a route that looks it up itself, which saves a thread. Raises `Unauthorized`."""
    if credentials is None or not credentials.credentials:
        raise Unauthorized
    return credentials.credentials


async def get_idempotency_key(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="Repeat a write safely: the same key and body get the same answer",
            max_length=255,
        ),
    ] = None,
) -> str | None:
    """The Idempotency-Key. Raises `InvalidInput` if it is empty, unprintable or repeated."""
    if len(request.headers.getlist("idempotency-key")) > 1:
        raise InvalidInput("Send one key, not several.", field="Idempotency-Key")
    if idempotency_key is not None and not re.fullmatch(r"[\x21-\x7e]{1,255}", idempotency_key):
        raise InvalidInput("Use 1 to 255 visible ASCII characters.", field="Idempotency-Key")
    return idempotency_key


def _parse_if_match(request: Request) -> IfMatch | None:
    # A client may send the header more than once.
    given = request.headers.getlist("if-match")
    return IfMatch.parse_header(",".join(given)) if given else None


async def get_optional_if_match(
    request: Request,
    if_match: Annotated[  # noqa: ARG001 -- for the document
        str | None, Header(alias="If-Match", description=_IF_MATCH, examples=['"3"'])
    ] = None,
) -> IfMatch | None:
    """The If-Match condition, if there is one. Raises `InvalidInput`."""
    return _parse_if_match(request)


async def get_if_match(
    request: Request,
    if_match: Annotated[  # noqa: ARG001 -- for the document, which says that it is required
        str | None,
        Header(
            alias="If-Match",
            description=_IF_MATCH,
            examples=['"3"'],
            json_schema_extra={"x-required": True},
        ),
    ] = None,
) -> IfMatch:
    """The If-Match condition. Raises `PreconditionRequired`, `InvalidInput`."""
    match = _parse_if_match(request)
    if match is None:
        raise PreconditionRequired(field="If-Match")
    return match


async def get_query_user(
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: Annotated[str, Query(min_length=1, max_length=2_000)],
) -> str:
    """The user that the query string names. Raises `InvalidInput`."""
    return await _resolve_user_id(resources, principal, user_id)


async def get_path_user(
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: Annotated[str, Path(min_length=1, max_length=2_000)],
) -> str:
    """The user that the path names. Raises `InvalidInput`."""
    return await _resolve_user_id(resources, principal, user_id)


async def get_optional_query_user(
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: Annotated[str | None, Query(min_length=1, max_length=2_000)] = None,
) -> str | None:
    """The user that the query string may name. Raises `InvalidInput`."""
    return await _resolve_user_id(resources, principal, user_id) if user_id is not None else None


async def _resolve_user_id(resources: Resources, principal: Principal, user_id: str) -> str:
    if user_ids.is_normalised_user_id(user_id):
        return user_id
    return await run_in_threadpool(user_ids.resolve_user_id, resources, principal, user_id)


async def get_area_filter(
    place: Annotated[Name | None, Query(description="At a place whose name has these words")] = None,
    near: Annotated[
        str | None, Query(pattern=rf"^{_DEGREES},{_DEGREES}$", description="`lat,lon` in degrees (WGS 84)")
    ] = None,
    within_km: Annotated[
        float | None,
        Query(gt=0, le=20_100, allow_inf_nan=False, description="With `near`: how far away; default: 10"),
    ] = None,
) -> Area | None:
    """The geographic filter. Raises `InvalidInput` for a point that is not on Earth."""
    if near is None:
        if within_km is not None:
            raise InvalidInput("A distance goes with `near`.", field="within_km")
        return Area(place) if place is not None else None
    lat, lon = map(float, near.split(","))
    if abs(lat) > 90 or abs(lon) > 180:
        raise InvalidInput("Latitude is -90 to 90, longitude -180 to 180.", field="near")
    return Area(place, lat, lon, within_km if within_km is not None else NEAR_KM)


async def get_metadata_filter(
    metadata: Annotated[
        str | None,
        Query(
            max_length=MAX_QUERY_CHARACTERS,
            description="A `MetadataFilter` as JSON, as `filters.metadata` of a search",
            examples=['{"field": "project", "op": "eq", "value": "apollo"}'],
            json_schema_extra={"contentMediaType": "application/json"},
        ),
    ] = None,
) -> MetadataFilter | None:
    """The filter by metadata. Raises `InvalidInput` naming the part that is wrong."""
    return parse_query_filter(metadata)


MetadataDep = Annotated[MetadataFilter | None, Depends(get_metadata_filter)]
SessionQuery = Annotated[PathId | None, Query(description="Only what a turn of this session says")]
TotalQuery = Annotated[bool, Query(description="Also say how many match, on all pages")]
AreaDep = Annotated[Area | None, Depends(get_area_filter)]
KeyDep = Annotated[str, Depends(get_bearer_key)]
IdempotencyKeyDep = Annotated[str | None, Depends(get_idempotency_key)]
MatchDep = Annotated[IfMatch, Depends(get_if_match)]
OptionalMatchDep = Annotated[IfMatch | None, Depends(get_optional_if_match)]
CursorQuery = Annotated[str | None, Query(max_length=2_000, description="`next_cursor` of the page before")]
LimitQuery = Annotated[int, Query(ge=1, le=200)]
UserQuery = Annotated[str, Depends(get_query_user)]
OptionalUserQuery = Annotated[str | None, Depends(get_optional_query_user)]
UserPath = Annotated[str, Depends(get_path_user)]
SessionPath = Annotated[PathId, Path()]
OptionalQuery = Annotated[Name | None, Query()]
