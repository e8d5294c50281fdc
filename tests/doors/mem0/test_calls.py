"""Every call of mem0's platform, and what it answers."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from app.core.vocabulary import KeyScope
from app.resources import Resources
from tests.conftest import ended, until
from tests.doors.mem0.conftest import Door, open_door

RECORD = {
    "id",
    "memory",
    "user_id",
    "agent_id",
    "app_id",
    "run_id",
    "session_id",
    "metadata",
    "categories",
    "created_at",
    "updated_at",
    "expiration_date",
}
MISSING = "0192f3a4-0000-7000-8000-000000000001"


def said(text: str, role: str = "user") -> dict[str, str]:
    return {"role": role, "content": text}


class TestPing:
    def test_names_the_tenant(self, door: Door, tenant: str):
        assert door.ok("GET", "/v1/ping/") == {
            "status": "ok",
            "org_id": tenant,
            "project_id": tenant,
            "user_email": None,
        }

    @pytest.mark.parametrize(
        "headers",
        [
            {"Authorization": "Token {}"},
            {"Authorization": "token {}"},
            {"Authorization": "Bearer {}"},
            {"X-API-Key": "{}"},
        ],
    )
    def test_takes_the_key_wherever_it_is_sent(self, door: Door, headers: dict[str, str]):
        door.client.headers.pop("Authorization")
        given = {name: value.format(door.key) for name, value in headers.items()}
        assert door.client.get("/compat/mem0/v1/ping", headers=given).status_code == 200

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Authorization": "Token"},
            {"Authorization": "Token "},
            {"Authorization": "Token mc_made-up"},
            {"Authorization": "Basic {}"},
            {"Authorization": "{}"},
            {"X-API-Key": ""},
            {"X-API-Key": "mc_made-up"},
            {"Authorization": "Token mc_made-up", "X-API-Key": "{}"},
        ],
    )
    def test_refuses_other_keys(self, door: Door, headers: dict[str, str]):
        door.client.headers.pop("Authorization")
        given = {name: value.format(door.key) for name, value in headers.items()}
        answer = door.client.get("/compat/mem0/v1/ping/", headers=given)
        assert answer.status_code == 401
        assert answer.json()["detail"]


class TestAdd:
    def test_is_pending_until_its_event_has_succeeded(self, door: Door, worker: None):
        body = {
            "messages": [said("I am Ann. I live in Oslo."), said("Nice.", "assistant")],
            "user_id": "ann",
            "agent_id": "bot",
            "run_id": "r1",
            "app_id": "web",
            "metadata": {"project": "apollo"},
            "timestamp": 1_700_000_000,
        }
        added = door.ok("POST", "/v3/memories/add/", json=body)
        assert added["status"] == "PENDING"
        event = until(lambda: _ended(door, added["event_id"]))
        assert event["status"] == "SUCCEEDED"
        assert "The user lives in Oslo" in {one["data"]["memory"] for one in event["results"]}
        assert {one["event"] for one in event["results"]} == {"ADD"}
        (record,) = [one for one in _page(door, "ann")["results"] if "Oslo" in one["memory"]]
        assert record.keys() == RECORD
        shown = {name: record[name] for name in ("user_id", "agent_id", "app_id", "run_id", "session_id")}
        assert shown == {
            "user_id": "ann",
            "agent_id": "bot",
            "app_id": "web",
            "run_id": "r1",
            "session_id": "r1",
        }
        assert record["metadata"] == {"project": "apollo"}
        memory = door.client.get(f"/v1/memories/{record['id']}").json()
        assert memory["valid_from"].startswith("2023-11-14")

    def test_waits_if_it_is_to(self, door: Door, worker: None):
        body = {"messages": [said("I live in Rome.")], "user_id": "ann", "async_mode": False}
        added = door.ok("POST", "/v3/memories/add/", json=body)
        assert added["status"] == "SUCCEEDED"
        assert [one["memory"] for one in added["results"]] == ["The user lives in Rome"]

    def test_word_for_word(self, door: Door):
        body = {"messages": [said("I like tea"), said("Be nice", "system"), said("So do I", "assistant")]}
        added = door.ok("POST", "/v3/memories/add/", json=body | {"user_id": "ann", "infer": False})
        assert [one["data"]["memory"] for one in added["results"]] == ["I like tea", "So do I"]
        again = door.ok("POST", "/v3/memories/add/", json=body | {"user_id": "ann", "infer": False})
        assert [one["id"] for one in again["results"]] == [one["id"] for one in added["results"]]
        assert {one["event"] for one in again["results"]} == {"UPDATE"}

    @pytest.mark.parametrize(
        "messages",
        [
            "I like tea",
            said("I like tea"),
            [said("I like tea")],
            [
                {
                    "role": "user",
                    "content": [{"type": "text", "text": "I like"}, {"type": "text", "text": "tea"}],
                }
            ],
            [{"role": "user", "content": {"type": "text", "text": "I like tea"}, "name": "Ann"}],
        ],
    )
    def test_takes_every_form_of_messages(self, door: Door, messages: Any):
        body = {"messages": messages, "user_id": "ann", "infer": False}
        assert len(door.ok("POST", "/v3/memories/add/", json=body)["results"]) == 1

    def test_takes_entities_from_filters(self, door: Door):
        door.store("I like tea", filters={"user_id": "ann", "run_id": "r1"})
        (record,) = _page(door, "ann")["results"]
        assert record["run_id"] == "r1"

    def test_without_a_run_belongs_to_a_session_of_the_day(self, door: Door):
        body = {"messages": [said("I like tea")], "user_id": "ann", "timestamp": 1_700_000_000}
        door.ok("POST", "/v3/memories/add/", json=body)
        (turn,) = door.client.get("/v1/turns", params={"user_id": "ann"}).json()["items"]
        assert turn["session_id"] == "mem0-day:2023-11-14"

    def test_keeps_the_order_of_messages_of_one_time(self, door: Door):
        body = {
            "messages": [said(f"Message {at}") for at in range(5)],
            "user_id": "ann",
            "timestamp": 1_700_000_000,
        }
        door.ok("POST", "/v3/memories/add/", json=body)
        turns = door.client.get("/v1/turns", params={"user_id": "ann"}).json()["items"]
        times = [datetime.fromisoformat(turn["observed_at"]) for turn in turns]
        assert times == sorted(set(times))

    @pytest.mark.parametrize(
        ("entities", "owner"),
        [
            ({"agent_id": "bot"}, "agent:bot"),
            ({"app_id": "web"}, "app:web"),
            ({"run_id": "r1"}, "run:r1"),
            ({"agent_id": "bot", "run_id": "r1"}, "agent:bot"),
            ({"user_id": 7}, "7"),
        ],
    )
    def test_without_a_user_belongs_to_a_pseudo_user(self, door: Door, entities: dict[str, Any], owner: str):
        memory_id = door.store("The oven is hot", **entities)
        assert door.client.get(f"/v1/memories/{memory_id}").json()["user_id"] == owner
        shown = door.ok("GET", f"/v1/memories/{memory_id}/")["user_id"]
        assert shown == ("7" if owner == "7" else None)

    def test_of_a_key_that_is_bound_belongs_to_its_user(self, resources: Resources, tenant: str):
        bound = open_door(resources, tenant, KeyScope.WRITE, user_id="ann")
        memory_id = bound.store("The oven is hot", agent_id="bot")
        assert bound.ok("GET", f"/v1/memories/{memory_id}/")["user_id"] == "ann"
        bound.refused(403, "POST", "/v3/memories/add/", json={"messages": "x", "user_id": "bo"})


class TestSearch:
    def test_scores_are_in_order_and_between_0_and_1(self, library: Door):
        found = _search(library, "Who drinks tea?", threshold=0)
        scores = [record["score"] for record in found]
        assert found[0]["memory"] == "Ann drinks tea"
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)
        assert found[0].keys() == RECORD | {"score"}

    def test_threshold_and_top_k_leave_the_best(self, library: Door):
        every = _search(library, "Who drinks tea?", threshold=0)
        assert _search(library, "Who drinks tea?", threshold=0, top_k=2) == every[:2]
        best = every[0]["score"]
        assert [one["score"] for one in _search(library, "Who drinks tea?", threshold=best)] == [best]
        assert _search(library, "Who drinks tea?", threshold=1) == []

    def test_looks_at_several_users(self, library: Door):
        found = _search(
            library, "Who drinks tea or sings bass?", threshold=0, filters={"user_id": ["ann", "bo"]}
        )
        assert {record["user_id"] for record in found} == {"ann", "bo"}
        assert [record["score"] for record in found] == sorted((one["score"] for one in found), reverse=True)

    def test_gives_the_fields_asked_for(self, library: Door):
        found = _search(library, "tea", fields=["memory", "score"], top_k=1, threshold=0)
        assert found[0].keys() == {"id", "memory", "score"}

    @pytest.mark.parametrize(
        "extra",
        [
            {"rerank": True},
            {"keyword_search": True},
            {"output_format": "v1.1"},
            {"source": "CLI"},
            {"reference_date": "2026-01-01"},
            {"reference_date": 1_700_000_000},
            {"latest_only": True},
            {"show_expired": False},
            {"metadata": {"project": "apollo"}},
            {"categories": ["none"]},
        ],
    )
    def test_takes_what_its_clients_send(self, library: Door, extra: dict[str, Any]):
        _search(library, "tea", **extra)

    def test_older_paths_answer_lists(self, library: Door):
        body = {"query": "tea", "filters": {"user_id": "ann"}, "threshold": 0}
        assert isinstance(library.ok("POST", "/v2/memories/search/", json=body), list)
        old = {"query": "tea", "user_id": "ann", "threshold": 0}
        assert isinstance(library.ok("POST", "/v1/memories/search/", json=old), list)
        assert library.ok("POST", "/v1/memories/search/", json=old | {"output_format": "v1.1"})["results"]

    def test_shows_what_was_replaced_only_if_asked(self, door: Door):
        slot = {"user_id": "ann", "subject": "user", "attribute": "residence"}
        for place, at in (("Oslo", "2020-01-01T00:00:00Z"), ("Bergen", "2021-01-01T00:00:00Z")):
            body = slot | {"content": f"Ann lives in {place}", "value": place, "asserted_at": at}
            assert door.client.post("/v1/memories", json=body).status_code == 201
        assert door.searched("Where?", filters={"user_id": "ann"}) == ["Ann lives in Bergen"]
        assert door.listed(filters={"user_id": "ann"}) == ["Ann lives in Bergen"]
        both = ["Ann lives in Bergen", "Ann lives in Oslo"]
        assert door.searched("Where?", filters={"user_id": "ann"}, latest_only=False) == both
        assert door.listed(filters={"user_id": "ann"}, latest_only=False) == both
        newest = door.ok("POST", "/v3/memories/", json={"filters": {"user_id": "ann"}})["results"][0]["id"]
        gone = door.ok("DELETE", f"/v1/memories/{newest}/", params={"delete_linked": "true"})
        assert gone["cascade_count"] == 1
        assert door.listed(filters={"user_id": "ann"}, latest_only=False) == []


class TestList:
    @pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7])
    def test_pages_go_through_all_users(self, library: Door, size: int):
        filters = {"user_id": "*"}
        whole = library.ok("POST", "/v3/memories/", json={"filters": filters})["results"]
        seen: list[Any] = []
        number = 1
        while True:
            page = library.ok(
                "POST", "/v3/memories/", json={"filters": filters}, params={"page": number, "page_size": size}
            )
            assert page["count"] == 6
            assert (page["previous"] is None) is (number == 1)
            seen += page["results"]
            if page["next"] is None:
                break
            number += 1
        assert seen == whole

    def test_beside_the_filters(self, library: Door):
        filters = {"user_id": "ann"}
        assert library.listed(filters=filters, keywords="TEA") == ["Ann drinks tea"]
        assert library.listed(filters=filters, start_date="2020-01-01", end_date="2020-12-31") == []
        assert len(library.listed(filters=filters, start_date="2020-01-01")) == 4
        assert library.listed(filters=filters, categories=["none"]) == []

    def test_older_paths(self, library: Door):
        body = {"filters": {"user_id": "ann"}}
        assert len(library.ok("POST", "/v2/memories/", json=body)) == 4
        assert library.ok("POST", "/v2/memories/", json=body, params={"page": 1})["count"] == 4
        assert len(library.ok("GET", "/v1/memories/", params={"user_id": "ann"})) == 4
        assert library.ok("GET", "/v1/memories/", params={"user_id": "ann", "page_size": 2})["count"] == 4

    def test_leaves_out_what_the_service_concluded(self, door: Door):
        for kind in ("summary", "portrait", "insight", "fact"):
            body = {"user_id": "ann", "content": f"A {kind} of Ann", "kind": kind}
            assert door.client.post("/v1/memories", json=body).status_code == 201
        assert door.listed(filters={"user_id": "ann"}) == ["A fact of Ann"]


class TestOneMemory:
    def test_edits_are_its_history(self, door: Door):
        memory_id = door.store("Ann drinks tea", user_id="ann", run_id="r1", metadata={"a": 1})
        path = f"/v1/memories/{memory_id}/"
        edited = door.ok("PUT", path, json={"text": "Ann drinks coffee", "metadata": {"b": 2}})
        assert edited["memory"] == "Ann drinks coffee"
        assert edited["metadata"] == {"b": 2}
        assert edited["run_id"] == "r1"
        assert door.ok("PUT", path, json={"expiration_date": "2031-01-31"})["expiration_date"] == "2031-01-31"
        assert door.ok("PUT", path, json={"expiration_date": None})["expiration_date"] is None
        history = door.ok("GET", f"{path}history/")
        assert [(one["event"], one["old_memory"], one["new_memory"]) for one in history[:2]] == [
            ("ADD", None, "Ann drinks tea"),
            ("UPDATE", "Ann drinks tea", "Ann drinks coffee"),
        ]
        assert history[1]["metadata"] == {"b": 2}
        assert "Memory deleted" in door.ok("DELETE", path)["message"]
        after = door.ok("GET", f"{path}history/")
        assert after[-1]["event"] == "DELETE"
        assert {one["new_memory"] for one in after} == {None}
        door.refused(404, "GET", path)

    @pytest.mark.parametrize("memory_id", [MISSING, "x", "%00", "a%2Fb", "..%2f", "１"])
    @pytest.mark.parametrize(
        ("method", "rest", "body"),
        [("GET", "", None), ("PUT", "", {"text": "x"}), ("DELETE", "", None), ("GET", "history/", None)],
    )
    def test_that_is_not_there(self, door: Door, memory_id: str, method: str, rest: str, body: Any):
        values = {"json": body} if body is not None else {}
        door.refused(404, method, f"/v1/memories/{memory_id}/{rest}", **values)

    def test_frozen_is_not_changed(self, door: Door):
        memory_id = door.store("Ann drinks tea", user_id="ann")
        assert door.client.post(f"/v1/memories/{memory_id}/freeze").status_code == 200
        door.refused(409, "PUT", f"/v1/memories/{memory_id}/", json={"text": "Ann drinks coffee"})
        door.refused(409, "DELETE", "/v1/memories/", params={"user_id": "ann"})
        assert door.listed(filters={"user_id": "ann"}) == ["Ann drinks tea"]


class TestBatch:
    def test_updates_and_deletes(self, door: Door):
        ids = [door.store(f"Thing {at}", user_id=user) for at, user in enumerate(("ann", "ann", "bo"))]
        changes = [{"memory_id": one, "text": f"Changed {at}"} for at, one in enumerate(ids)]
        assert "3" in door.ok("PUT", "/v1/batch/", json={"memories": changes})["message"]
        assert door.listed(filters={"user_id": "*"}) == ["Changed 0", "Changed 1", "Changed 2"]
        members = [{"memory_id": one} for one in ids]
        assert "3" in door.ok("DELETE", "/v1/batch/", json={"memories": members})["message"]
        assert door.listed(filters={"user_id": "*"}) == []

    @pytest.mark.parametrize("method", ["PUT", "DELETE"])
    def test_does_nothing_if_one_is_missing(self, door: Door, method: str):
        kept = door.store("Kept", user_id="ann")
        members = [{"memory_id": one, "text": "Changed"} for one in (kept, MISSING)]
        members = members if method == "PUT" else [{"memory_id": one["memory_id"]} for one in members]
        door.refused(404, method, "/v1/batch/", json={"memories": members})
        assert door.listed(filters={"user_id": "ann"}) == ["Kept"]


class TestDeleteAll:
    @pytest.mark.parametrize(
        ("entities", "left"),
        [
            ({"user_id": "ann"}, ["The oven is hot", "Bo sings"]),
            ({"agent_id": "bot"}, ["Ann rows", "Bo sings"]),
            ({"run_id": "r1"}, ["Ann drinks tea", "The oven is hot"]),
            ({"app_id": "web"}, ["Ann drinks tea", "Ann rows", "The oven is hot"]),
            ({"user_id": "ann", "run_id": "r1"}, ["Ann drinks tea", "The oven is hot", "Bo sings"]),
            (dict.fromkeys(("user_id", "agent_id", "app_id", "run_id"), "*"), []),
            ({"user_id": "*"}, ["The oven is hot"]),
            ({"user_id": "nobody"}, ["Ann drinks tea", "Ann rows", "The oven is hot", "Bo sings"]),
        ],
    )
    def test_of_entities(self, door: Door, entities: dict[str, str], left: list[str]):
        door.store("Ann drinks tea", user_id="ann", agent_id="bot")
        door.store("Ann rows", user_id="ann", run_id="r1")
        door.store("The oven is hot", agent_id="bot") if entities != {"agent_id": "bot"} else None
        door.store("Bo sings", user_id="bo", run_id="r1", app_id="web")
        door.ok("DELETE", "/v1/memories/", params=entities)
        everything = {"OR": [{"user_id": "*"}, {"agent_id": "*"}]}
        assert door.listed(filters=everything) == sorted(left)

    @pytest.mark.parametrize(
        "query",
        [
            {},
            {"filters": "{'user_id': 'ann'}"},
            {"user_id": "ann", "filters": "{}"},
            {"user_id": "ann", "metadata": "{'a': 1}"},
            {"user_id": ""},
            {"user": "ann"},
            {"user_id": ["ann", "bo"]},
            {"user_id": "agent:x"},
        ],
    )
    def test_never_guesses(self, door: Door, query: dict[str, Any]):
        door.store("Ann drinks tea", user_id="ann")
        door.refused(400, "DELETE", "/v1/memories/", params=query)
        assert door.listed(filters={"user_id": "ann"}) == ["Ann drinks tea"]

    def test_needs_the_right_to_write(self, resources: Resources, tenant: str):
        reader = open_door(resources, tenant, KeyScope.READ)
        reader.refused(403, "DELETE", "/v1/memories/", params={"user_id": "ann"})


class TestFeedback:
    @pytest.mark.parametrize(
        ("feedback", "strengthens"), [("POSITIVE", True), ("NEGATIVE", False), ("VERY_NEGATIVE", False)]
    )
    def test_strengthens_what_was_of_use(self, door: Door, feedback: str, strengthens: bool):
        memory_id = door.store("Ann drinks tea", user_id="ann", timestamp=1_700_000_000)
        before = door.client.get(f"/v1/memories/{memory_id}").json()["strength"]
        given = door.ok("POST", "/v1/feedback/", json={"memory_id": memory_id, "feedback": feedback})
        assert UUID(given["id"])
        after = door.client.get(f"/v1/memories/{memory_id}").json()["strength"]
        assert (after > before) is strengthens

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"memory_id": MISSING, "feedback": "POSITIVE"}, 404),
            ({"memory_id": "x", "feedback": "POSITIVE"}, 400),
            ({"feedback": "POSITIVE"}, 400),
            ({"memory_id": MISSING, "feedback": "GOOD"}, 400),
            ({"memory_id": MISSING, "feedback": None}, 501),
            ({"memory_id": MISSING, "feedback": "POSITIVE", "feedback_reason": "it helped"}, 501),
        ],
    )
    def test_refuses(self, door: Door, body: dict[str, Any], status: int):
        door.refused(status, "POST", "/v1/feedback/", json=body)


class TestEntities:
    def test_lists_and_counts_each_kind(self, library: Door):
        listed = library.ok("GET", "/v1/entities/")
        named = {(one["type"], one["name"]) for one in listed["results"]}
        assert named == {
            ("user", "ann"),
            ("user", "bo"),
            ("agent", "bot"),
            ("app", "web"),
            ("app", "phone"),
            ("run", "r1"),
            ("run", "r2"),
            ("run", "r3"),
        }
        totals = {name: listed[name] for name in listed if name.startswith("total_")}
        assert totals == {"total_users": 2, "total_agents": 1, "total_apps": 2, "total_runs": 3}
        assert listed["count"] == 8
        page = library.ok("GET", "/v1/entities/", params={"page": 2, "page_size": 5})
        assert page["results"] == listed["results"][5:]
        assert page["next"] is None

    @pytest.mark.parametrize("version", ["v1", "v2"])
    def test_are_deleted(self, door: Door, version: str):
        door.store("Ann drinks tea", user_id="a/b c", agent_id="bot")
        door.store("The oven is hot", agent_id="bot")
        door.ok("DELETE", f"/{version}/entities/agent/bot/")
        assert door.listed(filters={"user_id": "a/b c"}) == []
        door.ok("DELETE", f"/{version}/entities/user/a%2Fb%20c/")
        assert door.client.get("/v1/turns", params={"user_id": "a/b c"}).json()["items"] == []
        assert door.ok("GET", "/v1/entities/")["results"] == []
        door.refused(404, "DELETE", f"/{version}/entities/user/a%2Fb%20c/")
        door.ok("DELETE", f"/{version}/entities/agent/bot/")

    @pytest.mark.parametrize(
        "path", ["/v2/entities/team/x/", "/v2/entities/user/agent%3Ax/", "/v2/entities/run/mem0-day%3Ax/"]
    )
    def test_of_no_kind(self, door: Door, path: str):
        door.refused(400, "DELETE", path)

    def test_need_an_admin_key_to_be_deleted(self, resources: Resources, tenant: str):
        writer = open_door(resources, tenant, KeyScope.WRITE)
        writer.store("Ann drinks tea", user_id="ann")
        writer.refused(403, "DELETE", "/v2/entities/user/ann/")
        assert writer.listed(filters={"user_id": "ann"}) == ["Ann drinks tea"]


class TestEvents:
    def test_are_the_jobs(self, door: Door, worker: None):
        body = {"messages": [said("I live in Oslo.")], "user_id": "ann"}
        ids = [door.ok("POST", "/v3/memories/add/", json=body)["event_id"] for _ in range(3)]
        for event_id in ids:
            ended(door.client, event_id)
        listed = door.ok("GET", "/v1/events/")
        assert [one["id"] for one in listed["results"]] == ids[::-1]
        assert {one["status"] for one in listed["results"]} == {"SUCCEEDED"}
        page = door.ok("GET", "/v1/events/", params={"page": 2, "page_size": 2})
        assert [one["id"] for one in page["results"]] == ids[:1]
        assert page["next"] is None

    @pytest.mark.parametrize("event_id", [MISSING, "x", "a%2Fb"])
    def test_that_is_not_there(self, door: Door, event_id: str):
        door.refused(404, "GET", f"/v1/event/{event_id}/")


def _ended(door: Door, event_id: str) -> Any:
    event = door.ok("GET", f"/v1/event/{event_id}/")
    return event if event["status"] in {"SUCCEEDED", "FAILED"} else None


def _page(door: Door, user_id: str) -> Any:
    return door.ok("POST", "/v3/memories/", json={"filters": {"user_id": user_id}})


def _search(door: Door, query: str, **body: Any) -> list[Any]:
    wanted = {"query": query, "filters": {"user_id": "ann"}} | body
    return door.ok("POST", "/v3/memories/search/", json=wanted)["results"]
