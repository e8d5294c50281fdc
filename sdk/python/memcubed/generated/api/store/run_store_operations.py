from __future__ import annotations

from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.run_store_operations import RunStoreOperations
from ...models.store_results import StoreResults
from ...types import Response


def _get_kwargs(
    *,
    body: RunStoreOperations,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/store",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | StoreResults:
    if response.status_code == 200:
        response_200 = StoreResults.from_dict(response.json())

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
) -> Response[Problem | StoreResults]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: RunStoreOperations,
) -> Response[Problem | StoreResults]:
    """Read, write, find and delete JSON objects of a store

     Read, write, delete and find JSON objects under a namespace and a key, as agents' frameworks keep
    them.

    The operations are done in their order and in one transaction; a later one sees what an earlier one
    wrote.

    Args:
        body (RunStoreOperations): Operations of one user's store, done in their order and in one
            transaction.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | StoreResults]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: RunStoreOperations,
) -> Problem | StoreResults | None:
    """Read, write, find and delete JSON objects of a store

     Read, write, delete and find JSON objects under a namespace and a key, as agents' frameworks keep
    them.

    The operations are done in their order and in one transaction; a later one sees what an earlier one
    wrote.

    Args:
        body (RunStoreOperations): Operations of one user's store, done in their order and in one
            transaction.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | StoreResults
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: RunStoreOperations,
) -> Response[Problem | StoreResults]:
    """Read, write, find and delete JSON objects of a store

     Read, write, delete and find JSON objects under a namespace and a key, as agents' frameworks keep
    them.

    The operations are done in their order and in one transaction; a later one sees what an earlier one
    wrote.

    Args:
        body (RunStoreOperations): Operations of one user's store, done in their order and in one
            transaction.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | StoreResults]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: RunStoreOperations,
) -> Problem | StoreResults | None:
    """Read, write, find and delete JSON objects of a store

     Read, write, delete and find JSON objects under a namespace and a key, as agents' frameworks keep
    them.

    The operations are done in their order and in one transaction; a later one sees what an earlier one
    wrote.

    Args:
        body (RunStoreOperations): Operations of one user's store, done in their order and in one
            transaction.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | StoreResults
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
