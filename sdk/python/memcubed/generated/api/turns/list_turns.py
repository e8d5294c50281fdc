from __future__ import annotations

from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.list_turns_order import ListTurnsOrder
from ...models.problem import Problem
from ...models.turn_page import TurnPage
from ...models.turn_state import TurnState
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    session_id: None | str | Unset = UNSET,
    state: None | TurnState | Unset = UNSET,
    order: ListTurnsOrder | Unset = "asc",
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    include_total: bool | Unset = False,
    user_id: str,
    metadata: None | str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_session_id: None | str | Unset
    if isinstance(session_id, Unset):
        json_session_id = UNSET
    else:
        json_session_id = session_id
    params["session_id"] = json_session_id

    json_state: None | str | Unset
    if isinstance(state, Unset):
        json_state = UNSET
    elif isinstance(state, str):
        json_state = state
    else:
        json_state = state
    params["state"] = json_state

    json_order: str | Unset = UNSET
    if not isinstance(order, Unset):
        json_order = order

    params["order"] = json_order

    json_cursor: None | str | Unset
    if isinstance(cursor, Unset):
        json_cursor = UNSET
    else:
        json_cursor = cursor
    params["cursor"] = json_cursor

    params["limit"] = limit

    params["include_total"] = include_total

    params["user_id"] = user_id

    json_metadata: None | str | Unset
    if isinstance(metadata, Unset):
        json_metadata = UNSET
    else:
        json_metadata = metadata
    params["metadata"] = json_metadata

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/turns",
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Problem | TurnPage:
    if response.status_code == 200:
        response_200 = TurnPage.from_dict(response.json())

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
) -> Response[Problem | TurnPage]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    session_id: None | str | Unset = UNSET,
    state: None | TurnState | Unset = UNSET,
    order: ListTurnsOrder | Unset = "asc",
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    include_total: bool | Unset = False,
    user_id: str,
    metadata: None | str | Unset = UNSET,
) -> Response[Problem | TurnPage]:
    """List turns

     A user's turns in the order of their arrival.

    Args:
        session_id (None | str | Unset):
        state (None | TurnState | Unset):
        order (ListTurnsOrder | Unset): In the order of arrival, or the last one first Default:
            'asc'.
        cursor (None | str | Unset): `next_cursor` of the page before
        limit (int | Unset):  Default: 50.
        include_total (bool | Unset): Also say how many match, on all pages Default: False.
        user_id (str):
        metadata (None | str | Unset): A `MetadataFilter` as JSON, as `filters.metadata` of a
            search

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | TurnPage]
    """

    kwargs = _get_kwargs(
        session_id=session_id,
        state=state,
        order=order,
        cursor=cursor,
        limit=limit,
        include_total=include_total,
        user_id=user_id,
        metadata=metadata,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    session_id: None | str | Unset = UNSET,
    state: None | TurnState | Unset = UNSET,
    order: ListTurnsOrder | Unset = "asc",
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    include_total: bool | Unset = False,
    user_id: str,
    metadata: None | str | Unset = UNSET,
) -> Problem | TurnPage | None:
    """List turns

     A user's turns in the order of their arrival.

    Args:
        session_id (None | str | Unset):
        state (None | TurnState | Unset):
        order (ListTurnsOrder | Unset): In the order of arrival, or the last one first Default:
            'asc'.
        cursor (None | str | Unset): `next_cursor` of the page before
        limit (int | Unset):  Default: 50.
        include_total (bool | Unset): Also say how many match, on all pages Default: False.
        user_id (str):
        metadata (None | str | Unset): A `MetadataFilter` as JSON, as `filters.metadata` of a
            search

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | TurnPage
    """

    return sync_detailed(
        client=client,
        session_id=session_id,
        state=state,
        order=order,
        cursor=cursor,
        limit=limit,
        include_total=include_total,
        user_id=user_id,
        metadata=metadata,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    session_id: None | str | Unset = UNSET,
    state: None | TurnState | Unset = UNSET,
    order: ListTurnsOrder | Unset = "asc",
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    include_total: bool | Unset = False,
    user_id: str,
    metadata: None | str | Unset = UNSET,
) -> Response[Problem | TurnPage]:
    """List turns

     A user's turns in the order of their arrival.

    Args:
        session_id (None | str | Unset):
        state (None | TurnState | Unset):
        order (ListTurnsOrder | Unset): In the order of arrival, or the last one first Default:
            'asc'.
        cursor (None | str | Unset): `next_cursor` of the page before
        limit (int | Unset):  Default: 50.
        include_total (bool | Unset): Also say how many match, on all pages Default: False.
        user_id (str):
        metadata (None | str | Unset): A `MetadataFilter` as JSON, as `filters.metadata` of a
            search

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | TurnPage]
    """

    kwargs = _get_kwargs(
        session_id=session_id,
        state=state,
        order=order,
        cursor=cursor,
        limit=limit,
        include_total=include_total,
        user_id=user_id,
        metadata=metadata,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    session_id: None | str | Unset = UNSET,
    state: None | TurnState | Unset = UNSET,
    order: ListTurnsOrder | Unset = "asc",
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    include_total: bool | Unset = False,
    user_id: str,
    metadata: None | str | Unset = UNSET,
) -> Problem | TurnPage | None:
    """List turns

     A user's turns in the order of their arrival.

    Args:
        session_id (None | str | Unset):
        state (None | TurnState | Unset):
        order (ListTurnsOrder | Unset): In the order of arrival, or the last one first Default:
            'asc'.
        cursor (None | str | Unset): `next_cursor` of the page before
        limit (int | Unset):  Default: 50.
        include_total (bool | Unset): Also say how many match, on all pages Default: False.
        user_id (str):
        metadata (None | str | Unset): A `MetadataFilter` as JSON, as `filters.metadata` of a
            search

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | TurnPage
    """

    return (
        await asyncio_detailed(
            client=client,
            session_id=session_id,
            state=state,
            order=order,
            cursor=cursor,
            limit=limit,
            include_total=include_total,
            user_id=user_id,
            metadata=metadata,
        )
    ).parsed
