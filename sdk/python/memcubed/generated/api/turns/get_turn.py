from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.turn import Turn
from ...types import Response


def _get_kwargs(
    turn_id: UUID,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/turns/{turn_id}".format(
            turn_id=quote(str(turn_id), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Problem | Turn:
    if response.status_code == 200:
        response_200 = Turn.from_dict(response.json())

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
) -> Response[Problem | Turn]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    turn_id: UUID,
    *,
    client: AuthenticatedClient,
) -> Response[Problem | Turn]:
    """Read a turn and what became of it

     One turn, and what became of it.

    Args:
        turn_id (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | Turn]
    """

    kwargs = _get_kwargs(
        turn_id=turn_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    turn_id: UUID,
    *,
    client: AuthenticatedClient,
) -> Problem | Turn | None:
    """Read a turn and what became of it

     One turn, and what became of it.

    Args:
        turn_id (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | Turn
    """

    return sync_detailed(
        turn_id=turn_id,
        client=client,
    ).parsed


async def asyncio_detailed(
    turn_id: UUID,
    *,
    client: AuthenticatedClient,
) -> Response[Problem | Turn]:
    """Read a turn and what became of it

     One turn, and what became of it.

    Args:
        turn_id (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | Turn]
    """

    kwargs = _get_kwargs(
        turn_id=turn_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    turn_id: UUID,
    *,
    client: AuthenticatedClient,
) -> Problem | Turn | None:
    """Read a turn and what became of it

     One turn, and what became of it.

    Args:
        turn_id (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | Turn
    """

    return (
        await asyncio_detailed(
            turn_id=turn_id,
            client=client,
        )
    ).parsed
