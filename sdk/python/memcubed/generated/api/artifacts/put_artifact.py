from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...models.artifact import Artifact
from ...models.problem import Problem
from ...models.put_artifact import PutArtifact
from ...types import UNSET, Response, Unset


def _get_kwargs(
    path: str,
    *,
    body: PutArtifact,
    if_match: None | str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["If-Match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/v1/artifacts/{path}".format(
            path=quote(str(path), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Artifact | Problem:
    if response.status_code == 200:
        response_200 = Artifact.from_dict(response.json())

        return response_200

    if response.status_code == 201:
        response_201 = Artifact.from_dict(response.json())

        return response_201

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
) -> Response[Artifact | Problem]:
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
    body: PutArtifact,
    if_match: None | str | Unset = UNSET,
) -> Response[Artifact | Problem]:
    """Write the next version of an artifact

     Write the next version; with If-Match only if that is still the newest, `0` = there is none yet.

    Args:
        path (str):
        if_match (None | str | Unset): The version that was read, as `"3"` or `3`; a list of such,
            or `*` for any
        body (PutArtifact): A new version: a text, a JSON document or a reference.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Artifact | Problem]
    """

    kwargs = _get_kwargs(
        path=path,
        body=body,
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
    body: PutArtifact,
    if_match: None | str | Unset = UNSET,
) -> Artifact | Problem | None:
    """Write the next version of an artifact

     Write the next version; with If-Match only if that is still the newest, `0` = there is none yet.

    Args:
        path (str):
        if_match (None | str | Unset): The version that was read, as `"3"` or `3`; a list of such,
            or `*` for any
        body (PutArtifact): A new version: a text, a JSON document or a reference.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Artifact | Problem
    """

    return sync_detailed(
        path=path,
        client=client,
        body=body,
        if_match=if_match,
    ).parsed


async def asyncio_detailed(
    path: str,
    *,
    client: AuthenticatedClient,
    body: PutArtifact,
    if_match: None | str | Unset = UNSET,
) -> Response[Artifact | Problem]:
    """Write the next version of an artifact

     Write the next version; with If-Match only if that is still the newest, `0` = there is none yet.

    Args:
        path (str):
        if_match (None | str | Unset): The version that was read, as `"3"` or `3`; a list of such,
            or `*` for any
        body (PutArtifact): A new version: a text, a JSON document or a reference.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Artifact | Problem]
    """

    kwargs = _get_kwargs(
        path=path,
        body=body,
        if_match=if_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    path: str,
    *,
    client: AuthenticatedClient,
    body: PutArtifact,
    if_match: None | str | Unset = UNSET,
) -> Artifact | Problem | None:
    """Write the next version of an artifact

     Write the next version; with If-Match only if that is still the newest, `0` = there is none yet.

    Args:
        path (str):
        if_match (None | str | Unset): The version that was read, as `"3"` or `3`; a list of such,
            or `*` for any
        body (PutArtifact): A new version: a text, a JSON document or a reference.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Artifact | Problem
    """

    return (
        await asyncio_detailed(
            path=path,
            client=client,
            body=body,
            if_match=if_match,
        )
    ).parsed
