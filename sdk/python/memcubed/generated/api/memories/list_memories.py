from __future__ import annotations

import datetime
from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.memory_kind import MemoryKind
from ...models.memory_page import MemoryPage
from ...models.memory_status import MemoryStatus
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    status: list[MemoryStatus] | Unset = UNSET,
    kinds: list[MemoryKind] | None | Unset = UNSET,
    subject: None | str | Unset = UNSET,
    attribute: None | str | Unset = UNSET,
    tags: list[str] | None | Unset = UNSET,
    agent_id: None | str | Unset = UNSET,
    session_id: None | str | Unset = UNSET,
    as_of: datetime.datetime | None | Unset = UNSET,
    known_at: datetime.datetime | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    include_total: bool | Unset = False,
    user_id: str,
    place: None | str | Unset = UNSET,
    near: None | str | Unset = UNSET,
    within_km: float | None | Unset = UNSET,
    metadata: None | str | Unset = UNSET,
    kind: list[MemoryKind] | None | Unset = UNSET,
    tag: list[str] | None | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_status: list[str] | Unset = UNSET
    if not isinstance(status, Unset):
        json_status = []
        for status_item_data in status:
            status_item: str = status_item_data
            json_status.append(status_item)

    params["status"] = json_status

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

    json_subject: None | str | Unset
    if isinstance(subject, Unset):
        json_subject = UNSET
    else:
        json_subject = subject
    params["subject"] = json_subject

    json_attribute: None | str | Unset
    if isinstance(attribute, Unset):
        json_attribute = UNSET
    else:
        json_attribute = attribute
    params["attribute"] = json_attribute

    json_tags: list[str] | None | Unset
    if isinstance(tags, Unset):
        json_tags = UNSET
    elif isinstance(tags, list):
        json_tags = tags

    else:
        json_tags = tags
    params["tags"] = json_tags

    json_agent_id: None | str | Unset
    if isinstance(agent_id, Unset):
        json_agent_id = UNSET
    else:
        json_agent_id = agent_id
    params["agent_id"] = json_agent_id

    json_session_id: None | str | Unset
    if isinstance(session_id, Unset):
        json_session_id = UNSET
    else:
        json_session_id = session_id
    params["session_id"] = json_session_id

    json_as_of: None | str | Unset
    if isinstance(as_of, Unset):
        json_as_of = UNSET
    elif isinstance(as_of, datetime.datetime):
        json_as_of = as_of.isoformat()
    else:
        json_as_of = as_of
    params["as_of"] = json_as_of

    json_known_at: None | str | Unset
    if isinstance(known_at, Unset):
        json_known_at = UNSET
    elif isinstance(known_at, datetime.datetime):
        json_known_at = known_at.isoformat()
    else:
        json_known_at = known_at
    params["known_at"] = json_known_at

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

    json_tag: list[str] | None | Unset
    if isinstance(tag, Unset):
        json_tag = UNSET
    elif isinstance(tag, list):
        json_tag = tag

    else:
        json_tag = tag
    params["tag"] = json_tag

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/memories",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> MemoryPage | Problem:
    if response.status_code == 200:
        response_200 = MemoryPage.from_dict(response.json())

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
) -> Response[MemoryPage | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    status: list[MemoryStatus] | Unset = UNSET,
    kinds: list[MemoryKind] | None | Unset = UNSET,
    subject: None | str | Unset = UNSET,
    attribute: None | str | Unset = UNSET,
    tags: list[str] | None | Unset = UNSET,
    agent_id: None | str | Unset = UNSET,
    session_id: None | str | Unset = UNSET,
    as_of: datetime.datetime | None | Unset = UNSET,
    known_at: datetime.datetime | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    include_total: bool | Unset = False,
    user_id: str,
    place: None | str | Unset = UNSET,
    near: None | str | Unset = UNSET,
    within_km: float | None | Unset = UNSET,
    metadata: None | str | Unset = UNSET,
    kind: list[MemoryKind] | None | Unset = UNSET,
    tag: list[str] | None | Unset = UNSET,
) -> Response[MemoryPage | Problem]:
    """List memories

     A user's memories, newest first; only the current ones unless `status` says otherwise.

    Args:
        status (list[MemoryStatus] | Unset):
        kinds (list[MemoryKind] | None | Unset):
        subject (None | str | Unset):
        attribute (None | str | Unset):
        tags (list[str] | None | Unset): Memories with all of these tags
        agent_id (None | str | Unset):
        session_id (None | str | Unset): Only what a turn of this session says
        as_of (datetime.datetime | None | Unset): What was true at that moment (valid time)
        known_at (datetime.datetime | None | Unset): What was recorded up to that moment, and
            nothing that came later
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
        tag (list[str] | None | Unset): Memories with all of these tags

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[MemoryPage | Problem]
    """

    kwargs = _get_kwargs(
        status=status,
        kinds=kinds,
        subject=subject,
        attribute=attribute,
        tags=tags,
        agent_id=agent_id,
        session_id=session_id,
        as_of=as_of,
        known_at=known_at,
        cursor=cursor,
        limit=limit,
        include_total=include_total,
        user_id=user_id,
        place=place,
        near=near,
        within_km=within_km,
        metadata=metadata,
        kind=kind,
        tag=tag,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    status: list[MemoryStatus] | Unset = UNSET,
    kinds: list[MemoryKind] | None | Unset = UNSET,
    subject: None | str | Unset = UNSET,
    attribute: None | str | Unset = UNSET,
    tags: list[str] | None | Unset = UNSET,
    agent_id: None | str | Unset = UNSET,
    session_id: None | str | Unset = UNSET,
    as_of: datetime.datetime | None | Unset = UNSET,
    known_at: datetime.datetime | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    include_total: bool | Unset = False,
    user_id: str,
    place: None | str | Unset = UNSET,
    near: None | str | Unset = UNSET,
    within_km: float | None | Unset = UNSET,
    metadata: None | str | Unset = UNSET,
    kind: list[MemoryKind] | None | Unset = UNSET,
    tag: list[str] | None | Unset = UNSET,
) -> MemoryPage | Problem | None:
    """List memories

     A user's memories, newest first; only the current ones unless `status` says otherwise.

    Args:
        status (list[MemoryStatus] | Unset):
        kinds (list[MemoryKind] | None | Unset):
        subject (None | str | Unset):
        attribute (None | str | Unset):
        tags (list[str] | None | Unset): Memories with all of these tags
        agent_id (None | str | Unset):
        session_id (None | str | Unset): Only what a turn of this session says
        as_of (datetime.datetime | None | Unset): What was true at that moment (valid time)
        known_at (datetime.datetime | None | Unset): What was recorded up to that moment, and
            nothing that came later
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
        tag (list[str] | None | Unset): Memories with all of these tags

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        MemoryPage | Problem
    """

    return sync_detailed(
        client=client,
        status=status,
        kinds=kinds,
        subject=subject,
        attribute=attribute,
        tags=tags,
        agent_id=agent_id,
        session_id=session_id,
        as_of=as_of,
        known_at=known_at,
        cursor=cursor,
        limit=limit,
        include_total=include_total,
        user_id=user_id,
        place=place,
        near=near,
        within_km=within_km,
        metadata=metadata,
        kind=kind,
        tag=tag,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    status: list[MemoryStatus] | Unset = UNSET,
    kinds: list[MemoryKind] | None | Unset = UNSET,
    subject: None | str | Unset = UNSET,
    attribute: None | str | Unset = UNSET,
    tags: list[str] | None | Unset = UNSET,
    agent_id: None | str | Unset = UNSET,
    session_id: None | str | Unset = UNSET,
    as_of: datetime.datetime | None | Unset = UNSET,
    known_at: datetime.datetime | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    include_total: bool | Unset = False,
    user_id: str,
    place: None | str | Unset = UNSET,
    near: None | str | Unset = UNSET,
    within_km: float | None | Unset = UNSET,
    metadata: None | str | Unset = UNSET,
    kind: list[MemoryKind] | None | Unset = UNSET,
    tag: list[str] | None | Unset = UNSET,
) -> Response[MemoryPage | Problem]:
    """List memories

     A user's memories, newest first; only the current ones unless `status` says otherwise.

    Args:
        status (list[MemoryStatus] | Unset):
        kinds (list[MemoryKind] | None | Unset):
        subject (None | str | Unset):
        attribute (None | str | Unset):
        tags (list[str] | None | Unset): Memories with all of these tags
        agent_id (None | str | Unset):
        session_id (None | str | Unset): Only what a turn of this session says
        as_of (datetime.datetime | None | Unset): What was true at that moment (valid time)
        known_at (datetime.datetime | None | Unset): What was recorded up to that moment, and
            nothing that came later
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
        tag (list[str] | None | Unset): Memories with all of these tags

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[MemoryPage | Problem]
    """

    kwargs = _get_kwargs(
        status=status,
        kinds=kinds,
        subject=subject,
        attribute=attribute,
        tags=tags,
        agent_id=agent_id,
        session_id=session_id,
        as_of=as_of,
        known_at=known_at,
        cursor=cursor,
        limit=limit,
        include_total=include_total,
        user_id=user_id,
        place=place,
        near=near,
        within_km=within_km,
        metadata=metadata,
        kind=kind,
        tag=tag,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    status: list[MemoryStatus] | Unset = UNSET,
    kinds: list[MemoryKind] | None | Unset = UNSET,
    subject: None | str | Unset = UNSET,
    attribute: None | str | Unset = UNSET,
    tags: list[str] | None | Unset = UNSET,
    agent_id: None | str | Unset = UNSET,
    session_id: None | str | Unset = UNSET,
    as_of: datetime.datetime | None | Unset = UNSET,
    known_at: datetime.datetime | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    include_total: bool | Unset = False,
    user_id: str,
    place: None | str | Unset = UNSET,
    near: None | str | Unset = UNSET,
    within_km: float | None | Unset = UNSET,
    metadata: None | str | Unset = UNSET,
    kind: list[MemoryKind] | None | Unset = UNSET,
    tag: list[str] | None | Unset = UNSET,
) -> MemoryPage | Problem | None:
    """List memories

     A user's memories, newest first; only the current ones unless `status` says otherwise.

    Args:
        status (list[MemoryStatus] | Unset):
        kinds (list[MemoryKind] | None | Unset):
        subject (None | str | Unset):
        attribute (None | str | Unset):
        tags (list[str] | None | Unset): Memories with all of these tags
        agent_id (None | str | Unset):
        session_id (None | str | Unset): Only what a turn of this session says
        as_of (datetime.datetime | None | Unset): What was true at that moment (valid time)
        known_at (datetime.datetime | None | Unset): What was recorded up to that moment, and
            nothing that came later
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
        tag (list[str] | None | Unset): Memories with all of these tags

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        MemoryPage | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            status=status,
            kinds=kinds,
            subject=subject,
            attribute=attribute,
            tags=tags,
            agent_id=agent_id,
            session_id=session_id,
            as_of=as_of,
            known_at=known_at,
            cursor=cursor,
            limit=limit,
            include_total=include_total,
            user_id=user_id,
            place=place,
            near=near,
            within_km=within_km,
            metadata=metadata,
            kind=kind,
            tag=tag,
        )
    ).parsed
