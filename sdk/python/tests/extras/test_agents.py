"""The session of the OpenAI Agents SDK, with its own Runner, against the running service."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any
from uuid import uuid4

import pytest
from agents import Agent, RunConfig, Runner, function_tool
from agents.memory import Session, SessionSettings
from agents.testing import ScriptedModel
from faulty import Cut, FaultyServer
from openai.types.responses import (
    ResponseFunctionToolCall,
    ResponseOutputMessage,
    ResponseOutputText,
)

from memcubed import InvalidRequestError, Memcubed
from memcubed.agents import MemcubedSession


@pytest.fixture
def client(url: str, key: str) -> Any:
    with Memcubed(url, key, user_id=f"u-{uuid4().hex[:12]}") as memory:
        yield memory


@pytest.fixture
def session(client: Any) -> MemcubedSession:
    return MemcubedSession("monday", client=client)


def run(coroutine: Any) -> Any:
    return asyncio.run(coroutine)


def said(text: str) -> ResponseOutputMessage:
    part = ResponseOutputText(type="output_text", text=text, annotations=[])
    return ResponseOutputMessage(
        id="m1", type="message", role="assistant", status="completed", content=[part]
    )


def user(text: Any) -> dict[str, Any]:
    return {"role": "user", "content": text}


DEEP: Any = {"a": 1}
for _ in range(60):
    DEEP = {"a": DEEP}

# Items, each as it must come back; what of it is said.
ITEMS: list[tuple[dict[str, Any], str]] = [
    (user("I moved to Bergen."), "I moved to Bergen."),
    ({"role": "assistant", "content": "Noted."}, "Noted."),
    ({"role": "system", "content": "Be kind."}, "Be kind."),
    ({"role": "developer", "content": "Be brief."}, "Be brief."),
    ({"content": "Order of keys.", "role": "user"}, "Order of keys."),
    ({"type": "message", "role": "user", "content": "With a type."}, "With a type."),
    (
        user(
            [
                {"type": "input_text", "text": "Look:"},
                {"type": "input_image", "image_url": "data:x", "detail": "auto"},
            ]
        ),
        "Look:",
    ),
    (user([{"type": "input_image", "image_url": "data:x", "detail": "auto"}]), "[empty]"),
    (
        {
            "type": "message",
            "role": "assistant",
            "id": "m",
            "status": "completed",
            "content": [{"type": "output_text", "text": "In Bergen.", "annotations": []}],
        },
        "In Bergen.",
    ),
    ({"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}, "No."),
    (
        {"type": "function_call", "call_id": "c", "name": "weather", "arguments": '{"city": "Oslo"}'},
        'weather({"city": "Oslo"})',
    ),
    ({"type": "function_call_output", "call_id": "c", "output": "sunny"}, "sunny"),
    (
        {"type": "function_call_output", "call_id": "c", "output": [{"type": "input_text", "text": "rain"}]},
        "rain",
    ),
    ({"type": "function_call_output", "call_id": "c", "output": ""}, "[function_call_output]"),
    ({"type": "reasoning", "id": "r", "summary": [], "encrypted_content": "x" * 30_000}, "[reasoning]"),
    (
        {"type": "computer_call", "id": "k", "action": {"type": "click", "x": -0.0, "y": 1e300}},
        "[computer_call]",
    ),
    ({"type": "made_up_later", "deep": DEEP}, "[made_up_later]"),
    ({"type": "image_generation_call", "id": "i", "result": "A" * 500_000}, "[image_generation_call]"),
    (user("x" * 200_000), "x" * 60_000),
    (user("ä" * 40_000), "ä" * 30_000),
    (user(""), "[empty]"),
    (user("   "), "[empty]"),
    (user("  spaces around  "), "  spaces around  "),
    (user("nul \x00 and \ud800 alone"), "nul \ufffd and ? alone"),
    (user("e\u0301 \u2028 \x85 🐝"), "e\u0301 \u2028 \x85 🐝"),
    ({**user("1"), "nan": 1e999}, "1"),
    (
        {**user("O'Reilly\"; DROP TABLE turns; --"), "id": 12345678901234567890123},
        "O'Reilly\"; DROP TABLE turns; --",
    ),
]


def test_it_is_a_session(session: MemcubedSession) -> None:
    assert isinstance(session, Session)


@pytest.mark.parametrize(("item", "text"), ITEMS, ids=lambda value: str(value)[:40])
def test_an_item_comes_back_as_it_was(item: Any, text: str, session: MemcubedSession, client: Any) -> None:
    run(session.add_items([item]))
    assert [turn.content for turn in client.turns(session_id="monday")] == [text]
    (back,) = run(session.get_items())
    assert json.dumps(back) == json.dumps(item)
    popped = run(session.pop_item())
    assert json.dumps(popped) == json.dumps(item)
    assert [*client.turns(), *client.artifacts()] == []
    assert run(session.pop_item()) is None


def test_all_of_them_in_their_order(session: MemcubedSession) -> None:
    items = [item for item, _ in ITEMS]
    run(session.add_items(items))
    for limit in (None, 0, -1, 1, 2, 5, len(items), 1000):
        wanted = items if limit is None else items[max(0, len(items) - limit) :] if limit > 0 else []
        assert json.dumps(run(session.get_items(limit))) == json.dumps(wanted)


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 501])
def test_many_items(count: int, session: MemcubedSession) -> None:
    items = [user(str(number)) for number in range(count)]
    run(session.add_items(items))
    assert run(session.get_items()) == items
    assert run(session.get_items(100)) == items[-100:]


def test_settings_limit_what_a_run_gets(client: Any) -> None:
    for settings in (SessionSettings(limit=2), {"limit": 2}):
        session = MemcubedSession(str(uuid4()), client=client, session_settings=settings)
        run(session.add_items([user(str(number)) for number in range(5)]))
        assert [item["content"] for item in run(session.get_items())] == ["3", "4"]
        assert len(run(session.get_items(4))) == 4
    with pytest.raises(TypeError):
        MemcubedSession("s", client=client, session_settings={"limt": 2})


def test_clearing_leaves_other_sessions(session: MemcubedSession, client: Any) -> None:
    other = MemcubedSession("tuesday", client=client)
    big = {"type": "reasoning", "encrypted_content": "x" * 30_000}
    for one in (session, other):
        run(one.add_items([user("I moved to Bergen."), big]))
    run(session.clear_session())
    assert run(session.get_items()) == []
    assert run(other.get_items()) == [user("I moved to Bergen."), big]
    assert len(list(client.artifacts())) == 1
    run(session.clear_session())


def test_turns_that_others_posted_are_messages(session: MemcubedSession, client: Any) -> None:
    client.add(
        ["I moved to Bergen.", {"role": "assistant", "content": "Noted."}, {"role": "tool", "content": "42"}],
        "monday",
    )
    messages = [user("I moved to Bergen."), {"role": "assistant", "content": "Noted."}]
    assert run(session.get_items()) == messages
    assert run(session.pop_item()) == messages[1]


def test_what_is_said_is_remembered_and_what_is_called_is_not(session: MemcubedSession, client: Any) -> None:
    run(session.add_items([
        user("My name is Ann. I moved to Bergen."),
        {"type": "function_call", "call_id": "c", "name": "note", "arguments": "Ann lives in Atlantis."},
        {"type": "reasoning", "summary": [{"text": "Ann lives in Atlantis."}]},
    ]))  # fmt: skip
    client.wait(client.add("Good night.", "monday", close_session=True))
    assert any("Bergen" in memory.content for memory in client.memories())
    assert not any("Atlantis" in memory.content for memory in client.memories())
    assert any("Bergen" in item.content for item in client.search("Where does Ann live?").items)


@pytest.mark.parametrize("way", ["run", "run_sync", "run_streamed"])
def test_a_run_with_a_tool_goes_on_where_the_last_one_ended(way: str, session: MemcubedSession) -> None:
    @function_tool
    def weather(city: str) -> str:
        return f"sunny in {city}"

    model = ScriptedModel()
    agent = Agent(name="a", model=model, tools=[weather])

    def ask(text: str) -> Any:
        if way == "run_sync":
            return Runner.run_sync(agent, text, session=session)
        return run(stream(text) if way == "run_streamed" else Runner.run(agent, text, session=session))

    async def stream(text: str) -> Any:
        result = Runner.run_streamed(agent, text, session=session)
        async for _ in result.stream_events():
            pass
        return result

    call = ResponseFunctionToolCall(
        type="function_call", call_id="c1", name="weather", arguments='{"city": "Oslo"}'
    )
    model.enqueue([call])
    model.enqueue([said("It is sunny.")])
    assert ask("How is the weather in Oslo?").final_output == "It is sunny."
    model.enqueue([said("As I said.")])
    assert ask("And now?").final_output == "As I said."
    kinds = [item.get("type", item.get("role")) for item in model.calls[-1].input]
    assert kinds == ["user", "function_call", "function_call_output", "message", "user"]
    assert len(run(session.get_items())) == 6


def test_a_run_may_be_limited(session: MemcubedSession) -> None:
    model = ScriptedModel()
    agent = Agent(name="a", model=model)
    for number in range(3):
        model.enqueue([said(f"Reply {number}")])
        run(Runner.run(agent, f"Message {number}", session=session))
    model.enqueue([said("Reply")])
    config = RunConfig(session_settings=SessionSettings(limit=2))
    run(Runner.run(agent, "Message", session=session, run_config=config))
    assert [str(item["content"])[:9] for item in model.calls[-1].input][::2] == ["Message 2", "Message"]


def test_two_who_pop_get_two_items(session: MemcubedSession) -> None:
    items = [user(str(number)) for number in range(8)]
    run(session.add_items(items))
    popped: list[Any] = []
    threads = [threading.Thread(target=lambda: popped.append(run(session.pop_item()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(item["content"] for item in popped) == [str(number) for number in range(8)]


@pytest.mark.parametrize("name", ["pop_item", "clear_session"])
def test_who_is_cancelled_waits_for_what_was_begun(name: str, session: MemcubedSession) -> None:
    async def cancel() -> None:
        await session.add_items([user("once")])
        task = asyncio.ensure_future(getattr(session, name)())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await session.get_items() == []

    run(cancel())


@pytest.mark.parametrize("faults", [[Cut("after")], [Cut()], [Cut("after", within=3), Cut()]])
def test_a_lost_answer_adds_nothing_twice(faults: Any, client: Any, server: FaultyServer, key: str) -> None:
    with Memcubed(server.url, key, user_id=client.user_id) as faulty:
        session = MemcubedSession("monday", client=faulty)
        server.script = list(faults)
        run(session.add_items([user("1"), user("2")]))
        server.script = [Cut("after"), *faults]
        assert run(session.pop_item()) == user("2")
    assert [turn.content for turn in client.turns()] in (["1"], [])


def test_who_it_is_must_be_said(url: str, key: str, monkeypatch: Any) -> None:
    with Memcubed(url, key) as nobody, pytest.raises(ValueError, match="user_id"):
        MemcubedSession("monday", client=nobody)
    monkeypatch.setenv("MEMCUBED_URL", url)
    monkeypatch.setenv("MEMCUBED_API_KEY", key)
    own = MemcubedSession("monday", user_id="ann")
    run(own.close())
    with pytest.raises(RuntimeError):
        run(own.add_items([user("x")]))
    with Memcubed(url, key, user_id="ann") as client, pytest.raises(InvalidRequestError):
        run(MemcubedSession("a\u200bb", client=client).add_items([user("x")]))
