"""LlamaIndex's memory with ours in it, and ours alone, against the running service."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from llama_index.core.base.llms.types import ChatMessage, ImageBlock, TextBlock, ToolCallBlock
from llama_index.core.chat_engine import SimpleChatEngine
from llama_index.core.llms import MockLLM
from llama_index.core.memory import BaseMemory, InsertMethod, Memory

from memcubed import Memcubed
from memcubed.llama_index import MemcubedMemory, MemcubedMemoryBlock

FACT = "My name is Ann. I moved to Bergen."
QUESTION = "Where does Ann live?"


@pytest.fixture
def client(url: str, key: str) -> Any:
    with Memcubed(url, key) as memory:
        yield memory


@pytest.fixture
def name() -> str:
    return f"u-{uuid4().hex[:12]}"


def run(coroutine: Any) -> Any:
    return asyncio.run(coroutine)


def words(text: str) -> list[str]:
    return text.split()


def remember(client: Any, name: str, *texts: str) -> None:
    client.wait(client.add([*texts], "last week", user_id=name, close_session=True))


MESSAGES: list[ChatMessage] = [
    ChatMessage(role="user", content=FACT),
    ChatMessage(role="assistant", content="Noted."),
    ChatMessage(role="system", content="Be kind."),
    ChatMessage(role="developer", content="Be brief."),
    ChatMessage(role="tool", content="42", additional_kwargs={"tool_call_id": "c", "name": "n"}),
    ChatMessage(role="function", content="43"),
    ChatMessage(role="chatbot", content="Hi."),
    ChatMessage(role="model", content="Ho."),
    ChatMessage(role="user", content=""),
    ChatMessage(role="user", content=None),
    ChatMessage(role="user", content="  spaces around  "),
    ChatMessage(role="user", content="nul \x00 \u2028 \x85 🐝"),
    ChatMessage(role="user", content="x" * 100_000),
    ChatMessage(role="user", blocks=[TextBlock(text="Look:"), ImageBlock(url="http://example.com/a.png")]),
    ChatMessage(role="user", blocks=[ImageBlock(url="http://example.com/a.png")]),
    ChatMessage(role="user", blocks=[TextBlock(text="a"), TextBlock(text="b")]),
    ChatMessage(
        role="assistant",
        blocks=[ToolCallBlock(tool_call_id="c", tool_name="n", tool_kwargs={"q": "w " * 9_000})],
    ),
    ChatMessage(
        role="assistant", content="With more.", additional_kwargs={"deep": {"a": [1, None, {"b": 2.5}]}}
    ),
    ChatMessage(role="user", content="'; drop table turns; --"),
    ChatMessage(role="user", content='{"role": "system"}'),
]


class TestMemory:
    def test_is_one(self, client: Any, name: str) -> None:
        memory = MemcubedMemory.from_defaults(user_id=name, client=client)
        assert isinstance(memory, BaseMemory)
        assert memory.get() == memory.get_all() == run(memory.aget()) == run(memory.aget_all()) == []

    @pytest.mark.parametrize("message", MESSAGES, ids=lambda message: str(message)[:40])
    def test_a_message_comes_back_as_it_was(self, message: ChatMessage, client: Any, name: str) -> None:
        memory = MemcubedMemory.from_defaults(user_id=name, client=client)
        memory.put(message)
        assert memory.get_all() == [message]
        memory.reset()
        assert memory.get_all() == []
        assert list(client.artifacts(user_id=name)) == []

    def test_all_of_them_in_their_order(self, client: Any, name: str) -> None:
        memory = MemcubedMemory.from_defaults(
            user_id=name, session_id="a/b", client=client, chat_history=MESSAGES
        )
        assert memory.get_all() == MESSAGES
        again = MemcubedMemory(
            user_id=name, session_id="a/b", client=client, max_messages=3, context_tokens=0
        )
        assert run(again.aget()) == MESSAGES[-3:]
        assert MemcubedMemory(user_id=name, session_id="other", client=client).get_all() == []

    def test_the_asynchronous_forms(self, client: Any, name: str) -> None:
        memory = MemcubedMemory.from_defaults(user_id=name, client=client, context_tokens=0)

        async def use() -> None:
            await memory.aput(MESSAGES[0])
            await memory.aput_messages(MESSAGES[1:3])
            assert await memory.aget_all() == MESSAGES[:3]
            await memory.aset(MESSAGES[3:5])
            assert await memory.aget() == MESSAGES[3:5]
            await memory.areset()
            assert await memory.aget() == []

        run(use())

    def test_setting_keeps_what_stays(self, client: Any, name: str) -> None:
        memory = MemcubedMemory.from_defaults(user_id=name, client=client, chat_history=MESSAGES[:4])
        before = [turn.id for turn in client.turns(user_id=name)]
        memory.set(MESSAGES[:2] + MESSAGES[4:6])
        assert memory.get_all() == MESSAGES[:2] + MESSAGES[4:6]
        assert [turn.id for turn in client.turns(user_id=name)][:2] == before[:2]
        memory.set(memory.get_all())
        assert len(list(client.turns(user_id=name))) == 4
        memory.set([])
        assert memory.get_all() == []

    def test_recalls_other_sessions(self, client: Any, name: str) -> None:
        remember(client, name, FACT)
        memory = MemcubedMemory.from_defaults(user_id=name, session_id="today", client=client)
        known, asked = memory.get(QUESTION), ChatMessage(role="user", content=QUESTION)
        assert "Bergen" in (known[0].content or "")
        memory.put(asked)
        messages = memory.get()
        assert (messages[0].role, messages[1:]) == ("system", [asked])
        assert "Bergen" in (messages[0].content or "")
        assert memory.get_all() == [asked]

    def test_in_a_chat_engine(self, client: Any, name: str) -> None:
        remember(client, name, FACT)
        memory = MemcubedMemory.from_defaults(user_id=name, session_id="today", client=client)
        engine = SimpleChatEngine.from_defaults(llm=MockLLM(), memory=memory)
        answer = engine.chat(QUESTION)
        assert "Bergen" in str(answer), "the mock says what it is asked"
        assert [message.role for message in memory.get_all()] == ["user", "assistant"]


class TestBlock:
    def memory(self, client: Any, name: str, **more: Any) -> Memory:
        block = MemcubedMemoryBlock(user_id=name, client=client, **more)
        return Memory.from_defaults(
            session_id="today", token_limit=400, token_flush_size=10, chat_history_token_ratio=0.1,
            memory_blocks=[block], tokenizer_fn=words,
        )  # fmt: skip

    def test_what_was_known_before_is_in_the_prompt(self, client: Any, name: str) -> None:
        remember(client, name, FACT)
        memory = self.memory(client, name)
        memory.put(ChatMessage(role="user", content=QUESTION))
        messages = memory.get()
        assert messages[0].role == "system"
        assert "<memcubed>" in (messages[0].content or "")
        assert "Bergen" in (messages[0].content or "")

    def test_what_is_let_go_is_kept_in_its_session(self, client: Any, name: str) -> None:
        memory = self.memory(client, name)
        for text in (FACT, *("word " * 15 for _ in range(6))):
            memory.put_messages(
                [ChatMessage(role="user", content=text), ChatMessage(role="assistant", content="Yes.")]
            )
        stored = list(client.turns(user_id=name))
        assert (stored[0].content, stored[0].session_id, stored[0].role) == (FACT, "today", "user")
        assert stored[1].role == "assistant"

    def test_nothing_asked_is_nothing_recalled(self, client: Any, name: str) -> None:
        block = MemcubedMemoryBlock(user_id=name, client=client)
        for messages in (
            None,
            [],
            [ChatMessage(role="assistant", content="Hi.")],
            [ChatMessage(role="user", content=" ")],
        ):
            assert run(block.aget(messages)) == ""
        run(block.aput([]))
        run(block.aput([ChatMessage(role="user", content=None)]))
        assert list(client.turns(user_id=name)) == []

    def test_a_long_question_is_cut(self, client: Any, name: str) -> None:
        remember(client, name, FACT)
        block = MemcubedMemoryBlock(user_id=name, client=client, max_tokens=200)
        text = "a b " * 5_000 + QUESTION
        assert "Bergen" in run(block.aget([ChatMessage(role="user", content=text)]))

    @pytest.mark.parametrize("tokens", [0, 1, 5, 10, 100_000])
    def test_is_truncated_by_lines(self, tokens: int, client: Any, name: str) -> None:
        block = MemcubedMemoryBlock(user_id=name, client=client)
        text = "\n".join(f"- line number {number}" for number in range(10))
        left = run(block.atruncate(text, tokens))
        assert left is None if tokens == 100_000 else text.startswith(left)
        assert tokens == 0 or left != text

    def test_users_are_apart(self, client: Any, name: str) -> None:
        remember(client, name, FACT)
        other = MemcubedMemoryBlock(user_id=f"{name}-2", client=client)
        assert "Bergen" not in run(other.aget([ChatMessage(role="user", content=QUESTION)]))

    def test_in_the_users_message(self, client: Any, name: str) -> None:
        remember(client, name, FACT)
        memory = self.memory(client, name)
        memory.insert_method = InsertMethod.USER
        memory.put(ChatMessage(role="user", content=QUESTION))
        (message,) = memory.get()
        assert "Bergen" in (message.content or "")
