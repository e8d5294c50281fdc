"""The paths of mem0's own server."""

from typing import Any

import pytest

from app.core.vocabulary import KeyScope
from app.doors.mem0 import adding
from app.resources import Resources
from tests.doors.mem0.conftest import Door, open_door

MESSAGES = [{"role": "user", "content": "I live in Oslo."}]


class TestAdd:
    def test_answers_with_the_memories(self, door: Door, worker: None):
        body = {"messages": MESSAGES, "user_id": "ann", "metadata": {"a": 1}}
        added = door.ok("POST", "/memories", json=body)
        (result,) = added["results"]
        assert (result["memory"], result["event"]) == ("The user lives in Oslo", "ADD")
        assert door.ok("GET", f"/memories/{result['id']}")["metadata"] == {"a": 1}

    def test_says_pending_when_it_takes_too_long(self, door: Door, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(adding, "WAIT_SECONDS", 0.0)
        added = door.ok("POST", "/memories", json={"messages": MESSAGES, "user_id": "ann"})
        assert added["status"] == "PENDING"
        assert door.ok("GET", f"/v1/event/{added['event_id']}/")["id"] == added["event_id"]

    @pytest.mark.parametrize("extra", [{"memory_type": "core"}, {"prompt": "x"}])
    def test_refuses_what_there_is_not(self, door: Door, extra: dict[str, Any]):
        door.refused(501, "POST", "/memories", json={"messages": MESSAGES, "user_id": "ann"} | extra)

    def test_needs_somebody(self, door: Door):
        door.refused(400, "POST", "/memories", json={"messages": MESSAGES})


class TestReading:
    def test_lists(self, library: Door):
        assert len(library.ok("GET", "/memories", params={"user_id": "ann"})["results"]) == 4
        assert len(library.ok("GET", "/memories", params={"run_id": "r1"})["results"]) == 2
        assert len(library.ok("GET", "/memories", params={"user_id": "ann", "top_k": 2})["results"]) == 2
        assert library.ok("GET", "/memories", params={"user_id": "ann", "top_k": 0})["results"] == []
        assert len(library.ok("GET", "/memories")["results"]) == 9
        library.refused(501, "GET", "/memories", params={"user_id": "ann", "show_expired": True})

    def test_lists_everybody_for_admins_only(self, resources: Resources, tenant: str):
        open_door(resources, tenant, KeyScope.READ).refused(403, "GET", "/memories")

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({"filters": {"user_id": "ann", "project": "apollo"}}, ["Ann drinks tea"]),
            (
                {"filters": {"user_id": "ann", "project": {"ne": "apollo"}, "level": "*"}},
                ["Ann owns a red bicycle", "Ann rows on Sundays"],
            ),
            ({"filters": {"user_id": "ann", "level": {"gte": 1}}}, ["Ann drinks tea", "Ann rows on Sundays"]),
            ({"user_id": "ann", "filters": {"project": {"in": ["zeus"]}}}, ["Ann rows on Sundays"]),
            ({"user_id": "bo", "run_id": "r1"}, ["Bo sings bass"]),
        ],
    )
    def test_searches(self, library: Door, body: dict[str, Any], expected: list[str]):
        wanted = {"query": "what?", "threshold": 0, "top_k": 20} | body
        found = library.ok("POST", "/search", json=wanted)["results"]
        assert sorted(one["memory"] for one in found) == expected

    def test_counts_entities(self, library: Door):
        counts = {(one["type"], one["id"]): one["total_memories"] for one in library.ok("GET", "/entities")}
        assert counts == {
            ("user", "ann"): 4,
            ("user", "bo"): 2,
            ("agent", "bot"): 3,
            ("run", "r1"): 2,
            ("run", "r2"): 1,
            ("run", "r3"): 1,
        }


class TestWriting:
    def test_edits_and_deletes(self, door: Door):
        memory_id = door.store("Ann drinks tea", user_id="ann")
        door.ok("PUT", f"/memories/{memory_id}", json={"text": "Ann drinks coffee"})
        assert [one["event"] for one in door.ok("GET", f"/memories/{memory_id}/history")] == ["ADD", "UPDATE"]
        door.ok("DELETE", f"/memories/{memory_id}")
        door.refused(404, "GET", f"/memories/{memory_id}")

    def test_deletes_of_entities(self, door: Door):
        door.store("Ann drinks tea", user_id="ann")
        door.store("Bo sings", user_id="bo")
        door.ok("DELETE", "/memories", params={"user_id": "ann"})
        assert [one["memory"] for one in door.ok("GET", "/memories")["results"]] == ["Bo sings"]
        door.ok("DELETE", "/entities/user/bo")
        door.refused(400, "DELETE", "/memories")
        assert door.ok("GET", "/memories")["results"] == []

    def test_reset_erases_everybody(self, door: Door, resources: Resources, tenant: str):
        door.store("Ann drinks tea", user_id="ann")
        door.store("The oven is hot", agent_id="bot")
        writer = open_door(resources, tenant, KeyScope.WRITE)
        writer.refused(403, "POST", "/reset")
        door.ok("POST", "/reset")
        assert door.ok("GET", "/memories")["results"] == []
        assert door.ok("GET", "/v1/entities/")["count"] == 0
        door.ok("POST", "/reset")
