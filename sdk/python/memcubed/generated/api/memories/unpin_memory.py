from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ...client import AuthenticatedClient, Client
from ...models.change_reason import ChangeReason
from ...models.memory import Memory
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    memory_id: UUID,
    *,
    body: ChangeReason | None | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/memories/{memory_id}/unpin".format(
            memory_id=quote(str(memory_id), safe=""),
        ),
    }

    if isinstance(body, ChangeReason):
        _kwargs["json"] = body.to_dict()
    else:
        _kwargs["json"] = body

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Memory | Problem:
    if response.status_code == 200:
        response_200 = Memory.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Problem.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

    if response.status_code == 409:
        response_409 = Problem.from_dict(response.json())

        return response_409

    if response.status_code == 413:
        response_413 = Problem.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = Problem.from_dict(response.json())

        return response_415

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
    body: ChangeReason | None | Unset = UNSET,
) -> Response[Memory | Problem]:
    """Let a pinned memory fade again

     Let a pinned memory fade again.

    Args:
        memory_id (UUID):
        body (ChangeReason | None | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Memory | Problem]
    """

    kwargs = _get_kwargs(
        memory_id=memory_id,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    memory_id: UUID,
    *,
    client: AuthenticatedClient,
    body: ChangeReason | None | Unset = UNSET,
) -> Memory | Problem | None:
    """Let a pinned memory fade again

     Let a pinned memory fade again.

    Args:
        memory_id (UUID):
        body (ChangeReason | None | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Memory | Problem
    """

    return sync_detailed(
        memory_id=memory_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    memory_id: UUID,
    *,
    client: AuthenticatedClient,
    body: ChangeReason | None | Unset = UNSET,
) -> Response[Memory | Problem]:
    """Let a pinned memory fade again

     Let a pinned memory fade again.

    Args:
        memory_id (UUID):
        body (ChangeReason | None | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Memory | Problem]
    """

    kwargs = _get_kwargs(
        memory_id=memory_id,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    memory_id: UUID,
    *,
    client: AuthenticatedClient,
    body: ChangeReason | None | Unset = UNSET,
) -> Memory | Problem | None:
    """Let a pinned memory fade again

     Let a pinned memory fade again.

    Args:
        memory_id (UUID):
        body (ChangeReason | None | Unset):

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
            body=body,
        )
    ).parsed
