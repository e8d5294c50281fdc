"""Conflicts over HTTP: both sides are shown with their sources, and what is decided stays decided."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from app.resources import Resources
from app.services.ingestion import embed_turns, extraction
from tests.conftest import app_of, client_of, make_key, post, remember, search, turn
from tests.fakes import ScriptedLLM, pairs_of, turns_of

BERGEN = turn("I moved to Bergen.", name="Ann", ref="m2", observed_at="2026-03-10T10:00:00Z")
SLOT = {"subject": "Ann", "attribute": "residence"}


def listed(client: TestClient, **params: Any) -> list[Any]:
    answer = client.get("/v1/conflicts", params={"user_id": "ann"} | params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def add(client: TestClient, content: str, **values: Any) -> Any:
    answer = client.post("/v1/memories", json={"user_id": "ann", "content": content} | values)
    assert answer.status_code == 201, answer.text
    return answer.json()


def resolve(client: TestClient, conflict: Any, **body: Any) -> Any:
    answer = client.post(f"/v1/conflicts/{conflict['id']}/resolve", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def memory(client: TestClient, memory_id: str) -> Any:
    return client.get(f"/v1/memories/{memory_id}").json()


def memory_at(client: TestClient, memory_id: str, known_at: str) -> Any:
    return client.get(f"/v1/memories/{memory_id}", params={"known_at": known_at}).json()


def residences(client: TestClient) -> dict[str, tuple[str, str | None, str | None]]:
    """{value: (status, valid_from, valid_to)} of the slot."""
    params = {"user_id": "ann", "attribute": "residence", "status": ["activated", "superseded"]}
    items = client.get("/v1/memories", params=params).json()["items"]
    return {
        m["value"]: (m["status"], m["valid_from"][:10], m["valid_to"] and m["valid_to"][:10]) for m in items
    }


def side(conflict: Any, value: str) -> Any:
    return next(one for one in conflict["sides"] if one["value"] == value)


@pytest.fixture
def disputed(client: TestClient, worker: None) -> Any:
    """Somebody wrote Paris by hand; later the user says Bergen, which is worth less."""
    add(client, "Ann lives in Paris.", value="Paris", asserted_at="2026-02-01T00:00:00Z", **SLOT)
    remember(client, BERGEN)
    return listed(client)[0]


class TestList:
    def test_shows_both_sides_with_their_sources_and_dates(self, client: TestClient, disputed: Any):
        assert (disputed["subject"], disputed["attribute"]) == ("user", "residence")
        assert [one["value"] for one in disputed["sides"]] == ["paris", "bergen"]
        paris, bergen = disputed["sides"]
        assert (paris["holds"], bergen["holds"]) == (True, False)
        assert (paris["origin"], bergen["origin"]) == ("edit", "user")
        assert bergen["first_said"] == bergen["last_said"] == BERGEN["observed_at"]
        assert [(s["ref"], s["quote"]) for s in bergen["sources"]] == [("m2", "I moved to Bergen")]
        assert [s["turn_id"] for s in paris["sources"]] == [None]

    def test_nothing_is_dropped_and_everything_says_so(self, client: TestClient, disputed: Any):
        ids = {one["value"]: one["memory_id"] for one in disputed["sides"]}
        assert memory(client, ids["paris"])["conflicts"] == [ids["bergen"]]
        for value in ids:
            assert memory(client, ids[value])["reliance"] == "ask_user"
        items = search(client, "Where does Ann live?")
        shown = [item["id"] for item in items if item["type"] == "memory"]
        assert shown == [ids["paris"], ids["bergen"]]
        assert {item["reliance"] for item in items if item["id"] in shown} == {"ask_user"}

    def test_the_same_date_in_two_sessions_decides_nothing(self, client: TestClient, worker: None):
        for number, place in enumerate(("Oslo", "Bergen")):
            told = turn(f"I live in {place}.", name="Ann", observed_at="2026-03-10T10:00:00Z")
            remember(client, told, session=f"s{number}")
        assert {one["value"] for one in listed(client)[0]["sides"]} == {"oslo", "bergen"}
        remember(
            client, turn("I live in Oslo.", name="Ann", observed_at="2026-03-11T10:00:00Z"), session="s3"
        )
        assert listed(client) == []
        assert residences(client)["oslo"][0] == "activated"

    def test_is_empty_without_a_conflict(self, client: TestClient):
        add(client, "Ann lives in Paris.", value="Paris", **SLOT)
        assert listed(client) == []

    def test_pages_give_every_conflict_once_newest_first(self, client: TestClient, worker: None):
        told = {"live in": "residence", "work at": "employer", "am from": "origin"}
        for words, attribute in told.items():
            slot = {"subject": "Ann", "attribute": attribute, "value": "Lima"}
            add(client, f"Ann: {words} Lima.", asserted_at="2026-02-01T00:00:00Z", **slot)
            remember(client, turn(f"I {words} Turin.", name="Ann", observed_at="2026-03-01T00:00:00Z"))
        first = client.get("/v1/conflicts", params={"user_id": "ann", "limit": 2}).json()
        rest = client.get("/v1/conflicts", params={"user_id": "ann", "cursor": first["next_cursor"]}).json()
        seen = [one["attribute"] for one in first["items"] + rest["items"]]
        assert seen == ["origin", "employer", "residence"]
        assert (len(first["items"]), rest["next_cursor"]) == (2, None)

    def test_needs_a_user(self, client: TestClient):
        answer = client.get("/v1/conflicts")
        assert (answer.status_code, answer.json()["field"]) == (422, "user_id")


class TestKeep:
    def test_the_holder_stays_and_the_other_is_superseded(self, client: TestClient, disputed: Any):
        paris = side(disputed, "paris")
        answer = resolve(client, disputed, keep=paris["memory_id"], reason="Ann was only visiting")
        assert answer["kept"] == paris["memory_id"]
        assert listed(client) == []
        assert residences(client)["paris"] == ("activated", "2026-02-01", None)
        assert residences(client)["bergen"][0] == "superseded"
        kept = memory(client, paris["memory_id"])
        assert (kept["conflicts"], kept["reliance"], kept["confidence"]) == ([], "prefer_memory", 0.95)

    def test_the_disputed_one_holds_since_it_was_claimed(self, client: TestClient, disputed: Any):
        resolve(client, disputed, keep=side(disputed, "bergen")["memory_id"])
        assert residences(client) == {
            "paris": ("superseded", "2026-02-01", "2026-03-10"),
            "bergen": ("activated", "2026-03-10", None),
        }
        kept = memory(client, side(disputed, "bergen")["memory_id"])
        assert (kept["volatility"], kept["confidence"]) == ("temporal", 0.95)

    @pytest.mark.parametrize("kept", ["paris", "bergen"])
    def test_every_side_has_a_version_with_actor_and_reason(self, client: TestClient, disputed, kept: str):
        answer = resolve(client, disputed, keep=side(disputed, kept)["memory_id"], reason="Ann said so")
        key_id = client.get("/v1/keys").json()["items"][0]["id"]
        for after in answer["memories"]:
            last = client.get(f"/v1/memories/{after['id']}/history").json()["items"][-1]
            assert (last["op"], last["reason"], last["actor"]) == ("resolve", "Ann said so", f"key:{key_id}")
            assert last["version"] == after["version"]
            assert last["snapshot"]["status"] == after["status"]

    @pytest.mark.parametrize("kept", ["paris", "bergen"])
    def test_what_is_told_late_does_not_undo_it(self, client: TestClient, disputed: Any, kept: str):
        resolve(client, disputed, keep=side(disputed, kept)["memory_id"])
        before = residences(client)
        late = [
            turn("I moved to Bergen.", name="Ann", observed_at="2026-04-10T10:00:00Z"),
            turn("I live in Oslo.", name="Ann", observed_at="2026-04-11T10:00:00Z"),
        ]
        for number, told in enumerate(late):
            remember(client, told, session=f"late{number}")
        after = residences(client)
        assert after[kept] == before[kept]
        assert [value for value in after if after[value][0] == "activated"] == [kept]
        assert listed(client) == []

    def test_what_is_told_afterwards_opens_it_again(self, client: TestClient, disputed: Any):
        resolve(client, disputed, keep=side(disputed, "paris")["memory_id"])
        remember(
            client, turn("I moved to Bergen.", name="Ann", observed_at="2040-01-01T00:00:00Z"), session="x"
        )
        assert [one["value"] for one in listed(client)[0]["sides"]] == ["paris", "bergen"]

    def test_any_side_names_the_conflict(self, client: TestClient, disputed: Any):
        bergen = side(disputed, "bergen")["memory_id"]
        assert resolve(client, {"id": bergen}, keep=bergen)["id"] == disputed["id"]

    def test_a_frozen_side_is_not_superseded(self, client: TestClient, disputed: Any, owner: Engine):
        paris = side(disputed, "paris")["memory_id"]
        with owner.begin() as connection:
            connection.execute(text("UPDATE memories SET frozen = true WHERE id = :id"), {"id": paris})
        body = {"keep": side(disputed, "bergen")["memory_id"]}
        answer = client.post(f"/v1/conflicts/{disputed['id']}/resolve", json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        resolve(client, disputed, keep=paris)
        assert residences(client)["bergen"][0] == "superseded"


class TestDismiss:
    def test_both_stay_and_it_is_no_longer_listed(self, client: TestClient, disputed: Any):
        answer = resolve(client, disputed, dismiss=True, reason="she has two homes")
        assert answer["kept"] is None
        assert listed(client) == []
        assert {status for status, _, _ in residences(client).values()} == {"activated"}
        for after in answer["memories"]:
            assert after["conflicts"] == []
            last = client.get(f"/v1/memories/{after['id']}/history").json()["items"][-1]
            assert (last["op"], last["reason"]) == ("dismiss", "she has two homes")
        items = search(client, "Where does Ann live?")
        assert [item["reliance"] for item in items if item["type"] == "memory"] == ["verify", "verify"]

    def test_stays_dismissed_when_the_slot_is_folded_again(self, client: TestClient, disputed: Any):
        resolve(client, disputed, dismiss=True)
        remember(client, BERGEN | {"ref": "m3", "observed_at": "2026-04-01T00:00:00Z"}, session="s9")
        assert listed(client) == []
        assert {status for status, _, _ in residences(client).values()} == {"activated"}


class TestRefused:
    @pytest.mark.parametrize("body", [{}, {"dismiss": False}, {"reason": "x"}])
    def test_one_thing_must_be_decided(self, client: TestClient, disputed: Any, body: dict[str, Any]):
        answer = client.post(f"/v1/conflicts/{disputed['id']}/resolve", json=body)
        assert answer.status_code == 422
        assert len(listed(client)) == 1

    def test_not_both(self, client: TestClient, disputed: Any):
        body = {"keep": disputed["id"], "dismiss": True}
        assert client.post(f"/v1/conflicts/{disputed['id']}/resolve", json=body).status_code == 422

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"keep": str(uuid4())}, "keep"),
            ({"keep": "paris"}, "keep"),
            ({"dismiss": True, "reason": " "}, "reason"),
            ({"dismiss": True, "why": "x"}, "why"),
        ],
    )
    def test_names_the_field_that_is_not_valid(
        self, client: TestClient, disputed: Any, body: Any, field: str
    ):
        answer = client.post(f"/v1/conflicts/{disputed['id']}/resolve", json=body)
        assert (answer.status_code, answer.json()["field"]) == (422, field)

    def test_a_memory_without_a_conflict_names_none(self, client: TestClient):
        one = add(client, "Ann sings.")
        for memory_id in (one["id"], str(uuid4())):
            answer = client.post(f"/v1/conflicts/{memory_id}/resolve", json={"dismiss": True})
            assert answer.status_code == 404

    def test_a_decided_conflict_is_gone(self, client: TestClient, disputed: Any):
        resolve(client, disputed, keep=disputed["id"])
        answer = client.post(f"/v1/conflicts/{disputed['id']}/resolve", json={"dismiss": True})
        assert answer.status_code == 404


class TestJudgedByAModel:
    """Statements without a slot; the model says that they contradict each other."""

    TEA, COFFEE = "Ann drinks tea at breakfast.", "Ann drinks coffee at breakfast."

    @pytest.fixture
    def scripted(self, llm_resources: Resources, llm: ScriptedLLM, tenant: str) -> Iterator[TestClient]:
        def reply(messages: list[dict[str, Any]]) -> dict[str, Any]:
            asked = {"messages": messages}
            if pairs_of(asked):
                return {"verdicts": [{"pair": p["pair"], "verdict": "contradicts"} for p in pairs_of(asked)]}
            told = turns_of(asked)
            return {"facts": [{"turn": t["n"], "content": t["content"], "quote": t["content"]} for t in told]}

        llm.on_chat = reply
        with client_of(app_of(llm_resources), make_key(llm_resources, tenant)) as client:
            # Both are read in one call: about a memory that it is shown the model has no second say.
            post(client, turn(self.TEA), turn(self.COFFEE))
            embed_turns.run_embedding(llm_resources, tenant, "ann")
            extraction.run_extraction(llm_resources, tenant, "ann")
            yield client

    def test_both_sides_are_shown_and_one_can_be_kept(self, scripted: TestClient):
        conflict = listed(scripted)[0]
        assert (conflict["attribute"], [one["holds"] for one in conflict["sides"]]) == (None, [False, False])
        assert [one["content"] for one in conflict["sides"]] == [self.TEA, self.COFFEE]
        first, second = conflict["sides"]
        answer = resolve(scripted, conflict, keep=second["memory_id"], reason="she changed her mind")
        assert [m["status"] for m in answer["memories"]] == ["superseded", "activated"]
        assert answer["memories"][1]["confidence"] == 0.95
        assert memory(scripted, first["memory_id"])["valid_to"] is not None
        assert listed(scripted) == []
        contents = [item["content"] for item in search(scripted, "breakfast", kinds=["fact"])]
        assert contents == [self.COFFEE]

    def test_or_dismissed(self, scripted: TestClient):
        answer = resolve(scripted, listed(scripted)[0], dismiss=True)
        assert [m["status"] for m in answer["memories"]] == ["activated"] * 2
        assert listed(scripted) == []


def test_before_it_was_recorded_there_was_no_conflict(client: TestClient, worker: None):
    add(client, "Ann lives in Paris.", value="Paris", asserted_at="2026-02-01T00:00:00Z", **SLOT)
    before = datetime.now(UTC).isoformat()
    remember(client, BERGEN)
    (conflict,) = listed(client)
    paris = side(conflict, "paris")["memory_id"]
    asked = {"user_id": "ann", "query": "Where does Ann live?"}
    now = client.post("/v1/search", json=asked).json()
    assert (now["abstained"], now["reason"]) == (True, "conflict")
    then = client.post("/v1/search", json=asked | {"known_at": before}).json()
    assert (then["abstained"], then["items"][0].get("conflicts", [])) == (False, [])
    assert memory(client, paris)["conflicts"] != []
    assert memory_at(client, paris, before)["conflicts"] == []
    resolve(client, conflict, dismiss=True)
    undecided = datetime.now(UTC).isoformat()
    assert memory(client, paris)["conflicts"] == memory_at(client, paris, undecided)["conflicts"] == []
