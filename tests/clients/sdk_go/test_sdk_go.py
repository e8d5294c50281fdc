"""The Go client: current, laid out, vetted, and its tests against the running service and one that fails."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import Service
from tests.clients.environments import ROOT
from tests.clients.sdk_go.conftest import HERE, Toolchain, environment_of
from tests.fakes import ScriptedLLM, user_message

SDK = ROOT / "sdk" / "go"


def by_words(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """A model that extracts nothing, and cites the first record with the word Oslo."""
    for record in user_message({"messages": messages}).get("evidence", []):
        if "Oslo" in record["text"]:
            claim = {"text": "On the roof in Oslo.", "sources": [record["n"]]}
            return {"sub_questions": [], "claims": [claim], "missing": ""}
    return {"facts": []}


def test_is_vetted_and_laid_out(go: Toolchain):
    go.run("vet", "./...", folder=SDK)
    go.run("vet", "./...")
    files = [str(file) for folder in (SDK, HERE) for file in folder.glob("*.go")]
    unformatted = subprocess.run([str(go.gofmt), "-l", *files], capture_output=True, text=True, check=True)
    assert unformatted.stdout == ""


def test_needs_the_standard_library_only(go: Toolchain):
    needed = go.run("list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./...", folder=SDK)
    assert needed.split() == ["memcubed.internal/go"]


def test_the_generated_files_are_current(go: Toolchain, tmp_path: Path):
    source = ROOT / "openapi" / "openapi.json"
    command = [sys.executable, str(SDK / "generate.py"), str(source), str(tmp_path), str(go.gofmt)]
    subprocess.run(command, check=True)
    for name in ("types.go", "operations.go"):
        assert (tmp_path / name).read_text() == (SDK / name).read_text(), "run make sdk"


def test_every_method_against_the_service(service: Service, go: Toolchain):
    said = go.run("test", "-count=1", "-v", ".", **environment_of(service.url, service.key))
    assert re.findall(r"--- SKIP: (\w+)", said) == ["TestAnswers"]
    assert len(re.findall(r"^--- PASS", said, re.MULTILINE)) > 20


def test_answers(
    service_with_llm: Service, chat_llm: ScriptedLLM, go: Toolchain, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(chat_llm, "on_chat", by_words)
    named = environment_of(service_with_llm.url, service_with_llm.key, MEMCUBED_LLM="scripted")
    assert "--- PASS: TestAnswers" in go.run("test", "-count=1", "-v", "-run", "TestAnswers", ".", **named)


def test_the_readme_runs(service: Service, go: Toolchain, tmp_path: Path):
    (example,) = re.findall(r"```go\n(.*?)```", (SDK / "README.md").read_text(), re.DOTALL)
    (tmp_path / "main.go").write_text(example)
    module = (HERE / "go.mod").read_text().replace("../../../sdk/go", str(SDK))
    (tmp_path / "go.mod").write_text(module)
    said = go.run("run", ".", folder=tmp_path, **environment_of(service.url, service.key))
    assert "Bergen" in said
    assert "allergic to nuts" in said
    assert "not_found" in said
