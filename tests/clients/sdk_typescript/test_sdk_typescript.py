"""The TypeScript client against the running service, and against a server that fails."""

import json
from typing import Any

import pytest

from tests.clients.conftest import Service
from tests.clients.sdk_typescript.conftest import HERE, SDK, RunNode, environment_of
from tests.fakes import ScriptedLLM, user_message


def test_every_method_against_the_service(service: Service, run_node_tests: RunNode):
    run_node_tests("client", environment_of(service))


@pytest.mark.parametrize("name", ["retries", "types"])
def test_without_a_service(run_node_tests: RunNode, name: str):
    run_node_tests(name, {})


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


def test_the_package_is_compiled_by_what_its_lock_names():
    """The tests compile the package with their own compiler, which spares a second installation."""
    package, tests = (
        json.loads((folder / "package.json").read_text())["devDependencies"] for folder in (SDK, HERE)
    )
    assert package.items() <= tests.items()
