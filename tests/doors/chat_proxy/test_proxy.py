"""The chat proxy behind the real server: what the model gets, what the client, and what is remembered."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from app.core.vocabulary import KeyScope
from app.doors.chat_proxy import memory, routes
from app.main import create_app
from app.resources import Resources
from tests.conftest import make_key, principal_of, until
from tests.fakes import Answer, ScriptedLLM
from tests.served import NO_AUTHORITIES, served

CALL = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Oslo"}'}}
TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
PATH = "/v1/chat/completions"


def said(content: str, role: str = "user") -> dict[str, Any]:
    return {"role": role, "content": content}


def whole(message: dict[str, Any], **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant"} | message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 7, "completion_tokens": 3}
    return {"id": "chatcmpl-1", "object": "chat.completion", "choices": [choice], "usage": usage} | more


@pytest.fixture(scope="module")
def endpoint() -> Iterator[ScriptedLLM]:
    with ScriptedLLM() as server:
        yield server


@pytest.fixture(scope="module")
def llm_resources(without_llm: Resources, endpoint: ScriptedLLM) -> Resources:
    update = {
        "llm_base_url": endpoint.base_url,
        "llm_timeout_seconds": 2.0,
        "chat_models": {"small": "gpt-x"},
    }
    return replace(without_llm, settings=without_llm.settings.model_copy(update=update), rankers={})


@pytest.fixture(scope="module")
def port(llm_resources: Resources) -> Iterator[int]:
    with served(create_app(resources=llm_resources)) as listening:
        yield listening


@pytest.fixture
def llm(endpoint: ScriptedLLM) -> ScriptedLLM:
    endpoint.queue.clear()
    for noted in (endpoint.requests, endpoint.paths, endpoint.headers):
        noted.clear()
    endpoint.hung_up = 0
    endpoint.on_chat = lambda messages: "Fine."
    return endpoint


@pytest.fixture
def proxy(llm_resources: Resources, llm: ScriptedLLM, port: int, tenant: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {make_key(llm_resources, tenant)}", "X-Memcubed-User": "ann"}
    with httpx.Client(
        base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30, verify=NO_AUTHORITIES
    ) as client:
        yield client


def chat(proxy: httpx.Client, *messages: dict[str, Any], **more: Any) -> httpx.Response:
    headers = more.pop("headers", {})
    body = {"model": "m", "messages": list(messages)} | more
    return proxy.post(PATH, json=body, headers=headers)


def stored(proxy: httpx.Client, user: str = "ann") -> list[tuple[str, str]]:
    turns = proxy.get("/v1/turns", params={"user_id": user, "limit": 200}).json()["items"]
    return [(turn["role"], turn["content"]) for turn in turns]


def teach(proxy: httpx.Client, content: str = "Ann lives in Oslo.", user: str = "ann") -> str:
    answer = proxy.post("/v1/memories", json={"user_id": user, "content": content})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


class TestForwarded:
    def test_the_model_gets_what_is_remembered_in_a_fence(self, proxy: httpx.Client, llm: ScriptedLLM):
        teach(proxy)
        answer = chat(proxy, said("Be brief.", "system"), said("Where does Ann live?"))
        assert answer.status_code == 200
        assert answer.headers["X-Memcubed-Context"] == "1 memories"
        system, user = llm.chats()[-1]["messages"]
        assert system["content"].startswith("Be brief.\n\n<memcubed-memory mark=")
        assert "Ann lives in Oslo." in system["content"]
        assert user == said("Where does Ann live?")

    @pytest.mark.parametrize(
        "fields",
        [
            {"tools": [TOOL], "tool_choice": "auto", "parallel_tool_calls": False},
            {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}},
            {"n": 3, "temperature": 0.1, "top_p": 1, "seed": 7, "stop": ["a", "b"]},
            {"stream_options": None, "logprobs": True, "logit_bias": {"50256": -100}},
            {"a_field_of_the_future": {"deep": [1, None, {"x": 1.5e-7}]}, "metadata": {"k": "v"}},
            {"max_completion_tokens": 10**18, "store": False, "user": "ann"},
            {
                "reasoning_effort": "low",
                "modalities": ["text"],
                "prediction": {"type": "content", "content": "é"},
            },
            {"messages": [said("x"), {"role": "critic", "content": {"odd": True}, "extra": [1]}]},
        ],
    )
    def test_all_other_fields_pass_unchanged(
        self, proxy: httpx.Client, llm: ScriptedLLM, fields: dict[str, Any]
    ):
        body = {"model": "m", "messages": [said("Hello")]} | fields
        assert proxy.post(PATH, json=body).status_code == 200
        assert llm.chats()[-1] == body

    def test_the_answer_comes_as_it_is(self, proxy: httpx.Client, llm: ScriptedLLM):
        body = whole({"content": "Hi", "annotations": [], "odd": 1}, system_fingerprint="fp", future={"x": 1})
        headers = {"x-ratelimit-remaining-requests": "5", "openai-version": "1", "Set-Cookie": "a=b"}
        llm.queue.append(Answer(body=body, headers=headers))
        answer = chat(proxy, said("Hello"))
        assert answer.json() == body
        assert answer.headers["x-ratelimit-remaining-requests"] == "5"
        assert "set-cookie" not in answer.headers

    @pytest.mark.parametrize(
        ("name", "expected"), [("small", "gpt-x"), ("other", "other"), (None, "gpt-4o"), ("", "gpt-4o")]
    )
    def test_a_model_may_have_another_name_here(
        self, proxy: httpx.Client, llm: ScriptedLLM, name: str | None, expected: str
    ):
        assert chat(proxy, said("Hello"), model=name).status_code == 200
        assert llm.chats()[-1]["model"] == expected.replace("gpt-4o", "scripted")

    def test_models_are_those_of_the_endpoint(self, proxy: httpx.Client, llm: ScriptedLLM):
        listed = {"object": "list", "data": [{"id": "m", "object": "model"}]}
        llm.queue.append(Answer(body=listed))
        assert proxy.get("/v1/models").json() == listed
        assert llm.paths[-1] == "/v1/models"

    def test_without_an_llm_it_says_so(self, resources: Resources, tenant: str):
        with served(create_app(resources=resources)) as port:
            headers = {"Authorization": f"Bearer {make_key(resources, tenant)}"}
            body = {"messages": [said("Hello")], "user": "ann"}
            answer = httpx.post(f"http://127.0.0.1:{port}{PATH}", json=body, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")


class TestRemembered:
    def test_both_sides_once_however_often_the_history_comes(self, proxy: httpx.Client):
        messages = [said("I live in Oslo.")]
        for _ in range(3):
            assert chat(proxy, *messages).status_code == 200
        messages += [said("Fine.", "assistant"), said("And I like rye.")]
        for _ in range(2):
            chat(proxy, *messages)
        expected = [
            said("I live in Oslo."),
            said("Fine.", "assistant"),
            said("And I like rye."),
            said("Fine.", "assistant"),
        ]
        assert stored(proxy) == [(one["role"], one["content"]) for one in expected]
        sessions = proxy.get("/v1/sessions", params={"user_id": "ann"}).json()["items"]
        assert [one["turns"] for one in sessions] == [4]

    def test_an_answer_that_is_made_again_is_another_turn(self, proxy: httpx.Client, llm: ScriptedLLM):
        for number in ("One.", "Two."):
            llm.queue.append(Answer(text=number))
            chat(proxy, said("Say a number."))
        assert stored(proxy) == [("user", "Say a number."), ("assistant", "One."), ("assistant", "Two.")]

    def test_calls_of_tools_and_their_results(self, proxy: httpx.Client, llm: ScriptedLLM):
        llm.queue.append(Answer(body=whole({"content": None, "tool_calls": [CALL]})))
        chat(proxy, said("Weather?"), tools=[TOOL])
        calling = {"role": "assistant", "content": None, "tool_calls": [CALL]}
        result = {"role": "tool", "tool_call_id": "c1", "content": "Rain."}
        chat(proxy, said("Weather?"), calling, result)
        assert stored(proxy) == [
            ("user", "Weather?"),
            ("assistant", 'weather({"city":"Oslo"})'),
            ("tool", "Rain."),
            ("assistant", "Fine."),
        ]

    def test_the_answer_says_what_the_model_was_shown(self, proxy: httpx.Client, llm_resources: Resources):
        memory_id = teach(proxy)
        chat(proxy, said("Where does Ann live?"))
        bundle = proxy.get("/v1/users/ann/export").text.splitlines()
        (answered,) = [one for line in bundle if (one := json.loads(line)).get("role") == "assistant"]
        assert memory_id in answered["shown_memory_ids"]

    @pytest.mark.parametrize("role", ["user", "tool", "assistant"])
    def test_a_fence_is_never_learned(self, proxy: httpx.Client, llm: ScriptedLLM, role: str):
        teach(proxy)
        chat(proxy, said("Where does Ann live?"))
        fence = llm.chats()[-1]["messages"][0]["content"]
        message = {"role": role, "content": f"{fence} I like tea."} | (
            {"tool_call_id": "c"} if role == "tool" else {}
        )
        if role == "assistant":
            llm.queue.append(Answer(text=message["content"]))
            chat(proxy, said("Repeat it."))
        else:
            chat(proxy, said("Hi"), said("Yes?", "assistant"), message)
        texts = [content for _, content in stored(proxy)]
        assert "I like tea." in texts
        assert not [text for text in texts if "Oslo" in text or "memcubed-memory" in text]

    @pytest.mark.parametrize(
        ("headers", "session"), [({"X-Memcubed-Session": "monday"}, "monday"), ({}, None)]
    )
    def test_the_session_is_named_or_derived(
        self, proxy: httpx.Client, headers: dict[str, str], session: Any
    ):
        chat(proxy, said("Hello"), headers=headers)
        (found,) = proxy.get("/v1/sessions", params={"user_id": "ann"}).json()["items"]
        assert found["session_id"] == session or found["session_id"].startswith("chat-")

    def test_a_chat_may_be_kept_out(self, proxy: httpx.Client):
        teach(proxy)
        answer = chat(proxy, said("Where does Ann live?"), headers={"X-Memcubed-Store": "no"})
        assert answer.headers["X-Memcubed-Context"] == "1 memories"
        assert stored(proxy) == []

    def test_no_context_if_none_is_wanted(self, proxy: httpx.Client, llm: ScriptedLLM):
        teach(proxy)
        answer = chat(proxy, said("Where does Ann live?"), headers={"X-Memcubed-Context-Tokens": "0"})
        assert answer.headers["X-Memcubed-Context"] == "none"
        assert llm.chats()[-1]["messages"] == [said("Where does Ann live?")]

    def test_its_tokens_are_counted(
        self, proxy: httpx.Client, llm: ScriptedLLM, llm_resources: Resources, tenant: str
    ):
        llm.queue += [Answer(body=whole({"content": "Hi"})), Answer(status=500)]
        for _ in range(2):
            chat(proxy, said("Hello"))
        columns = "llm_calls, llm_failed_calls, prompt_tokens, completion_tokens"
        with llm_resources.open_transaction(principal_of(tenant)) as session:
            assert tuple(session.execute(text(f"SELECT {columns} FROM usage")).one()) == (2, 1, 7, 3)

    @pytest.mark.parametrize("is_streamed", [False, True])
    def test_its_times_are_counted(self, proxy: httpx.Client, llm: ScriptedLLM, is_streamed: bool):
        llm.queue += [Answer(text="Hi " * 9, delay=0.3), Answer(status=500, delay=0.2), Answer(drop=True)]
        for _ in range(3):
            chat(proxy, said("Hello"), stream=is_streamed)
        (row,) = proxy.get("/v1/usage").json()["llm"]
        assert (row["purpose"], row["calls"], row["failed_calls"]) == ("chat", 3, 2)
        assert 0.3 <= row["mean_seconds"] < 5
        assert 0.1 <= row["failure_seconds"] < 5

    def test_what_a_slow_reader_takes_is_not_the_models_time(self, proxy: httpx.Client, llm: ScriptedLLM):
        events = [
            {"choices": [{"index": 0, "delta": {"content": "x" * 500_000}}]}
        ] * 40  # no buffer holds them
        llm.queue.append(Answer(text="", events=[*events, "data: [DONE]\n\n"]))
        body = {"model": "m", "stream": True, "messages": [said("Hello")]}
        with proxy.stream("POST", PATH, json=body) as answer:
            parts = answer.iter_bytes()
            next(parts)
            time.sleep(1.5)
            for _ in parts:
                pass
        (row,) = proxy.get("/v1/usage").json()["llm"]
        assert (row["calls"], row["failed_calls"]) == (1, 0)
        assert row["mean_seconds"] < 1.2


class TestStreamed:
    def lines(self, proxy: httpx.Client, *messages: dict[str, Any], **more: Any) -> list[str]:
        body = {"model": "m", "stream": True, "messages": list(messages)} | more
        with proxy.stream("POST", PATH, json=body) as answer:
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            assert "X-Memcubed-Context" in answer.headers
            return [line for line in answer.iter_lines() if line]

    def test_events_go_through_and_are_remembered(self, proxy: httpx.Client, llm: ScriptedLLM):
        llm.queue.append(Answer(text="You live in Oslo, I believe."))
        lines = self.lines(proxy, said("Where do I live?"), stream_options={"include_usage": True})
        assert lines[-1] == "data: [DONE]"
        assert len(lines) > 4
        assert llm.chats()[-1]["stream_options"] == {"include_usage": True}
        assert stored(proxy) == [("user", "Where do I live?"), ("assistant", "You live in Oslo, I believe.")]

    @pytest.mark.parametrize(
        "events",
        [
            ['data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\r\n\r\n', "data: [DONE]\r\n\r\n"],
            ['data: {"choices":[{"index":0,', '"delta":{"content":"Hi"}}]}\n\n', "data: [DONE]\n\n"],
            [": ping\n\n", {"choices": [{"index": 0, "delta": {"content": "Hi"}}]}, "data: [DONE]\n\n"],
            [{"choices": [{"index": 0, "delta": {"content": "Hi"}}]}],
            [{"choices": [{"index": 0, "delta": {"content": "Hi"}}]}, {"future": 1}, "data: [DONE]"],
            ['event: x\nid: 1\ndata: {"choices":[{"delta":{"content":"Hi"}}]}\n\n', "data: [DONE]\n\n"],
        ],
    )
    def test_of_every_form(self, proxy: httpx.Client, llm: ScriptedLLM, events: list[Any]):
        llm.queue.append(Answer(text="", events=events))
        self.lines(proxy, said("Hello"))
        until(lambda: stored(proxy) == [("user", "Hello"), ("assistant", "Hi")], seconds=10)

    def test_calls_in_pieces(self, proxy: httpx.Client, llm: ScriptedLLM):
        deltas = [
            {"index": 0, "id": "c1", "type": "function", "function": {"name": "weather", "arguments": ""}}
        ]
        deltas += [{"index": 0, "function": {"arguments": part}} for part in ('{"city"', ':"Oslo"}')]
        events = [{"choices": [{"index": 0, "delta": {"tool_calls": [one]}}]} for one in deltas]
        llm.queue.append(Answer(text="", events=[*events, "data: [DONE]\n\n"]))
        self.lines(proxy, said("Weather?"))
        assert stored(proxy)[-1] == ("assistant", 'weather({"city":"Oslo"})')

    def test_who_hangs_up_ends_the_call(self, proxy: httpx.Client, llm: ScriptedLLM):
        llm.queue.append(Answer(text="word " * 400, pause=0.05))
        body = {"model": "m", "stream": True, "messages": [said("Tell me a story.")]}
        with proxy.stream("POST", PATH, json=body) as answer:
            next(answer.iter_bytes())
        until(lambda: llm.hung_up == 1, seconds=10)
        until(lambda: len(stored(proxy)) == 2, seconds=10)
        assert stored(proxy)[0] == ("user", "Tell me a story.")
        assert len(stored(proxy)[1][1]) < 1_000

    def test_seats_are_free_again(
        self, proxy: httpx.Client, llm: ScriptedLLM, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(routes, "_seats", routes.ChatSeats(1))
        for _ in range(3):
            self.lines(proxy, said("Hello"))
        llm.queue.append(Answer(text="word " * 100, pause=0.05))
        body = {"model": "m", "stream": True, "messages": [said("Hello")]}
        with proxy.stream("POST", PATH, json=body) as answer:
            next(answer.iter_bytes())
            second = chat(proxy, said("Hello"))
        assert (second.status_code, second.json()["error"]["type"]) == (429, "rate_limit_error")
        assert second.headers["Retry-After"] == "1"
        until(lambda: chat(proxy, said("Hello")).status_code == 200, seconds=10)


class TestErrors:
    @pytest.mark.parametrize(
        ("answer", "status", "code"),
        [
            (
                Answer(status=400, body={"error": {"message": "bad", "code": "context_length_exceeded"}}),
                400,
                "context_length_exceeded",
            ),
            (
                Answer(status=404, body={"error": {"message": "no model", "code": "model_not_found"}}),
                404,
                "model_not_found",
            ),
            (Answer(status=429, headers={"Retry-After": "7"}), 429, "scripted"),
            (Answer(status=500, body="<html>oops</html>"), 500, "upstream_failed"),
            (Answer(status=503, body={"detail": "busy"}), 503, "upstream_failed"),
            (
                Answer(status=401, body={"error": {"message": "key sk-secret", "code": "invalid_api_key"}}),
                502,
                "upstream_refused",
            ),
            (Answer(status=403), 502, "upstream_refused"),
            (Answer(status=302, headers={"Location": "http://127.0.0.1:1/"}), 502, "upstream_failed"),
            (Answer(drop=True), 502, "upstream_failed"),
            (Answer(delay=3), 504, "upstream_failed"),
        ],
        ids=lambda value: str(value.status) if isinstance(value, Answer) else "",
    )
    @pytest.mark.parametrize("stream", [False, True])
    def test_of_the_endpoint_come_in_openais_form(
        self, proxy: httpx.Client, llm: ScriptedLLM, answer: Answer, status: int, code: str, stream: bool
    ):
        llm.queue.append(answer)
        found = chat(proxy, said("Hello"), stream=stream)
        assert (found.status_code, found.json()["error"]["code"]) == (status, code), found.text
        assert "sk-secret" not in found.text
        assert found.headers.get("Retry-After") == answer.headers.get("Retry-After")
        assert stored(proxy) == []

    @pytest.mark.parametrize(
        ("body", "headers", "status", "param"),
        [
            ({}, {}, 400, "messages"),
            ({"messages": []}, {}, 400, "messages"),
            ({"messages": "Hello"}, {}, 400, "messages"),
            ({"messages": ["Hello"]}, {}, 400, "messages[0]"),
            ({"messages": [said("x")], "user": 5}, {}, 400, "user"),
            ({"messages": [said("x")], "user": "bob"}, {}, 400, "user"),
            ({"messages": [said("x")], "user": "\u202e"}, {}, 400, "user"),
            ({"messages": [said("x")]}, {"X-Memcubed-User": ".."}, 400, "X-Memcubed-User"),
            (
                {"messages": [said("x")]},
                {"X-Memcubed-Session": "a\u00ad".encode()},
                400,
                "X-Memcubed-Session",
            ),
            ({"messages": [said("x")]}, {"X-Memcubed-Session": b"\xff"}, 400, "X-Memcubed-Session"),
            (
                {"messages": [said("x")]},
                {"X-Memcubed-Context-Tokens": "many"},
                400,
                "X-Memcubed-Context-Tokens",
            ),
            (
                {"messages": [said("x")]},
                {"X-Memcubed-Context-Tokens": "-1"},
                400,
                "X-Memcubed-Context-Tokens",
            ),
            ({"messages": [said("x")]}, {"X-Memcubed-Store": "maybe"}, 400, "X-Memcubed-Store"),
            ({"messages": [said("x")]}, {"Authorization": "Bearer mc_no"}, 401, None),
            ([], {}, 400, "body"),
        ],
    )
    def test_of_the_request_too(
        self,
        proxy: httpx.Client,
        llm: ScriptedLLM,
        body: Any,
        headers: dict[str, Any],
        status: int,
        param: Any,
    ):
        found = proxy.post(PATH, json=body, headers=headers)
        assert found.status_code == status, found.text
        error = found.json()["error"]
        assert error.keys() == {"message", "type", "param", "code"}
        assert error["param"] == param
        assert llm.chats() == []

    @pytest.mark.parametrize(
        "raw", [b"{", b"", b'{"messages": [{"role": "user", "content": "x"}], "x": NaN}', b"[" * 10_000]
    )
    def test_of_what_is_no_json(self, proxy: httpx.Client, llm: ScriptedLLM, raw: bytes):
        found = proxy.post(PATH, content=raw, headers={"Content-Type": "application/json"})
        assert (found.status_code, found.json()["error"]["type"]) == (400, "invalid_request_error")
        assert llm.chats() == []

    def test_a_body_has_a_bound(self, proxy: httpx.Client):
        found = proxy.post(PATH, json={"messages": [said("x" * routes.MAX_BODY_BYTES)]})
        assert (found.status_code, found.json()["error"]["code"]) == (413, "too_large")


class TestRights:
    def as_key(self, proxy: httpx.Client, key: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"} | more.pop("headers", {})
        body = {"model": "m", "messages": [said("Where does Ann live?")]} | more
        return httpx.post(f"{proxy.base_url}{PATH}", json=body, headers=headers, timeout=30)

    def test_another_tenants_user_of_that_name_has_another_memory(
        self, proxy: httpx.Client, llm: ScriptedLLM, llm_resources: Resources
    ):
        teach(proxy)
        other = make_key(llm_resources, f"t-{uuid4().hex[:12]}")
        answer = self.as_key(proxy, other, user="ann")
        assert answer.headers["X-Memcubed-Context"] == "none"
        assert "Oslo" not in json.dumps(llm.chats()[-1])

    def test_a_bound_key_needs_no_user_and_has_no_other(
        self, proxy: httpx.Client, llm_resources: Resources, tenant: str
    ):
        teach(proxy)
        key = make_key(llm_resources, tenant, KeyScope.WRITE, user_id="ann")
        assert self.as_key(proxy, key).headers["X-Memcubed-Context"] == "1 memories"
        assert self.as_key(proxy, key, user="bob").status_code == 403
        assert self.as_key(proxy, key, headers={"X-Memcubed-User": "bob"}).status_code == 403

    def test_a_reader_may_not_chat(
        self, proxy: httpx.Client, llm: ScriptedLLM, llm_resources: Resources, tenant: str
    ):
        answer = self.as_key(proxy, make_key(llm_resources, tenant, KeyScope.READ), user="ann")
        assert (answer.status_code, answer.json()["error"]["type"]) == (403, "permission_error")
        assert llm.chats() == []

    def test_who_names_nobody_is_asked_for_a_user(
        self, proxy: httpx.Client, llm_resources: Resources, tenant: str
    ):
        answer = self.as_key(proxy, make_key(llm_resources, tenant))
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, "user")


class TestIllMemory:
    @pytest.mark.parametrize("way", ["slow", "broken"])
    def test_does_not_stop_the_chat(self, proxy: httpx.Client, way: str, monkeypatch: pytest.MonkeyPatch):
        def fail(*_args: Any) -> None:
            time.sleep(3 if way == "slow" else 0)
            raise RuntimeError("ill")

        monkeypatch.setattr(memory, "RECALL_SECONDS", 0.3)
        monkeypatch.setattr(memory, "REMEMBER_SECONDS", 0.3)
        monkeypatch.setattr(memory, "build_context", fail)
        monkeypatch.setattr(memory, "accept_turns", fail)
        started = time.perf_counter()
        answer = chat(proxy, said("Where does Ann live?"))
        assert time.perf_counter() - started < 2
        assert answer.json()["choices"][0]["message"]["content"] == "Fine."
        assert answer.headers["X-Memcubed-Context"] == "none; the memory did not answer"
