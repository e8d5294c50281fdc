from __future__ import annotations

import datetime
from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.memory_kind import MemoryKind
from ...models.problem import Problem
from ...models.timeline_page import TimelinePage
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    subject: None | str | Unset = UNSET,
    kinds: list[MemoryKind] | None | Unset = UNSET,
    session_id: None | str | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    include_total: bool | Unset = False,
    user_id: str,
    place: None | str | Unset = UNSET,
    near: None | str | Unset = UNSET,
    within_km: float | None | Unset = UNSET,
    metadata: None | str | Unset = UNSET,
    kind: list[MemoryKind] | None | Unset = UNSET,
    from_: datetime.datetime | None | Unset = UNSET,
    to: datetime.datetime | None | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_since: None | str | Unset
    if isinstance(since, Unset):
        json_since = UNSET
    elif isinstance(since, datetime.datetime):
        json_since = since.isoformat()
    else:
        json_since = since
    params["since"] = json_since

    json_until: None | str | Unset
    if isinstance(until, Unset):
        json_until = UNSET
    elif isinstance(until, datetime.datetime):
        json_until = until.isoformat()
    else:
        json_until = until
    params["until"] = json_until

    json_subject: None | str | Unset
    if isinstance(subject, Unset):
        json_subject = UNSET
    else:
        json_subject = subject
    params["subject"] = json_subject

    json_kinds: list[str] | None | Unset
    if isinstance(kinds, Unset):
        json_kinds = UNSET
    elif isinstance(kinds, list):
        json_kinds = []
        for kinds_type_0_item_data in kinds:
            kinds_type_0_item: str = kinds_type_0_item_data
            json_kinds.append(kinds_type_0_item)

    else:
        json_kinds = kinds
    params["kinds"] = json_kinds

    json_session_id: None | str | Unset
    if isinstance(session_id, Unset):
        json_session_id = UNSET
    else:
        json_session_id = session_id
    params["session_id"] = json_session_id

    json_cursor: None | str | Unset
    if isinstance(cursor, Unset):
        json_cursor = UNSET
    else:
        json_cursor = cursor
    params["cursor"] = json_cursor

    params["limit"] = limit

    params["include_total"] = include_total

    params["user_id"] = user_id

    json_place: None | str | Unset
    if isinstance(place, Unset):
        json_place = UNSET
    else:
        json_place = place
    params["place"] = json_place

    json_near: None | str | Unset
    if isinstance(near, Unset):
        json_near = UNSET
    else:
        json_near = near
    params["near"] = json_near

    json_within_km: float | None | Unset
    if isinstance(within_km, Unset):
        json_within_km = UNSET
    else:
        json_within_km = within_km
    params["within_km"] = json_within_km

    json_metadata: None | str | Unset
    if isinstance(metadata, Unset):
        json_metadata = UNSET
    else:
        json_metadata = metadata
    params["metadata"] = json_metadata

    json_kind: list[str] | None | Unset
    if isinstance(kind, Unset):
        json_kind = UNSET
    elif isinstance(kind, list):
        json_kind = []
        for kind_type_0_item_data in kind:
            kind_type_0_item: str = kind_type_0_item_data
            json_kind.append(kind_type_0_item)

    else:
        json_kind = kind
    params["kind"] = json_kind

    json_from_: None | str | Unset
    if isinstance(from_, Unset):
        json_from_ = UNSET
    elif isinstance(from_, datetime.datetime):
        json_from_ = from_.isoformat()
    else:
        json_from_ = from_
    params["from"] = json_from_

    json_to: None | str | Unset
    if isinstance(to, Unset):
        json_to = UNSET
    elif isinstance(to, datetime.datetime):
        json_to = to.isoformat()
    else:
        json_to = to
    params["to"] = json_to

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/timeline",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | TimelinePage:
    if response.status_code == 200:
        response_200 = TimelinePage.from_dict(response.json())

        return response_200

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

    if response.status_code == 413:
        response_413 = Problem.from_dict(response.json())

        return response_413

    if response.status_code == 422:
        response_422 = Problem.from_dict(response.json())

        return response_422

    if response.status_code == 429:
        response_429 = Problem.from_dict(response.json())

        return response_429

    if response.status_code == 503:
        response_503 = Problem.from_dict(response.json())

        return response_503

    response_default = Problem.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Problem | TimelinePage]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    subject: None | str | Unset = UNSET,
    kinds: list[MemoryKind] | None | Unset = UNSET,
    session_id: None | str | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    include_total: bool | Unset = False,
    user_id: str,
    place: None | str | Unset = UNSET,
    near: None | str | Unset = UNSET,
    within_km: float | None | Unset = UNSET,
    metadata: None | str | Unset = UNSET,
    kind: list[MemoryKind] | None | Unset = UNSET,
    from_: datetime.datetime | None | Unset = UNSET,
    to: datetime.datetime | None | Unset = UNSET,
) -> Response[Problem | TimelinePage]:
    """List dated memories in their order

     A user's dated memories, oldest first; what is no longer true is among them.

    Args:
        since (datetime.datetime | None | Unset): Ends or begins at or after
        until (datetime.datetime | None | Unset): Begins before
        subject (None | str | Unset):
        kinds (list[MemoryKind] | None | Unset):
        session_id (None | str | Unset): Only what a turn of this session says
        cursor (None | str | Unset): `next_cursor` of the page before
        limit (int | Unset):  Default: 50.
        include_total (bool | Unset): Also say how many match, on all pages Default: False.
        user_id (str):
        place (None | str | Unset): At a place whose name has these words
        near (None | str | Unset): `lat,lon` in degrees (WGS 84)
        within_km (float | None | Unset): With `near`: how far away; default: 10
        metadata (None | str | Unset): A `MetadataFilter` as JSON, as `filters.metadata` of a
            search
        kind (list[MemoryKind] | None | Unset):
        from_ (datetime.datetime | None | Unset): Ends or begins at or after
        to (datetime.datetime | None | Unset): Begins before

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | TimelinePage]
    """

    kwargs = _get_kwargs(
        since=since,
        until=until,
        subject=subject,
        kinds=kinds,
        session_id=session_id,
        cursor=cursor,
        limit=limit,
        include_total=include_total,
        user_id=user_id,
        place=place,
        near=near,
        within_km=within_km,
        metadata=metadata,
        kind=kind,
        from_=from_,
        to=to,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    subject: None | str | Unset = UNSET,
    kinds: list[MemoryKind] | None | Unset = UNSET,
    session_id: None | str | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    include_total: bool | Unset = False,
    user_id: str,
    place: None | str | Unset = UNSET,
    near: None | str | Unset = UNSET,
    within_km: float | None | Unset = UNSET,
    metadata: None | str | Unset = UNSET,
    kind: list[MemoryKind] | None | Unset = UNSET,
    from_: datetime.datetime | None | Unset = UNSET,
    to: datetime.datetime | None | Unset = UNSET,
) -> Problem | TimelinePage | None:
    """List dated memories in their order

     A user's dated memories, oldest first; what is no longer true is among them.

    Args:
        since (datetime.datetime | None | Unset): Ends or begins at or after
        until (datetime.datetime | None | Unset): Begins before
        subject (None | str | Unset):
        kinds (list[MemoryKind] | None | Unset):
        session_id (None | str | Unset): Only what a turn of this session says
        cursor (None | str | Unset): `next_cursor` of the page before
        limit (int | Unset):  Default: 50.
        include_total (bool | Unset): Also say how many match, on all pages Default: False.
        user_id (str):
        place (None | str | Unset): At a place whose name has these words
        near (None | str | Unset): `lat,lon` in degrees (WGS 84)
        within_km (float | None | Unset): With `near`: how far away; default: 10
        metadata (None | str | Unset): A `MetadataFilter` as JSON, as `filters.metadata` of a
            search
        kind (list[MemoryKind] | None | Unset):
        from_ (datetime.datetime | None | Unset): Ends or begins at or after
        to (datetime.datetime | None | Unset): Begins before

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | TimelinePage
    """

    return sync_detailed(
        client=client,
        since=since,
        until=until,
        subject=subject,
        kinds=kinds,
        session_id=session_id,
        cursor=cursor,
        limit=limit,
        include_total=include_total,
        user_id=user_id,
        place=place,
        near=near,
        within_km=within_km,
        metadata=metadata,
        kind=kind,
        from_=from_,
        to=to,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    subject: None | str | Unset = UNSET,
    kinds: list[MemoryKind] | None | Unset = UNSET,
    session_id: None | str | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    include_total: bool | Unset = False,
    user_id: str,
    place: None | str | Unset = UNSET,
    near: None | str | Unset = UNSET,
    within_km: float | None | Unset = UNSET,
    metadata: None | str | Unset = UNSET,
    kind: list[MemoryKind] | None | Unset = UNSET,
    from_: datetime.datetime | None | Unset = UNSET,
    to: datetime.datetime | None | Unset = UNSET,
) -> Response[Problem | TimelinePage]:
    """List dated memories in their order

     A user's dated memories, oldest first; what is no longer true is among them.

    Args:
        since (datetime.datetime | None | Unset): Ends or begins at or after
        until (datetime.datetime | None | Unset): Begins before
        subject (None | str | Unset):
        kinds (list[MemoryKind] | None | Unset):
        session_id (None | str | Unset): Only what a turn of this session says
        cursor (None | str | Unset): `next_cursor` of the page before
        limit (int | Unset):  Default: 50.
        include_total (bool | Unset): Also say how many match, on all pages Default: False.
        user_id (str):
        place (None | str | Unset): At a place whose name has these words
        near (None | str | Unset): `lat,lon` in degrees (WGS 84)
        within_km (float | None | Unset): With `near`: how far away; default: 10
        metadata (None | str | Unset): A `MetadataFilter` as JSON, as `filters.metadata` of a
            search
        kind (list[MemoryKind] | None | Unset):
        from_ (datetime.datetime | None | Unset): Ends or begins at or after
        to (datetime.datetime | None | Unset): Begins before

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | TimelinePage]
    """

    kwargs = _get_kwargs(
        since=since,
        until=until,
        subject=subject,
        kinds=kinds,
        session_id=session_id,
        cursor=cursor,
        limit=limit,
        include_total=include_total,
        user_id=user_id,
        place=place,
        near=near,
        within_km=within_km,
        metadata=metadata,
        kind=kind,
        from_=from_,
        to=to,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    subject: None | str | Unset = UNSET,
    kinds: list[MemoryKind] | None | Unset = UNSET,
    session_id: None | str | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    include_total: bool | Unset = False,
    user_id: str,
    place: None | str | Unset = UNSET,
    near: None | str | Unset = UNSET,
    within_km: float | None | Unset = UNSET,
    metadata: None | str | Unset = UNSET,
    kind: list[MemoryKind] | None | Unset = UNSET,
    from_: datetime.datetime | None | Unset = UNSET,
    to: datetime.datetime | None | Unset = UNSET,
) -> Problem | TimelinePage | None:
    """List dated memories in their order

     A user's dated memories, oldest first; what is no longer true is among them.

    Args:
        since (datetime.datetime | None | Unset): Ends or begins at or after
        until (datetime.datetime | None | Unset): Begins before
        subject (None | str | Unset):
        kinds (list[MemoryKind] | None | Unset):
        session_id (None | str | Unset): Only what a turn of this session says
        cursor (None | str | Unset): `next_cursor` of the page before
        limit (int | Unset):  Default: 50.
        include_total (bool | Unset): Also say how many match, on all pages Default: False.
        user_id (str):
        place (None | str | Unset): At a place whose name has these words
        near (None | str | Unset): `lat,lon` in degrees (WGS 84)
        within_km (float | None | Unset): With `near`: how far away; default: 10
        metadata (None | str | Unset): A `MetadataFilter` as JSON, as `filters.metadata` of a
            search
        kind (list[MemoryKind] | None | Unset):
        from_ (datetime.datetime | None | Unset): Ends or begins at or after
        to (datetime.datetime | None | Unset): Begins before

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | TimelinePage
    """

    return (
        await asyncio_detailed(
            client=client,
            since=since,
            until=until,
            subject=subject,
            kinds=kinds,
            session_id=session_id,
            cursor=cursor,
            limit=limit,
            include_total=include_total,
            user_id=user_id,
            place=place,
            near=near,
            within_km=within_km,
            metadata=metadata,
            kind=kind,
            from_=from_,
            to=to,
        )
    ).parsed
