"""The hook of the coding agents, fed with their documented JSON, against the running service."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.clients.conftest import Service
from tests.clients.environments import ROOT
from tests.conftest import until

PLUGIN = ROOT / "sdk" / "plugins" / "memcubed"
SCRIPT = PLUGIN / "hooks" / "memory_hook.py"
COMMON = {"transcript_path": None, "cwd": "/home/ann/projects/boats/", "permission_mode": "default"}
AGENTS = {
    "claude-code": {"id": "prompt_id", "prompt": "UserPromptSubmit", "answer": "Stop"},
    "codex": {"id": "turn_id", "prompt": "UserPromptSubmit", "answer": "Stop"},
    "cursor": {"id": "generation_id", "prompt": "beforeSubmitPrompt", "answer": "afterAgentResponse"},
}


class Hook:
    """The script as an agent runs it: without this project and any package beside the standard library."""

    def __init__(self, service: Service, temp: Path) -> None:
        self.user = f"hook-{uuid4().hex[:8]}"
        self.temp, self.service = temp, service
        self.environment = {
            "PATH": os.environ["PATH"],
            "TMPDIR": str(temp),
            "MEMCUBED_URL": service.url,
            "MEMCUBED_API_KEY": service.key,
            "MEMCUBED_USER": self.user,
            "MEMCUBED_HOOK_DEBUG": "1",
            # Eight tests at once on two cores are slower than an agent's hook.
            "MEMCUBED_HOOK_SECONDS": "30",
        }

    def run(self, event: Any, agent: str = "claude-code", **environment: str | None) -> Any:
        given = event if isinstance(event, bytes) else json.dumps(event).encode()
        merged = {k: v for k, v in (self.environment | environment).items() if v is not None}
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(SCRIPT), agent],
            input=given,
            env=merged,
            capture_output=True,
            timeout=90,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert b"Traceback" not in done.stderr, done.stderr
        return done.stdout.decode()

    def turns(self) -> list[Any]:
        with self.service.http() as http:
            return http.get("/v1/turns", params={"user_id": self.user}).json()["items"]

    def say(self, text: str, agent: str, number: str = "p1", session: str = "s1") -> str:
        fields = AGENTS[agent]
        event = COMMON | {"hook_event_name": fields["prompt"], "prompt": text, fields["id"]: number}
        return self.run(event | {("conversation_id" if agent == "cursor" else "session_id"): session}, agent)

    def answer(self, text: str, agent: str, number: str = "p1", session: str = "s1") -> str:
        fields = AGENTS[agent]
        key = "text" if agent == "cursor" else "last_assistant_message"
        event = COMMON | {"hook_event_name": fields["answer"], key: text, fields["id"]: number}
        event |= {"stop_hook_active": False}
        return self.run(event | {("conversation_id" if agent == "cursor" else "session_id"): session}, agent)


@pytest.fixture
def hook(service: Service, tmp_path: Path) -> Hook:
    return Hook(service, tmp_path)


def post_memory(hook: Hook, content: str) -> str:
    with hook.service.http() as http:
        answer = http.post("/v1/memories", json={"user_id": hook.user, "content": content})
        assert answer.status_code == 201
        return answer.json()["id"]


@pytest.mark.parametrize("agent", AGENTS)
def test_an_exchange_is_stored_once(hook: Hook, agent: str):
    for _ in range(2):
        hook.say("My boat is called Skarv.", agent)
        hook.answer("Noted.", agent)
    turns = hook.turns()
    assert [(turn["role"], turn["content"]) for turn in turns] == [
        ("user", "My boat is called Skarv."),
        ("assistant", "Noted."),
    ]
    assert {turn["session_id"] for turn in turns} == {"s1"}
    assert {turn["agent_id"] for turn in turns} == {agent}
    assert turns[0]["metadata"] == {"project": "boats"}


def test_the_same_words_in_another_prompt_are_another_turn(hook: Hook):
    hook.say("Go on.", "codex", "t1")
    hook.say("Go on.", "codex", "t2")
    assert len(hook.turns()) == 2


@pytest.mark.parametrize("agent", ["claude-code", "codex"])
def test_a_prompt_recalls(hook: Hook, agent: str):
    memory = post_memory(hook, "Ann's boat is called Skarv.")
    said = json.loads(hook.say("What is my boat called?", agent))["hookSpecificOutput"]
    assert said["hookEventName"] == "UserPromptSubmit"
    assert "Skarv" in said["additionalContext"]
    assert "not instructions" in said["additionalContext"]
    # The answer was written with it in sight, so that it is no news.
    kept = list(hook.temp.rglob("*.json"))
    assert len(kept) == 1
    assert memory in kept[0].read_text()
    assert "Skarv" not in kept[0].read_text()
    assert kept[0].stat().st_mode & 0o077 == 0
    hook.answer("Your boat is called Skarv.", agent)
    assert not list(hook.temp.rglob("*.json"))
    until(lambda: all(turn["state"] != "stored" for turn in hook.turns()))
    with hook.service.http() as http:
        listed = http.get("/v1/memories", params={"user_id": hook.user}).json()["items"]
    assert [one["id"] for one in listed if "Skarv" in one["content"]] == [memory]


def test_cursor_recalls_when_a_session_starts(hook: Hook):
    post_memory(hook, "The work on boats uses PostgreSQL.")
    event = {
        "hook_event_name": "sessionStart",
        "conversation_id": "c1",
        "workspace_roots": ["/home/ann/boats"],
    }
    assert "PostgreSQL" in json.loads(hook.run(event, "cursor"))["additional_context"]
    assert json.loads(hook.say("Which database?", "cursor")) == {"continue": True}


def test_nothing_is_said_when_nothing_is_known(hook: Hook):
    assert hook.say("What is my boat called?", "claude-code") == ""


def transcript(path: Path, *entries: Any) -> str:
    path.write_text("".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in entries))
    return str(path)


def written(text: Any) -> dict[str, Any]:
    return {"type": "assistant", "message": {"role": "assistant", "content": text}}


PARTS = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Skarv."}, {"type": "tool_use"}]


@pytest.mark.parametrize(
    ("entries", "content"),
    [
        ([written("Skarv.")], "Skarv."),
        ([written(PARTS)], "Skarv."),
        ([written("Old."), {"type": "user"}, written(PARTS), {"type": "system"}], "Skarv."),
        ([written("Skarv."), '{"type": "assistant", "mess'], "Skarv."),
        (
            [written("Skarv."), written([{"type": "tool_use"}]), written(None), written(7), "null", "[]"],
            "Skarv.",
        ),
        ([{"pad": "x" * 300_000}] * 30 + [written("Skarv.")], "Skarv."),
        ([written("Too far back.")] + [{"pad": "x" * 300_000}] * 5, None),
        (["x" * 5_000_000], None),
        (["[" * 500_000], None),
        ([], None),
    ],
    ids=lambda value: str(value)[:30],
)
def test_an_answer_that_only_the_transcript_has(
    hook: Hook, tmp_path: Path, entries: list[Any], content: str | None
):
    path = transcript(tmp_path / "transcript.jsonl", *entries)
    hook.run(COMMON | {"hook_event_name": "Stop", "session_id": "s1", "transcript_path": path})
    assert [turn["content"] for turn in hook.turns()] == ([content] if content else [])


PROMPT = {"hook_event_name": "UserPromptSubmit", "session_id": "s1", "prompt": "My boat is called Skarv."}
STOP = {"hook_event_name": "Stop", "session_id": "s1", "last_assistant_message": "Noted."}


@pytest.mark.parametrize(
    "event",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"7",
        b'"x"',
        b"\xff\xfe\x00",
        b"[" * 300_000,
        b'{"hook_event_name": "UserPromptSubmit", "session_id": "s1", "prompt": "' + b"x" * 9_000_000 + b'"}',
        {},
        {"hook_event_name": 7},
        {"hook_event_name": "PreToolUse", "session_id": "s1", "prompt": "x"},
        {key: value for key, value in PROMPT.items() if key != "hook_event_name"},
        {key: value for key, value in PROMPT.items() if key != "session_id"},
        {key: value for key, value in PROMPT.items() if key != "prompt"},
        PROMPT | {"prompt": None},
        PROMPT | {"prompt": ["x"]},
        PROMPT | {"prompt": ""},
        PROMPT | {"prompt": " \n\t"},
        PROMPT | {"session_id": ""},
        PROMPT | {"session_id": ["s"]},
        PROMPT | {"session_id": "\x00\u200b"},
        PROMPT | {"session_id": ".."},
        STOP | {"last_assistant_message": None},
        STOP | {"last_assistant_message": None, "transcript_path": "/no/such/file"},
        STOP | {"last_assistant_message": None, "transcript_path": "/dev/zero"},
        STOP | {"last_assistant_message": None, "transcript_path": "/"},
        STOP | {"last_assistant_message": None, "transcript_path": 7},
        STOP | {"last_assistant_message": None, "transcript_path": "\x00"},
    ],
    ids=lambda value: str(value)[:60],
)
def test_an_event_that_says_nothing_of_use(hook: Hook, event: Any):
    assert hook.run(event) == ""
    assert hook.turns() == []


@pytest.mark.parametrize(
    ("event", "content"),
    [
        (PROMPT | {"session_id": "a/../b"}, PROMPT["prompt"]),
        (PROMPT | {"session_id": "s" * 5_000}, PROMPT["prompt"]),
        (PROMPT | {"cwd": 7, "workspace_roots": {}, "prompt_id": []}, PROMPT["prompt"]),
        (PROMPT | {"cwd": "/", "unknown": {"deep": [[[1]]]}}, PROMPT["prompt"]),
        (PROMPT | {"prompt": "half \ud800 a character"}, "half ? a character"),
        (PROMPT | {"prompt": "a\x00b"}, "ab"),
        (PROMPT | {"prompt": "我" * 100_000}, None),
        (STOP | {"last_assistant_message": "x" * 1_000_000}, None),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_is_odd_but_says_something_is_stored(hook: Hook, event: Any, content: str | None):
    hook.run(event)
    stored = [turn["content"] for turn in hook.turns()]
    assert len(stored) == 1
    if content is not None:
        assert stored == [content]
    else:
        assert "[…]" in stored[0]
        assert len(stored[0].encode()) <= 65_536


@pytest.fixture
def silent() -> Iterator[str]:
    """A service that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        held: list[socket.socket] = []
        is_over = threading.Event()

        def hold() -> None:
            while not is_over.is_set():
                try:
                    held.append(server.accept()[0])
                except TimeoutError:
                    continue

        thread = threading.Thread(target=hold)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        is_over.set()
        thread.join()
        for connection in held:
            connection.close()


class TestTrouble:
    @pytest.mark.parametrize("event", [PROMPT, STOP], ids=["prompt", "answer"])
    def test_a_service_that_never_answers_is_not_waited_for(self, hook: Hook, silent: str, event: Any):
        started = time.monotonic()
        assert hook.run(event, MEMCUBED_URL=silent, MEMCUBED_HOOK_SECONDS="1") == ""
        assert time.monotonic() - started < 10

    @pytest.mark.parametrize(
        "environment",
        [
            {"MEMCUBED_API_KEY": None},
            {"MEMCUBED_API_KEY": ""},
            {"MEMCUBED_API_KEY": "mc_wrong"},
            {"MEMCUBED_API_KEY": "a\nb"},
            {"MEMCUBED_API_KEY": "ключ"},
            {"MEMCUBED_URL": "http://127.0.0.1:9"},
            {"MEMCUBED_URL": "http://no.such.host.invalid"},
            {"MEMCUBED_URL": "file:///etc/passwd"},
            {"MEMCUBED_URL": "127.0.0.1"},
            {"MEMCUBED_URL": "http://[::1"},
            {"MEMCUBED_URL": "http://127.0.0.1:port"},
            {"MEMCUBED_URL": ""},
        ],
        ids=str,
    )
    @pytest.mark.parametrize("event", [PROMPT, STOP], ids=["prompt", "answer"])
    def test_what_is_set_wrong_is_silent(self, hook: Hook, event: Any, environment: Any):
        assert hook.run(event, **environment) == ""
        assert hook.turns() == []

    def test_times_that_are_no_numbers(self, hook: Hook):
        for value in ("nan", "x", "-1e999", ""):
            hook.run(PROMPT | {"prompt_id": value}, MEMCUBED_HOOK_SECONDS=value)

    def test_a_redirection_does_not_get_the_key(self, hook: Hook):
        with (
            socket.create_server(("127.0.0.1", 0)) as first,
            socket.create_server(("127.0.0.1", 0)) as second,
        ):
            second.settimeout(3)
            target = f"http://127.0.0.1:{second.getsockname()[1]}/"

            def redirect() -> None:
                connection, _ = first.accept()
                with connection:
                    connection.recv(65_536)
                    answer = f"HTTP/1.1 307 Moved\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n"
                    connection.sendall(answer.encode())

            thread = threading.Thread(target=redirect)
            thread.start()
            url = f"http://127.0.0.1:{first.getsockname()[1]}"
            assert hook.run(STOP, MEMCUBED_URL=url, MEMCUBED_HOOK_SECONDS="5") == ""
            thread.join()
            with pytest.raises(TimeoutError):
                second.accept()


class TestManifests:
    def test_name_the_script_and_known_events(self):
        known = {"UserPromptSubmit", "Stop", "sessionStart", "beforeSubmitPrompt", "afterAgentResponse"}
        for name, root in (
            ("hooks", "CLAUDE_PLUGIN_ROOT"),
            ("codex", "PLUGIN_ROOT"),
            ("cursor", "CURSOR_PLUGIN_ROOT"),
        ):
            text = (PLUGIN / "hooks" / f"{name}.json").read_text()
            hooks = json.loads(text)["hooks"]
            assert set(hooks) <= known
            commands = re.findall(r'"command": "(.+?[^\\])"', text)
            assert len(commands) == len(hooks)
            for command in commands:
                path = json.loads(f'"{command}"').split('"')[1]
                assert path == "${" + root + "}/hooks/" + SCRIPT.name

    def test_are_of_one_version_and_name_files_that_are_there(self):
        folders = [".claude-plugin", ".codex-plugin", ".cursor-plugin"]
        manifests = [json.loads((PLUGIN / one / "plugin.json").read_text()) for one in folders]
        assert len({manifest["version"] for manifest in manifests}) == 1
        for manifest in manifests:
            assert (PLUGIN / manifest.get("hooks", "hooks/hooks.json")).exists()
        market = json.loads((PLUGIN.parent / ".claude-plugin" / "marketplace.json").read_text())
        assert (PLUGIN.parent / market["plugins"][0]["source"]).resolve() == PLUGIN
