"""The erasure of one session: nothing of it is left anywhere, and what others say stays in their words."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from redis import Redis
from sqlalchemy import Engine, text

from app.core.vocabulary import KeyScope
from app.resources import Resources
from app.services.consolidation.stage import enqueue_consolidation
from tests.api.test_users import TABLES, rows_with
from tests.conftest import (
    Servers,
    app_of,
    client_of,
    ended,
    make_key,
    post,
    principal_of,
    remember,
    search,
    turn,
    until,
)

WORD = "zanzibar"


def erase(client: TestClient, session: str = "s1", user: str = "ann") -> dict[str, Any]:
    answer = client.delete(f"/v1/sessions/{quote(session, safe='')}", params={"user_id": user})
    assert answer.status_code == 200, answer.text
    return answer.json()


def contents(client: TestClient, user: str = "ann", **query: Any) -> list[str]:
    listed = client.get("/v1/memories", params={"user_id": user, "limit": 200} | query).json()["items"]
    return [item["content"] for item in listed]


def settled(client: TestClient, user: str = "ann") -> None:
    """Wait until no job of the user is under way."""

    def is_idle() -> bool:
        jobs = client.get("/v1/jobs", params={"user_id": user, "limit": 200}).json()["items"]
        return all(job["status"] in {"succeeded", "failed", "dead"} for job in jobs)

    until(is_idle)


def keep_state(client: TestClient, session: str) -> None:
    state = {"user_id": "ann", "state": {"data": {"word": WORD}}}
    version = client.get(f"/v1/sessions/{session}/state", params={"user_id": "ann"}).json().get("version", 0)
    answer = client.put(f"/v1/sessions/{session}/state", json=state, headers={"If-Match": str(version)})
    assert answer.status_code == 200, answer.text


@pytest.fixture
def redis(servers: Servers) -> Iterator[Redis]:
    with Redis.from_url(servers.valkey.redis_url) as opened:
        yield opened


@pytest.mark.usefixtures("worker")
class TestNothingIsLeft:
    def tell(self, client: TestClient) -> None:
        remember(
            client,
            turn(f"I live in {WORD} town.", name="Ann", ref=f"{WORD}-1", metadata={"word": WORD}),
            turn(f"I work as a {WORD} pilot and I play the cello.", name="Ann"),
            turn(f"Remind me to call the {WORD} office.", name="Ann"),
            session=f"{WORD} 1",
            close_session=True,
        )
        remember(client, turn("I like rye bread.", name="Ann"), session="s2", close_session=True)
        keep_state(client, f"{WORD} 1")
        settled(client)

    def test_in_any_table_or_answer(
        self, client: TestClient, owner: Engine, tenant: str, redis: Redis, capfd: pytest.CaptureFixture[str]
    ):
        self.tell(client)
        assert search(client, f"Where is {WORD}?")
        client.post("/v1/context", json={"user_id": "ann", "query": WORD, "session_id": f"{WORD} 1"})
        before = rows_with(owner, tenant, WORD)
        assert {"turns", "memories", "memory_versions", "assertions", "session_states", "jobs"} <= set(before)
        receipt = erase(client, f"{WORD} 1")
        assert receipt["remaining"] == 0
        assert (receipt["rows"]["turns"], receipt["rows"]["sessions"]) == (3, 1)
        assert receipt["memories"] >= 2
        assert {part["part"] for part in receipt["parts"] if part["done_at"]} >= {"rows", "redis"}
        settled(client)
        assert rows_with(owner, tenant, WORD) == {}
        shown = [redis.get(key) or b"" for key in redis.scan_iter("*") if redis.type(key) == b"string"]
        assert not [value for value in shown if WORD.encode() in value]
        assert WORD not in json.dumps(search(client, f"Where is {WORD}?"))
        assert WORD not in " ".join(
            contents(client, status=["activated", "superseded", "archived", "expired"])
        )
        assert WORD not in capfd.readouterr().out
        assert client.get(f"/v1/erasures/{receipt['erasure_id']}").status_code == 200

    def test_and_the_other_sessions_stay(self, client: TestClient):
        self.tell(client)
        erase(client, f"{WORD} 1")
        assert [item["content"] for item in search(client, "What bread?")]
        assert any("rye" in content for content in contents(client))
        listed = client.get("/v1/sessions", params={"user_id": "ann"}).json()["items"]
        assert [item["session_id"] for item in listed] == ["s2"]

    def test_summaries_and_portraits_made_of_it_go_at_once(
        self, client: TestClient, resources: Resources, owner: Engine, tenant: str
    ):
        self.tell(client)
        job_id = enqueue_consolidation(resources, principal_of(tenant), "ann")
        ended(client, str(job_id))
        kinds = ["summary", "portrait", "insight"]
        made = contents(client, kinds=kinds)
        assert any(WORD in content for content in made)
        erase(client, f"{WORD} 1")
        assert not [content for content in contents(client, kinds=kinds) if WORD in content]
        settled(client)
        assert rows_with(owner, tenant, WORD) == {}

    def test_once_more_changes_nothing(self, client: TestClient, owner: Engine, tenant: str):
        self.tell(client)
        first = erase(client, f"{WORD} 1")
        settled(client)
        listed = client.get("/v1/erasures").json()["items"]
        again = erase(client, f"{WORD} 1")
        assert (again["erasure_id"], again["memories"], again["remaining"], again["rows"]) == (None, 0, 0, {})
        assert first["erasure_id"] in {item["id"] for item in listed}
        assert client.get("/v1/erasures").json()["items"] == listed

    def test_a_session_may_begin_anew(self, client: TestClient):
        self.tell(client)
        erase(client, f"{WORD} 1")
        remember(client, turn("I live in Oslo.", name="Ann", ref=f"{WORD}-1"), session=f"{WORD} 1")
        assert any("Oslo" in content for content in contents(client))


@pytest.mark.usefixtures("worker")
class TestOtherSources:
    def test_what_another_session_says_too_stays_without_a_trace(
        self, client: TestClient, owner: Engine, tenant: str
    ):
        remember(client, turn("I live in Oslo.", ref="first"), session="s1")
        remember(client, turn("I live in Oslo.", ref="second"), session="s2")
        (memory,) = client.get("/v1/memories", params={"user_id": "ann"}).json()["items"]
        turn_ids = [t["id"] for t in client.get("/v1/turns", params={"user_id": "ann"}).json()["items"]]
        receipt = erase(client, "s1")
        assert (receipt["memories"], receipt["memories_kept"]) == (0, 1)
        (kept,) = client.get("/v1/memories", params={"user_id": "ann"}).json()["items"]
        assert (kept["id"], kept["content"]) == (memory["id"], memory["content"])
        sources = client.get(f"/v1/memories/{kept['id']}/sources").json()["items"]
        assert [source["ref"] for source in sources] == ["second"]
        settled(client)
        assert rows_with(owner, tenant, turn_ids[0]) == {}

    def test_words_that_only_the_session_has_go(self, client: TestClient, owner: Engine, tenant: str):
        body = {"user_id": "ann", "subject": "user", "attribute": "residence", "value": "oslo"}
        remember(client, turn(f"I live in Oslo, on {WORD} street."), session="s1")
        remember(client, turn("I live in Oslo."), session="s2")
        said = contents(client)
        erase(client, "s1")
        settled(client)
        assert rows_with(owner, tenant, WORD) == {}, said
        assert any("Oslo" in content for content in contents(client)), body

    def test_a_value_falls_back_to_that_of_another_session(self, client: TestClient):
        remember(client, turn("I live in Oslo.", observed_at="2024-01-01T00:00:00Z"), session="s1")
        remember(client, turn("I live in Bergen.", observed_at="2024-06-01T00:00:00Z"), session="s2")
        erase(client, "s2")
        assert [content for content in contents(client) if "Oslo" in content]
        assert not [content for content in contents(client) if "Bergen" in content]

    def test_what_a_client_wrote_stays(self, client: TestClient):
        remember(client, turn("I live in Oslo."), session="s1")
        (memory,) = client.get("/v1/memories", params={"user_id": "ann"}).json()["items"]
        edit = {"content": "Ann lives in Oslo for good."}
        headers = {"If-Match": str(memory["version"])}
        assert client.patch(f"/v1/memories/{memory['id']}", json=edit, headers=headers).status_code == 200
        assert erase(client, "s1")["memories"] == 0
        assert contents(client) == ["Ann lives in Oslo for good."]

    def test_a_frozen_memory_refuses_it_and_nothing_is_done(self, client: TestClient):
        remember(client, turn("I live in Oslo."), session="s1")
        (memory,) = client.get("/v1/memories", params={"user_id": "ann"}).json()["items"]
        client.post(f"/v1/memories/{memory['id']}/freeze", json={})
        answer = client.delete("/v1/sessions/s1", params={"user_id": "ann"})
        assert answer.status_code == 409
        assert len(client.get("/v1/turns", params={"user_id": "ann"}).json()["items"]) == 1
        client.post(f"/v1/memories/{memory['id']}/unfreeze", json={})
        assert erase(client, "s1")["memories"] == 1


class TestJobs:
    def test_those_that_wait_go_with_it(self, client: TestClient, owner: Engine, tenant: str):
        with owner.connect() as holder:
            lock = "SELECT pg_advisory_xact_lock(hashtextextended(:t || chr(31) || :u, 0))"
            job_id = post(client, turn(f"I live in {WORD} town."))["job_id"]
            holder.execute(text(lock), {"t": tenant, "u": "ann"})
            with ThreadPoolExecutor(1) as pool:
                erasure = pool.submit(erase, client)
                holder.commit()
                assert erasure.result(60)["remaining"] == 0
        assert client.get(f"/v1/jobs/{job_id}").status_code == 404
        settled(client)
        assert rows_with(owner, tenant, WORD) == {}
        assert search(client, WORD) == []

    @pytest.mark.usefixtures("worker")
    def test_of_other_sessions_go_on(self, client: TestClient):
        jobs = [
            post(client, turn(f"I like {what}."), session=f"s{n}")["job_id"]
            for n, what in enumerate(["rye", "tea", "jazz", "snow"])
        ]
        erase(client, "s0")
        for job_id in jobs[1:]:
            assert ended(client, job_id)["status"] == "succeeded"
        # What is derived of them, such as the summary of a day, may be there already or not.
        told = contents(client, kinds=["fact", "preference", "event"])
        assert len(told) == 3


class TestRights:
    @pytest.mark.parametrize("scope", [KeyScope.WRITE, KeyScope.ADMIN])
    def test_a_key_that_may_write_may_erase(
        self, client: TestClient, resources: Resources, tenant: str, scope: KeyScope
    ):
        post(client, turn("A note.", role="system"))
        with client_of(app_of(resources), make_key(resources, tenant, scope)) as caller:
            assert erase(caller)["remaining"] == 0

    def test_a_bound_key_erases_its_own_users_sessions(
        self, client: TestClient, resources: Resources, tenant: str
    ):
        for user in ("ann", "bob"):
            post(client, turn("A note.", role="system"), user=user)
        with client_of(
            app_of(resources), make_key(resources, tenant, KeyScope.WRITE, user_id="ann")
        ) as bound:
            other = bound.delete("/v1/sessions/s1", params={"user_id": "bob"})
            assert (other.status_code, other.json()["field"]) == (403, "user_id")
            assert erase(bound)["rows"]["turns"] == 1
        assert len(client.get("/v1/turns", params={"user_id": "bob"}).json()["items"]) == 1

    def test_a_reader_may_not(self, client: TestClient, resources: Resources, tenant: str):
        post(client, turn("A note.", role="system"))
        with client_of(app_of(resources), make_key(resources, tenant, KeyScope.READ)) as reader:
            assert reader.delete("/v1/sessions/s1", params={"user_id": "ann"}).status_code == 403

    @pytest.mark.parametrize("session", ["s 1", "a/b", "é", "x/state", "100", "..a"])
    def test_whatever_a_session_is_called(self, client: TestClient, session: str):
        post(client, turn("A note.", role="system"), session=session)
        post(client, turn("Another.", role="system"), session="other")
        receipt = erase(client, session)
        assert (receipt["session_id"], receipt["rows"]["turns"], receipt["remaining"]) == (session, 1, 0)
        assert len(client.get("/v1/turns", params={"user_id": "ann"}).json()["items"]) == 1

    def test_a_session_of_that_name_of_another_user_stays(self, client: TestClient):
        for user in ("ann", "bob"):
            post(client, turn("A note.", role="system"), user=user)
        erase(client, user="bob")
        assert len(client.get("/v1/turns", params={"user_id": "ann"}).json()["items"]) == 1

    def test_an_unknown_user_is_not_found(self, client: TestClient):
        assert client.delete("/v1/sessions/s1", params={"user_id": "nobody"}).status_code == 404
        assert client.get("/v1/users").json()["items"] == []


def test_every_table_of_a_session_is_counted(client: TestClient):
    post(client, turn("A note.", role="system"))
    named = set(erase(client)["rows"]) & set(TABLES)
    assert {"turns", "sessions", "jobs", "segments", "session_states", "assertions", "embeddings"} <= named
