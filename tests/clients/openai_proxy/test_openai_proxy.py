"""OpenAI's own clients, unchanged, against the chat proxy: sync, async, streams, tools and errors."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import Service
from tests.clients.environments import node_environment, python_environment
from tests.fakes import Answer, ScriptedLLM

HERE = Path(__file__).parent
pytestmark = pytest.mark.timeout(900)  # the environments are made in it
ARGUMENTS = '{"city":"Oslo"}'
CALL = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": ARGUMENTS}}


def completion(message: dict[str, Any]) -> dict[str, Any]:
    whole = {"index": 0, "message": {"role": "assistant"} | message, "finish_reason": "tool_calls"}
    return {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [whole]}


def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def streamed_call() -> list[Any]:
    named = {"index": 0, "id": "c1", "type": "function", "function": {"name": "weather", "arguments": ""}}
    parts = [{"index": 0, "function": {"arguments": part}} for part in (ARGUMENTS[:5], ARGUMENTS[5:])]
    deltas: list[Any] = [
        {"role": "assistant", "content": None, "tool_calls": [named]},
        *({"tool_calls": [p]} for p in parts),
    ]
    return [*(chunk(delta) for delta in deltas), chunk({}, "tool_calls"), "data: [DONE]\n\n"]


ANSWERS = {
    "Say hello.": Answer(text="Hello."),
    "Where do I live?": Answer(text="In Oslo."),
    "Stream it.": Answer(text="One two three four five."),
    "Use a tool.": Answer(body=completion({"content": None, "tool_calls": [CALL]})),
    "Stream a tool.": Answer(text="", events=streamed_call()),
    "Be limited.": Answer(status=429, body={"error": {"message": "slow down", "code": "rate_limited"}}),
    "Be bad.": Answer(status=400, body={"error": {"message": "too long", "code": "too_long"}}),
}


@pytest.fixture
def asked(chat_llm: ScriptedLLM, monkeypatch: pytest.MonkeyPatch) -> ScriptedLLM:
    take = chat_llm.take

    def answer(path: str, body: dict[str, Any], headers: Any) -> Answer:
        if path.endswith("/models"):
            return Answer(
                body={
                    "object": "list",
                    "data": [{"id": "m", "object": "model", "created": 1, "owned_by": "us"}],
                }
            )
        last = body["messages"][-1]["content"] if body.get("messages") else None
        noted = take(path, body, headers)
        return ANSWERS.get(last, noted) if isinstance(last, str) else noted

    monkeypatch.setattr(chat_llm, "take", answer)
    return chat_llm


def check(seen: dict[str, Any], service: Service, user: str = "ann") -> None:
    assert seen["models"] == ["m"]
    assert (seen["plain"], seen["streamed"], seen["usage"]) == ("Hello.", "One two three four five.", 10)
    assert (seen["tool"], seen["streamed_tool"]) == (ARGUMENTS, ARGUMENTS)
    assert seen["context"] == "1 memories"
    assert seen["limited"][:3] == ["RateLimitError", 429, "rate_limited"]
    assert seen["bad"][:3] == ["BadRequestError", 400, "too_long"]
    assert "too long" in seen["bad"][3]
    assert seen["no_key"] == "unauthorized"
    with service.http() as http:
        turns = http.get("/v1/turns", params={"user_id": user, "limit": 200}).json()["items"]
    said = [turn["content"] for turn in turns]
    assert {"Say hello.", "Hello.", "One two three four five.", f"weather({ARGUMENTS})"} <= set(said)
    assert not {"Be limited.", "Be bad."} & set(said)
    once = [content for content in said if not content.startswith("weather(")]  # two questions call it
    assert len(once) == len(set(once)), "something is stored twice"


@pytest.fixture
def service_of_ann(service_with_llm: Service) -> Iterator[Service]:
    """Ann has a memory, and nothing of her is left afterwards."""
    with service_with_llm.http() as http:
        body = {"user_id": "ann", "content": "Ann lives in Oslo."}
        assert http.post("/v1/memories", json=body).status_code == 201
        yield service_with_llm
        assert http.delete("/v1/users/ann").status_code == 200


def run(command: list[str], cwd: Path) -> dict[str, Any]:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-4_000:]
    return json.loads(done.stdout)


@pytest.mark.usefixtures("asked")
def test_the_python_client(service_of_ann: Service):
    python = python_environment("openai_proxy")
    seen = run([str(python), str(HERE / "exchange.py"), f"{service_of_ann.url}/v1", service_of_ann.key], HERE)
    assert seen["async"] == ["Hello.", "One two three four five."]
    check(seen, service_of_ann)


@pytest.mark.usefixtures("asked")
def test_the_npm_client(service_of_ann: Service):
    folder = node_environment("openai_proxy")
    shutil.copy(HERE / "exchange.mjs", folder / "exchange.mjs")
    seen = run(["node", "exchange.mjs", f"{service_of_ann.url}/v1", service_of_ann.key], folder)
    check(seen, service_of_ann)
