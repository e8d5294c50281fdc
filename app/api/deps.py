"""What routes ask for: the resources, the caller, and the headers that change a write."""

import re
from typing import Annotated

from fastapi import Depends, Header, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.core.errors import InvalidInput, PreconditionRequired, Unauthorized
from app.core.security import Principal
from app.memory.areas import Area
from app.resources import Resources
from app.schemas.common import NoNul
from app.services import keys

_DEGREES = r"-?\d{1,3}(\.\d{1,12})?"
_bearer = HTTPBearer(auto_error=False, description="An API key: `Authorization: Bearer mc_…`")


async def resources_of(request: Request) -> Resources:
    """The resources that the app was started with."""
    # A plain function would be sent to a thread and back, on every request, to read one attribute.
    return request.app.state.resources


# So with everything here that only looks at the request.
ResourcesDep = Annotated[Resources, Depends(resources_of)]


def principal_of(
    resources: ResourcesDep, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Principal:
    """Who calls. Raises `Unauthorized`."""
    return keys.authenticate(resources, credentials.credentials if credentials is not None else None)


async def key_of(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> str:
    """The caller's key, for a route that looks it up itself: that saves a thread. Raises `Unauthorized`."""
    if credentials is None or not credentials.credentials:
        raise Unauthorized
    return credentials.credentials


async def idempotency_key_of(
    idempotency_key: Annotated[
        str | None,
        Header(
            description="Repeat a write safely: the same key and body get the same answer", max_length=255
        ),
    ] = None,
) -> str | None:
    """The client's key of this write. Raises `InvalidInput` for an empty or unprintable one."""
    if idempotency_key is not None and not re.fullmatch(r"[\x21-\x7e]{1,255}", idempotency_key):
        raise InvalidInput("Use 1 to 255 visible ASCII characters.", field="Idempotency-Key")
    return idempotency_key


async def optional_version_of(
    if_match: Annotated[str | None, Header(description="The version that was read, e.g. `3`")] = None,
) -> int | None:
    """The version in If-Match, if there is one. Raises `InvalidInput`."""
    if if_match is None:
        return None
    bare = if_match.removeprefix("W/").strip('"')
    if not bare.isascii() or not bare.isdigit() or len(bare) > 9:
        raise InvalidInput("If-Match must be a version number.", field="If-Match")
    return int(bare)


OptionalVersionDep = Annotated[int | None, Depends(optional_version_of)]


async def version_of(version: OptionalVersionDep) -> int:
    """The version in If-Match. Raises `PreconditionRequired`, `InvalidInput`."""
    if version is None:
        raise PreconditionRequired(field="If-Match")
    return version


async def area_of(
    place: Annotated[
        str | None, Query(max_length=200, description="At a place whose name has these words"), NoNul
    ] = None,
    near: Annotated[
        str | None, Query(pattern=rf"^{_DEGREES},{_DEGREES}$", description="`lat,lon` in degrees (WGS 84)")
    ] = None,
    within_km: Annotated[
        float, Query(gt=0, le=20_100, allow_inf_nan=False, description="With `near`: how far away")
    ] = 10.0,
) -> Area | None:
    """The filter by place. Raises `InvalidInput` for a point that is not on Earth."""
    if near is None:
        return Area(place) if place is not None else None
    lat, lon = map(float, near.split(","))
    if abs(lat) > 90 or abs(lon) > 180:
        raise InvalidInput("Latitude is -90 to 90, longitude -180 to 180.", field="near")
    return Area(place, lat, lon, within_km)


AreaDep = Annotated[Area | None, Depends(area_of)]
PrincipalDep = Annotated[Principal, Depends(principal_of)]
KeyDep = Annotated[str, Depends(key_of)]
IdempotencyKeyDep = Annotated[str | None, Depends(idempotency_key_of)]
VersionDep = Annotated[int, Depends(version_of)]
CursorQuery = Annotated[str | None, Query(max_length=2_000, description="`next_cursor` of the page before")]
LimitQuery = Annotated[int, Query(ge=1, le=200)]
UserQuery = Annotated[str, Query(min_length=1, max_length=200), NoNul]
OptionalQuery = Annotated[str | None, Query(max_length=200), NoNul]
