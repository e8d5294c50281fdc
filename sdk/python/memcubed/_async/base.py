"""Connection, key and user of the asynchronous client."""

from __future__ import annotations

import copy
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, TypeVar

import httpx

from .._requests import (
    USER_AGENT,
    Model,
    given,
    parse,
    read_json,
    resolve_key,
    resolve_url,
    to_json,
    to_query,
)
from .._retry import REPEATABLE, RetryPolicy
from ..errors import CallTimeoutError, ConnectionFailedError, UnexpectedAnswerError
from ..generated.client import AuthenticatedClient
from ..types import Fields
from .http import AsyncHTTP

Self = TypeVar("Self", bound="AsyncBase")
Parsed = TypeVar("Parsed")


class AsyncBase:
    """What all methods use: one connection pool, a key, and perhaps a user."""

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        user_id: str | None = None,
        timeout: float = 30.0,
        max_retries: int = 3,
        max_retry_wait: float = 30.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Nothing is sent yet.

        Args:
            url: The service; default MEMCUBED_URL, else http://127.0.0.1:8000.
            key: An API key; default MEMCUBED_API_KEY.
            user_id: Whose memory all methods mean that are given none.
            timeout: Seconds without a byte after which an attempt is given up.
            max_retries: How often a call is tried again.
            max_retry_wait: The longest `Retry-After` that is waited for, in seconds.
            transport: Of httpx, for proxies and certificates of your own.
        """
        self.url = resolve_url(url)
        self.user_id = user_id
        self._timeout = timeout
        self._owns_http = True
        self._http = AsyncHTTP(
            RetryPolicy(max_retries, max_retry_wait),
            base_url=self.url,
            headers={"Authorization": f"Bearer {resolve_key(key)}", "User-Agent": USER_AGENT},
            timeout=timeout,
            transport=transport,
        )

    def __repr__(self) -> str:
        user = f", user_id={self.user_id!r}" if self.user_id else ""
        return f"{type(self).__name__}({self.url!r}{user})"

    def user(self: Self, user_id: str) -> Self:
        """The same client for one user, over the same connections; only the first one closes them."""
        bound = copy.copy(self)
        bound.user_id = user_id
        bound._owns_http = False
        return bound

    @property
    def low_level(self) -> AuthenticatedClient:
        """For the operations in `memcubed.generated.api`, with the same errors and retries."""
        client = AuthenticatedClient(base_url=self.url, token="")
        return client.set_async_httpx_client(self._http)

    async def close(self) -> None:
        """Close the connections."""
        if self._owns_http:
            await self._http.aclose()

    async def __aenter__(self: Self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        await self.close()

    def _user(self, user_id: str | None) -> str:
        found = user_id or self.user_id
        if not found:
            raise ValueError("Whose memory? Give user_id, or bind the client: client.user(user_id).")
        return found

    async def _call(
        self,
        method: str,
        path: str,
        *,
        query: Fields | None = None,
        body: Fields | None = None,
        content: Any = None,
        headers: dict[str, str] | None = None,
        timeout: float = 0.0,
        repeatable: bool = False,
    ) -> httpx.Response:
        request = self._build(method, path, query, body, content, headers, timeout, repeatable)
        return await self._http.send(request)

    @asynccontextmanager
    async def _stream(
        self,
        method: str,
        path: str,
        *,
        query: Fields | None = None,
        body: Fields | None = None,
        headers: dict[str, str] | None = None,
        timeout: float = 0.0,
    ) -> AsyncIterator[httpx.Response]:
        """An answer whose body is read as it comes. Where it breaks off, that is raised."""
        request = self._build(method, path, query, body, None, headers, timeout, False)
        response = await self._http.send(request, stream=True)
        try:
            yield response
        except httpx.RequestError as error:
            timed_out = isinstance(error, httpx.TimeoutException)
            raise (CallTimeoutError if timed_out else ConnectionFailedError)(
                f"{method} {path} broke off: {type(error).__name__}", maybe_done=True
            ) from error
        finally:
            await response.aclose()

    def _build(
        self,
        method: str,
        path: str,
        query: Fields | None,
        body: Fields | None,
        content: Any,
        headers: dict[str, str] | None,
        timeout: float,
        repeatable: bool,
    ) -> httpx.Request:
        sent = dict(headers or {})
        if body is not None:
            content = to_json(body)
            sent["Content-Type"] = "application/json"
        return self._http.build_request(
            method,
            path,
            params=to_query(query) if query else None,
            content=content,
            headers=sent,
            timeout=max(timeout, self._timeout),
            extensions={REPEATABLE: True} if repeatable else None,
        )

    async def _read(
        self, model: Model[Parsed], method: str, path: str, *, timeout: float = 0.0, **options: Any
    ) -> Parsed:
        """An object of the answer."""
        return parse(model, read_json(await self._call(method, path, timeout=timeout, **options)))

    async def _pages(self, model: Model[Parsed], path: str, **query: Any) -> AsyncGenerator[Parsed, None]:
        """All items of a list, a page at a time."""
        cursor: str | None = None
        while True:
            page = read_json(await self._call("GET", path, query=given(cursor=cursor, **query)))
            if not isinstance(page, dict) or not isinstance(page.get("items"), list):
                raise UnexpectedAnswerError("The answer is no page.")
            for item in page["items"]:
                yield parse(model, item)
            last, cursor = cursor, page.get("next_cursor")
            if not cursor:
                return
            if cursor == last:
                raise UnexpectedAnswerError("The next page is the same page.")
