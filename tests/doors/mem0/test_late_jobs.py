"""What was deleted stays deleted, though turns of before waited for a worker, or one was reading them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from app.resources import Resources
from app.services.ingestion import embed_turns, extraction
from tests.conftest import Servers, app_of, client_of, make_key, without_worker
from tests.doors.mem0.conftest import Door
from tests.fakes import ScriptedLLM, turns_of


@pytest.fixture(scope="module")
def unworked(servers: Servers) -> Iterator[Resources]:
    """The offline extractor in a database that no worker looks at."""
    with without_worker(servers, "mem0late", 7) as opened:
        yield opened


@dataclass(frozen=True)
class Slow:
    """A door whose worker is the test."""

    door: Door
    resources: Resources
    tenant: str

    def add(self, text: str, **named: Any) -> str:
        body = {"messages": [{"role": "user", "content": text}]} | named
        answer = self.door.ok("POST", "/v3/memories/add/", json=body)
        assert answer["status"] == "PENDING"
        return answer["event_id"]

    def work(self, *users: str) -> None:
        for user in users or ("ann", "bo", "agent:bot"):
            embed_turns.run_embedding(self.resources, self.tenant, user)
            extraction.run_extraction(self.resources, self.tenant, user)

    def delete(self, **named: str) -> int:
        return self.door.ok("DELETE", "/v1/memories/", params=named)["deleted"]

    def memories(self) -> list[str]:
        return self.door.listed(filters={"OR": [{"user_id": "*"}, {"agent_id": "*"}]})

    def states(self, user: str = "ann") -> list[tuple[str, str]]:
        page = self.door.client.get("/v1/turns", params={"user_id": user, "limit": 200}).json()
        return [(turn["content"], turn["state"]) for turn in page["items"]]


def open_slow(resources: Resources, tenant: str) -> Slow:
    key = make_key(resources, tenant)
    return Slow(Door(client_of(app_of(resources), key), key), resources, tenant)


@pytest.fixture
def slow(unworked: Resources, tenant: str) -> Slow:
    return open_slow(unworked, tenant)


TEA = "I am allergic to nuts."
ROWS = "I live in Bergen."
SINGS = "I work at Acme."


class TestWaiting:
    def test_the_worker_would_bring_them_back(self, slow: Slow):
        """Without a deletion each of these turns becomes a memory; else this file proves nothing."""
        for text in (TEA, ROWS, SINGS):
            slow.add(text, user_id="ann")
        slow.work()
        assert len(slow.memories()) == 3

    def test_turns_do_not_come_back(self, slow: Slow):
        event = slow.add(TEA, user_id="ann")
        assert slow.delete(user_id="ann") == 0
        slow.work()
        assert slow.memories() == []
        assert slow.states() == [(TEA, "nothing")]
        assert slow.door.ok("GET", f"/v1/event/{event}/")["status"] == "SUCCEEDED"
        (turn,) = slow.door.client.get("/v1/turns", params={"user_id": "ann"}).json()["items"]
        assert "were deleted before it was read" in turn["reason"]

    def test_turns_that_were_embedded_do_not_come_back(self, slow: Slow):
        slow.add(TEA, user_id="ann")
        embed_turns.run_embedding(slow.resources, slow.tenant, "ann")
        slow.delete(user_id="ann")
        slow.work()
        assert slow.memories() == []

    def test_what_is_said_after_it_is_remembered(self, slow: Slow):
        slow.add(TEA, user_id="ann")
        slow.delete(user_id="ann")
        slow.add(ROWS, user_id="ann")
        slow.work()
        assert len(slow.memories()) == 1
        assert slow.states() == [(TEA, "nothing"), (ROWS, "extracted")]

    def test_read_and_unread_go_together(self, slow: Slow):
        slow.add(TEA, user_id="ann")
        slow.work()
        slow.add(ROWS, user_id="ann")
        assert slow.delete(user_id="ann") == 1
        slow.work()
        assert slow.memories() == []
        assert slow.states() == [(TEA, "extracted"), (ROWS, "nothing")]

    @pytest.mark.parametrize(
        ("named", "left"),
        [
            ({"user_id": "ann"}, ["bo tea", "bot tea"]),
            ({"user_id": "bo"}, ["ann tea", "ann rows", "ann sings", "bot tea"]),
            ({"user_id": "nobody"}, ["ann tea", "ann rows", "ann sings", "bo tea", "bot tea"]),
            ({"user_id": "*"}, ["bot tea"]),
            ({"agent_id": "bot"}, ["ann tea", "ann sings", "bo tea"]),
            ({"agent_id": "*"}, ["ann tea", "ann sings", "bo tea"]),
            ({"agent_id": "other"}, ["ann tea", "ann rows", "ann sings", "bo tea", "bot tea"]),
            ({"run_id": "r1"}, ["ann tea", "ann rows", "bot tea"]),
            ({"run_id": "*"}, ["ann tea", "ann rows", "bot tea"]),
            ({"app_id": "web"}, ["ann tea", "ann rows", "ann sings", "bot tea"]),
            ({"app_id": "phone"}, ["ann tea", "ann rows", "ann sings", "bo tea", "bot tea"]),
            ({"user_id": "ann", "run_id": "r1"}, ["ann tea", "ann rows", "bo tea", "bot tea"]),
            ({"user_id": "ann", "agent_id": "bot"}, ["ann tea", "ann sings", "bo tea", "bot tea"]),
            ({"user_id": "ann", "app_id": "web"}, ["ann tea", "ann rows", "ann sings", "bo tea", "bot tea"]),
            (dict.fromkeys(("user_id", "agent_id", "app_id", "run_id"), "*"), []),
        ],
    )
    def test_only_those_of_whom_is_named(self, slow: Slow, named: dict[str, str], left: list[str]):
        said = {
            "ann tea": (TEA, {"user_id": "ann"}),
            "ann rows": (ROWS, {"user_id": "ann", "agent_id": "bot"}),
            "ann sings": (SINGS, {"user_id": "ann", "run_id": "r1"}),
            "bo tea": (TEA, {"user_id": "bo", "run_id": "r1", "app_id": "web"}),
            "bot tea": (TEA, {"agent_id": "bot"}),
        }
        for text, whose in said.values():
            slow.add(text, **whose)
        slow.delete(**named)
        read = [name for name, state in self._states(slow, said) if state == "stored"]
        assert read == left
        slow.work()
        assert len(slow.memories()) == len(left)

    def _states(self, slow: Slow, said: dict[str, Any]) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for name, (text, whose) in said.items():
            user = whose.get("user_id", "agent:bot")
            found += [(name, state) for content, state in slow.states(user) if content == text]
        return found

    def test_what_is_refused_leaves_them(self, slow: Slow):
        memory_id = slow.door.store("Ann is of age", user_id="ann")
        assert slow.door.client.post(f"/v1/memories/{memory_id}/freeze", json={}).status_code == 200
        slow.add(TEA, user_id="ann")
        slow.door.refused(409, "DELETE", "/v1/memories/", params={"user_id": "ann"})
        slow.work()
        assert len(slow.memories()) == 2

    @pytest.mark.parametrize("kind", ["agent", "run", "app"])
    def test_entities_are_deleted_with_what_waits(self, slow: Slow, kind: str):
        slow.add(TEA, **{"user_id": "ann", f"{kind}_id": "x"})
        slow.door.ok("DELETE", f"/v2/entities/{kind}/x/")
        slow.work()
        assert slow.memories() == []

    def test_a_user_is_erased_with_what_waits(self, slow: Slow):
        slow.add(TEA, user_id="ann")
        slow.door.ok("DELETE", "/v2/entities/user/ann/")
        slow.work()
        assert (slow.memories(), slow.states()) == ([], [])

    def test_mem0s_own_server_does_the_same(self, slow: Slow):
        slow.add(TEA, user_id="ann")
        slow.door.ok("DELETE", "/memories", params={"user_id": "ann"})
        slow.work()
        assert slow.memories() == []

    def test_a_failed_turn_is_not_read_by_a_retry(self, slow: Slow):
        event = slow.add(TEA, user_id="ann")
        with slow.resources.engine.begin() as connection:
            connection.exec_driver_sql(f"SELECT set_config('memcubed.tenant', '{slow.tenant}', true)")
            connection.exec_driver_sql("UPDATE jobs SET status = 'dead', finished_at = now(), attempts = 9")
            connection.exec_driver_sql(
                "UPDATE turns SET state = 'failed', state_reason = 'the model was away'"
            )
        slow.delete(user_id="ann")
        assert slow.door.client.post(f"/v1/jobs/{event}/retry").status_code == 202
        slow.work()
        assert slow.memories() == []


class TestUnderWay:
    """The deletion comes while the model is asked."""

    @pytest.mark.parametrize(
        "named", [{"user_id": "ann"}, {"user_id": "ann", "run_id": "r1"}, {"run_id": "r1"}]
    )
    def test_what_the_model_answers_afterwards_is_not_written(
        self, llm_resources: Resources, llm: ScriptedLLM, tenant: str, named: dict[str, str]
    ):
        slow = open_slow(llm_resources, tenant)
        deletions: list[int] = []

        def answer(messages: list[dict[str, Any]]) -> dict[str, Any]:
            said = turns_of({"messages": messages})
            if not deletions:
                deletions.append(slow.delete(**named))
            facts = [{"turn": one["n"], "content": one["content"], "quote": one["content"]} for one in said]
            return {"facts": facts}

        llm.on_chat = answer
        slow.add(TEA, user_id="ann", run_id="r1")
        slow.add(ROWS, user_id="ann", run_id="r2")
        for _ in range(4):
            slow.work("ann")
        left = [] if named == {"user_id": "ann"} else [ROWS]
        assert len(deletions) == 1
        assert slow.memories() == left
        assert dict(slow.states())[TEA] == "nothing"
