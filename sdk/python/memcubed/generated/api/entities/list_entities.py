from __future__ import annotations

import datetime
from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.entity_page import EntityPage
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    name: None | str | Unset = UNSET,
    as_of: datetime.datetime | None | Unset = UNSET,
    known_at: datetime.datetime | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    user_id: str,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_name: None | str | Unset
    if isinstance(name, Unset):
        json_name = UNSET
    else:
        json_name = name
    params["name"] = json_name

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

    params["user_id"] = user_id

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/entities",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> EntityPage | Problem:
    if response.status_code == 200:
        response_200 = EntityPage.from_dict(response.json())

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
) -> Response[EntityPage | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    name: None | str | Unset = UNSET,
    as_of: datetime.datetime | None | Unset = UNSET,
    known_at: datetime.datetime | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    user_id: str,
) -> Response[EntityPage | Problem]:
    """List whom and what memories name

     Who and what a user's memories name, by name; also those of whom nothing holds any more.

    Args:
        name (None | str | Unset): Only this one, in any case
        as_of (datetime.datetime | None | Unset): What was true at that moment (valid time)
        known_at (datetime.datetime | None | Unset): What was recorded up to that moment, and
            nothing that came later
        cursor (None | str | Unset): `next_cursor` of the page before
        limit (int | Unset):  Default: 50.
        user_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[EntityPage | Problem]
    """

    kwargs = _get_kwargs(
        name=name,
        as_of=as_of,
        known_at=known_at,
        cursor=cursor,
        limit=limit,
        user_id=user_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    name: None | str | Unset = UNSET,
    as_of: datetime.datetime | None | Unset = UNSET,
    known_at: datetime.datetime | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    user_id: str,
) -> EntityPage | Problem | None:
    """List whom and what memories name

     Who and what a user's memories name, by name; also those of whom nothing holds any more.

    Args:
        name (None | str | Unset): Only this one, in any case
        as_of (datetime.datetime | None | Unset): What was true at that moment (valid time)
        known_at (datetime.datetime | None | Unset): What was recorded up to that moment, and
            nothing that came later
        cursor (None | str | Unset): `next_cursor` of the page before
        limit (int | Unset):  Default: 50.
        user_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        EntityPage | Problem
    """

    return sync_detailed(
        client=client,
        name=name,
        as_of=as_of,
        known_at=known_at,
        cursor=cursor,
        limit=limit,
        user_id=user_id,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    name: None | str | Unset = UNSET,
    as_of: datetime.datetime | None | Unset = UNSET,
    known_at: datetime.datetime | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    user_id: str,
) -> Response[EntityPage | Problem]:
    """List whom and what memories name

     Who and what a user's memories name, by name; also those of whom nothing holds any more.

    Args:
        name (None | str | Unset): Only this one, in any case
        as_of (datetime.datetime | None | Unset): What was true at that moment (valid time)
        known_at (datetime.datetime | None | Unset): What was recorded up to that moment, and
            nothing that came later
        cursor (None | str | Unset): `next_cursor` of the page before
        limit (int | Unset):  Default: 50.
        user_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[EntityPage | Problem]
    """

    kwargs = _get_kwargs(
        name=name,
        as_of=as_of,
        known_at=known_at,
        cursor=cursor,
        limit=limit,
        user_id=user_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    name: None | str | Unset = UNSET,
    as_of: datetime.datetime | None | Unset = UNSET,
    known_at: datetime.datetime | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    user_id: str,
) -> EntityPage | Problem | None:
    """List whom and what memories name

     Who and what a user's memories name, by name; also those of whom nothing holds any more.

    Args:
        name (None | str | Unset): Only this one, in any case
        as_of (datetime.datetime | None | Unset): What was true at that moment (valid time)
        known_at (datetime.datetime | None | Unset): What was recorded up to that moment, and
            nothing that came later
        cursor (None | str | Unset): `next_cursor` of the page before
        limit (int | Unset):  Default: 50.
        user_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        EntityPage | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            name=name,
            as_of=as_of,
            known_at=known_at,
            cursor=cursor,
            limit=limit,
            user_id=user_id,
        )
    ).parsed
