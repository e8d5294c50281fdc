"""Who sees and does what in the console: read-only keys, keys of one user, and other tenants."""

from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from app.core.vocabulary import KeyScope
from tests.conftest import post, search, turn
from tests.doors.console.conftest import Visitor, parsed, text_of
from tests.doors.console.test_screens import add

pytestmark = pytest.mark.usefixtures("worker")
READS = [
    "/users",
    "/user?user={user}",
    "/turns?user={user}",
    "/memories?user={user}",
    "/timeline?user={user}",
    "/conflicts?user={user}",
    "/entities?user={user}",
    "/search?user={user}",
    "/context?user={user}",
    "/jobs",
]
OF_TENANT = ["/usage", "/keys", "/erase?user={user}", "/erasures"]


class TestReadOnlyKeys:
    @pytest.mark.parametrize("path", READS)
    def test_see_pages_without_buttons_that_change_something(
        self, visitor: Visitor, client: TestClient, disputed: Any, path: str
    ):
        page = visitor(KeyScope.READ).get(path.format(user="ann"))
        assert page.status_code == 200
        forms = [a for tag, a in parsed(page).tags if tag == "form" and a.get("method") == "post"]
        assert {a["action"] for a in forms} <= {"/console/logout", "/console/search", "/console/context"}
        assert "Erase" not in text_of(page)

    def test_get_no_feedback_buttons(self, visitor: Visitor, client: TestClient):
        add(client, "Ann lives in Oslo.")
        page = visitor(KeyScope.READ).post("/search", user="ann", q="Oslo")
        assert "Ann lives in Oslo." in text_of(page)
        assert "answers it" not in text_of(page)

    def test_are_refused_by_the_server_too(
        self, visitor: Visitor, client: TestClient, disputed: Any, owner: Engine, tenant: str
    ):
        reader = visitor(KeyScope.READ)
        job = post(client, turn("Hello."))["job_id"]
        key = client.get("/v1/keys").json()["items"][0]["id"]
        found = client.post("/v1/search", json={"user_id": "ann", "query": "Ann"}).json()
        writes: list[tuple[str, dict[str, str]]] = [
            (f"/conflicts/{disputed['id']}", {"user": "ann", "decision": "dismiss"}),
            (f"/jobs/{job}/retry", {}),
            ("/feedback", {"retrieval": found["retrieval_id"]}),
            ("/keys", {"name": "k", "scope": "read"}),
            (f"/keys/{key}/revoke", {}),
            ("/erase", {"user": "ann", "confirm": "ann"}),
        ]
        for path, form in writes:
            assert reader.post(path, **form).status_code == 403, path
        assert len(client.get("/v1/conflicts", params={"user_id": "ann"}).json()["items"]) == 1

    @pytest.mark.parametrize("scope", [KeyScope.READ, KeyScope.WRITE])
    def test_see_no_keys_and_no_erasures(self, visitor: Visitor, scope: KeyScope):
        browser = visitor(scope)
        for path in ("/keys", "/erase?user=ann", "/erasures"):
            assert browser.http.get(f"/console{path}").status_code == 403
        assert 'href="/console/keys"' not in browser.get("/jobs").text


class TestBoundKeys:
    @pytest.fixture
    def told(self, client: TestClient) -> dict[str, Any]:
        posted = post(client, turn("Ben lives in Rome."), user="ben")
        memory_id = add(client, "Ben lives in Rome.", user="ben")
        add(client, "Ann lives in Oslo.")
        return {"memory": memory_id, "turn": posted["turn_ids"][0], "job": posted["job_id"]}

    def test_go_to_their_user(self, visitor: Visitor, told: Any):
        browser = visitor(KeyScope.WRITE, user_id="ann")
        assert browser.get("").headers["location"] == "/console/user?user=ann"
        assert "ben" not in text_of(browser.get("/users"))
        assert "Ben lives" not in text_of(browser.get("/jobs"))

    @pytest.mark.parametrize("path", [path for path in READS if "{user}" in path])
    def test_see_no_page_of_another_user(self, visitor: Visitor, told: Any, path: str):
        browser = visitor(KeyScope.WRITE, user_id="ann")
        assert browser.get(path.format(user="ann")).status_code == 200
        answer = browser.get(path.format(user="ben"))
        assert answer.status_code == 403
        assert "Rome" not in answer.text

    def test_see_nothing_of_another_user_by_id(self, visitor: Visitor, told: Any):
        browser = visitor(KeyScope.WRITE, user_id="ann")
        for path in (f"/memories/{told['memory']}", f"/turns/{told['turn']}", f"/jobs/{told['job']}"):
            assert browser.get(path).status_code == 404
        assert browser.post("/search", user="ben", q="Rome").status_code == 403
        assert browser.post("/context", user="ben", q="Rome").status_code == 403
        assert browser.get("/jobs", user="ben").status_code == 403

    @pytest.mark.parametrize("path", OF_TENANT)
    def test_see_nothing_of_the_tenant(self, visitor: Visitor, path: str):
        assert visitor(KeyScope.WRITE, user_id="ann").get(path.format(user="ann")).status_code == 403


class TestTenants:
    def test_never_see_each_other(self, visitor: Visitor, client: TestClient, disputed: Any):
        posted = post(client, turn("A secret of tenant one."))
        memory_id = disputed["sides"][0]["memory_id"]
        key = client.get("/v1/keys").json()["items"][0]["id"]
        found = client.post("/v1/search", json={"user_id": "ann", "query": "Ann"}).json()
        other = visitor(of_tenant=f"t-{uuid4().hex[:12]}")
        for path in READS:
            page = other.get(path.format(user="ann"))
            assert page.status_code in {200, 404}
            assert "Paris" not in page.text
            assert "secret of" not in page.text
        for path in (
            f"/memories/{memory_id}",
            f"/turns/{posted['turn_ids'][0]}",
            f"/jobs/{posted['job_id']}",
            f"/erasures/{uuid4()}",
        ):
            assert other.get(path).status_code == 404
        writes: list[tuple[str, dict[str, str]]] = [
            (f"/conflicts/{disputed['id']}", {"user": "ann", "decision": "dismiss"}),
            (f"/jobs/{posted['job_id']}/retry", {}),
            ("/feedback", {"retrieval": found["retrieval_id"]}),
            (f"/keys/{key}/revoke", {}),
            ("/erase", {"user": "ann", "confirm": "ann"}),
        ]
        for path, form in writes:
            assert other.post(path, **form).status_code == 404, path
        assert search(client, "secret of tenant one")
