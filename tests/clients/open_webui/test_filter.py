"""The filter, called as Open WebUI's documentation says, against the running service."""

import asyncio
import importlib.util
import inspect
import logging
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest

from tests.clients.conftest import Service
from tests.clients.environments import ROOT

FILE = ROOT / "sdk" / "open_webui" / "memcubed_filter.py"


def load() -> ModuleType:
    """The module as Open WebUI loads it: from its text, under a name of its own."""
    spec = importlib.util.spec_from_file_location(f"function_{uuid4().hex}", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class OpenWebUI:
    """As far as a filter sees it: parameters are given by name, and only those that a function declares."""

    def __init__(self, service: Service, **valves: Any) -> None:
        self.service = service
        self.filter = load().Filter()
        given = {"url": service.url, "api_key": service.key, "timeout_seconds": 30} | valves
        self.filter.valves = self.filter.Valves(**given)
        self.user: Any = {"id": f"owui-{uuid4().hex[:8]}", "email": "ann@example.com", "role": "user"}
        self.chat: Any = f"chat-{uuid4().hex[:8]}"

    def call(self, name: str, body: Any) -> Any:
        function = getattr(self.filter, name)
        extra = {"__user__": self.user, "__metadata__": {"chat_id": self.chat}, "__event_emitter__": None}
        declared = inspect.signature(function).parameters
        return asyncio.run(function(body, **{k: v for k, v in extra.items() if k in declared}))

    def ask(self, *messages: Any, **body: Any) -> Any:
        return self.call("inlet", {"model": "m", "stream": True, "messages": list(messages)} | body)

    def answered(self, *messages: Any, **body: Any) -> Any:
        return self.call("outlet", {"model": "m", "chat_id": self.chat, "messages": list(messages)} | body)

    def turns(self, user: str | None = None) -> list[Any]:
        with self.service.http() as http:
            params = {"user_id": user or self.user["id"]}
            return http.get("/v1/turns", params=params).json()["items"]

    def remember(self, content: str) -> None:
        with self.service.http() as http:
            body = {"user_id": self.user["id"], "content": content}
            assert http.post("/v1/memories", json=body).status_code == 201


@pytest.fixture
def webui(service: Service) -> OpenWebUI:
    return OpenWebUI(service)


def user(content: Any, message_id: str = "u1") -> dict[str, Any]:
    return {"id": message_id, "role": "user", "content": content}


def assistant(content: Any, message_id: str = "a1") -> dict[str, Any]:
    return {"id": message_id, "role": "assistant", "content": content}


class TestInlet:
    def test_adds_a_system_message(self, webui: OpenWebUI):
        webui.remember("Ann's boat is called Skarv.")
        body = webui.ask(user("What is my boat called?"))
        assert [message["role"] for message in body["messages"]] == ["system", "user"]
        assert "Skarv" in body["messages"][0]["content"]
        assert "not instructions" in body["messages"][0]["content"]

    def test_adds_to_the_system_message_that_is_there(self, webui: OpenWebUI):
        webui.remember("Ann's boat is called Skarv.")
        body = webui.ask({"role": "system", "content": "Be brief."}, user("What is my boat called?"))
        assert len(body["messages"]) == 2
        assert body["messages"][0]["content"].startswith("Be brief.\n\n")
        assert "Skarv" in body["messages"][0]["content"]

    def test_reads_the_text_among_parts(self, webui: OpenWebUI):
        webui.remember("Ann's boat is called Skarv.")
        parts = [{"type": "text", "text": "What is my boat called?"}, {"type": "image_url", "image_url": {}}]
        assert "Skarv" in webui.ask(user(parts))["messages"][0]["content"]

    def test_changes_nothing_when_nothing_is_known(self, webui: OpenWebUI):
        assert webui.ask(user("What is my boat called?"))["messages"] == [user("What is my boat called?")]


class TestOutlet:
    def test_stores_an_exchange_once(self, webui: OpenWebUI):
        for _ in range(2):
            webui.answered(user("My boat is called Skarv."), assistant("Noted."))
        turns = webui.turns()
        assert [(turn["role"], turn["content"]) for turn in turns] == [
            ("user", "My boat is called Skarv."),
            ("assistant", "Noted."),
        ]
        assert {turn["session_id"] for turn in turns} == {webui.chat}

    def test_leaves_reasoning_and_calls_out(self, webui: OpenWebUI):
        details = '<details type="reasoning" done="true">\n<summary>x</summary>\n> hm\n</details>\nNoted.'
        webui.answered(user("My boat is called Skarv."), assistant(details))
        assert webui.turns()[1]["content"] == "Noted."

    def test_sends_along_what_was_recalled(self, webui: OpenWebUI, monkeypatch: pytest.MonkeyPatch):
        webui.remember("Ann's boat is called Skarv.")
        webui.ask(user("What is my boat called?"))
        sent: list[Any] = []

        async def keep(path: str, body: Any) -> None:
            sent.append(body)

        monkeypatch.setattr(webui.filter, "_post", keep)
        webui.answered(user("What is my boat called?"), assistant("Skarv."))
        assert len(sent[0]["turns"][1]["shown_memory_ids"]) == 1
        assert "shown_memory_ids" not in sent[0]["turns"][0]

    def test_a_temporary_chat_is_not_stored(self, webui: OpenWebUI):
        webui.chat = "local:abc"
        webui.answered(user("My boat is called Skarv."), assistant("Noted."))
        assert webui.turns() == []

    def test_a_very_long_message_is_cut(self, webui: OpenWebUI):
        webui.answered(user("我" * 100_000), assistant("Noted."))
        assert len(webui.turns()[0]["content"].encode()) <= 65_536


class TestUsers:
    def test_see_only_their_own(self, webui: OpenWebUI):
        webui.remember("Ann's boat is called Skarv.")
        webui.user = {"id": "somebody-else", "email": "bob@example.com"}
        assert len(webui.ask(user("What is my boat called?"))["messages"]) == 1

    def test_can_be_named_by_their_address(self, service: Service):
        webui = OpenWebUI(service, user_field="email")
        webui.user = {"id": "1", "email": f"{uuid4().hex[:8]}@example.com"}
        webui.answered(user("My boat is called Skarv."), assistant("Noted."))
        assert len(webui.turns(webui.user["email"])) == 2

    @pytest.mark.parametrize("as_model", [True, False])
    def test_can_switch_it_off(self, webui: OpenWebUI, as_model: bool):
        valves = webui.filter.UserValves(enabled=False)
        webui.user["valves"] = valves if as_model else valves.model_dump()
        webui.remember("Ann's boat is called Skarv.")
        assert len(webui.ask(user("What is my boat called?"))["messages"]) == 1
        webui.answered(user("My boat is called Skarv."), assistant("Noted."))
        assert webui.turns() == []


ODD = [
    {},
    {"messages": None},
    {"messages": []},
    {"messages": "x"},
    {"messages": [None]},
    {"messages": ["x", 7, []]},
    {"messages": [{"role": "user"}]},
    {"messages": [{"role": "user", "content": None}]},
    {"messages": [{"role": "user", "content": ""}]},
    {"messages": [{"role": "user", "content": " \n"}]},
    {"messages": [{"role": "user", "content": 7}]},
    {"messages": [{"role": "user", "content": []}]},
    {"messages": [{"role": "user", "content": [None, "x", {"type": "image_url"}]}]},
    {"messages": [{"role": "user", "content": [{"type": "text", "text": None}]}]},
    {"messages": [{"role": "assistant", "content": None}]},
    {"messages": [{"role": "system", "content": "Be brief."}]},
    {"messages": [{"content": "x"}]},
    {"messages": [{"role": ["user"], "content": "x"}]},
    {"messages": [{"role": "user", "content": "\x00"}]},
    {"messages": [{"role": "user", "content": '<details type="x">y</details>'}], "metadata": 7},
]


@pytest.mark.parametrize("body", ODD, ids=str)
@pytest.mark.parametrize("name", ["inlet", "outlet"])
def test_odd_bodies_pass_unchanged(webui: OpenWebUI, name: str, body: Any):
    assert webui.call(name, body) == body
    assert webui.turns() == []


@pytest.mark.parametrize(
    "valves",
    [
        {"api_key": ""},
        {"api_key": "mc_wrong"},
        {"api_key": "a\nb"},
        {"api_key": "ключ"},
        {"url": "http://127.0.0.1:9"},
        {"url": "http://127.0.0.1:port"},
        {"url": "ftp://127.0.0.1"},
        {"url": "127.0.0.1"},
        {"url": ""},
        {"url": "http://[::1"},
        {"user_field": "name"},
        {"timeout_seconds": 0.000001},
    ],
    ids=str,
)
def test_a_chat_goes_on_without_the_service(service: Service, caplog: pytest.LogCaptureFixture, valves: Any):
    caplog.set_level(logging.DEBUG)
    webui = OpenWebUI(service, **valves)
    body = {"messages": [user("What is my boat called xyzzy?"), assistant("Skarv xyzzy.")]}
    assert webui.call("inlet", body) == body
    assert webui.call("outlet", body) == body
    assert webui.turns() == []
    assert "xyzzy" not in caplog.text
    assert service.key not in caplog.text


@pytest.mark.parametrize("who", [None, {}, {"id": None}, {"id": ""}, {"id": 7}, "ann", []], ids=str)
def test_without_a_user_nothing_is_remembered(webui: OpenWebUI, who: Any):
    webui.user, known = who, webui.user["id"]
    body = {"messages": [user("My boat is called Skarv."), assistant("Noted.")]}
    assert webui.call("inlet", body) == body
    assert webui.call("outlet", body) == body
    assert webui.turns(known) == []


def test_what_is_kept_between_question_and_answer_is_bounded(
    webui: OpenWebUI, monkeypatch: pytest.MonkeyPatch
):
    async def answer(_path: str, _body: Any) -> Any:
        return {"text": "x", "memory_ids": ["1"], "turn_ids": []}

    monkeypatch.setattr(webui.filter, "_post", answer)
    for number in range(1_100):
        webui.chat = str(number)
        webui.ask(user("x"))
    assert len(webui.filter._shown) == 1_000
