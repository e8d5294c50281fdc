from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.working_set import WorkingSet
from ...types import UNSET, Response, Unset


def _get_kwargs(
    session_id: str,
    *,
    slots: int | Unset = 20,
    user_id: str,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["slots"] = slots

    params["user_id"] = user_id

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/sessions/{session_id}/working-set".format(
            session_id=quote(str(session_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | WorkingSet:
    if response.status_code == 200:
        response_200 = WorkingSet.from_dict(response.json())

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
) -> Response[Problem | WorkingSet]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    session_id: str,
    *,
    client: AuthenticatedClient,
    slots: int | Unset = 20,
    user_id: str,
) -> Response[Problem | WorkingSet]:
    """List what a session is working with

     The memories that the session's last turns say or were shown, at most 20, best first.

    Args:
        session_id (str):
        slots (int | Unset):  Default: 20.
        user_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | WorkingSet]
    """

    kwargs = _get_kwargs(
        session_id=session_id,
        slots=slots,
        user_id=user_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    session_id: str,
    *,
    client: AuthenticatedClient,
    slots: int | Unset = 20,
    user_id: str,
) -> Problem | WorkingSet | None:
    """List what a session is working with

     The memories that the session's last turns say or were shown, at most 20, best first.

    Args:
        session_id (str):
        slots (int | Unset):  Default: 20.
        user_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | WorkingSet
    """

    return sync_detailed(
        session_id=session_id,
        client=client,
        slots=slots,
        user_id=user_id,
    ).parsed


async def asyncio_detailed(
    session_id: str,
    *,
    client: AuthenticatedClient,
    slots: int | Unset = 20,
    user_id: str,
) -> Response[Problem | WorkingSet]:
    """List what a session is working with

     The memories that the session's last turns say or were shown, at most 20, best first.

    Args:
        session_id (str):
        slots (int | Unset):  Default: 20.
        user_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | WorkingSet]
    """

    kwargs = _get_kwargs(
        session_id=session_id,
        slots=slots,
        user_id=user_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    session_id: str,
    *,
    client: AuthenticatedClient,
    slots: int | Unset = 20,
    user_id: str,
) -> Problem | WorkingSet | None:
    """List what a session is working with

     The memories that the session's last turns say or were shown, at most 20, best first.

    Args:
        session_id (str):
        slots (int | Unset):  Default: 20.
        user_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | WorkingSet
    """

    return (
        await asyncio_detailed(
            session_id=session_id,
            client=client,
            slots=slots,
            user_id=user_id,
        )
    ).parsed
