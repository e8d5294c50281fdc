from __future__ import annotations

from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    path: str,
    *,
    user_id: str,
    if_match: None | str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["If-Match"] = if_match

    params: dict[str, Any] = {}

    params["user_id"] = user_id

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/v1/artifacts/{path}".format(
            path=quote(str(path), safe=""),
        ),
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Any | Problem:
    if response.status_code == 204:
        response_204 = cast("Any", None)
        return response_204

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

    if response.status_code == 412:
        response_412 = Problem.from_dict(response.json())

        return response_412

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
) -> Response[Any | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    path: str,
    *,
    client: AuthenticatedClient,
    user_id: str,
    if_match: None | str | Unset = UNSET,
) -> Response[Any | Problem]:
    """Delete an artifact and its versions

     Delete an artifact with all its versions; with If-Match only if that is still the newest.

    Args:
        path (str):
        user_id (str):
        if_match (None | str | Unset): The version that was read, as `"3"` or `3`; a list of such,
            or `*` for any

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Problem]
    """

    kwargs = _get_kwargs(
        path=path,
        user_id=user_id,
        if_match=if_match,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    path: str,
    *,
    client: AuthenticatedClient,
    user_id: str,
    if_match: None | str | Unset = UNSET,
) -> Any | Problem | None:
    """Delete an artifact and its versions

     Delete an artifact with all its versions; with If-Match only if that is still the newest.

    Args:
        path (str):
        user_id (str):
        if_match (None | str | Unset): The version that was read, as `"3"` or `3`; a list of such,
            or `*` for any

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Problem
    """

    return sync_detailed(
        path=path,
        client=client,
        user_id=user_id,
        if_match=if_match,
    ).parsed


async def asyncio_detailed(
    path: str,
    *,
    client: AuthenticatedClient,
    user_id: str,
    if_match: None | str | Unset = UNSET,
) -> Response[Any | Problem]:
    """Delete an artifact and its versions

     Delete an artifact with all its versions; with If-Match only if that is still the newest.

    Args:
        path (str):
        user_id (str):
        if_match (None | str | Unset): The version that was read, as `"3"` or `3`; a list of such,
            or `*` for any

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Problem]
    """

    kwargs = _get_kwargs(
        path=path,
        user_id=user_id,
        if_match=if_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    path: str,
    *,
    client: AuthenticatedClient,
    user_id: str,
    if_match: None | str | Unset = UNSET,
) -> Any | Problem | None:
    """Delete an artifact and its versions

     Delete an artifact with all its versions; with If-Match only if that is still the newest.

    Args:
        path (str):
        user_id (str):
        if_match (None | str | Unset): The version that was read, as `"3"` or `3`; a list of such,
            or `*` for any

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Problem
    """

    return (
        await asyncio_detailed(
            path=path,
            client=client,
            user_id=user_id,
            if_match=if_match,
        )
    ).parsed
