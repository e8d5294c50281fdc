"""If-Match on every route that has it: RFC 9110's forms, and who comes second hears 412."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi.testclient import TestClient

from app.resources import Resources
from tests.conftest import app_of, client_of, make_key

ROUTES = ["memory", "state", "artifact"]
ROUNDS = 20  # of two edits at once


@pytest.fixture(scope="module")
def client(resources: Resources) -> Iterator[TestClient]:
    with client_of(app_of(resources), make_key(resources, f"t-{uuid4().hex[:12]}")) as opened:
        yield opened


class Thing:
    """Something with versions, written and read over its route."""

    def __init__(self, client: TestClient, route: str) -> None:
        self._client, self._user, self._route = client, uuid4().hex, route
        if route == "memory":
            said = {"user_id": self._user, "content": "Ann plays the cello."}
            memory_id = client.post("/v1/memories", json=said).json()["id"]
            self._path = f"/v1/memories/{memory_id}"
        else:
            self._path = "/v1/sessions/s1/state" if route == "state" else "/v1/artifacts/a"
            assert self.write("one", {"If-Match": "0"}).status_code in {200, 201}

    def write(self, text: str, headers: Any) -> httpx.Response:
        if self._route == "memory":
            body: dict[str, Any] = {"content": f"Ann plays the cello {text}."}
            return self._client.patch(self._path, json=body, headers=headers)
        told = {"state": {"data": {"text": text}}} if self._route == "state" else {"content": text}
        return self._client.put(self._path, json={"user_id": self._user} | told, headers=headers)

    def version(self) -> str:
        return self._client.get(
            self._path, params={"user_id": self._user} if self._route != "memory" else {}
        ).headers["etag"]


@pytest.fixture(params=ROUTES)
def thing(request: Any, client: TestClient) -> Thing:
    return Thing(client, request.param)


FORMS = [
    ("1", 200),
    ('"1"', 200),
    ("*", 200),
    (" * ", 200),
    ('"1", "7"', 200),
    ('"7","1"', 200),
    ('"x,y", "1"', 200),
    ("7, 1", 200),
    (', "1" ,', 200),
    ('W/"1"', 412),
    ('W/"1", W/"7"', 412),
    ('"2"', 412),
    ("0", 412),
    ('"0"', 412),
    ('"01"', 412),
    ('""', 412),
    ('"abc"', 412),
    ("999999999", 412),
    ("", 422),
    (",", 422),
    ("x", 422),
    ("01", 422),
    ("-1", 422),
    ("1.0", 422),
    ('"1', 422),
    ("1 1", 422),
    ('"1" "7"', 422),
    ("W/1", 422),
    ('w/"1"', 422),
    ('*, "1"', 422),
    ("'1'", 422),
    ("1" * 10, 422),
    ('"1"' + ',"7"' * 2_000 + "!", 422),
]


@pytest.mark.parametrize("route", ROUTES)
def test_each_form_has_a_clear_answer(client: TestClient, route: str):
    found = {}
    for form, _ in FORMS:
        thing = Thing(client, route)
        answer = thing.write("two", {"If-Match": form})
        found[form] = answer.status_code
        if answer.status_code != 200:
            assert answer.json()["field"] == "If-Match"
        assert thing.version() == ('"2"' if answer.status_code == 200 else '"1"')
    assert found == dict(FORMS)


def test_several_headers_are_one_list(thing: Thing):
    assert thing.write("two", [("If-Match", '"7"'), ("If-Match", '"1"')]).status_code == 200
    assert thing.write("three", [("If-Match", '"7"'), ("If-Match", "x")]).status_code == 422


def test_any_version_is_not_none(client: TestClient):
    user = uuid4().hex
    for path, told in (("/v1/sessions/s1/state", {"state": {}}), ("/v1/artifacts/a", {"content": "A"})):
        answer = client.put(path, json={"user_id": user} | told, headers={"If-Match": "*"})
        assert (answer.status_code, answer.json()["field"]) == (412, "If-Match")
    gone = client.delete("/v1/artifacts/a", params={"user_id": user}, headers={"If-Match": "*"})
    assert gone.status_code == 404


@pytest.mark.parametrize("same", [False, True], ids=["other words", "same words"])
def test_of_two_at_once_the_second_hears_412(thing: Thing, same: bool):
    with ThreadPoolExecutor(2) as pool:
        for version in range(1, ROUNDS + 1):
            texts = [f"{version}"] * 2 if same else [f"{version} a", f"{version} b"]
            answers = list(pool.map(lambda text, v=version: thing.write(text, {"If-Match": f'"{v}"'}), texts))
            assert sorted(answer.status_code for answer in answers) == [200, 412], [a.text for a in answers]
            assert thing.version() == f'"{version + 1}"'
