"""Erasure over HTTP: nothing is left, in any row, in any process, and nobody else loses anything."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from redis import Redis
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import OperationalError

from app.core.security import Principal
from app.db import models
from app.db.repositories.platform import users
from app.db.user_session import UserSession
from app.resources import Resources, open_resources
from tests.conftest import (
    Servers,
    app_of,
    client_of,
    make_key,
    post,
    remember,
    search,
    turn,
    until_waited_for,
)

SECRET = "zanzibar"
TABLES = [table.name for table in models.Base.metadata.sorted_tables if "tenant_id" in table.c]


def tell(client: TestClient, user: str) -> Any:
    said = turn(f"I live in Oslo and my word is {SECRET}.", name="Ann", ref="m1", role="system")
    answer = post(client, said, user=user)
    body = {"user_id": user, "content": f"Ann's word is {SECRET}."}
    headers = {"Idempotency-Key": f"k-{user.encode().hex()}"}
    assert client.post("/v1/memories", json=body, headers=headers).status_code == 201
    state = {"user_id": user, "state": {"data": {"word": SECRET}}}
    path, headers = "/v1/sessions/s1/state", {"If-Match": "0"}
    assert client.put(path, json=state, headers=headers).status_code == 200
    plan = {"user_id": user, "content": f"Say {SECRET}."}
    assert client.put("/v1/artifacts/plan", json=plan).status_code == 201
    return answer


def erase(client: TestClient, user: str = "ann") -> Any:
    answer = client.delete(f"/v1/users/{user}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def rows_with(owner: Engine, tenant: str, word: str) -> dict[str, int]:
    """How many rows of the tenant show the word, by table."""
    found = {}
    with owner.connect() as connection:
        for table in TABLES:
            sql = text(f"SELECT count(*) FROM {table} t WHERE tenant_id = :t AND to_jsonb(t)::text ILIKE :w")
            found[table] = connection.execute(sql, {"t": tenant, "w": f"%{word}%"}).scalar_one()
    return {table: count for table, count in found.items() if count}


def held(redis: Redis) -> set[bytes]:
    """The keys of Redis whose value shows the word."""
    keys = [key for key in redis.scan_iter("*", count=10_000) if redis.type(key) == b"string"]
    return {key for key in keys if SECRET.encode() in (redis.get(key) or b"")}


@pytest.mark.parametrize("user", ["a/b", "a b", "é", "a/export", "a/portrait"])
def test_whatever_a_user_is_called_it_can_be_named_in_a_path(client: TestClient, user: str):
    post(client, turn("I live in Oslo."), user=user)
    path = f"/v1/users/{quote(user, safe='')}"
    exported = client.get(f"{path}/export")
    assert exported.status_code == 200
    assert "Oslo" in exported.text
    assert client.get(f"{path}/portrait").json()["detail"] != "Not Found"
    receipt = client.delete(path).json()
    assert (receipt["user_id"], receipt["remaining"]) == (user, 0)


class TestErase:
    def test_is_done_again_when_another_write_and_it_wait_for_each_other(
        self, client: TestClient, owner: Engine, tenant: str
    ):
        tell(client, "ann")
        of_user = {"t": tenant, "u": "ann"}
        with ThreadPoolExecutor(1) as pool, owner.connect() as connection:
            connection.execute(
                text("SELECT FROM users WHERE tenant_id = :t AND user_id = :u FOR UPDATE"), of_user
            )
            erasure = pool.submit(erase, client)  # it has the user's advisory lock and waits for the row
            until_waited_for(owner, connection)
            lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:t || chr(31) || :u, 0))")
            with suppress(OperationalError):  # on a slow machine the database may end this one instead
                connection.execute(lock, of_user)
            connection.rollback()
            assert erasure.result(60)["remaining"] == 0

    def test_the_receipt_counts_the_rows(self, client: TestClient):
        tell(client, "ann")
        receipt = erase(client)
        assert receipt["user_id"] == "ann"
        assert receipt["remaining"] == 0
        assert receipt["working_memory_cleared"] is True
        rows = receipt["rows"]
        assert set(rows) == {
            table.name
            for table in models.Base.metadata.sorted_tables
            if not {"user_id", "owner_user_id", "grantee_user_id"}.isdisjoint(table.c.keys())
        }
        assert {name: rows[name] for name in ("users", "sessions", "turns", "jobs", "idempotency_keys")} == {
            "users": 1,
            "sessions": 1,
            "turns": 1,
            "jobs": 1,
            "idempotency_keys": 1,
        }
        assert rows["memories"] >= 1
        assert rows["memory_versions"] >= 1

    def test_leaves_no_row_with_the_users_words_or_name(self, client: TestClient, owner: Engine, tenant: str):
        tell(client, "ann-1234")
        assert {"turns", "memories", "memory_versions"} <= set(rows_with(owner, tenant, SECRET))
        erase(client, "ann-1234")
        assert rows_with(owner, tenant, SECRET) == {}
        assert rows_with(owner, tenant, "ann-1234") == {}

    def test_nothing_is_found_afterwards(self, client: TestClient):
        accepted = tell(client, "ann")
        memory = client.get("/v1/memories", params={"user_id": "ann"}).json()["items"][0]
        assert search(client, SECRET)
        erase(client)
        assert search(client, SECRET) == []
        for path in ("turns", "memories", "jobs"):
            assert client.get(f"/v1/{path}", params={"user_id": "ann"}).json()["items"] == []
        assert client.get(f"/v1/turns/{accepted['turn_ids'][0]}").status_code == 404
        assert client.get(f"/v1/jobs/{accepted['job_id']}").status_code == 404
        for part in ("", "/history", "/sources"):
            assert client.get(f"/v1/memories/{memory['id']}{part}").status_code == 404

    def test_the_working_memory_is_emptied(self, client: TestClient, servers: Servers):
        tell(client, "ann")
        body = {"user_id": "ann", "query": "word", "session_id": "s1"}
        assert SECRET in client.post("/v1/context", json=body).json()["text"]
        with Redis.from_url(servers.valkey.redis_url) as redis:
            before = held(redis)
            erase(client)
            after = held(redis)
        assert before
        assert after == set()
        assert SECRET not in client.post("/v1/context", json=body).json()["text"]

    def test_other_users_keep_everything(self, client: TestClient):
        tell(client, "ann")
        tell(client, "bob")
        before = search(client, SECRET, user="bob")
        erase(client)
        assert before
        after = search(client, SECRET, user="bob")
        assert {item["id"] for item in after} == {item["id"] for item in before}
        assert len(client.get("/v1/turns", params={"user_id": "bob"}).json()["items"]) == 1

    def test_the_users_bound_keys_end(self, client: TestClient, resources: Resources, tenant: str):
        tell(client, "ann")
        bound = client.post("/v1/keys", json={"name": "phone", "user_id": "ann"}).json()["key"]
        assert erase(client)["rows"]["api_keys"] == 1
        answer = client.get("/v1/jobs", headers={"Authorization": f"Bearer {bound}"})
        assert answer.status_code == 401

    def test_an_unknown_user_is_a_problem(self, client: TestClient):
        assert client.delete("/v1/users/nobody").status_code == 404

    def test_twice_is_a_problem_the_second_time(self, client: TestClient):
        tell(client, "ann")
        erase(client)
        assert client.delete("/v1/users/ann").status_code == 404

    def test_a_name_with_signs_in_it_can_be_erased(self, client: TestClient):
        tell(client, "ann@x.org:1 é?")
        assert erase(client, "ann%40x.org%3A1%20%C3%A9%3F")["remaining"] == 0

    def test_waits_for_a_job_that_fails_meanwhile(
        self, client: TestClient, resources: Resources, owner: Engine, tenant: str
    ):
        post(client, turn("I live in Oslo.", role="system"), user="ann")
        with ThreadPoolExecutor(1) as pool:
            # As a failing job does: the lock, the job's row, and only then the user's row.
            with resources.open_transaction(Principal(tenant)) as session:
                users.lock_user(UserSession(session, tenant, "ann"))
                session.execute(select(models.Job).where(models.Job.tenant_id == tenant).with_for_update())
                erasing = pool.submit(client.delete, "/v1/users/ann")
                until_waited_for(owner, session.connection())
                users.next_revision(UserSession(session, tenant, "ann"))
            answer = erasing.result(30)
        assert answer.status_code == 200, answer.text
        assert answer.json()["remaining"] == 0

    @pytest.mark.usefixtures("worker")
    def test_of_what_a_worker_has_extracted(self, client: TestClient, owner: Engine, tenant: str):
        remember(client, turn(f"I live in {SECRET.title()}.", name="Ann"))
        receipt = erase(client)
        assert receipt["rows"]["assertions"] >= 1
        assert receipt["rows"]["embeddings"] >= 1
        assert receipt["rows"]["segments"] == 1
        assert rows_with(owner, tenant, SECRET) == {}


class TestComingBack:
    def test_the_same_user_can_be_written_anew_and_is_found(self, client: TestClient):
        tell(client, "ann")
        search(client, SECRET)
        erase(client)
        post(client, turn("The parcel is in the shed.", ref="m1", role="system"))
        assert [item["content"] for item in search(client, "parcel")] == ["The parcel is in the shed."]
        assert not any(SECRET in item["content"] for item in search(client, SECRET))

    @pytest.fixture
    def other_process(self, servers: Servers, tenant: str) -> Iterator[TestClient]:
        """What another API process would be: its own index of each user."""
        with (
            open_resources(servers.settings()) as opened,
            client_of(app_of(opened), make_key(opened, tenant)) as client,
        ):
            yield client

    @pytest.mark.parametrize("writes", [0, 1, 8])
    def test_another_process_forgets_the_erased_words(
        self, client: TestClient, other_process: TestClient, writes: int
    ):
        # The new user's revisions may be below, at or above those of the erased one.
        tell(client, "ann")
        assert search(other_process, SECRET)
        erase(client)
        for number in range(writes):
            post(client, turn(f"Line {number} of the new one.", role="system"))
        found = [item["content"] for item in search(other_process, SECRET, k=50)]
        assert not any(SECRET in content for content in found)
        assert len(search(other_process, "line of the new one", k=50)) == writes
