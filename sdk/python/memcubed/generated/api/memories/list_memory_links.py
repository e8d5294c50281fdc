from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ...client import AuthenticatedClient, Client
from ...models.memory_link_page import MemoryLinkPage
from ...models.memory_link_type import MemoryLinkType
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    memory_id: UUID,
    *,
    type_: list[MemoryLinkType] | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_type_: list[str] | None | Unset
    if isinstance(type_, Unset):
        json_type_ = UNSET
    elif isinstance(type_, list):
        json_type_ = []
        for type_type_0_item_data in type_:
            type_type_0_item: str = type_type_0_item_data
            json_type_.append(type_type_0_item)

    else:
        json_type_ = type_
    params["type"] = json_type_

    json_cursor: None | str | Unset
    if isinstance(cursor, Unset):
        json_cursor = UNSET
    else:
        json_cursor = cursor
    params["cursor"] = json_cursor

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/memories/{memory_id}/links".format(
            memory_id=quote(str(memory_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> MemoryLinkPage | Problem:
    if response.status_code == 200:
        response_200 = MemoryLinkPage.from_dict(response.json())

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
) -> Response[MemoryLinkPage | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    memory_id: UUID,
    *,
    client: AuthenticatedClient,
    type_: list[MemoryLinkType] | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
) -> Response[MemoryLinkPage | Problem]:
    """List links of a memory

     The typed links of a memory in both directions; only those of the given types if any.

    Args:
        memory_id (UUID):
        type_ (list[MemoryLinkType] | None | Unset):
        cursor (None | str | Unset): `next_cursor` of the page before
        limit (int | Unset):  Default: 50.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[MemoryLinkPage | Problem]
    """

    kwargs = _get_kwargs(
        memory_id=memory_id,
        type_=type_,
        cursor=cursor,
        limit=limit,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    memory_id: UUID,
    *,
    client: AuthenticatedClient,
    type_: list[MemoryLinkType] | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
) -> MemoryLinkPage | Problem | None:
    """List links of a memory

     The typed links of a memory in both directions; only those of the given types if any.

    Args:
        memory_id (UUID):
        type_ (list[MemoryLinkType] | None | Unset):
        cursor (None | str | Unset): `next_cursor` of the page before
        limit (int | Unset):  Default: 50.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        MemoryLinkPage | Problem
    """

    return sync_detailed(
        memory_id=memory_id,
        client=client,
        type_=type_,
        cursor=cursor,
        limit=limit,
    ).parsed


async def asyncio_detailed(
    memory_id: UUID,
    *,
    client: AuthenticatedClient,
    type_: list[MemoryLinkType] | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
) -> Response[MemoryLinkPage | Problem]:
    """List links of a memory

     The typed links of a memory in both directions; only those of the given types if any.

    Args:
        memory_id (UUID):
        type_ (list[MemoryLinkType] | None | Unset):
        cursor (None | str | Unset): `next_cursor` of the page before
        limit (int | Unset):  Default: 50.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[MemoryLinkPage | Problem]
    """

    kwargs = _get_kwargs(
        memory_id=memory_id,
        type_=type_,
        cursor=cursor,
        limit=limit,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    memory_id: UUID,
    *,
    client: AuthenticatedClient,
    type_: list[MemoryLinkType] | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
) -> MemoryLinkPage | Problem | None:
    """List links of a memory

     The typed links of a memory in both directions; only those of the given types if any.

    Args:
        memory_id (UUID):
        type_ (list[MemoryLinkType] | None | Unset):
        cursor (None | str | Unset): `next_cursor` of the page before
        limit (int | Unset):  Default: 50.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        MemoryLinkPage | Problem
    """

    return (
        await asyncio_detailed(
            memory_id=memory_id,
            client=client,
            type_=type_,
            cursor=cursor,
            limit=limit,
        )
    ).parsed
