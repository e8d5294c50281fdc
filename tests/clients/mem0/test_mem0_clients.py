"""mem0's own clients, unchanged, against the running service."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import Service
from tests.clients.environments import node_environment, python_environment

HERE = Path(__file__).parent
DOOR = "/compat/mem0"
CALL_SECONDS = 180


def _run(command: list[str], **environment: str) -> str:
    wanted = {"PATH": os.environ["PATH"], "MEM0_TELEMETRY": "False"} | environment
    done = subprocess.run(
        command, env=wanted, capture_output=True, text=True, timeout=CALL_SECONDS, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-3_000:]}\n{done.stderr[-3_000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def python() -> Path:
    return python_environment("mem0")


@pytest.fixture(scope="module")
def key(service: Service) -> str:
    """An admin key of a tenant of its own, since a reset erases everybody."""
    create = [
        sys.executable,
        "-m",
        "app.cli",
        "keys",
        "create",
        "mem0",
        "--tenant",
        "mem0",
        "--scope",
        "admin",
    ]
    return _run(create, MEMCUBED_DATA_DIR=str(service.data_dir)).split()[-1]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_the_python_client(service: Service, python: Path, key: str, tmp_path: Path, kind: str):
    script = str(HERE / "python_client.py")
    said = _run([str(python), script, f"{service.url}{DOOR}", key, kind], HOME=str(tmp_path))
    assert "every call was answered" in said


def test_the_npm_client(service: Service, key: str, tmp_path: Path):
    folder = node_environment("mem0")
    shutil.copy(HERE / "npm_client.mjs", folder)  # a module is looked for beside the script
    script = str(folder / "npm_client.mjs")
    said = _run(["node", script, f"{service.url}{DOOR}", key], HOME=str(tmp_path))
    assert "every call was answered" in said


class TestCommandLine:
    @pytest.fixture
    def mem0(self, service: Service, python: Path, key: str, tmp_path: Path) -> Callable[..., Any]:
        environment = {
            "MEM0_BASE_URL": f"{service.url}{DOOR}",
            "MEM0_API_KEY": key,
            "MEM0_CLI_TELEMETRY": "false",
            "HOME": str(tmp_path),
        }

        def call(*arguments: str) -> Any:
            said = _run([str(python.parent / "mem0"), *arguments, "--output", "json"], **environment)
            return json.loads(said[min(at for at in (said.find("["), said.find("{")) if at >= 0) :])

        return call

    def test_every_command(self, mem0: Callable[..., Any]):
        ann = ("--user-id", "ann-cli")
        added = mem0("add", "Ann rows on Sundays", *ann, "--no-infer", "--metadata", '{"level": 3}')
        memory_id = _first(added)["id"]
        queued = _first(mem0("add", "I live in Oslo.", *ann))
        assert queued["status"] == "PENDING"
        assert [one["memory"] for one in mem0("search", "rowing", *ann, "--threshold", "0")]
        assert memory_id in {one["id"] for one in mem0("list", *ann)["data"]}
        assert mem0("get", memory_id)["memory"] == "Ann rows on Sundays"
        mem0("update", memory_id, "Ann rows on Mondays")
        assert mem0("get", memory_id)["memory"] == "Ann rows on Mondays"


def _first(answer: Any) -> Any:
    """The first result, whatever it is wrapped in."""
    results = answer.get("results", [answer]) if isinstance(answer, dict) else answer
    return results[0]
