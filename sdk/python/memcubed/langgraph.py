"""Long-term memory for LangGraph: a `BaseStore` whose items are kept, embedded and found by the service.

    from langgraph.graph import StateGraph
    from memcubed.langgraph import MemcubedStore

    store = MemcubedStore(user_id="ann")
    graph = StateGraph(...).compile(store=store)

One store is that of one user of the service; namespaces divide it further. What was written is read at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from types import TracebackType
from typing import TypeVar

from langgraph.store.base import BaseStore, Op, Result, TTLConfig
from langgraph.store.base.batch import AsyncBatchedBaseStore

from ._async import AsyncMemcubed
from ._langgraph import Index, arun, read_index, read_ttl, run
from ._sync import Memcubed

Self = TypeVar("Self", bound="MemcubedStore")
AsyncSelf = TypeVar("AsyncSelf", bound="AsyncMemcubedStore")


class MemcubedStore(BaseStore):
    """A store of one user, for graphs that run synchronously, asynchronously or both.

    Operations of one batch are done in their order, so a read sees the puts before it. A batch is one request
    and one transaction up to 200 operations or 512 KiB, else several.
    """

    supports_ttl = True

    def __init__(
        self,
        client: Memcubed | None = None,
        *,
        user_id: str | None = None,
        index: Index = "service",
        ttl: TTLConfig | None = None,
    ) -> None:
        """Nothing is sent yet.

        Args:
            client: Default: one for MEMCUBED_URL and MEMCUBED_API_KEY, which `close` closes.
            user_id: Whose store; may be bound to the client instead.
            index: `"service"`: the service embeds items, as a whole or by their `index` in `put`. A
                configuration without `embed`: it embeds their `fields`. With `embed` (and perhaps `dims`,
                `fields`): vectors are made here and compared by cosine. None: items are not found by meaning.
            ttl: `default_ttl` in minutes and `refresh_on_read`. Expired items are never given.
        """
        self.index_config, self._indexer = read_index(index)
        self.ttl_config = read_ttl(ttl)
        self._own = Memcubed() if client is None else None
        base = client or self._own
        assert base is not None
        self._client = base.user(base._user(user_id))

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        """Do operations; gives one result for each."""
        return run(list(ops), self._indexer, self._client.store)

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        """Do operations without blocking the event loop, whichever it is: requests are made in threads."""
        return await arun(list(ops), self._indexer, lambda part: asyncio.to_thread(self._client.store, part))

    def close(self) -> None:
        """Close the connections, if the store made its client itself."""
        if self._own is not None:
            self._own.close()

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        self.close()


class AsyncMemcubedStore(AsyncBatchedBaseStore):
    """A store of one user for one event loop, as `AsyncPostgresStore` is: calls of one moment are one batch.

    It is made inside the event loop. Its synchronous methods can be called from other threads only.
    """

    supports_ttl = True

    def __init__(
        self,
        client: AsyncMemcubed | None = None,
        *,
        user_id: str | None = None,
        index: Index = "service",
        ttl: TTLConfig | None = None,
    ) -> None:
        """Nothing is sent yet. The arguments are those of `MemcubedStore`, with an asynchronous client."""
        super().__init__()
        self.index_config, self._indexer = read_index(index)
        self.ttl_config = read_ttl(ttl)
        self._own = AsyncMemcubed() if client is None else None
        base = client or self._own
        assert base is not None
        self._client = base.user(base._user(user_id))

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        """Do operations; gives one result for each."""
        return await arun(list(ops), self._indexer, self._client.store)

    async def close(self) -> None:
        """Close the connections, if the store made its client itself."""
        if self._own is not None:
            await self._own.close()

    async def __aenter__(self: AsyncSelf) -> AsyncSelf:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        await self.close()
