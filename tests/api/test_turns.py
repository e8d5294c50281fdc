"""The turn ledger over HTTP: what it takes, what it refuses, and that repeating is harmless."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from app.resources import Resources, open_resources
from app.services.platform import jobs
from tests.conftest import Servers, app_of, client_of, ended, make_key, post, search, turn

PROBLEM = "application/problem+json"
LARGEST = 64 * 1024


def send(client: TestClient, *turns: Any, **more: Any) -> Any:
    body = {"user_id": "ann", "session_id": "s1", "turns": list(turns)} | more
    return client.post("/v1/turns", json=body)


def send_raw(client: TestClient, body: str | bytes) -> Any:
    return client.post("/v1/turns", content=body, headers={"Content-Type": "application/json"})


def refused(answer: Any, field: str, status: int = 422) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    problem = answer.json()
    assert problem["field"] == field, problem
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["x-request-id"]


def stored(client: TestClient, user: str = "ann") -> list[Any]:
    """All turns of a user, page by page."""
    items: list[Any] = []
    cursor = None
    while True:
        params = {"user_id": user, "limit": 200} | ({"cursor": cursor} if cursor else {})
        page = client.get("/v1/turns", params=params).json()
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


class TestAccept:
    def test_answers_with_the_ids_in_order_and_the_job(self, client: TestClient):
        answer = send(client, turn("One.", ref="a"), turn("Two.", ref="b"))
        assert answer.status_code == 202
        body = answer.json()
        assert set(body) == {"turn_ids", "job_id", "duplicates"}
        assert body["duplicates"] == 0
        refs = [client.get(f"/v1/turns/{turn_id}").json()["ref"] for turn_id in body["turn_ids"]]
        assert refs == ["a", "b"]
        job = client.get(f"/v1/jobs/{body['job_id']}").json()
        assert job["progress"]["total"] == 2
        assert [outcome["turn_id"] for outcome in job["turns"]] == body["turn_ids"]

    def test_every_field_comes_back(self, client: TestClient):
        place = {"name": "Oslo", "lat": 59.9, "lon": 10.7}
        metadata = {"deep": {"er": [1, 2.5, None, "ü"]}}
        given = turn("Hi.", name="Ann", ref="r", role="assistant", metadata=metadata, place=place)
        turn_id = post(client, given, agent_id="helper")["turn_ids"][0]
        found = client.get(f"/v1/turns/{turn_id}").json()
        assert {name: found[name] for name in given} == given
        assert (found["agent_id"], found["session_id"], found["user_id"]) == ("helper", "s1", "ann")

    @pytest.mark.parametrize("role", ["user", "assistant", "tool", "system"])
    def test_takes_each_role(self, client: TestClient, role: str):
        assert send(client, turn("Hello.", role=role)).status_code == 202

    def test_takes_500_turns(self, client: TestClient):
        answer = send(client, *(turn(f"Line {n}.", role="system") for n in range(500)))
        assert answer.status_code == 202
        assert len(set(answer.json()["turn_ids"])) == 500
        assert [item["content"] for item in stored(client)] == [f"Line {n}." for n in range(500)]

    def test_takes_content_of_64_kib(self, client: TestClient):
        content = "ü" * (LARGEST // 2)
        turn_id = post(client, turn(content, role="system"))["turn_ids"][0]
        assert client.get(f"/v1/turns/{turn_id}").json()["content"] == content

    def test_keeps_a_back_dated_observed_at(self, client: TestClient):
        turn_id = post(client, turn("Long ago.", observed_at="1999-12-31T23:30:00-05:00"))["turn_ids"][0]
        found = client.get(f"/v1/turns/{turn_id}").json()
        assert found["observed_at"] == "2000-01-01T04:30:00Z"
        assert found["recorded_at"] > "2020"

    def test_text_that_looks_like_sql_or_html_is_only_text(self, client: TestClient):
        content = "'; DROP TABLE turns; -- <script>%s %(x)s {0} \\x00 \U0001f600"
        turn_id = post(client, turn(content, ref="%'\"", metadata={"%s": content}))["turn_ids"][0]
        found = client.get(f"/v1/turns/{turn_id}").json()
        assert (found["content"], found["ref"], found["metadata"]) == (content, "%'\"", {"%s": content})

    def test_is_found_by_its_words_at_once(self, client: TestClient):
        post(client, turn("The zanzibar parcel is in the shed.", ref="z", role="system"))
        assert search(client, "zanzibar")[0]["sources"][0]["ref"] == "z"


class TestRefuse:
    def test_501_turns(self, client: TestClient):
        refused(send(client, *(turn("x") for _ in range(501))), "turns")
        assert stored(client) == []

    def test_no_turns(self, client: TestClient):
        refused(send(client), "turns")

    def test_content_of_one_byte_too_many(self, client: TestClient):
        refused(send(client, turn("ü" * (LARGEST // 2) + "x")), "turns[0].content")

    @pytest.mark.parametrize("content", ["", " ", "\n\t ", "\u00a0"])
    def test_empty_content(self, client: TestClient, content: str):
        refused(send(client, turn("Fine."), turn(content)), "turns[1].content")

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"role": "narrator"}, "turns[0].role"),
            ({"role": None}, "turns[0].role"),
            ({"contents": "x"}, "turns[0].contents"),
            ({"content": 5}, "turns[0].content"),
            ({"content": "a\x00b"}, "turns[0].content"),
            ({"name": "a\x00b"}, "turns[0].name"),
            ({"ref": "a\x00b"}, "turns[0].ref"),
            ({"ref": ""}, "turns[0].ref"),
            ({"ref": "r" * 201}, "turns[0].ref"),
            ({"observed_at": "2026-03-01T10:00:00"}, "turns[0].observed_at"),
            ({"observed_at": "yesterday"}, "turns[0].observed_at"),
            ({"metadata": {"a": "b\x00"}}, "turns[0].metadata"),
            ({"metadata": {"a\x00": "b"}}, "turns[0].metadata"),
            ({"metadata": {"a": "x" * 17_000}}, "turns[0].metadata"),
            ({"metadata": {"a": 2**70}}, "turns[0].metadata"),
            ({"metadata": [1]}, "turns[0].metadata"),
            ({"place": {"name": "x", "lat": 91}}, "turns[0].place.lat"),
            ({"place": {"name": "x\x00"}}, "turns[0].place.name"),
            ({"shown_memory_ids": ["x"]}, "turns[0].shown_memory_ids[0]"),
        ],
    )
    def test_a_field_that_is_not_valid_is_named(self, client: TestClient, change: dict[str, Any], field: str):
        refused(send(client, turn("Hello.") | change), field)
        assert stored(client) == []

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"user_id": ""}, "user_id"),
            ({"user_id": "a\x00"}, "user_id"),
            ({"session_id": None}, "session_id"),
            ({"agent_id": "a\x00"}, "agent_id"),
            ({"sesion_id": "s1"}, "sesion_id"),
        ],
    )
    def test_a_field_of_the_batch_is_named(self, client: TestClient, change: dict[str, Any], field: str):
        refused(send(client, turn("Hello."), **change), field)

    @pytest.mark.parametrize(
        "one",
        [
            '{"role":"user","content":"a \\ud800 b"}',
            '{"role":"user","content":"x","name":"\\udfff"}',
            '{"role":"user","content":"x","ref":"\\ud800"}',
            '{"role":"user","content":"x","metadata":{"a":"\\ud800"}}',
            '{"role":"user","content":"x","metadata":{"\\ud800":1}}',
            '{"role":"user","content":"x","metadata":{"a":' + "[" * 500 + "]" * 500 + "}}",
            '{"role":"user","content":"x","\\ud800":1}',
            '{"role":"\\ud800","content":"x"}',
        ],
    )
    def test_what_is_no_text_or_too_deep_is_refused(self, client: TestClient, one: str):
        answer = send_raw(client, '{"user_id":"ann","session_id":"s","turns":[' + one + "]}")
        assert answer.status_code == 422, answer.text
        assert answer.headers["content-type"] == PROBLEM
        assert answer.json()["field"].startswith("turns[0]")

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
    def test_a_number_that_json_has_not_is_never_a_fault(self, client: TestClient, number: str):
        one = '{"role":"system","content":"x","metadata":{"a":' + number + "}}"
        answer = send_raw(client, '{"user_id":"ann","session_id":"s","turns":[' + one + "]}")
        assert answer.status_code in {202, 422}, answer.text
        assert client.get("/v1/turns", params={"user_id": "ann"}).status_code == 200

    @pytest.mark.parametrize("when", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
    def test_a_date_at_the_edge_of_time_is_never_a_fault(self, client: TestClient, when: str):
        answer = send(client, turn("Hello.", role="system", observed_at=when))
        assert answer.status_code in {202, 422}, answer.text
        assert client.get("/v1/turns", params={"user_id": "ann"}).status_code == 200

    @pytest.mark.parametrize(
        "body", ["", "{", "null", "[]", "7", '"x"', "\xff", "[" * 100_000, '{"user_id": "ann",}']
    )
    def test_a_body_that_is_no_json_object(self, client: TestClient, body: str):
        answer = send_raw(client, body.encode("latin-1"))
        assert answer.status_code in {400, 422}, answer.text
        assert answer.headers["content-type"] == PROBLEM

    def test_a_body_that_declares_too_much(self, client: TestClient):
        answer = client.post("/v1/turns", content=b"{}", headers={"Content-Length": str(10**9)})
        assert answer.status_code == 413
        assert answer.headers["content-type"] == PROBLEM

    def test_says_nothing_of_the_text_that_it_refuses(self, client: TestClient):
        answer = send(client, turn("my secret", role="my other secret"))
        assert "secret" not in answer.text


class TestIdempotencyKey:
    def test_the_same_body_gets_the_same_answer_and_one_set_of_rows(self, client: TestClient):
        body = {"user_id": "ann", "session_id": "s1", "turns": [turn("Once."), turn("Only.")]}
        answers = [client.post("/v1/turns", json=body, headers={"Idempotency-Key": "k1"}) for _ in range(3)]
        assert {answer.status_code for answer in answers} == {202}
        assert all(answer.json() == answers[0].json() for answer in answers)
        assert len(stored(client)) == 2

    def test_a_repetition_changes_nothing(self, client: TestClient, owner: Engine, tenant: str):
        body = {"user_id": "ann", "session_id": "s1", "turns": [turn("Once.")]}
        client.post("/v1/turns", json=body, headers={"Idempotency-Key": "k1"})
        send(client, turn("Bye."), close_session=True)
        sql = "SELECT next_position, closed_at FROM sessions WHERE tenant_id = :t"

        def session() -> Any:
            with owner.connect() as connection:
                return connection.execute(text(sql), {"t": tenant}).one()

        before = session()
        assert before.closed_at is not None
        client.post("/v1/turns", json=body, headers={"Idempotency-Key": "k1"})
        assert session() == before

    def test_a_repetition_long_after_the_key_was_used_last(
        self, client: TestClient, owner: Engine, tenant: str
    ):
        body = {"user_id": "ann", "session_id": "s1", "turns": [turn("Once.")]}
        first = client.post("/v1/turns", json=body, headers={"Idempotency-Key": "k1"})
        with owner.begin() as connection:
            sql = "UPDATE api_keys SET last_used_at = now() - interval '1 hour' WHERE tenant_id = :t"
            connection.execute(text(sql), {"t": tenant})
        again = client.post("/v1/turns", json=body, headers={"Idempotency-Key": "k1"})
        assert (again.status_code, again.json()) == (202, first.json())
        with owner.connect() as connection:
            sql = "SELECT max(last_used_at) > now() - interval '1 minute' FROM api_keys WHERE tenant_id = :t"
            assert connection.execute(text(sql), {"t": tenant}).scalar_one()

    def test_another_body_is_a_conflict(self, client: TestClient):
        body = {"user_id": "ann", "session_id": "s1", "turns": [turn("One.")]}
        client.post("/v1/turns", json=body, headers={"Idempotency-Key": "k1"})
        other = body | {"turns": [turn("Two.")]}
        answer = client.post("/v1/turns", json=other, headers={"Idempotency-Key": "k1"})
        refused(answer, "Idempotency-Key", 409)
        assert [item["content"] for item in stored(client)] == ["One."]

    def test_the_order_of_the_fields_makes_no_other_body(self, client: TestClient):
        body = '{"user_id":"ann","session_id":"s","turns":[{"role":"user","content":"x"}]}'
        turned = '{"turns":[{"content":"x","role":"user"}],"session_id":"s","user_id":"ann"}'
        headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
        answers = [client.post("/v1/turns", content=one, headers=headers) for one in (body, turned)]
        assert answers[0].json() == answers[1].json()

    def test_posts_at_the_same_time_make_one_set(self, client: TestClient):
        body = {"user_id": "ann", "session_id": "s1", "turns": [turn("At once.")]}

        def write(_: int) -> Any:
            return client.post("/v1/turns", json=body, headers={"Idempotency-Key": "k1"})

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(write, range(8)))
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.text for answer in answers}) == 1
        assert len(stored(client)) == 1

    def test_a_refused_write_does_not_use_the_key_up(self, client: TestClient):
        headers = {"Idempotency-Key": "k1"}
        body = {"user_id": "ann", "session_id": "s1", "turns": [turn("x", role="nobody")]}
        assert client.post("/v1/turns", json=body, headers=headers).status_code == 422
        assert (
            client.post("/v1/turns", json=body | {"turns": [turn("x")]}, headers=headers).status_code == 202
        )

    @pytest.mark.parametrize("key", ["", "a b", "k" * 256])
    def test_a_key_that_is_not_valid_is_named(self, client: TestClient, key: str):
        body = {"user_id": "ann", "session_id": "s1", "turns": [turn("x")]}
        answer = client.post("/v1/turns", json=body, headers={"Idempotency-Key": key})
        assert answer.status_code == 422
        assert answer.json()["field"].casefold() == "idempotency-key"


class TestRef:
    def test_posted_twice_is_one_turn(self, client: TestClient):
        first = post(client, turn("Hello.", ref="m1"))
        second = post(client, turn("Hello.", ref="m1"))
        assert second["turn_ids"] == first["turn_ids"]
        assert second["job_id"] == first["job_id"]
        assert (first["duplicates"], second["duplicates"]) == (0, 1)
        assert len(stored(client)) == 1

    def test_twice_in_a_batch_is_one_turn(self, client: TestClient):
        answer = post(client, turn("Hello.", ref="m1"), turn("Bye.", ref="m2"), turn("Hello.", ref="m1"))
        assert answer["turn_ids"][0] == answer["turn_ids"][2] != answer["turn_ids"][1]
        assert answer["duplicates"] == 1
        assert len(stored(client)) == 2

    def test_new_turns_beside_a_known_one_are_stored(self, client: TestClient):
        first = post(client, turn("Hello.", ref="m1"))
        answer = post(client, turn("Hello.", ref="m1"), turn("Bye.", ref="m2"))
        assert answer["turn_ids"][0] == first["turn_ids"][0]
        assert answer["job_id"] != first["job_id"]
        assert client.get(f"/v1/jobs/{answer['job_id']}").json()["progress"]["total"] == 1

    def test_with_other_content_is_a_conflict_that_names_it(self, client: TestClient):
        post(client, turn("Hello.", ref="m1"))
        refused(send(client, turn("New."), turn("Bye.", ref="m1")), "turns[1].ref", 409)
        assert [item["content"] for item in stored(client)] == ["Hello."]

    def test_with_other_content_within_a_batch_is_a_conflict(self, client: TestClient):
        refused(send(client, turn("Hello.", ref="m1"), turn("Bye.", ref="m1")), "turns[1].ref", 409)
        assert stored(client) == []

    def test_belongs_to_its_session_and_user(self, client: TestClient):
        one = post(client, turn("Hello.", ref="m1"))
        two = post(client, turn("Bye.", ref="m1"), session="s2")
        three = post(client, turn("Ciao.", ref="m1"), user="bob")
        assert len({*one["turn_ids"], *two["turn_ids"], *three["turn_ids"]}) == 3

    def test_at_the_same_time_is_one_turn(self, client: TestClient):
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: post(client, turn("Hello.", ref="m1")), range(8)))
        assert len({answer["turn_ids"][0] for answer in answers}) == 1
        assert sum(answer["duplicates"] for answer in answers) == 7


class TestList:
    def test_pages_give_every_turn_once_in_order(self, client: TestClient):
        for number in range(7):
            post(client, turn(f"Line {number}.", role="system"), session=f"s{number % 2}")
        seen, cursor = [], None
        for _ in range(10):
            params = {"user_id": "ann", "limit": 3} | ({"cursor": cursor} if cursor else {})
            page = client.get("/v1/turns", params=params).json()
            assert len(page["items"]) <= 3
            seen += [item["content"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == [f"Line {number}." for number in range(7)]

    def test_the_last_full_page_has_no_cursor(self, client: TestClient):
        post(client, turn("One."), turn("Two."))
        page = client.get("/v1/turns", params={"user_id": "ann", "limit": 2}).json()
        assert len(page["items"]) == 2
        assert page["next_cursor"] is None

    def test_filters_by_session(self, client: TestClient):
        post(client, turn("One."), session="s1")
        post(client, turn("Two."), session="s2")
        items = client.get("/v1/turns", params={"user_id": "ann", "session_id": "s2"}).json()["items"]
        assert [item["content"] for item in items] == ["Two."]

    def test_an_unknown_user_has_none(self, client: TestClient):
        assert client.get("/v1/turns", params={"user_id": "who"}).json()["items"] == []

    @pytest.mark.parametrize("cursor", ["x", "AAAA", "ü", "A" * 99, "====", "\x00"])
    def test_a_made_up_cursor_is_refused(self, client: TestClient, cursor: str):
        refused(client.get("/v1/turns", params={"user_id": "ann", "cursor": cursor}), "cursor")

    @pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "1e9"])
    def test_a_limit_out_of_bounds_is_refused(self, client: TestClient, limit: str):
        refused(client.get("/v1/turns", params={"user_id": "ann", "limit": limit}), "limit")


class TestNul:
    """Postgres text can't hold U+0000, so it must be refused wherever a text reaches a query."""

    @pytest.mark.parametrize(
        "params",
        [
            {"user_id": "a\x00"},
            {"user_id": "ann", "session_id": "a\x00"},
        ],
    )
    def test_in_the_list_of_turns(self, client: TestClient, params: dict[str, str]):
        assert client.get("/v1/turns", params=params).status_code == 422

    @pytest.mark.parametrize("name", ["user_id", "subject", "attribute", "tag", "agent_id"])
    def test_in_the_list_of_memories(self, client: TestClient, name: str):
        assert client.get("/v1/memories", params={"user_id": "ann"} | {name: "a\x00"}).status_code == 422

    def test_in_the_list_of_jobs(self, client: TestClient):
        assert client.get("/v1/jobs", params={"user_id": "a\x00"}).status_code == 422

    def test_in_a_path(self, client: TestClient):
        assert client.delete("/v1/users/a%00b").status_code == 422

    @pytest.mark.parametrize("text", ['"a\\u0000b"', '"\\ud800"'])
    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/v1/search", '{"user_id":"ann","query":TEXT}'),
            ("/v1/search", '{"user_id":TEXT,"query":"x"}'),
            ("/v1/search", '{"user_id":"ann","query":"x","filters":{"speaker":TEXT}}'),
            ("/v1/context", '{"user_id":"ann","query":TEXT}'),
            ("/v1/context", '{"user_id":"ann","query":"x","session_id":TEXT}'),
            ("/v1/memories", '{"user_id":"ann","content":TEXT}'),
            ("/v1/memories", '{"user_id":"ann","content":"x","tags":[TEXT]}'),
            ("/v1/memories", '{"user_id":"ann","content":"x","metadata":{"a":TEXT}}'),
            ("/v1/keys", '{"name":TEXT}'),
        ],
    )
    def test_in_any_body(self, client: TestClient, path: str, body: str, text: str):
        headers = {"Content-Type": "application/json"}
        answer = client.post(path, content=body.replace("TEXT", text), headers=headers)
        assert answer.status_code == 422, answer.text


class TestProtocol:
    def test_an_unknown_route_is_a_problem(self, client: TestClient):
        answer = client.get("/v1/nothing")
        assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)

    def test_a_wrong_method_is_a_problem_that_names_the_right_ones(self, client: TestClient):
        answer = client.put("/v1/turns", json={})
        assert (answer.status_code, answer.headers["content-type"]) == (405, PROBLEM)
        assert answer.headers["allow"]

    @pytest.mark.parametrize("method", ["get", "delete"])
    def test_an_unknown_turn_is_a_problem(self, client: TestClient, method: str):
        answer = client.request(method, f"/v1/turns/{uuid4()}")
        assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)

    def test_an_id_that_is_no_uuid_is_named(self, client: TestClient):
        refused(client.get("/v1/turns/1"), "turn_id")

    @pytest.mark.parametrize("given", ["abc-1", "a b", "x" * 65, "ü".encode().decode("latin-1"), "a;b"])
    def test_a_request_id_of_the_client_is_replaced(self, client: TestClient, given: str):
        answer = client.get("/healthz", headers={"X-Request-ID": given.encode("latin-1")})
        assert len(UUID(answer.headers["x-request-id"]).hex) == 32


class TestBrokerDown:
    @pytest.fixture
    def cut_off(self, servers: Servers) -> Iterator[Resources]:
        with open_resources(servers.settings(redis_url="redis://127.0.0.1:1/0")) as opened:
            yield opened

    @pytest.mark.usefixtures("worker")
    def test_the_turn_is_accepted_and_worked_when_it_is_back(
        self, cut_off: Resources, resources: Resources, tenant: str, client: TestClient, owner: Engine
    ):
        with client_of(app_of(cut_off), make_key(cut_off, tenant)) as away:
            answer = post(away, turn("I live in Oslo.", name="Ann"))
            # A sweep may have had it read by now, so the turn or the memory of it is found.
            assert search(away, "Oslo")[0]["sources"][0]["turn_id"] == answer["turn_ids"][0]
        with owner.connect() as connection:
            sql = text("SELECT count(*) FROM jobs WHERE tenant_id = :tenant")
            assert connection.execute(sql, {"tenant": tenant}).scalar_one() == 1
        jobs.sweep_due_jobs(resources)
        assert ended(client, answer["job_id"])["status"] == "succeeded"
