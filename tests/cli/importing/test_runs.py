"""Whole runs against the app: what is stored, once, by whom, and what happens when something goes wrong."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from app.cli.importing import posting, runner
from app.cli.importing.options import ReadOptions
from app.cli.importing.posting import Totals
from app.cli.importing.runner import ImportRun, run_import
from app.core.errors import StartupRefused, Unavailable
from app.core.vocabulary import KeyScope
from app.resources import Resources
from tests.cli.importing.samples import (
    SAMPLES,
    claude_conversation,
    claude_message,
    langmem_item,
    mem0_memory,
    openai_conversation,
    zep_session,
)
from tests.conftest import app_of, client_of, make_key

Answer = Callable[[httpx.Request], httpx.Response | None]


@dataclass
class Stage:
    """A service to import into, whose answers a test may replace, and what was asked of it."""

    resources: Resources
    tenant: str
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    requests: list[tuple[str, str]] = field(default_factory=list)
    answer: Answer = lambda request: None
    said: str = ""

    def run(
        self, source: str, value: Any, *, key: str | None = None, dry: bool = False, **options: Any
    ) -> Totals:
        path = self.folder / "export.json"
        path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
        key = key or make_key(self.resources, self.tenant, KeyScope.WRITE)
        self.monkeypatch.setattr(runner.httpx, "Client", lambda **values: self._client(key))
        run = ImportRun(
            source, path, ReadOptions(**options), "http://test", key, self.folder / "imports", dry
        )
        console = Console(record=True, width=300, quiet=False, file=io.StringIO())
        try:
            return run_import(run, console)
        finally:
            self.said = console.export_text()

    def _client(self, key: str) -> Any:
        service = client_of(app_of(self.resources), key)

        def forward(request: httpx.Request) -> httpx.Response:
            self.requests.append((request.method, request.url.path))
            told = self.answer(request)
            if told is not None:
                return told
            answer = service.request(
                request.method,
                str(request.url.raw_path, "ascii"),
                content=request.content,
                headers=dict(request.headers),
            )
            return httpx.Response(
                answer.status_code, content=answer.content, headers={"content-type": "application/json"}
            )

        headers = {"Authorization": f"Bearer {key}"}
        return real_client(transport=httpx.MockTransport(forward), base_url="http://test", headers=headers)

    def get(self, path: str, **params: Any) -> list[dict[str, Any]]:
        admin = client_of(app_of(self.resources), make_key(self.resources, self.tenant))
        return admin.get(path, params=params).json()["items"]

    def posts(self) -> int:
        return sum(method == "POST" for method, _ in self.requests)


real_client = httpx.Client


@pytest.fixture
def stage(
    resources: Resources, tenant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stage]:
    monkeypatch.setattr(posting, "_FIRST_WAIT_SECONDS", 0.0)
    return Stage(resources, tenant, tmp_path, monkeypatch)


def of_user(source: str) -> dict[str, Any]:
    return {"user": "ann"} if source in {"openai-export", "claude-export", "open-webui"} else {}


class TestStored:
    @pytest.mark.parametrize(
        ("source", "turns", "memories"),
        [
            ("mem0", 0, 1),
            ("zep", 2, 1),
            ("langmem", 0, 1),
            ("openai-export", 4, 0),
            ("claude-export", 3, 0),
            ("open-webui", 2, 0),
        ],
    )
    def test_once_however_often(self, stage: Stage, source: str, turns: int, memories: int):
        first = stage.run(source, [SAMPLES[source]], **of_user(source))
        assert (first.turns, first.memories, first.fault_count) == (turns, memories, 0)
        stored = stage.get("/v1/turns", user_id="ann"), stage.get("/v1/memories", user_id="ann")
        assert (len(stored[0]), len(stored[1])) == (turns, memories)
        again = stage.run(source, [SAMPLES[source]], **of_user(source))
        assert (again.turns, again.memories, again.fault_count) == (0, 0, 0)
        assert (again.known_turns, again.known_memories) == (turns, memories)
        assert [one["id"] for one in stage.get("/v1/turns", user_id="ann")] == [
            one["id"] for one in stored[0]
        ]
        assert [(one["id"], one["version"]) for one in stage.get("/v1/memories", user_id="ann")] == [
            (one["id"], one["version"]) for one in stored[1]
        ]

    def test_turns_keep_what_the_export_says(self, stage: Stage):
        stage.run("openai-export", [openai_conversation()], user="ann", user_name="Ann")
        turns = stage.get("/v1/turns", user_id="ann")
        assert [(turn["role"], turn["name"], turn["ref"]) for turn in turns[:2]] == [
            ("user", "Ann", "hello"),
            ("assistant", None, "reply"),
        ]
        assert {turn["observed_at"] for turn in turns} == {"2023-11-14T22:13:20Z"}
        assert turns[0]["session_id"] == "conv-1"
        assert turns[0]["metadata"] == {"title": "Where I live", "imported_from": "openai-export"}

    def test_memories_keep_what_the_export_says(self, stage: Stage):
        stage.run("mem0", [mem0_memory(agent_id="bot", categories=["food"], expiration_date="2040-01-01")])
        (memory,) = stage.get("/v1/memories", user_id="ann")
        assert memory["valid_from"] == "2024-03-01T18:00:00Z"
        assert (memory["agent_id"], memory["tags"]) == ("bot", ["food"])
        assert memory["expires_at"] == "2040-01-02T00:00:00Z"
        assert memory["metadata"] == {"project": "apollo", "imported_from": "mem0", "imported_id": "m-1"}

    def test_mem0s_door_knows_what_was_imported(self, stage: Stage):
        stage.run(
            "mem0", [mem0_memory(run_id="r1", app_id="web"), mem0_memory(2, user_id=None, agent_id="bot")]
        )
        admin = client_of(app_of(stage.resources), make_key(stage.resources, stage.tenant))
        filters = {"OR": [{"run_id": "r1"}, {"agent_id": "bot"}]}
        page = admin.post("/compat/mem0/v3/memories/", json={"filters": filters}).json()
        found = {(one["user_id"], one["agent_id"], one["run_id"], one["app_id"]) for one in page["results"]}
        assert found == {("ann", None, "r1", "web"), (None, "bot", None, None)}

    @pytest.mark.parametrize(
        ("options", "user"),
        [
            ({}, "ann"),
            ({"user": "bo"}, "bo"),
            ({"users": {"ann": "cy"}}, "cy"),
            ({"users": {"x": "cy"}}, "ann"),
        ],
    )
    def test_users_are_mapped(self, stage: Stage, options: dict[str, Any], user: str):
        stage.run("zep", [zep_session()], **options)
        assert len(stage.get("/v1/turns", user_id=user)) == 2

    def test_a_dry_run_posts_nothing(self, stage: Stage):
        totals = stage.run("zep", [zep_session()], dry=True)
        assert (totals.turns, totals.conversations, totals.memories) == (2, 1, 1)
        assert "would be posted" in stage.said
        assert stage.requests == []

    def test_a_long_message_is_several_turns(self, stage: Stage):
        text = "one two three " * 10_000
        messages = [claude_message("m1", "human", text), claude_message("m2", "human", "é" * 70_000)]
        stage.run("claude-export", [claude_conversation(chat_messages=messages)], user="ann")
        turns = stage.get("/v1/turns", user_id="ann", limit=100)
        first = [turn["content"] for turn in turns if turn["ref"].startswith("m1")]
        assert len(first) == 3
        assert "".join(first).split() == text.split()
        assert "".join(turn["content"] for turn in turns if turn["ref"].startswith("m2")) == "é" * 70_000

    def test_many_turns_are_several_requests(self, stage: Stage):
        messages = [claude_message(f"m{at}", "human", f"Message {at}") for at in range(450)]
        totals = stage.run("claude-export", [claude_conversation(chat_messages=messages)], user="ann")
        assert totals.turns == 450
        assert stage.posts() == 3

    def test_many_memories_of_several_users(self, stage: Stage):
        values = [mem0_memory(at, user_id=f"u-{at // 60}") for at in range(130)]
        assert stage.run("mem0", "\n".join(map(json.dumps, values))).memories == 130
        again = stage.run("mem0", "\n".join(map(json.dumps, values)))
        assert (again.memories, again.known_memories) == (0, 130)

    def test_pages_of_mem0_as_lines(self, stage: Stage):
        pages = [{"count": 2, "results": [mem0_memory(1)]}, {"count": 2, "results": [mem0_memory(2)]}]
        assert stage.run("mem0", "\n".join(map(json.dumps, pages))).memories == 2


class TestFaults:
    def test_do_not_stop_the_rest(self, stage: Stage):
        values = [mem0_memory(1), {"id": "x"}, "text", mem0_memory(2, created_at="soon"), mem0_memory(3)]
        totals = stage.run("mem0", values)
        assert (totals.memories, totals.fault_count) == (2, 3)
        places = [(fault.place, fault.field) for fault in totals.faults]
        assert places == [("item 2", "memory"), ("item 3", ""), ("item 4", "created_at")]
        assert "item 4, created_at: is no time: soon" in stage.said

    @pytest.mark.parametrize(
        ("source", "value", "options", "field"),
        [
            ("mem0", mem0_memory(user_id="a\u200bb"), {}, "user_id"),
            ("mem0", mem0_memory(user_id=".."), {}, "user_id"),
            ("mem0", mem0_memory(user_id="x" * 201), {}, "user_id"),
            ("mem0", mem0_memory(user_id=None), {}, "user_id"),
            ("mem0", mem0_memory(memory="x" * 4_001), {}, "content"),
            ("mem0", mem0_memory(memory="x\0y"), {}, "content"),
            ("mem0", mem0_memory(agent_id="a\nb"), {}, "agent_id"),
            ("mem0", mem0_memory(metadata={"a": "x" * 20_000}), {}, "metadata"),
            ("mem0", mem0_memory(metadata={"a": "x\0y"}), {}, "metadata"),
            ("mem0", mem0_memory(expiration_date="2020-01-01"), {}, "expires_at"),
            ("mem0", mem0_memory(categories=["x" * 201]), {}, "tags[0]"),
            ("langmem", langmem_item(namespace=[]), {}, "user_id"),
            ("zep", zep_session(session_id="a\u202eb", facts=[]), {}, "session_id"),
            ("zep", zep_session(session_id="x" * 300, facts=[]), {}, "session_id"),
            ("claude-export", claude_conversation(), {}, "user_id"),
            ("claude-export", claude_conversation(uuid="../x"), {"user": "ann"}, "session_id"),
            ("openai-export", openai_conversation(), {"user": "ann", "user_name": "a\nb"}, "turns[0].name"),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_of_the_service_name_record_and_field(
        self, stage: Stage, source: str, value: Any, options: dict[str, Any], field: str
    ):
        totals = stage.run(source, [value], **options)
        assert [(fault.place, fault.field) for fault in totals.faults] == [("item 1", field)]
        assert (totals.turns, totals.memories) == (0, 0)

    def test_a_changed_message_is_a_fault(self, stage: Stage):
        stage.run("claude-export", [claude_conversation()], user="ann")
        changed = claude_conversation(chat_messages=[claude_message("m1", "human", "I live in Rome.")])
        totals = stage.run("claude-export", [changed, claude_conversation(uuid="conv-2")], user="ann")
        assert [(fault.place, fault.field) for fault in totals.faults] == [("item 1", "turns[0].ref")]
        assert totals.turns == 3

    def test_of_a_key_that_is_bound(self, stage: Stage):
        key = make_key(stage.resources, stage.tenant, KeyScope.WRITE, user_id="bo")
        totals = stage.run("mem0", [mem0_memory(1), mem0_memory(2, user_id="bo")], key=key)
        assert (totals.memories, totals.fault_count) == (1, 1)

    @pytest.mark.parametrize("scope", [None, KeyScope.READ])
    def test_a_bad_key_ends_it(self, stage: Stage, scope: KeyScope | None):
        key = "mc_made-up" if scope is None else make_key(stage.resources, stage.tenant, scope)
        with pytest.raises(Unavailable, match=r"40[13]"):
            stage.run("mem0", [mem0_memory(1), mem0_memory(2)], key=key)
        assert stage.posts() <= 1

    def test_many_are_counted_and_few_shown(self, stage: Stage):
        totals = stage.run("mem0", ["x"] * 1_500)
        assert totals.fault_count == 1_500
        assert len(totals.faults) == Totals.MAX_FAULTS
        assert "and 1480 more" in stage.said

    def test_no_file(self, stage: Stage):
        run = ImportRun("mem0", stage.folder / "none", ReadOptions(), "http://test", "", stage.folder)
        with pytest.raises(StartupRefused):
            run_import(run, Console(quiet=True))

    def test_an_empty_export(self, stage: Stage):
        totals = stage.run("claude-export", [claude_conversation(chat_messages=[])], user="ann")
        assert (totals.skipped, totals.fault_count) == (1, 0)
        assert stage.run("mem0", []).fault_count == 0


class TestInterrupted:
    @pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
    def test_a_busy_service_is_asked_again(self, stage: Stage, status: int):
        refused: list[str] = []

        def answer(request: httpx.Request) -> httpx.Response | None:
            if request.method == "POST" and len(refused) < 3:
                refused.append(request.url.path)
                return httpx.Response(status, json={"detail": "busy"})
            return None

        stage.answer = answer
        assert stage.run("zep", [zep_session()]).turns == 2
        assert len(refused) == 3

    def test_goes_on_where_it_was(self, stage: Stage):
        values = [claude_conversation(uuid=f"c-{at}") for at in range(35)]

        def answer(request: httpx.Request) -> httpx.Response | None:
            if b'"c-25"' in request.content:
                raise httpx.ConnectError("gone")
            return None

        stage.answer = answer
        with pytest.raises(Unavailable, match="run the same command"):
            stage.run("claude-export", values, user="ann")
        assert len(list((stage.folder / "imports").iterdir())) == 1
        stage.answer = lambda request: None
        stage.requests.clear()
        totals = stage.run("claude-export", values, user="ann")
        assert "Going on after 20 records" in stage.said
        assert (totals.turns, totals.known_turns) == (30, 15)
        assert stage.posts() == 15
        assert list((stage.folder / "imports").iterdir()) == []

    @pytest.mark.parametrize(
        "content", ["", "x", "{}", '{"done": -1}', '{"done": "x"}', '{"done": null}', "[]"]
    )
    def test_a_broken_journal_begins_anew(self, stage: Stage, content: str):
        def answer(request: httpx.Request) -> httpx.Response | None:
            if b'"c-11"' in request.content:
                raise httpx.ReadTimeout("slow")
            return None

        values = [claude_conversation(uuid=f"c-{at}") for at in range(12)]
        stage.answer = answer
        with pytest.raises(Unavailable):
            stage.run("claude-export", values, user="ann")
        (journal,) = (stage.folder / "imports").iterdir()
        journal.write_text(content)
        stage.answer = lambda request: None
        assert stage.run("claude-export", values, user="ann").known_turns == 33
