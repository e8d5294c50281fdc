"""The page of the usage in Chromium, with an LLM that was asked: its numbers and its line."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import Service
from tests.clients.console.test_pages import CHROMIUM, MODES
from tests.clients.environments import node_environment
from tests.fakes import Answer, ScriptedLLM

_LINE = "document.querySelectorAll('[data-chart] canvas').length"
_LABELS = "[...document.querySelectorAll('.plot')].map((one) => one.getAttribute('aria-label')).join('|')"


@pytest.fixture(scope="module")
def seen(
    service_with_llm: Service, chat_llm: ScriptedLLM, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    """What the browser saw, by mode."""
    chat_llm.on_chat = lambda messages: "Fine."
    with service_with_llm.http() as http:
        for number in range(12):
            chat_llm.queue.append(Answer(text="Fine.", delay=0.05 * number))
            body = {"model": "m", "user": "ann", "messages": [{"role": "user", "content": f"Hello {number}"}]}
            headers = {"X-Memcubed-Store": "no"}
            http.post("/v1/chat/completions", json=body, headers=headers).raise_for_status()
        chat_llm.queue.append(Answer(status=500))
        assert http.post("/v1/chat/completions", json=body, headers=headers).status_code == 500
    folder = tmp_path_factory.mktemp("usage")
    actions = [["wait", "canvas"], ["text", "main"], ["evaluate", _LINE], ["evaluate", _LABELS]]
    visits = [
        {
            "mode": mode,
            "key": service_with_llm.key,
            "steps": [
                {
                    "name": "usage",
                    "path": "/console/usage",
                    "actions": actions,
                    "shot": str(folder / f"{mode}.png"),
                }
            ],
        }
        for mode in MODES
    ]
    plan = {
        "url": service_with_llm.url,
        "modules": str(node_environment("console")),
        "chromium": CHROMIUM,
        "visits": visits,
    }
    done = subprocess.run(
        ["node", str(Path(__file__).parent / "browser.mjs")],
        input=json.dumps(plan),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4_000:]
    return {answer["mode"]: answer for answer in json.loads(done.stdout)}


@pytest.mark.parametrize("mode", MODES)
class TestUsage:
    def test_is_read_by_everybody(self, seen: dict[str, dict[str, Any]], mode: str):
        assert seen[mode]["faults"] == []
        assert seen[mode]["axe"] == []
        assert seen[mode]["overflow"] <= 0

    def test_tells_how_long_the_llm_takes(self, seen: dict[str, dict[str, Any]], mode: str):
        told, lines, labels = seen[mode]["seen"]
        row = next(line for line in told.splitlines() if line.split()[:1] == ["chat"]).split()
        assert row[1:5] == ["13", "1", "120", "60"]
        assert row.count("ms") + row.count("s") == 4, "mean, median, 95 % and of failures"
        assert lines == 5
        assert "Seconds of an LLM call; the numbers are in the tables below" in labels.split("|")
