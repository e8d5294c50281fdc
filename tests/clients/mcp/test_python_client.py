"""The official Python client over HTTP and over `memcubed mcp --stdio`, and the bridge's own errors."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client

from tests.clients.conftest import Service
from tests.conftest import until

Use = Callable[[Client], Awaitable[None]]
BRIDGE = [sys.executable, "-m", "app.cli", "mcp", "--stdio"]


@asynccontextmanager
async def over_http(service: Service, user: str, mode: Any = "auto") -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {service.key}", "X-Memcubed-User": user}
    async with create_mcp_http_client(headers) as http:
        transport = streamable_http_client(f"{service.url}/mcp", http_client=http)
        async with Client(transport, mode=mode) as client:
            yield client


@asynccontextmanager
async def over_stdio(service: Service, user: str, mode: Any = "auto") -> AsyncIterator[Client]:
    # As a desktop client starts it: nothing of this process's environment but what is named.
    given = {"MEMCUBED_URL": service.url, "MEMCUBED_API_KEY": service.key, "MEMCUBED_USER": user}
    parameters = StdioServerParameters(command=BRIDGE[0], args=BRIDGE[1:], env=given, cwd=os.getcwd())
    async with Client(parameters, mode=mode) as client:
        yield client


async def use_everything(client: Client, name: str) -> None:
    """One task with all that the server offers."""
    tools = {tool.name for tool in (await client.list_tools()).tools}
    assert len(tools) == 8
    said = [{"role": "user", "content": f"I own a boat called {name}.", "name": "Ann"}]
    stored = await client.call_tool("add_turns", {"turns": said, "session_id": name, "close_session": True})
    assert not stored.is_error, stored
    found = await client.call_tool("search_memory", {"query": "What is my boat called?"})
    assert name in str(found.structured_content)
    wrong = await client.call_tool("search_memory", {"query": "boat", "limit": 0})
    assert wrong.is_error
    assert "limit" in wrong.content[0].text  # pyright: ignore
    for _ in range(100):
        listed = await client.call_tool("list_memories", {})
        if listed.structured_content["items"]:
            break
        await asyncio.sleep(0.2)
    memory = listed.structured_content["items"][0]
    assert name in memory["content"]
    one = await client.call_tool("get_memory_with_sources", {"memory_id": memory["id"]})
    assert name in one.structured_content["sources"][0]["quote"]
    edit = {"memory_id": memory["id"], "version": memory["version"], "importance": 0.9}
    assert not (await client.call_tool("edit_memory", edit)).is_error
    context = await client.call_tool("get_context", {"query": "What is my boat called?"})
    assert name in context.structured_content["text"]
    assert not (await client.call_tool("get_portrait", {})).is_error
    assert not (await client.call_tool("forget_memory", {"memory_id": memory["id"]})).is_error
    assert [str(one.uri) for one in (await client.list_resources()).resources] == ["memcubed://portrait"]
    templates = (await client.list_resource_templates()).resource_templates
    assert [one.uri_template for one in templates] == ["memcubed://sessions/{session_id}/summary"]
    assert [one.name for one in (await client.list_prompts()).prompts] == ["answer_from_memory"]
    prompt = await client.get_prompt("answer_from_memory", {"question": "What is my boat called?"})
    assert name in prompt.messages[0].content.text  # pyright: ignore


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("connect", [over_http, over_stdio])
def test_one_task_with_everything(service: Service, connect: Any, mode: str):
    async def run() -> None:
        name = f"Boat-{connect.__name__}-{mode}"
        async with connect(service, f"user-{name}", mode) as client:
            await use_everything(client, name)

    asyncio.run(run())


def test_ten_clients_at_once_each_with_a_user_of_its_own(service: Service):
    async def run_one(number: int) -> list[str]:
        async with over_http(service, f"crowd-{number}") as client:
            for turn in range(5):
                said = [{"role": "user", "content": f"My locker is number {number}-{turn}."}]
                assert not (await client.call_tool("add_turns", {"turns": said})).is_error
            found = await client.call_tool("search_memory", {"query": "Which locker is mine?", "limit": 50})
            return [item["content"] for item in found.structured_content["items"]]

    async def run() -> list[list[str]]:
        return await asyncio.gather(*(run_one(number) for number in range(10)))

    for number, contents in enumerate(asyncio.run(run())):
        assert len(contents) >= 5
        assert all(f"{number}-" in content for content in contents), (number, contents)


def test_the_summary_of_a_session_as_a_resource(service: Service):
    said = ["My dog is called Bruno.", "I live in Bergen.", "I work as a nurse."]
    with service.http() as http:
        body = {
            "user_id": "summed",
            "session_id": "kitchen/1",
            "turns": [{"role": "user", "content": one, "name": "Ann"} for one in said],
            "close_session": True,
        }
        assert http.post("/v1/turns", json=body).status_code == 202
        path = "/v1/sessions/kitchen%2F1/summary"
        until(lambda: http.get(path, params={"user_id": "summed"}).status_code == 200)

    async def run() -> str:
        async with over_http(service, "summed") as client:
            read = await client.read_resource("memcubed://sessions/kitchen%2F1/summary")
            return read.contents[0].text  # pyright: ignore

    assert "Bruno" in asyncio.run(run())


def bridge(*lines: bytes | dict[str, Any], arguments: tuple[str, ...] = (), **environment: str) -> Any:
    """What the bridge writes for these lines."""
    given = b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in lines)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MEMCUBED_")}
    done = subprocess.run(
        [*BRIDGE, *arguments],
        input=given,
        capture_output=True,
        timeout=120,
        env=inherited | environment,
        check=False,
    )
    return done, [json.loads(line) for line in done.stdout.splitlines()]


PING = {"jsonrpc": "2.0", "id": "p", "method": "ping"}


def modern(method: str, version: str = "2026-07-28", **params: Any) -> bytes:
    """A message that names its version, which the bridge repeats in headers."""
    meta = {"_meta": {"io.modelcontextprotocol/protocolVersion": version}}
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params | meta}).encode()


WRONG_LINES = [
    b"{",
    b"[]",
    b"null",
    b"7",
    b'"x"',
    b"\xff\xfe",
    b"[" * 200_000,
    b'{"jsonrpc": "2.0", "id": 1, "method": 7}',
    b'{"jsonrpc": "2.0", "id": 1}',
    b'{"jsonrpc": "1.0", "id": 1, "method": "ping"}',
    b'{"jsonrpc": "2.0", "id": 1, "method": "no/such"}',
    b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call"}',
    b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"_meta": 7}}',
    b'{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": "\\ud800"}',
    modern("ping", version="x\ny"),
    modern("ping", version="\u00e9"),
    modern("a\nb"),
    modern("\u00e9"),
    modern("tools/call", name="\u00e9\n"),
    modern("tools/call", name="=?base64?x?="),
    modern("tools/call", name="\ud800"),
    b'{"jsonrpc": "2.0", "id": 1, "method": "x", "params": "' + b"x" * 2_000_000 + b'"}',
    b'{"jsonrpc": "2.0", "id": 1, "method": "x", "params": "' + b"x" * 900_000 + b'"}',
]


def test_a_line_that_is_wrong_ends_nothing(service: Service):
    done, answers = bridge(*WRONG_LINES, PING, MEMCUBED_URL=service.url, MEMCUBED_API_KEY=service.key)
    assert done.returncode == 0, done.stderr
    assert {"jsonrpc": "2.0", "id": "p", "result": {}} in answers
    others = [answer for answer in answers if answer["id"] != "p"]
    assert len(others) == len(WRONG_LINES), others
    assert all("error" in answer for answer in others)
    assert b"Traceback" not in done.stderr


def test_a_notification_is_not_answered(service: Service):
    notification = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    _, answers = bridge(notification, b"", PING, MEMCUBED_URL=service.url, MEMCUBED_API_KEY=service.key)
    assert [answer["id"] for answer in answers] == ["p"]


def test_a_service_that_is_down_is_named(service: Service):
    _, answers = bridge(PING, MEMCUBED_URL="http://127.0.0.1:9", MEMCUBED_API_KEY="mc_x")
    assert "is it running?" in answers[0]["error"]["message"]
    _, answers = bridge(PING, MEMCUBED_URL=service.url, MEMCUBED_API_KEY="mc_wrong")
    assert "valid API key" in answers[0]["error"]["message"]


def test_the_service_of_the_data_directory_is_found(service: Service):
    call = {"name": "list_memories", "arguments": {}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    _, answers = bridge(message, MEMCUBED_DATA_DIR=str(service.data_dir))
    assert answers[0]["result"]["structuredContent"] == {"items": []}


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        ((), {}, b"No service found"),
        ((), {"MEMCUBED_URL": "http://127.0.0.1:9"}, b"No key"),
        ((), {"MEMCUBED_URL": "127.0.0.1:9", "MEMCUBED_API_KEY": "x"}, b"is a URL"),
    ],
)
def test_what_is_missing_is_said(
    tmp_path: Any, arguments: tuple[str, ...], environment: dict[str, str], said: bytes
):
    done, answers = bridge(PING, arguments=arguments, MEMCUBED_DATA_DIR=str(tmp_path), **environment)
    assert done.returncode == 1
    assert not answers
    assert said in done.stderr
