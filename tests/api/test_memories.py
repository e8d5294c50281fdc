"""Memories over HTTP: every change is a version, every delete is one, and the database holds the rules."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.conftest import remember, search, turn

PROBLEM = "application/problem+json"
OSLO = turn("I live in Oslo.", name="Ann", ref="m1", observed_at="2026-01-10T10:00:00Z")
BERGEN = turn("I moved to Bergen.", name="Ann", ref="m2", observed_at="2026-03-10T10:00:00Z")


def add(client: TestClient, content: str = "Ann plays the cello.", **values: Any) -> Any:
    answer = client.post("/v1/memories", json={"user_id": "ann", "content": content} | values)
    assert answer.status_code == 201, answer.text
    return answer.json()


def edit(client: TestClient, memory: Any, version: object = None, **values: Any) -> Any:
    headers = {"If-Match": f'"{version if version is not None else memory["version"]}"'}
    return client.patch(f"/v1/memories/{memory['id']}", json=values, headers=headers)


def listed(client: TestClient, **params: Any) -> list[Any]:
    answer = client.get("/v1/memories", params={"user_id": "ann"} | params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def history(client: TestClient, memory: Any) -> Any:
    return client.get(f"/v1/memories/{memory['id']}/history").json()


def residences(client: TestClient) -> list[tuple[str, str]]:
    """(value, status) of the slot, the current one first."""
    items = listed(client, attribute="residence", status=["activated", "superseded"])
    return [(item["value"], item["status"]) for item in items]


class TestPost:
    def test_stores_what_is_given(self, client: TestClient):
        given = {
            "kind": "preference",
            "tags": ["music"],
            "keywords": ["cello"],
            "entities": ["Ann"],
            "importance": 0.8,
            "metadata": {"from": {"crm": 7}},
            "agent_id": "helper",
            "place": {"name": "Oslo", "lat": 59.9, "lon": 10.7},
        }
        memory = add(client, **given)
        assert {name: memory[name] for name in given} == given
        assert (memory["status"], memory["origin"], memory["version"]) == ("activated", "edit", 1)
        assert client.get(f"/v1/memories/{memory['id']}").json() == memory

    def test_is_found_at_once(self, client: TestClient):
        memory = add(client)
        found = search(client, "Which instrument does Ann play?")[0]
        assert (found["id"], found["type"], found["version"]) == (memory["id"], "memory", 1)

    def test_the_same_words_are_the_same_memory(self, client: TestClient):
        first = add(client)
        second = add(client, "ann plays THE cello")
        assert second["id"] == first["id"]
        assert [entry["op"] for entry in history(client, first)["items"]] == ["add", "assert"]
        assert len(listed(client)) == 1

    SLOTS = (
        {},
        {"subject": "z", "attribute": "car", "value": "green"},
        {"subject": "z", "attribute": "car", "value": "blue"},
        {"subject": "z", "attribute": "van", "value": "green"},
        {"subject": "z", "attribute": "boat", "value": "green"},
        {"subject": "y", "attribute": "van", "value": "green"},
    )
    CANONICAL: ClassVar = {"car": "vehicle", "van": "vehicle", "boat": "boat"}

    @pytest.mark.parametrize("second", SLOTS, ids=str)
    @pytest.mark.parametrize("first", SLOTS, ids=str)
    def test_the_same_words_with_another_slot_are_a_conflict_or_the_same_memory(
        self, client: TestClient, first: dict[str, str], second: dict[str, str]
    ):
        body = {"user_id": "z", "content": "The car is green."}
        made = client.post("/v1/memories", json=body | first)
        again = client.post("/v1/memories", json=body | second)
        assert made.status_code == 201
        known, given = (
            {**slot, "attribute": self.CANONICAL.get(slot.get("attribute", ""))} for slot in (first, second)
        )
        if known == given or not second:  # the words alone are found whatever slot they have
            assert (again.status_code, again.json()["id"]) == (201, made.json()["id"])
        elif first and {**known, "value": ""} == {**given, "value": ""}:  # a new value replaces the old one
            assert (again.status_code, again.json()["id"] == made.json()["id"]) == (201, False)
        else:
            assert (again.status_code, again.json()["field"]) == (409, "content")
        assert len(client.get("/v1/memories", params={"user_id": "z"}).json()["items"]) == 1

    def test_a_new_value_of_a_slot_replaces_the_old_one(self, client: TestClient):
        slot = {"subject": "Ann", "attribute": "employer"}
        old = add(client, "Ann works at Acme.", value="Acme", asserted_at="2026-01-01T00:00:00Z", **slot)
        new = add(client, "Ann works at Bolt.", value="Bolt", asserted_at="2026-02-01T00:00:00Z", **slot)
        assert [item["id"] for item in listed(client)] == [new["id"]]
        before = client.get(f"/v1/memories/{old['id']}").json()
        assert before["status"] == "superseded"
        assert before["valid_to"] == new["valid_from"] == "2026-02-01T00:00:00Z"

    def test_an_old_value_that_arrives_late_does_not_replace_the_new_one(self, client: TestClient):
        slot = {"subject": "Ann", "attribute": "employer"}
        new = add(client, "Ann works at Bolt.", value="Bolt", asserted_at="2026-02-01T00:00:00Z", **slot)
        old = add(client, "Ann works at Acme.", value="Acme", asserted_at="2026-01-01T00:00:00Z", **slot)
        assert [item["id"] for item in listed(client)] == [new["id"]]
        assert old["status"] == "superseded"

    @pytest.mark.usefixtures("worker")
    def test_replaces_an_extracted_value_and_outranks_a_later_one(self, client: TestClient):
        remember(client, OSLO)
        extracted = listed(client, attribute="residence")[0]
        slot = {"subject": extracted["subject"], "attribute": "residence"}
        add(client, "Ann lives in Paris.", value="Paris", asserted_at="2026-02-01T00:00:00Z", **slot)
        assert residences(client) == [("paris", "activated"), ("oslo", "superseded")]
        remember(client, BERGEN, session="s2")
        assert search(client, "Where does Ann live?")[0]["content"] == "Ann lives in Paris."
        current = client.get("/v1/memories", params={"user_id": "ann", "attribute": "residence"}).json()[
            "items"
        ]
        undisputed = [item["value"] for item in current if item["origin"] == "edit"]
        assert undisputed == ["paris"]

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"content": " "}, "content"),
            ({"content": "x" * 4001}, "content"),
            ({"content": "a\x00"}, "content"),
            ({"kind": "gossip"}, "kind"),
            ({"importance": 1.1}, "importance"),
            ({"tags": ["x"] * 33}, "tags"),
            ({"asserted_at": "2026-01-01T00:00:00"}, "asserted_at"),
            ({"vlaue": "x"}, "vlaue"),
        ],
    )
    def test_names_the_field_that_is_not_valid(self, client: TestClient, change: dict[str, Any], field: str):
        answer = client.post("/v1/memories", json={"user_id": "ann", "content": "x"} | change)
        assert (answer.status_code, answer.json()["field"]) == (422, field)

    @pytest.mark.parametrize(
        "change",
        [
            {"attribute": "employer"},
            {"value": "Acme"},
            {"event_from": "2026-02-01T00:00:00Z", "event_to": "2026-01-01T00:00:00Z"},
        ],
    )
    def test_refuses_half_a_slot_and_a_span_that_ends_before_it_starts(self, client: TestClient, change):
        answer = client.post("/v1/memories", json={"user_id": "ann", "content": "x"} | change)
        assert answer.status_code == 422
        assert listed(client) == []


class TestIdempotency:
    BODY = {"user_id": "ann", "content": "Ann plays the cello."}  # noqa: RUF012

    def test_the_same_body_gets_the_same_memory_and_no_second_version(self, client: TestClient):
        answers = [
            client.post("/v1/memories", json=self.BODY, headers={"Idempotency-Key": "k"}) for _ in range(3)
        ]
        assert [answer.status_code for answer in answers] == [201] * 3
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert answers[2].json()["version"] == 1

    def test_another_body_is_a_conflict(self, client: TestClient):
        client.post("/v1/memories", json=self.BODY, headers={"Idempotency-Key": "k"})
        other = self.BODY | {"content": "Ann sings."}
        answer = client.post("/v1/memories", json=other, headers={"Idempotency-Key": "k"})
        assert (answer.status_code, answer.json()["field"]) == (409, "Idempotency-Key")
        assert len(listed(client)) == 1

    def test_a_key_that_was_used_for_turns_is_a_conflict(self, client: TestClient):
        body = {"user_id": "ann", "session_id": "s", "turns": [turn("Hi.")]}
        client.post("/v1/turns", json=body, headers={"Idempotency-Key": "k"})
        answer = client.post("/v1/memories", json=self.BODY, headers={"Idempotency-Key": "k"})
        assert answer.status_code == 409


class TestGet:
    def test_the_etag_is_the_version(self, client: TestClient):
        memory = add(client)
        assert client.get(f"/v1/memories/{memory['id']}").headers["etag"] == '"1"'
        assert edit(client, memory, tags=["music"]).status_code == 200
        assert client.get(f"/v1/memories/{memory['id']}").headers["etag"] == '"2"'

    @pytest.mark.parametrize("part", ["", "/history", "/sources"])
    def test_an_unknown_one_is_a_problem(self, client: TestClient, part: str):
        answer = client.get(f"/v1/memories/{uuid4()}{part}")
        assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)


class TestPatch:
    def test_needs_the_version(self, client: TestClient):
        answer = client.patch(f"/v1/memories/{add(client)['id']}", json={"content": "Ann sings."})
        assert (answer.status_code, answer.json()["field"]) == (428, "If-Match")

    @pytest.mark.parametrize("version", [0, 2, 999999999])
    def test_refuses_another_version(self, client: TestClient, version: int):
        memory = add(client)
        answer = edit(client, memory, version, content="Ann sings.")
        assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")
        assert client.get(f"/v1/memories/{memory['id']}").json() == memory

    @pytest.mark.parametrize("version", ["x", "-1", "1.0", "1" * 10, ""])
    def test_refuses_what_is_no_version(self, client: TestClient, version: str):
        headers = {"If-Match": version}
        answer = client.patch(f"/v1/memories/{add(client)['id']}", json={"tags": []}, headers=headers)
        assert (answer.status_code, answer.json()["field"]) == (422, "If-Match")

    def test_makes_a_new_version_that_is_found(self, client: TestClient):
        memory = add(client)
        changed = edit(client, memory, content="Ann plays the trombone.", reason="she told me").json()
        assert (changed["version"], changed["content"]) == (2, "Ann plays the trombone.")
        assert search(client, "trombone")[0]["id"] == memory["id"]
        assert not any("cello" in item["content"] for item in search(client, "cello"))

    def test_leaves_what_is_not_named(self, client: TestClient):
        memory = add(client, tags=["music"], metadata={"a": 1})
        changed = edit(client, memory, importance=0.9).json()
        moved = {"importance", "version", "updated_at"}
        assert {n: v for n, v in changed.items() if n not in moved} == {
            n: v for n, v in memory.items() if n not in moved
        }

    def test_the_second_of_two_writers_is_told(self, client: TestClient):
        memory = add(client)
        assert edit(client, memory, tags=["a"]).status_code == 200
        assert edit(client, memory, tags=["b"]).status_code == 412
        assert client.get(f"/v1/memories/{memory['id']}").json()["tags"] == ["a"]

    def test_content_of_another_memory_is_a_conflict(self, client: TestClient):
        add(client, "Ann sings.")
        answer = edit(client, add(client), content="Ann sings.")
        assert (answer.status_code, answer.json()["field"]) == (409, "content")

    @pytest.mark.parametrize(
        "body", [{}, {"reason": "x"}, {"importance": None}, {"content": ""}, {"status": "expired"}]
    )
    def test_refuses_a_change_of_nothing_or_of_what_is_not_the_clients(self, client: TestClient, body):
        memory = add(client)
        assert edit(client, memory, **body).status_code == 422
        assert client.get(f"/v1/memories/{memory['id']}").json() == memory

    def test_the_value_of_a_slot_follows_the_content(self, client: TestClient):
        slot = {"subject": "Ann", "attribute": "residence", "value": "Bergen"}
        memory = add(client, "Ann lives in Bergen.", **slot)
        memory = edit(client, memory, content="Ann lives in Hamar.").json()
        assert (memory["attribute"], memory["value"], memory["version"]) == ("residence", "hamar", 2)
        answer = edit(client, memory, value="Trondheim")
        assert (answer.status_code, answer.json()["field"]) == (422, "content")
        changed = edit(client, memory, content="Ann lives in Trondheim.", value="Trondheim").json()
        assert (changed["value"], changed["version"]) == ("trondheim", 3)
        assert edit(client, changed, content="Ann's home is in Trondheim.").json()["value"] == "trondheim"

    def test_a_value_without_a_slot_is_refused(self, client: TestClient):
        answer = edit(client, add(client), content="Ann sings.", value="x")
        assert (answer.status_code, answer.json()["field"]) == (422, "value")

    @pytest.mark.usefixtures("worker")
    def test_mending_the_words_of_what_was_true_does_not_bring_it_back(self, client: TestClient):
        remember(client, OSLO)
        remember(client, BERGEN, session="s2")
        past = listed(client, attribute="residence", status=["superseded"])[0]
        assert edit(client, past, content="Ann lived in Oslo.").status_code == 200
        remember(client, BERGEN | {"ref": "m3", "observed_at": "2026-05-01T00:00:00Z"}, session="s3")
        assert residences(client) == [("bergen", "activated"), ("oslo", "superseded")]


class TestHistory:
    def test_has_every_version_with_actor_and_reason(self, client: TestClient):
        memory = add(client)
        edit(client, memory, content="Ann plays the viola.", reason="a mistake")
        edit(client, memory, 2, tags=["music"])
        entries = history(client, memory)["items"]
        assert [(entry["version"], entry["op"]) for entry in entries] == [
            (1, "add"),
            (2, "edit"),
            (3, "edit"),
        ]
        assert [entry["reason"] for entry in entries][1:] == ["a mistake", "edited"]
        key_id = client.get("/v1/keys").json()["items"][0]["id"]
        assert {entry["actor"] for entry in entries} == {f"key:{key_id}"}
        contents = [entry["snapshot"]["content"] for entry in entries]
        assert contents == ["Ann plays the cello.", "Ann plays the viola.", "Ann plays the viola."]

    @pytest.mark.usefixtures("worker")
    def test_names_the_extractor_of_what_was_extracted(self, client: TestClient):
        remember(client, OSLO)
        entry = history(client, listed(client, attribute="residence")[0])["items"][0]
        assert (entry["op"], entry["actor"], entry["model"]) == ("add", "extractor", "offline")

    @pytest.mark.usefixtures("worker")
    def test_the_sources_are_the_turns_with_their_quotes(self, client: TestClient):
        job = remember(client, OSLO)
        memory = listed(client, attribute="residence")[0]
        source = client.get(f"/v1/memories/{memory['id']}/sources").json()["items"][0]
        assert source["turn_id"] == job["turns"][0]["turn_id"]
        assert (source["ref"], source["session_id"], source["role"]) == ("m1", "s1", "user")
        assert source["quote"]
        assert source["quote"] in OSLO["content"]

    def test_a_posted_memory_has_itself_as_source(self, client: TestClient):
        memory = add(client)
        sources = client.get(f"/v1/memories/{memory['id']}/sources").json()["items"]
        assert [source["turn_id"] for source in sources] == [None]


class TestDelete:
    def test_is_gone_from_everywhere_but_its_history(self, client: TestClient):
        memory = add(client, "Ann hides a xylophone.", tags=["xylophone"], metadata={"x": "xylophone"})
        edit(client, memory, content="Ann hides one more xylophone.")
        assert search(client, "xylophone")
        assert client.delete(f"/v1/memories/{memory['id']}").status_code == 204
        assert client.get(f"/v1/memories/{memory['id']}").status_code == 404
        assert client.get(f"/v1/memories/{memory['id']}/sources").status_code == 404
        assert edit(client, memory, 3, tags=[]).status_code == 404
        assert client.delete(f"/v1/memories/{memory['id']}").status_code == 404
        assert search(client, "xylophone") == []
        assert listed(client) == []

    def test_leaves_no_text_in_any_row(self, client: TestClient, owner: Engine):
        memory = add(client, "Ann hides a xylophone.", tags=["xylophone"], metadata={"x": "xylophone"})
        edit(client, memory, content="Ann hides one more xylophone.", reason="the xylophone is new")
        client.delete(f"/v1/memories/{memory['id']}")
        entries = history(client, memory)
        assert [entry["op"] for entry in entries["items"]] == ["add", "edit", "delete"]
        assert "xylophone" not in str(entries)
        with owner.connect() as connection:
            for table in ("memories", "memory_versions", "assertions", "embeddings", "links"):
                rows = connection.execute(text(f"SELECT to_jsonb(t)::text FROM {table} t")).scalars()
                assert not any("xylophone" in row for row in rows), table
            vectors = text("SELECT count(*) FROM embeddings WHERE id = :id")
            assert connection.execute(vectors, {"id": memory["id"]}).scalar_one() == 0

    def test_the_same_words_can_be_written_again(self, client: TestClient):
        first = add(client)
        client.delete(f"/v1/memories/{first['id']}")
        second = add(client)
        assert second["id"] != first["id"]
        assert search(client, "cello")[0]["id"] == second["id"]

    @pytest.mark.usefixtures("worker")
    def test_of_a_turn_brings_the_slots_value_before_it_back(self, client: TestClient):
        remember(client, OSLO)
        job = remember(client, BERGEN, session="s2")
        assert residences(client) == [("bergen", "activated"), ("oslo", "superseded")]
        assert client.delete(f"/v1/turns/{job['turns'][0]['turn_id']}").status_code == 204
        assert residences(client) == [("oslo", "activated")]
        current = listed(client, attribute="residence")[0]
        assert current["valid_to"] is None
        assert history(client, current)["items"][-1]["op"] == "restore"
        items = search(client, "Where does Ann live?")
        assert "Oslo" in items[0]["content"]
        assert not any("Bergen" in item["content"] for item in items)

    @pytest.mark.usefixtures("worker")
    def test_of_a_current_value_brings_the_one_before_back(self, client: TestClient):
        remember(client, OSLO)
        remember(client, BERGEN, session="s2")
        current = listed(client, attribute="residence")[0]
        assert client.delete(f"/v1/memories/{current['id']}").status_code == 204
        assert residences(client) == [("oslo", "activated")]

    @pytest.mark.usefixtures("worker")
    def test_of_a_turn_keeps_what_another_turn_says_too(self, client: TestClient):
        first = remember(client, OSLO)
        remember(client, OSLO | {"ref": "m9", "observed_at": "2026-02-01T00:00:00Z"}, session="s2")
        client.delete(f"/v1/turns/{first['turns'][0]['turn_id']}")
        assert residences(client) == [("oslo", "activated")]
        memory = listed(client, attribute="residence")[0]
        sources = client.get(f"/v1/memories/{memory['id']}/sources").json()["items"]
        assert [source["ref"] for source in sources] == ["m9"]

    def test_of_a_turn_succeeds_once(self, client: TestClient):
        body = {"user_id": "ann", "session_id": "s", "turns": [{"role": "user", "content": "Hello."}] * 3}
        for turn_id in client.post("/v1/turns", json=body).json()["turn_ids"]:
            with ThreadPoolExecutor(6) as threads:
                answers = list(
                    threads.map(lambda _, path=f"/v1/turns/{turn_id}": client.delete(path), range(6))
                )
            assert sorted(answer.status_code for answer in answers) == [204, 404, 404, 404, 404, 404]


class TestList:
    def test_filters(self, client: TestClient):
        slot = {"subject": "Ann", "attribute": "employer", "value": "Acme"}
        one = add(client, "Ann works at Acme.", tags=["work"], agent_id="helper", **slot)
        two = add(client, "Ann likes tea.", kind="preference", tags=["taste", "drink"])
        for params, wanted in (
            ({}, [two, one]),
            ({"kind": "preference"}, [two]),
            ({"kind": ["preference", "fact"]}, [two, one]),
            ({"tag": "drink"}, [two]),
            ({"attribute": "employer"}, [one]),
            ({"subject": "ann"}, [one]),
            ({"agent_id": "helper"}, [one]),
            ({"status": "superseded"}, []),
            ({"tag": "nothing"}, []),
        ):
            assert [item["id"] for item in listed(client, **params)] == [m["id"] for m in wanted], params

    def test_pages_give_every_memory_once_newest_first(self, client: TestClient):
        ids = [add(client, f"Ann owns {n} books.", tags=[f"n{n}"])["id"] for n in range(5)]
        seen: list[str] = []
        cursor = None
        for _ in range(5):
            params = {"user_id": "ann", "limit": 2} | ({"cursor": cursor} if cursor else {})
            page = client.get("/v1/memories", params=params).json()
            seen += [item["id"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == ids[::-1]

    def test_needs_a_user(self, client: TestClient):
        answer = client.get("/v1/memories")
        assert (answer.status_code, answer.json()["field"]) == (422, "user_id")


class TestTheDatabase:
    """What no fault of ours can get past."""

    SLOT = {"subject": "Ann", "attribute": "employer", "value": "Acme"}  # noqa: RUF012

    def change(self, owner: Engine, memory: Any, assignment: str, **values: object) -> str | None:
        """The SQLSTATE that an UPDATE ends with; None = it was done."""
        sql = text(f"UPDATE memories SET {assignment} WHERE id = :id")
        try:
            with owner.begin() as connection:
                connection.execute(sql, {"id": memory["id"]} | values)
        except DBAPIError as exc:
            return str(getattr(exc.orig, "sqlstate", None))
        return None

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ([], "generated"),
            (["superseded"], "activated"),
            (["superseded"], "archived"),
            (["merged"], "activated"),
            (["expired"], "activated"),
            (["expired"], "superseded"),
            (["archived"], "superseded"),
        ],
    )
    def test_an_illegal_move_of_status_is_refused(
        self, client: TestClient, owner: Engine, before, after: str
    ):
        memory = add(client)
        for status in before:
            assert self.change(owner, memory, "status = :status", status=status) is None
        assert self.change(owner, memory, "status = :status", status=after) == "MC002"

    def test_a_frozen_memory_can_not_be_changed(self, client: TestClient, owner: Engine):
        memory = add(client)
        assert self.change(owner, memory, "frozen = true") is None
        assert self.change(owner, memory, "content = 'x', version = 2") == "MC001"
        assert edit(client, memory, content="x").status_code == 409
        assert client.delete(f"/v1/memories/{memory['id']}").status_code == 409

    def test_a_change_of_content_needs_a_version(self, client: TestClient, owner: Engine):
        assert self.change(owner, add(client), "content = 'x'") == "MC003"

    def test_a_slot_has_one_current_value(self, client: TestClient, owner: Engine):
        memory = add(client, "Ann works at Acme.", **self.SLOT)
        copy = text(
            "INSERT INTO memories SELECT (jsonb_populate_record(m, jsonb_build_object("
            "'id', gen_random_uuid(), 'value', 'bolt', 'content', 'x', 'content_hash', '\\x00'))).*"
            " FROM memories m WHERE id = :id"
        )
        with pytest.raises(IntegrityError, match="uq_memories_slot"), owner.begin() as connection:
            connection.execute(copy, {"id": memory["id"]})

    def test_a_span_can_not_end_before_it_starts(self, client: TestClient, owner: Engine):
        change = "valid_to = :at"
        assert self.change(owner, add(client), change, at=datetime(1999, 1, 1, tzinfo=UTC)) == "23514"
