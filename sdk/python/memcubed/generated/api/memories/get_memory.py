from __future__ import annotations

import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ...client import AuthenticatedClient, Client
from ...models.memory import Memory
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    memory_id: UUID,
    *,
    as_of: datetime.datetime | None | Unset = UNSET,
    known_at: datetime.datetime | None | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

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

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/memories/{memory_id}".format(
            memory_id=quote(str(memory_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Memory | Problem:
    if response.status_code == 200:
        response_200 = Memory.from_dict(response.json())

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
) -> Response[Memory | Problem]:
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
    as_of: datetime.datetime | None | Unset = UNSET,
    known_at: datetime.datetime | None | Unset = UNSET,
) -> Response[Memory | Problem]:
    """Read a memory

     One memory; its version is in the ETag.

    Args:
        memory_id (UUID):
        as_of (datetime.datetime | None | Unset): What was true at that moment (valid time)
        known_at (datetime.datetime | None | Unset): What was recorded up to that moment, and
            nothing that came later

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Memory | Problem]
    """

    kwargs = _get_kwargs(
        memory_id=memory_id,
        as_of=as_of,
        known_at=known_at,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    memory_id: UUID,
    *,
    client: AuthenticatedClient,
    as_of: datetime.datetime | None | Unset = UNSET,
    known_at: datetime.datetime | None | Unset = UNSET,
) -> Memory | Problem | None:
    """Read a memory

     One memory; its version is in the ETag.

    Args:
        memory_id (UUID):
        as_of (datetime.datetime | None | Unset): What was true at that moment (valid time)
        known_at (datetime.datetime | None | Unset): What was recorded up to that moment, and
            nothing that came later

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Memory | Problem
    """

    return sync_detailed(
        memory_id=memory_id,
        client=client,
        as_of=as_of,
        known_at=known_at,
    ).parsed


async def asyncio_detailed(
    memory_id: UUID,
    *,
    client: AuthenticatedClient,
    as_of: datetime.datetime | None | Unset = UNSET,
    known_at: datetime.datetime | None | Unset = UNSET,
) -> Response[Memory | Problem]:
    """Read a memory

     One memory; its version is in the ETag.

    Args:
        memory_id (UUID):
        as_of (datetime.datetime | None | Unset): What was true at that moment (valid time)
        known_at (datetime.datetime | None | Unset): What was recorded up to that moment, and
            nothing that came later

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Memory | Problem]
    """

    kwargs = _get_kwargs(
        memory_id=memory_id,
        as_of=as_of,
        known_at=known_at,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    memory_id: UUID,
    *,
    client: AuthenticatedClient,
    as_of: datetime.datetime | None | Unset = UNSET,
    known_at: datetime.datetime | None | Unset = UNSET,
) -> Memory | Problem | None:
    """Read a memory

     One memory; its version is in the ETag.

    Args:
        memory_id (UUID):
        as_of (datetime.datetime | None | Unset): What was true at that moment (valid time)
        known_at (datetime.datetime | None | Unset): What was recorded up to that moment, and
            nothing that came later

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Memory | Problem
    """

    return (
        await asyncio_detailed(
            memory_id=memory_id,
            client=client,
            as_of=as_of,
            known_at=known_at,
        )
    ).parsed
