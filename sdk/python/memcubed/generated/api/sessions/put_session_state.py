from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.put_session_state import PutSessionState
from ...models.session_state_version import SessionStateVersion
from ...types import Response


def _get_kwargs(
    session_id: str,
    *,
    body: PutSessionState,
    if_match: str,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["If-Match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/v1/sessions/{session_id}/state".format(
            session_id=quote(str(session_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | SessionStateVersion:
    if response.status_code == 200:
        response_200 = SessionStateVersion.from_dict(response.json())

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

    if response.status_code == 412:
        response_412 = Problem.from_dict(response.json())

        return response_412

    if response.status_code == 413:
        response_413 = Problem.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = Problem.from_dict(response.json())

        return response_415

    if response.status_code == 422:
        response_422 = Problem.from_dict(response.json())

        return response_422

    if response.status_code == 428:
        response_428 = Problem.from_dict(response.json())

        return response_428

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
) -> Response[Problem | SessionStateVersion]:
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
    body: PutSessionState,
    if_match: str,
) -> Response[Problem | SessionStateVersion]:
    """Replace the state of a session

     Replace the state that is still at the version in If-Match; `0` = there is none yet.

    Args:
        session_id (str):
        if_match (str):
        body (PutSessionState): A state to put in the place of the one that was read.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | SessionStateVersion]
    """

    kwargs = _get_kwargs(
        session_id=session_id,
        body=body,
        if_match=if_match,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    session_id: str,
    *,
    client: AuthenticatedClient,
    body: PutSessionState,
    if_match: str,
) -> Problem | SessionStateVersion | None:
    """Replace the state of a session

     Replace the state that is still at the version in If-Match; `0` = there is none yet.

    Args:
        session_id (str):
        if_match (str):
        body (PutSessionState): A state to put in the place of the one that was read.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | SessionStateVersion
    """

    return sync_detailed(
        session_id=session_id,
        client=client,
        body=body,
        if_match=if_match,
    ).parsed


async def asyncio_detailed(
    session_id: str,
    *,
    client: AuthenticatedClient,
    body: PutSessionState,
    if_match: str,
) -> Response[Problem | SessionStateVersion]:
    """Replace the state of a session

     Replace the state that is still at the version in If-Match; `0` = there is none yet.

    Args:
        session_id (str):
        if_match (str):
        body (PutSessionState): A state to put in the place of the one that was read.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | SessionStateVersion]
    """

    kwargs = _get_kwargs(
        session_id=session_id,
        body=body,
        if_match=if_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    session_id: str,
    *,
    client: AuthenticatedClient,
    body: PutSessionState,
    if_match: str,
) -> Problem | SessionStateVersion | None:
    """Replace the state of a session

     Replace the state that is still at the version in If-Match; `0` = there is none yet.

    Args:
        session_id (str):
        if_match (str):
        body (PutSessionState): A state to put in the place of the one that was read.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | SessionStateVersion
    """

    return (
        await asyncio_detailed(
            session_id=session_id,
            client=client,
            body=body,
            if_match=if_match,
        )
    ).parsed
