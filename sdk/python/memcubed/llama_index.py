"""Memory for LlamaIndex: a block of `Memory`, and a chat history of its own that recalls.

    from llama_index.core.memory import Memory
    from memcubed.llama_index import MemcubedMemory, MemcubedMemoryBlock

    memory = Memory.from_defaults(session_id="monday", memory_blocks=[MemcubedMemoryBlock(user_id="ann")])
    memory = MemcubedMemory.from_defaults(session_id="monday", user_id="ann")

The block gets what LlamaIndex's short-term memory lets go; the history keeps every message in the service.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from llama_index.core.base.llms.types import ChatMessage, MessageRole
from llama_index.core.bridge.pydantic import ConfigDict, Field, PrivateAttr
from llama_index.core.memory import BaseMemory, BaseMemoryBlock
from llama_index.core.utils import get_tokenizer

from ._history import Entry, StoredEntry
from ._sync import Memcubed
from ._sync.history import History

ROLES = {
    MessageRole.USER: "user",
    MessageRole.ASSISTANT: "assistant",
    MessageRole.MODEL: "assistant",
    MessageRole.CHATBOT: "assistant",
    MessageRole.TOOL: "tool",
    MessageRole.FUNCTION: "tool",
}
DEFAULT_SESSION = "llama-index"


class MemcubedMemoryBlock(BaseMemoryBlock[str]):
    """What the service knows of the user that is of use now, as a text."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    name: str = "memcubed"
    description: str | None = "What is known of the user from earlier conversations"
    priority: int = 1
    user_id: str = Field(description="Whose memory")
    session_id: str = Field(default=DEFAULT_SESSION, description="For messages that name no session")
    max_tokens: int = Field(default=1000, description="The size of the text")
    client: Memcubed = Field(
        default_factory=Memcubed, exclude=True, description="Default: from the environment"
    )

    async def _aget(self, messages: list[ChatMessage] | None = None, **block_kwargs: Any) -> str:
        """The context of the last thing that the user said; nothing before something was said."""
        question = _last_question(messages or [])
        if not question:
            return ""
        session = block_kwargs.get("session_id") or self.session_id
        return await asyncio.to_thread(
            _recall, self.client.user(self.user_id), question, session, self.max_tokens
        )

    async def _aput(self, messages: list[ChatMessage]) -> None:
        """Let messages be remembered."""
        user = self.client.user(self.user_id)
        for session, entries in self._by_session(messages).items():
            await asyncio.to_thread(History(user, session).append, entries)

    async def atruncate(self, content: str, tokens_to_truncate: int) -> str | None:
        """The text without its last lines; None if nothing is left."""
        tokens, lines, saved = get_tokenizer(), content.split("\n"), 0
        while lines and saved < tokens_to_truncate:
            saved += len(tokens(lines.pop() + "\n"))
        return "\n".join(lines).rstrip() or None

    def _by_session(self, messages: list[ChatMessage]) -> dict[str, list[Entry]]:
        sessions: dict[str, list[Entry]] = {}
        for message in messages:
            if text := _text(message):
                session = message.additional_kwargs.get("session_id") or self.session_id
                sessions.setdefault(str(session), []).append(Entry(_role(message), text))
        return sessions


class MemcubedMemory(BaseMemory):
    """The chat history of a session, with what is known of the user before it."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    user_id: str = Field(description="Whose memory")
    session_id: str = Field(default=DEFAULT_SESSION, description="The conversation")
    max_messages: int | None = Field(default=None, description="How many of the last messages `get` gives")
    context_tokens: int = Field(default=1000, description="The size of what is recalled; 0 recalls nothing")
    client: Memcubed = Field(
        default_factory=Memcubed, exclude=True, description="Default: from the environment"
    )
    _history: History = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Bind the history to the user and session."""
        super().model_post_init(context)
        self._history = History(self.client.user(self.user_id), self.session_id)

    @classmethod
    def class_name(cls) -> str:
        """The name of the class."""
        return "MemcubedMemory"

    @classmethod
    def from_defaults(
        cls, *, chat_history: Sequence[ChatMessage] | None = None, **fields: Any
    ) -> MemcubedMemory:
        """A memory of `user_id` and `session_id`; `chat_history` is what the session begins with."""
        memory = cls(**fields)
        if chat_history is not None:
            memory.set(list(chat_history))
        return memory

    def get(self, input: str | None = None, **kwargs: Any) -> list[ChatMessage]:  # noqa: ARG002 - LlamaIndex's
        """The last messages, after one of `system` with what is known on `input` or the last question."""
        messages = [_to_message(stored) for stored in self._history.latest(self.max_messages)]
        question = input or _last_question(messages)
        if not question or self.context_tokens <= 0:
            return messages
        user = self.client.user(self.user_id)
        # Without the session: its last turns are the messages already.
        known = _recall(user, question, None, self.context_tokens)
        return [ChatMessage(role=MessageRole.SYSTEM, content=known), *messages] if known else messages

    def get_all(self) -> list[ChatMessage]:
        """All messages of the session."""
        return [_to_message(stored) for stored in self._history.latest()]

    def put(self, message: ChatMessage) -> None:
        """Add a message."""
        self.put_messages([message])

    def put_messages(self, messages: list[ChatMessage]) -> None:
        """Add messages."""
        if messages:
            self._history.append([_to_entry(message) for message in messages])

    def set(self, messages: list[ChatMessage]) -> None:
        """Let these be the messages. What stays at the start is not written again, so its memories stay."""
        stored = self.get_all()
        same = 0
        while same < min(len(stored), len(messages)) and stored[same] == messages[same]:
            same += 1
        for _ in stored[same:]:
            self._history.pop()
        self.put_messages(messages[same:])

    def reset(self) -> None:
        """Delete the messages, with what is known from them alone."""
        self._history.clear()


def _recall(user: Memcubed, question: str, session_id: str | None, max_tokens: int) -> str:
    return user.context(question, session_id=session_id, max_tokens=max_tokens).text


def _last_question(messages: Sequence[ChatMessage]) -> str:
    asked = (_text(message) for message in reversed(messages) if message.role == MessageRole.USER)
    # The service takes questions of up to 4,000 characters; the end of a long one says what is wanted.
    return next((text for text in asked if text), "")[-4000:].strip()


def _role(message: ChatMessage) -> str:
    return ROLES.get(message.role, "system")


def _text(message: ChatMessage) -> str:
    return (message.content or "").strip()


def _to_entry(message: ChatMessage) -> Entry:
    text = _text(message)
    return Entry(_role(message) if text else "system", text or "[no text]", message.model_dump_json())


def _to_message(stored: StoredEntry) -> ChatMessage:
    if stored.item is not None:
        return ChatMessage.model_validate_json(stored.item)
    return ChatMessage(role=MessageRole(stored.role), content=stored.text)
