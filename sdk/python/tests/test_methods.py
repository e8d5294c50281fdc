"""Every method of both clients against the running service."""

from __future__ import annotations

import inspect
import io
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest

import memcubed
from memcubed import (
    AsyncMemcubed,
    ConflictError,
    InvalidRequestError,
    Memcubed,
    MemcubedError,
    NotFoundError,
    PreconditionFailedError,
    WaitTimeoutError,
)
from memcubed.generated.api.memories import list_tags
from memcubed.types import Memory

OSLO = {"role": "user", "name": "Ann", "content": "I live in Oslo.", "observed_at": "2026-01-12T18:00:00Z"}
BERGEN = {**OSLO, "content": "I moved to Bergen.", "observed_at": datetime(2026, 3, 9, tzinfo=timezone.utc)}


@pytest.fixture
def told(memory: Any) -> Any:
    """A user who told where she lives."""
    assert memory.wait(memory.add([OSLO, BERGEN], "monday")).status == "succeeded"
    return memory


def public(kind: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(kind) if not name.startswith("_")}


def test_both_forms_have_the_same_methods_with_the_same_parameters() -> None:
    assert public(Memcubed) == public(AsyncMemcubed)
    for name in public(Memcubed):
        one, other = getattr(Memcubed, name), getattr(AsyncMemcubed, name)
        if callable(one):
            assert list(inspect.signature(one).parameters) == list(inspect.signature(other).parameters)


def test_a_store_does_operations_in_their_order(memory: Any) -> None:
    place = {"namespace": ["recipes"], "key": "soup"}
    read, written, found, listed = memory.store(
        [
            {"op": "get", **place},
            {"op": "put", **place, "value": {"n": 1, "ø": None}, "texts": [{"path": "t", "text": "Soup"}]},
            {"op": "search", "namespace_prefix": [], "query": "broth"},
            {"op": "list_namespaces"},
        ]
    )
    assert (read.item, written.item) == (None, None)
    assert [(item.key, item.value) for item in found.items] == [("soup", {"n": 1, "ø": None})]
    assert found.items[0].score > 0
    assert listed.namespaces == [["recipes"]]
    assert memory.store(iter([{"op": "get", **place}]))[0].item.created_at.utcoffset() is not None
    with pytest.raises(InvalidRequestError) as raised:
        memory.store([{"op": "get", **place}] * 201)
    assert raised.value.errors[0].field == "operations"


class TestSaying:
    @pytest.mark.parametrize(
        ("turns", "count"),
        [
            ("I keep bees.", 1),
            ({"role": "user", "content": "I keep bees."}, 1),
            (["One.", "Two."], 2),
            ([OSLO, "And I like it."], 2),
            (tuple({"role": role, "content": "x"} for role in ("user", "assistant", "system", "tool")), 4),
            ([{"role": "user", "content": "x", "metadata": {"a": [1, None, {"b": "\u2028"}]}}], 1),
            ([{"role": "user", "content": "x", "ref": "r"}, {"role": "user", "content": "y", "ref": "q"}], 2),
            ([{"role": "user", "content": "\u2028 line \x85 ends 🐝"}], 1),
            (["x"] * 500, 500),
            ({"role": "user", "content": "x" * 65_536}, 1),
            ({"role": "user", "content": "here", "place": {"name": "Oslo", "lat": 59.9, "lon": 10.7}}, 1),
            ({"role": "user", "content": "x", "shown_memory_ids": [uuid4()]}, 1),
        ],
        ids=lambda value: str(value)[:30],
    )
    def test_turns_in_every_form(self, turns: Any, count: int, memory: Any) -> None:
        added = memory.add(turns, "s", agent_id="bot", close_session=count == 2)
        assert len(added.turn_ids) == count
        stored = list(memory.turns(session_id="s", limit=200))
        assert [turn.id for turn in stored] == added.turn_ids
        assert {turn.agent_id for turn in stored} == {"bot"}

    def test_a_text_comes_back_as_it_was(self, memory: Any) -> None:
        said = {
            "role": "user",
            "content": "\u2028 line \x85 ends 🐝",
            "metadata": {"a": [1, None, {"b": "\u2029"}]},
        }
        memory.add(said, "s")
        (turn,) = memory.turns()
        assert (turn.content, turn.metadata) == (said["content"], said["metadata"])

    @pytest.mark.parametrize(
        ("turns", "field"),
        [
            ([], "turns"),
            ("", "turns[0].content"),
            ("   ", "turns[0].content"),
            (["x"] * 501, "turns"),
            ("x" * 65_537, "turns[0].content"),
            ({"role": "user", "text": "x"}, "turns[0].content"),
            ({"role": "king", "content": "x"}, "turns[0].role"),
            ({"role": "user", "content": "x", "observed_at": datetime(2026, 1, 1)}, "turns[0].observed_at"),
            ({"role": "user", "content": "x", "observed_at": "yesterday"}, "turns[0].observed_at"),
            ({"role": "user", "content": "x", "metadata": 3}, "turns[0].metadata"),
            ({"role": "user", "content": "x", "colour": "red"}, "turns[0].colour"),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_what_is_refused_names_its_field(self, turns: Any, field: str, memory: Any) -> None:
        with pytest.raises(InvalidRequestError) as raised:
            memory.add(turns, "s")
        assert (raised.value.status, raised.value.code) == (422, "invalid_input")
        assert field in {fault.field for fault in raised.value.errors}
        assert raised.value.request_id
        assert list(memory.turns()) == []

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), b"bytes", {1: object()}])
    def test_what_is_no_json_is_not_sent(self, value: Any, memory: Any) -> None:
        with pytest.raises((TypeError, ValueError)):
            memory.add({"role": "user", "content": "x", "metadata": {"v": value}}, "s")
        assert list(memory.turns()) == []

    def test_a_turn_is_deleted_and_its_memory(self, told: Any) -> None:
        for turn in list(told.turns()):
            told.delete_turn(turn.id)
        assert [*told.turns(), *told.memories()] == []

    def test_waits_by_id_and_not_for_ever(self, memory: Any) -> None:
        added = memory.add("I keep bees.", "s")
        assert memory.wait(str(added.job_id)).id == added.job_id
        with pytest.raises(NotFoundError):
            memory.wait(uuid4())
        with pytest.raises(WaitTimeoutError) as raised:
            memory.wait(memory.add(["I like honey."] * 60, "s"), timeout=0)
        assert raised.value.status in {"queued", "running"}


class TestAsking:
    def test_search(self, told: Any) -> None:
        found = told.search("Where does Ann live?", k=3, explain=True, neighbours=1)
        assert "Bergen" in found.items[0].content
        assert found.items[0].features
        assert found.items[0].sources[0].quote
        then = told.search(
            "Where does Ann live?", as_of=datetime(2026, 2, 1, tzinfo=timezone.utc), kinds=["fact"]
        )
        assert ["Oslo" in item.content for item in then.items] == [True]
        assert told.search("Where does Ann live?", filters={"since": "2026-12-30T00:00:00Z"}).items == []
        assert told.search("Where does Ann live?", min_relevance=0.0).items
        assert told.search("What is the capital of Peru?", min_relevance=1.0).items == []
        told.feedback(found.retrieval_id, [found.items[0].id])

    def test_search_waits_for_a_job(self, memory: Any) -> None:
        added = memory.add([OSLO, BERGEN], "s")
        found = memory.search("Where does Ann live?", wait_for=added.job_id, wait_seconds=30)
        assert (found.waited, found.items[0].type_) == (True, "memory")

    @pytest.mark.parametrize("format", [None, "markdown", "xml", "json"])
    def test_context(self, format: Any, told: Any) -> None:
        block = told.context("Where does Ann live?", session_id="monday", format=format, max_tokens=500)
        assert "Bergen" in block.text
        assert 0 < block.tokens <= 500
        assert block.memory_ids
        told.add(
            {"role": "assistant", "content": "In Bergen.", "shown_memory_ids": block.memory_ids}, "monday"
        )

    @pytest.mark.parametrize(
        ("options", "field"),
        [
            ({"k": 0}, "k"),
            ({"k": 201}, "k"),
            ({"kinds": ["king"]}, "kinds"),
            ({"filters": {"x": 1}}, "filters.x"),
            ({"neighbours": 4}, "neighbours"),
            ({"as_of": datetime(2026, 1, 1)}, "as_of"),
            ({"wait_for": "x"}, "wait_for"),
            ({"wait_seconds": -1}, "wait_seconds"),
            ({"session_id": "a\u200bb"}, "session_id"),
            ({"agent_id": ""}, "agent_id"),
        ],
        ids=lambda value: str(value)[:30],
    )
    def test_refusals(self, options: Any, field: str, memory: Any) -> None:
        with pytest.raises(InvalidRequestError) as raised:
            memory.search("Where?", **options)
        assert any(fault.field.startswith(field) for fault in raised.value.errors), raised.value.errors


class TestMemories:
    def test_written_read_and_kept(self, memory: Any) -> None:
        soon = datetime.now(timezone.utc) + timedelta(days=1)
        made = memory.add_memory(
            "Ann is allergic to nuts.",
            "fact",
            tags=["health"],
            metadata={"by": ["doctor"]},
            importance=0.9,
            subject="ann",
            attribute="allergy",
            value="nuts",
            expires_at=soon,
        )
        assert isinstance(made, Memory)
        assert (made.metadata, made.expires_at) == ({"by": ["doctor"]}, soon)
        assert memory.get(made.id) == memory.get(str(made.id)) == made
        assert memory.freeze(made.id, "law").frozen
        with pytest.raises(ConflictError):
            memory.delete(made.id)
        assert not memory.unfreeze(made.id).frozen
        assert memory.pin(made.id).pinned
        assert not memory.unpin(made.id, "no longer").pinned
        assert memory.archive(made.id).status == "archived"
        assert memory.restore(made.id).status == "activated"
        changed = memory.update(
            made.id, {"tags": ["diet"], "metadata": None, "expires_at": None}, reason="check"
        )
        assert (changed.tags, changed.metadata, changed.expires_at) == (["diet"], {}, None)
        versions = memory.history(made.id).items
        assert [version.op for version in versions][-1] == "edit"
        assert len(memory.sources(made.id).items) == 1
        memory.delete(made.id)
        with pytest.raises(NotFoundError):
            memory.get(made.id)

    def test_a_list_goes_over_all_pages(self, memory: Any) -> None:
        made = [memory.add_memory(f"Fact number {n} of the list.", tags=["a", str(n % 2)]) for n in range(7)]
        ids = [one.id for one in reversed(made)]
        for limit in (1, 2, 3, 7, 200):
            assert [found.id for found in memory.memories(limit=limit)] == ids
        assert len(list(memory.memories(tags=["a", "1"], kinds=["fact", "event"]))) == 3
        where = {"field": "x", "op": "exists"}
        assert list(memory.memories(metadata=where)) == []
        assert list(memory.memories(kinds=["event"])) == []

    def test_an_iterator_asks_for_no_page_too_many(self, memory: Any) -> None:
        for n in range(3):
            memory.add_memory(f"Fact number {n} of the list.")
        items = memory.memories(limit=1)
        assert next(items).content == "Fact number 2 of the list."

    def test_an_update_needs_a_memory(self, memory: Any) -> None:
        with pytest.raises(NotFoundError):
            memory.update(uuid4(), {"importance": 0.1})
        made = memory.add_memory("A fact to change.")
        with pytest.raises(InvalidRequestError):
            memory.update(made.id, {"nonsense": 1})
        with pytest.raises(ZeroDivisionError):
            memory.update(made.id, lambda found: {"importance": 1 / 0})

    def test_forgetting_is_planned_and_done(self, memory: Any) -> None:
        memory.add_memory("A fact that fades.")
        then = datetime.now(timezone.utc) + timedelta(days=4000)
        assert memory.forget().items == []
        assert len(memory.forget(reference_time=then).items) == 1
        assert memory.forget(dry_run=False).job_id

    def test_derived_memories(self, told: Any) -> None:
        with pytest.raises(NotFoundError):
            told.portrait()
        with pytest.raises(NotFoundError):
            told.summary("no such session")

    @pytest.mark.parametrize(
        "method", ["get", "delete", "history", "sources", "freeze", "archive", "delete_turn"]
    )
    @pytest.mark.parametrize(
        "wrong", ["", "no-uuid", "../turns", "..", "%2e%2e", "a/b", "a?user_id=x", "\u200b", "a#b"]
    )
    def test_an_id_reaches_no_other_route(self, method: str, wrong: str, memory: Any) -> None:
        with pytest.raises((InvalidRequestError, NotFoundError, ValueError)):
            getattr(memory, method)(wrong)


HOSTILE_IDS = [
    "Ann Smith",
    "ann@example.com",
    "a/b",
    "a//b",
    "ä ö",
    "日本語",
    "🐝",
    "100%",
    "%2F",
    "%2e%2e",
    "a?b=c&d",
    "a#b",
    "a+b",
    "a;b",
    "'; drop table users; --",
    "<script>",
    "{}",
    "a\\b",
    "x" * 188,
    "...",
    "~",
    "null",
]


class TestIds:
    @pytest.mark.parametrize("name", HOSTILE_IDS, ids=lambda name: name[:20])
    def test_any_id_is_one_user_session_and_path(self, name: str, make: Any, url: str, key: str) -> None:
        prefix = uuid4().hex[:8]
        user = f"{prefix}{name}"
        memory = make(url, key).user(user)
        memory.add("I keep bees.", name)
        assert [(turn.user_id, turn.session_id) for turn in memory.turns(session_id=name)] == [(user, name)]
        assert memory.state(f"{name}2") is None
        memory.update_state(name, {"data": {"name": name}})
        assert memory.state(name).state.data == {"name": name}
        if "//" not in name and "\\" not in name:
            memory.put_artifact(f"{name}.txt", name)
            assert memory.get_artifact(f"{name}.txt").content == name

    @pytest.mark.parametrize("name", ["a/b", "a?b=c&d"])
    def test_exactly_that_user_goes_and_comes(self, name: str, make: Any, url: str, key: str) -> None:
        memory = make(url, key).user(f"{uuid4().hex[:8]}{name}")
        memory.add("I keep bees.", "s")
        bundle = b"".join(memory.export_bundle(embeddings=False))
        assert memory.erase().user_id == memory.user_id
        assert list(memory.turns()) == []
        assert memory.import_bundle(bundle).user_id == memory.user_id

    @pytest.mark.parametrize("name", ["../b", "a/..", "x" * 201, "a\u200bb", "a\nb", " "])
    def test_an_id_that_no_path_can_carry_is_refused(self, name: str, memory: Any) -> None:
        with pytest.raises(InvalidRequestError):
            memory.add("I keep bees.", name)

    @pytest.mark.parametrize("name", [".", ".."])
    def test_dots_stay_in_their_segment(self, name: str, memory: Any) -> None:
        with pytest.raises((InvalidRequestError, NotFoundError)):
            memory.update_state(name, {"data": {}})
        with pytest.raises((InvalidRequestError, NotFoundError)):
            memory.get_artifact(name)

    def test_without_a_user_nothing_is_sent(self, make: Any, key: str) -> None:
        nobody = make("http://127.0.0.1:1", key)
        for call in (
            lambda: nobody.add("x", "s"),
            lambda: nobody.search("x"),
            lambda: list(nobody.memories()),
            lambda: nobody.erase(),
            lambda: nobody.forget(),
            lambda: nobody.put_artifact("a", "x"),
            lambda: list(nobody.export_bundle()),
        ):
            with pytest.raises(ValueError, match="user_id"):
                call()

    def test_a_view_is_of_its_user_and_leaves_the_client_open(self, make: Any, url: str, key: str) -> None:
        client = make(url, key)
        ann, bob = (client.user(f"{name}-{uuid4().hex[:8]}") for name in ("ann", "bob"))
        ann.add("I keep bees.", "s")
        ann.close()
        assert len(list(ann.turns())) == 1
        assert list(bob.turns()) == []
        assert len(list(bob.turns(user_id=ann.user_id))) == 1


class TestWhoIsThere:
    def test_the_key(self, memory: Any) -> None:
        caller = memory.me()
        assert (caller.tenant, caller.user_id, "admin" in caller.scopes) == ("default", None, True)

    def test_users_and_sessions(self, memory: Any) -> None:
        assert list(memory.sessions()) == []
        for session in ("a/b", "c", "ä"):
            memory.add("I keep bees.", session)
        assert {listed.session_id for listed in memory.sessions(limit=1)} == {"a/b", "c", "ä"}
        (user,) = memory.users(memory.user_id, limit=1)
        assert (user.user_id, user.turns, user.sessions) == (memory.user_id, 3, 3)
        assert [turn.session_id for turn in memory.turns(order="desc", limit=2)] == ["ä", "c", "a/b"]

    def test_a_session_is_deleted_and_nothing_else(self, memory: Any) -> None:
        for session in ("a/b", "c"):
            memory.add("I keep bees.", session)
        assert memory.delete_session("a/b").rows["turns"] == 1
        assert memory.delete_session("a/b").erasure_id is None
        assert [turn.session_id for turn in memory.turns()] == ["c"]


class TestSessionState:
    def test_none_then_some(self, memory: Any) -> None:
        assert memory.state("s") is None
        assert memory.update_state("s", lambda state: None) is None
        first = memory.update_state("s", {"data": {"a": 1}})
        second = memory.update_state("s", lambda state: {"data": {**state["data"], "b": 2}})
        assert (first.version, second.version, second.state.data) == (1, 2, {"a": 1, "b": 2})
        with pytest.raises(InvalidRequestError):
            memory.update_state("s", {"data": {"a": "x" * 9000}})


class TestArtifacts:
    @pytest.mark.parametrize(
        "content",
        ["text", "", {"a": {"b": [1, 2.5, None, True]}}, [], [1], {}, "\u2028\u2029 🐝", "x" * 100_000],
        ids=lambda value: str(value)[:30],
    )
    def test_content_comes_back(self, content: Any, memory: Any) -> None:
        put = memory.put_artifact("src/a file.txt", content, metadata={"m": 1})
        assert put.version == 1
        assert memory.put_artifact("src/a file.txt", content, metadata={"m": 1}).version == 1
        read = memory.get_artifact("src/a file.txt")
        assert (read.content, read.metadata, read.checksum) == (content, {"m": 1}, put.checksum)

    def test_versions(self, memory: Any) -> None:
        assert memory.put_artifact("a", "one", if_match=0).version == 1
        assert memory.put_artifact("a", "two", if_match=1).version == 2
        with pytest.raises(PreconditionFailedError):
            memory.put_artifact("a", "three", if_match=1)
        assert [memory.get_artifact("a", version=version).content for version in (1, 2)] == ["one", "two"]
        memory.put_artifact(
            "b/c", reference={"type": "activation", "uri": "kv://x", "model": "m", "checksum": "s"}
        )
        assert [one.path for one in memory.artifacts(limit=1)] in (["a", "b/c"], ["b/c", "a"])
        assert [one.path for one in memory.artifacts("b/")] == ["b/c"]
        with pytest.raises(PreconditionFailedError):
            memory.delete_artifact("a", if_match=1)
        memory.delete_artifact("a", if_match=2)
        with pytest.raises(NotFoundError):
            memory.get_artifact("a")


class TestBundles:
    def test_out_and_in_again(self, told: Any, make: Any, url: str, key: str) -> None:
        before = [memory.id for memory in told.memories()]
        bundle = b"".join(told.export_bundle())
        receipt = told.erase()
        assert (receipt.user_id, receipt.rows["turns"]) == (told.user_id, 2)
        other = make(url, key).user(f"{told.user_id}-2")
        assert other.import_bundle(bundle).added["turn"] == 2
        assert [memory.id for memory in other.memories()] == before
        assert sum(other.import_bundle(io.BytesIO(bundle)).added.values()) == 0
        assert (
            sum(other.import_bundle(bundle[at : at + 99] for at in range(0, len(bundle), 99)).added.values())
            == 0
        )

    @pytest.mark.parametrize("bundle", [b"", b"\n", b"{}", b"\xff", b"[1]\n", b'{"type": "header"}\n'])
    def test_what_is_no_bundle(self, bundle: bytes, memory: Any) -> None:
        with pytest.raises(InvalidRequestError):
            memory.import_bundle(bundle)

    def test_erasing_nobody(self, memory: Any) -> None:
        with pytest.raises(NotFoundError):
            memory.erase()


def test_the_low_level_has_the_rest(make: Any, url: str, key: str) -> None:
    client = make(url, key)
    user = f"u-{uuid4().hex[:8]}"
    client.add_memory("Tagged.", user_id=user, tags=["x"])
    if make.form == "sync":
        page = list_tags.sync(client=client.low_level, user_id=user)
    else:
        page = make.loop.run_until_complete(list_tags.asyncio(client=client.low_level, user_id=user))
    assert [tag.tag for tag in page.items] == ["x"]
    with pytest.raises(MemcubedError):
        if make.form == "sync":
            list_tags.sync(client=client.low_level, user_id="")
        else:
            make.loop.run_until_complete(list_tags.asyncio(client=client.low_level, user_id=""))


def test_a_context_manager_closes(url: str, key: str) -> None:
    with Memcubed(url, key) as memory:
        memory.add("I keep bees.", "s", user_id="closing")
    with pytest.raises(RuntimeError):
        memory.add("I keep bees.", "s", user_id="closing")


def test_the_environment_is_read(monkeypatch: Any, url: str, key: str) -> None:
    monkeypatch.setenv("MEMCUBED_URL", url + "/")
    monkeypatch.setenv("MEMCUBED_API_KEY", key + "\n")
    with Memcubed(user_id=f"u-{uuid4().hex[:8]}") as memory:
        assert isinstance(memory.add("I keep bees.", "s").job_id, UUID)
    assert memcubed.__version__
