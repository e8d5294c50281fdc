from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from ...client import AuthenticatedClient, Client
from ...models.order_comparison import OrderComparison
from ...models.problem import Problem
from ...types import UNSET, Response


def _get_kwargs(
    *,
    first: UUID,
    second: UUID,
    user_id: str,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_first = str(first)
    params["first"] = json_first

    json_second = str(second)
    params["second"] = json_second

    params["user_id"] = user_id

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/order",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> OrderComparison | Problem:
    if response.status_code == 200:
        response_200 = OrderComparison.from_dict(response.json())

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
) -> Response[OrderComparison | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    first: UUID,
    second: UUID,
    user_id: str,
) -> Response[OrderComparison | Problem]:
    """Ask which of two came first

     Which of two came first: by the dates of events, else by when they were said.

    Args:
        first (UUID): A turn or a memory
        second (UUID): Another one
        user_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[OrderComparison | Problem]
    """

    kwargs = _get_kwargs(
        first=first,
        second=second,
        user_id=user_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    first: UUID,
    second: UUID,
    user_id: str,
) -> OrderComparison | Problem | None:
    """Ask which of two came first

     Which of two came first: by the dates of events, else by when they were said.

    Args:
        first (UUID): A turn or a memory
        second (UUID): Another one
        user_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        OrderComparison | Problem
    """

    return sync_detailed(
        client=client,
        first=first,
        second=second,
        user_id=user_id,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    first: UUID,
    second: UUID,
    user_id: str,
) -> Response[OrderComparison | Problem]:
    """Ask which of two came first

     Which of two came first: by the dates of events, else by when they were said.

    Args:
        first (UUID): A turn or a memory
        second (UUID): Another one
        user_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[OrderComparison | Problem]
    """

    kwargs = _get_kwargs(
        first=first,
        second=second,
        user_id=user_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    first: UUID,
    second: UUID,
    user_id: str,
) -> OrderComparison | Problem | None:
    """Ask which of two came first

     Which of two came first: by the dates of events, else by when they were said.

    Args:
        first (UUID): A turn or a memory
        second (UUID): Another one
        user_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        OrderComparison | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            first=first,
            second=second,
            user_id=user_id,
        )
    ).parsed
