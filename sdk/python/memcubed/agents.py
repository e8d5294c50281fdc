"""A `Session` of the OpenAI Agents SDK whose conversation is remembered.

    from agents import Agent, Runner
    from memcubed.agents import MemcubedSession

    session = MemcubedSession("monday", user_id="ann")
    await Runner.run(agent, "I moved to Bergen.", session=session)

Each item is a turn of the session: its text is searched, and memories are made of it. All items come back as
they were, those without a text too (calls of tools, reasoning).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from agents.memory import SessionSettings
from agents.memory.session_settings import coerce_session_settings

from ._history import MESSAGE_ROLES, Entry, StoredEntry, text_of
from ._sync import Memcubed
from ._sync.history import History

if TYPE_CHECKING:
    from agents.items import TResponseInputItem

Result = TypeVar("Result")


class MemcubedSession:
    """The conversation of one user with agents: the protocol `agents.memory.Session`."""

    session_id: str
    session_settings: SessionSettings | None

    def __init__(
        self,
        session_id: str,
        *,
        user_id: str | None = None,
        client: Memcubed | None = None,
        session_settings: SessionSettings | dict[str, Any] | None = None,
    ) -> None:
        """Nothing is sent yet.

        Args:
            session_id: The conversation.
            user_id: Whose memory; may be bound to the client instead.
            client: Default: one for MEMCUBED_URL and MEMCUBED_API_KEY, which `close` closes. It is the
                synchronous one, called in threads, since a session may be used in several event loops.
            session_settings: `limit` is how many items a run gets.
        """
        self.session_id = session_id
        given = session_settings
        self.session_settings = coerce_session_settings(given) if given is not None else None
        self._own = Memcubed() if client is None else None
        base = client or self._own
        assert base is not None
        self.client = base.user(user_id) if user_id else base
        if not self.client.user_id:
            raise ValueError("Whose memory? Give user_id.")
        self._history = History(self.client, session_id)

    async def get_items(self, limit: int | None = None) -> list[TResponseInputItem]:
        """The items, oldest first; with a limit the last ones."""
        if limit is None and self.session_settings is not None:
            limit = self.session_settings.limit
        found = await asyncio.to_thread(self._history.latest, limit)
        return [item for stored in found if (item := _to_item(stored)) is not None]

    async def add_items(self, items: list[TResponseInputItem]) -> None:
        """Add items at the end."""
        if items:
            entries = [_to_entry(item) for item in items]
            await _finish(asyncio.to_thread(self._history.append, entries))

    async def pop_item(self) -> TResponseInputItem | None:
        """Take the last item away and return it; what is known from it alone is forgotten."""
        while (stored := await _finish(asyncio.to_thread(self._history.pop))) is not None:
            if (item := _to_item(stored)) is not None:
                return item
        return None

    async def clear_session(self) -> None:
        """Take all items away, with what is known from this session alone."""
        await _finish(asyncio.to_thread(self._history.clear))

    async def close(self) -> None:
        """Close the client, unless it was given."""
        if self._own is not None:
            await asyncio.to_thread(self._own.close)


async def _finish(change: Awaitable[Result]) -> Result:
    """Wait for a change to end even if the caller is cancelled meanwhile: nothing is taken unseen."""
    task = asyncio.ensure_future(change)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = cancelled or error
    if cancelled is not None:
        task.exception()
        raise cancelled
    return task.result()


def _to_entry(item: TResponseInputItem) -> Entry:
    """The turn of an item: a tool's if it is its output, else of `system` if it is no message."""
    fields: Mapping[str, Any] = dict(item)
    kind, role = fields.get("type", "message"), fields.get("role")
    whole = json.dumps(item)
    if kind == "message" and role in MESSAGE_ROLES:
        plain = list(fields) == ["role", "content"] and isinstance(fields["content"], str)
        return Entry(role, text_of(fields.get("content")), None if plain else whole)
    if kind == "function_call":
        return Entry("system", f"{fields.get('name')}({fields.get('arguments', '')})", whole)
    if kind == "function_call_output" and (text := text_of(fields.get("output"))):
        return Entry("tool", text, whole)
    return Entry("system", f"[{kind}]", whole)


def _to_item(stored: StoredEntry) -> TResponseInputItem | None:
    """The item of a turn; of one that something else posted, the message, or None for a tool's output."""
    if stored.item is not None:
        item: TResponseInputItem = json.loads(stored.item)
        return item
    if stored.role not in MESSAGE_ROLES:
        return None
    message: Any = {"role": stored.role, "content": stored.text}
    return message  # type: ignore[no-any-return]
