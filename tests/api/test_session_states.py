"""Session states over HTTP: bounded, changed by compare-and-set."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from app.resources import Resources, open_resources
from tests.conftest import Servers, app_of, client_of, make_key

GOAL = {"text": "Book a flight to Lisbon"}


def read(client: TestClient, session: str = "s1", user: str = "ann") -> httpx.Response:
    return client.get(f"/v1/sessions/{session}/state", params={"user_id": user})


def put(
    client: TestClient,
    state: dict[str, Any],
    version: int | str | None,
    session: str = "s1",
    user: str = "ann",
) -> httpx.Response:
    headers = {} if version is None else {"If-Match": str(version)}
    body = {"user_id": user, "state": state}
    return client.put(f"/v1/sessions/{session}/state", json=body, headers=headers)


class TestPut:
    def test_gives_back_what_was_put(self, client: TestClient):
        state = {"goals": [GOAL], "topics": ["travel"], "data": {"plan": [1, {"deep": None}], "é": "ü"}}
        written = put(client, state, 0)
        assert written.status_code == 200, written.text
        assert written.headers["ETag"] == '"1"'
        found = read(client)
        assert found.headers["ETag"] == '"1"'
        assert found.json() == written.json()
        assert found.json()["state"]["goals"][0]["text"] == GOAL["text"]
        assert found.json()["state"]["goals"][0]["status"] == "open"
        assert found.json()["state"]["data"] == state["data"]
        assert found.json()["actor"].startswith("key:")

    def test_what_was_read_can_be_put_back(self, client: TestClient):
        put(client, {"goals": [GOAL]}, 0)
        held = read(client).json()
        again = put(client, held["state"], '"1"')
        assert again.json()["state"] == held["state"]
        assert again.json()["version"] == 2

    def test_needs_the_version(self, client: TestClient):
        assert put(client, {}, None).status_code == 428
        assert read(client).status_code == 404

    @pytest.mark.parametrize("version", [1, 7])
    def test_of_a_state_that_is_not_there_is_refused(self, client: TestClient, version: int):
        answer = put(client, {}, version)
        assert (answer.status_code, answer.json()["field"]) == (412, "If-Match")
        assert read(client).status_code == 404

    def test_with_an_old_version_is_refused_and_changes_nothing(self, client: TestClient):
        put(client, {"data": {"n": 1}}, 0)
        put(client, {"data": {"n": 2}}, 1)
        answer = put(client, {"data": {"n": 3}}, 1)
        assert answer.status_code == 412
        assert answer.json()["code"] == "precondition_failed"
        assert read(client).json()["state"]["data"] == {"n": 2}

    def test_of_many_writers_at_once_one_wins(self, client: TestClient):
        put(client, {"data": {"n": 0}}, 0)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda n: put(client, {"data": {"n": n}}, 1), range(1, 9)))
        assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
        winner = next(answer for answer in answers if answer.status_code == 200)
        assert read(client).json() == winner.json()

    def test_of_many_first_writers_one_wins(self, client: TestClient):
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda n: put(client, {"data": {"n": n}}, 0), range(8)))
        assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
        assert read(client).json()["version"] == 1

    def test_sessions_and_users_have_their_own(self, client: TestClient):
        for session, user in (("s1", "ann"), ("s2", "ann"), ("s1", "bob")):
            assert put(client, {"data": {"of": [session, user]}}, 0, session, user).status_code == 200
        assert read(client, "s2").json()["state"]["data"] == {"of": ["s2", "ann"]}
        assert read(client, "s1", "bob").json()["state"]["data"] == {"of": ["s1", "bob"]}

    @pytest.mark.parametrize("session", ["a/b", "a b", "é", "state", "x/state"])
    def test_takes_any_name_of_a_session(self, client: TestClient, session: str):
        quoted = httpx.URL("http://x").copy_with(path=f"/{session}").raw_path.decode()[1:]
        assert put(client, {"data": {"n": 1}}, 0, quoted).json()["session_id"] == session
        assert read(client, quoted).json()["session_id"] == session


class TestLimits:
    def test_one_byte_too_many_is_refused(self, servers: Servers, tenant: str):
        with (
            open_resources(servers.settings(session_state_bytes=1024)) as opened,
            client_of(app_of(opened), make_key(opened, tenant)) as client,
        ):
            empty = put(client, {}, 0).json()["bytes"]
            room = 1024 - empty - len('"x":""')
            assert put(client, {"data": {"x": "y" * room}}, 1).json()["bytes"] == 1024
            answer = put(client, {"data": {"x": "y" * (room + 1)}}, 2)
            assert (answer.status_code, answer.json()["field"]) == (422, "state")
            assert read(client).json()["version"] == 2

    @pytest.mark.parametrize(
        ("state", "field"),
        [
            ({"goals": [{"text": ""}]}, "state.goals[0].text"),
            ({"goals": [{"text": "x" * 301}]}, "state.goals[0].text"),
            ({"goals": [{"text": "a\x00b"}]}, "state.goals[0].text"),
            ({"goals": [{"text": "x", "status": "gone"}]}, "state.goals[0].status"),
            ({"goals": [{"text": "x", "colour": 1}]}, "state.goals[0].colour"),
            ({"goals": [GOAL] * 101}, "state.goals"),
            ({"topics": ["x"] * 33}, "state.topics"),
            ({"data": {"x": "a\x00b"}}, "state.data"),
            ({"data": []}, "state.data"),
            ({"plan": []}, "state.plan"),
        ],
    )
    def test_what_is_wrong_is_named(self, client: TestClient, state: dict[str, Any], field: str):
        answer = put(client, state, 0)
        assert (answer.status_code, answer.json()["field"]) == (422, field)

    def test_broken_unicode_is_refused(self, client: TestClient):
        body = b'{"user_id": "ann", "state": {"goals": [{"text": "\\ud800"}]}}'
        headers = {"If-Match": "0", "Content-Type": "application/json"}
        assert client.put("/v1/sessions/s1/state", content=body, headers=headers).status_code == 422


class TestRestart:
    def test_another_process_reads_it(self, client: TestClient, servers: Servers, tenant: str):
        put(client, {"goals": [GOAL]}, 0)
        with (
            open_resources(servers.settings()) as opened,
            client_of(app_of(opened), make_key(opened, tenant)) as other,
        ):
            assert read(other).json()["state"]["goals"][0]["text"] == GOAL["text"]

    def test_a_new_user_can_still_post_turns(self, client: TestClient, resources: Resources):
        put(client, {"goals": [GOAL]}, 0)
        body = {"user_id": "ann", "session_id": "s1", "turns": [{"role": "system", "content": "A note."}]}
        assert client.post("/v1/turns", json=body).status_code == 202
        found = client.post("/v1/search", json={"user_id": "ann", "query": "note"}).json()["items"]
        assert [item["content"] for item in found] == ["A note."]
