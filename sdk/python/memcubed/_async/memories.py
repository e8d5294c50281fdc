"""Memories: read, written, changed, kept and forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import anyio

from .._requests import given, route, says
from .._retry import MAX_UPDATE_TRIES, backoff
from ..errors import ConnectionFailedError, PreconditionFailedError
from ..types import DerivedMemory, Fields, ForgettingPlan, Id, Labels, Memory, MemoryHistory, MemorySourceList
from .turns import AsyncTurns


class AsyncMemories(AsyncTurns):
    """What is remembered."""

    async def add_memory(
        self,
        content: str,
        kind: str | None = None,
        *,
        user_id: str | None = None,
        idempotency_key: str | None = None,
        **fields: Any,
    ) -> Memory:
        """Write a ready-made memory, found at once.

        Args:
            content: One statement.
            kind: `fact` (default), `preference`, `event`, `procedure`, `example` …
            user_id: Whose memory.
            idempotency_key: Made for each call unless given.
            fields: `subject`, `attribute`, `value`, `form`, `tags`, `keywords`, `entities`, `place`,
                `event_from`, `event_to`, `asserted_at`, `importance`, `pinned`, `expires_at`,
                `metadata`, `agent_id`.
        """
        body = given(user_id=self._user(user_id), content=content, kind=kind, **fields)
        headers = {"Idempotency-Key": idempotency_key or str(uuid4())}
        return await self._read(Memory, "POST", "/v1/memories", body=body, headers=headers)

    def memories(
        self,
        *,
        user_id: str | None = None,
        status: str | None = None,
        kinds: Labels | None = None,
        subject: str | None = None,
        attribute: str | None = None,
        tags: Labels | None = None,
        agent_id: str | None = None,
        session_id: str | None = None,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
        place: str | None = None,
        near: str | None = None,
        within_km: float | None = None,
        metadata: Fields | None = None,
        limit: int = 100,
    ) -> AsyncIterator[Memory]:
        """All memories that pass, newest first. `limit` is the size of a page."""
        query = given(
            status=status,
            kinds=None if kinds is None else list(kinds),
            subject=subject,
            attribute=attribute,
            tags=None if tags is None else list(tags),
            agent_id=agent_id,
            session_id=session_id,
            as_of=as_of,
            known_at=known_at,
            place=place,
            near=near,
            within_km=within_km,
            metadata=metadata,
            limit=limit,
        )
        return self._pages(Memory, "/v1/memories", user_id=self._user(user_id), **query)

    async def get(
        self, memory_id: Id, *, as_of: datetime | None = None, known_at: datetime | None = None
    ) -> Memory:
        """One memory, as it is or was."""
        query = given(as_of=as_of, known_at=known_at)
        return await self._read(Memory, "GET", route("/v1/memories/{}", memory_id), query=query)

    async def history(self, memory_id: Id) -> MemoryHistory:
        """All versions of a memory, and the timeline of its slot."""
        return await self._read(MemoryHistory, "GET", route("/v1/memories/{}/history", memory_id))

    async def sources(self, memory_id: Id) -> MemorySourceList:
        """The turns that say it, with the words that prove it."""
        return await self._read(MemorySourceList, "GET", route("/v1/memories/{}/sources", memory_id))

    async def update(
        self,
        memory_id: Id,
        change: Fields | Callable[[Memory], Fields | None],
        *,
        reason: str | None = None,
    ) -> Memory:
        """Change a memory, again on its newest version where somebody else was first.

        Args:
            memory_id: Which.
            change: Fields (`content`, `value`, `tags`, `keywords`, `entities`, `importance`,
                `expires_at`, `metadata`), or a function that gets the memory and gives them; where it
                gives none, nothing is written. It may be called several times, each time with the
                newest memory.
            reason: Kept with the version.
        """
        path = route("/v1/memories/{}", memory_id)
        for attempt in range(MAX_UPDATE_TRIES):
            before = await self.get(memory_id)
            fields = change(before) if callable(change) else change
            if not fields:
                return before
            body, headers = {**fields, **given(reason=reason)}, {"If-Match": str(before.version)}
            try:
                return await self._read(Memory, "PATCH", path, body=body, headers=headers)
            except PreconditionFailedError:
                if attempt == MAX_UPDATE_TRIES - 1:
                    raise
            except ConnectionFailedError as error:
                if not error.maybe_done or attempt == MAX_UPDATE_TRIES - 1:
                    raise
                now = await self.get(memory_id)
                if now.version == before.version + 1 and says(now.to_dict(), fields):
                    return now
            await anyio.sleep(backoff(attempt))
        raise AssertionError("not reached")

    async def delete(self, memory_id: Id) -> None:
        """Take the text out of a memory and all its versions. The turns stay."""
        await self._delete(route("/v1/memories/{}", memory_id))

    async def forget(
        self,
        *,
        user_id: str | None = None,
        dry_run: bool = True,
        reference_time: datetime | None = None,
    ) -> ForgettingPlan:
        """What is due to be archived or deleted, and why; without `dry_run` a job does it."""
        body = given(user_id=self._user(user_id), dry_run=dry_run, reference_time=reference_time)
        return await self._read(ForgettingPlan, "POST", "/v1/forget", body=body)

    async def freeze(self, memory_id: Id, reason: str | None = None) -> Memory:
        """Put a memory under a legal hold: no edit, no fading, no deletion."""
        return await self._move(memory_id, "freeze", reason)

    async def unfreeze(self, memory_id: Id, reason: str | None = None) -> Memory:
        """End a legal hold."""
        return await self._move(memory_id, "unfreeze", reason)

    async def pin(self, memory_id: Id, reason: str | None = None) -> Memory:
        """Keep a memory from fading."""
        return await self._move(memory_id, "pin", reason)

    async def unpin(self, memory_id: Id, reason: str | None = None) -> Memory:
        """Let a memory fade again."""
        return await self._move(memory_id, "unpin", reason)

    async def archive(self, memory_id: Id, reason: str | None = None) -> Memory:
        """Take a memory out of searches."""
        return await self._move(memory_id, "archive", reason)

    async def restore(self, memory_id: Id, reason: str | None = None) -> Memory:
        """Bring an archived memory back."""
        return await self._move(memory_id, "restore", reason)

    async def portrait(self, *, user_id: str | None = None) -> DerivedMemory:
        """The portrait of the user, with its sources."""
        return await self._read(DerivedMemory, "GET", route("/v1/users/{}/portrait", self._user(user_id)))

    async def _move(self, memory_id: Id, move: str, reason: str | None) -> Memory:
        return await self._read(
            Memory, "POST", route(f"/v1/memories/{{}}/{move}", memory_id), body=given(reason=reason)
        )
