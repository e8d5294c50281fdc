from __future__ import annotations

import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ...client import AuthenticatedClient, Client
from ...models.entity_neighbour_page import EntityNeighbourPage
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    entity_id: UUID,
    *,
    relation: None | str | Unset = UNSET,
    include_superseded: bool | Unset = False,
    as_of: datetime.datetime | None | Unset = UNSET,
    known_at: datetime.datetime | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    user_id: str,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_relation: None | str | Unset
    if isinstance(relation, Unset):
        json_relation = UNSET
    else:
        json_relation = relation
    params["relation"] = json_relation

    params["include_superseded"] = include_superseded

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
        "url": "/v1/entities/{entity_id}/neighbours".format(
            entity_id=quote(str(entity_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> EntityNeighbourPage | Problem:
    if response.status_code == 200:
        response_200 = EntityNeighbourPage.from_dict(response.json())

        return response_200

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

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
) -> Response[EntityNeighbourPage | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    entity_id: UUID,
    *,
    client: AuthenticatedClient,
    relation: None | str | Unset = UNSET,
    include_superseded: bool | Unset = False,
    as_of: datetime.datetime | None | Unset = UNSET,
    known_at: datetime.datetime | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    user_id: str,
) -> Response[EntityNeighbourPage | Problem]:
    """List to whom and what an entity is related

     To whom and what an entity is related, and the memory that says so; only what holds unless asked.

    Args:
        entity_id (UUID):
        relation (None | str | Unset):
        include_superseded (bool | Unset):  Default: False.
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
        Response[EntityNeighbourPage | Problem]
    """

    kwargs = _get_kwargs(
        entity_id=entity_id,
        relation=relation,
        include_superseded=include_superseded,
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
    entity_id: UUID,
    *,
    client: AuthenticatedClient,
    relation: None | str | Unset = UNSET,
    include_superseded: bool | Unset = False,
    as_of: datetime.datetime | None | Unset = UNSET,
    known_at: datetime.datetime | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    user_id: str,
) -> EntityNeighbourPage | Problem | None:
    """List to whom and what an entity is related

     To whom and what an entity is related, and the memory that says so; only what holds unless asked.

    Args:
        entity_id (UUID):
        relation (None | str | Unset):
        include_superseded (bool | Unset):  Default: False.
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
        EntityNeighbourPage | Problem
    """

    return sync_detailed(
        entity_id=entity_id,
        client=client,
        relation=relation,
        include_superseded=include_superseded,
        as_of=as_of,
        known_at=known_at,
        cursor=cursor,
        limit=limit,
        user_id=user_id,
    ).parsed


async def asyncio_detailed(
    entity_id: UUID,
    *,
    client: AuthenticatedClient,
    relation: None | str | Unset = UNSET,
    include_superseded: bool | Unset = False,
    as_of: datetime.datetime | None | Unset = UNSET,
    known_at: datetime.datetime | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    user_id: str,
) -> Response[EntityNeighbourPage | Problem]:
    """List to whom and what an entity is related

     To whom and what an entity is related, and the memory that says so; only what holds unless asked.

    Args:
        entity_id (UUID):
        relation (None | str | Unset):
        include_superseded (bool | Unset):  Default: False.
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
        Response[EntityNeighbourPage | Problem]
    """

    kwargs = _get_kwargs(
        entity_id=entity_id,
        relation=relation,
        include_superseded=include_superseded,
        as_of=as_of,
        known_at=known_at,
        cursor=cursor,
        limit=limit,
        user_id=user_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    entity_id: UUID,
    *,
    client: AuthenticatedClient,
    relation: None | str | Unset = UNSET,
    include_superseded: bool | Unset = False,
    as_of: datetime.datetime | None | Unset = UNSET,
    known_at: datetime.datetime | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    user_id: str,
) -> EntityNeighbourPage | Problem | None:
    """List to whom and what an entity is related

     To whom and what an entity is related, and the memory that says so; only what holds unless asked.

    Args:
        entity_id (UUID):
        relation (None | str | Unset):
        include_superseded (bool | Unset):  Default: False.
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
        EntityNeighbourPage | Problem
    """

    return (
        await asyncio_detailed(
            entity_id=entity_id,
            client=client,
            relation=relation,
            include_superseded=include_superseded,
            as_of=as_of,
            known_at=known_at,
            cursor=cursor,
            limit=limit,
            user_id=user_id,
        )
    ).parsed
