"""Pages of other origins: those that the operator names may call the API, and no others."""

from collections.abc import Iterator

import httpx
import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.resources import Resources, open_resources
from tests.conftest import Servers, client_of, make_key

PAGE = "https://app.example"
OTHER = "http://localhost:3000"
STRANGERS = [
    "https://evil.example",
    "http://app.example",
    "https://app.example:8443",
    "https://app.example.evil.example",
    "https://evil-app.example",
    "https://sub.app.example",
    "HTTPS://APP.EXAMPLE",
    "https://app.example/",
    "https://app.example,http://localhost:3000",
    "null",
    "*",
    "",
]


@pytest.fixture(scope="module")
def opened(servers: Servers) -> Iterator[Resources]:
    with open_resources(servers.settings(cors_origins=f"{PAGE}, {OTHER}")) as resources:
        yield resources


@pytest.fixture
def page(opened: Resources, tenant: str) -> Iterator[TestClient]:
    with client_of(create_app(resources=opened), make_key(opened, tenant)) as client:
        yield client


def preflight(client: TestClient, origin: str, method: str = "POST", headers: str | None = None):
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    if headers is not None:
        asked["Access-Control-Request-Headers"] = headers
    return client.options("/v1/search", headers=asked)


def refusal(answer: httpx.Response) -> str:
    """What a refusal says, which is a problem as any other, and repeats nothing of the request."""
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    problem = answer.json()
    assert (problem["status"], problem["code"], problem["title"]) == (400, "bad_request", "Bad request")
    assert "evil" not in answer.text
    return problem["detail"]


class TestAnOriginThatIsNamed:
    @pytest.mark.parametrize("origin", [PAGE, OTHER])
    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
    def test_may_ask(self, page: TestClient, origin: str, method: str):
        answer = preflight(page, origin, method, "authorization,content-type,idempotency-key,if-match")
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert method in answer.headers["Access-Control-Allow-Methods"].split(", ")
        assert "Origin" in answer.headers["Vary"]

    def test_needs_no_key_for_asking(self, page: TestClient):
        page.headers.pop("Authorization")
        assert preflight(page, PAGE).status_code == 200

    def test_may_read_answers_and_their_headers(self, page: TestClient):
        body = {"user_id": "ann", "content": "Keeps bees."}
        written = page.post("/v1/memories", json=body, headers={"Origin": PAGE})
        read = page.get(f"/v1/memories/{written.json()['id']}", headers={"Origin": PAGE})
        for answer in (written, read):
            assert answer.headers["Access-Control-Allow-Origin"] == PAGE
            exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
            assert {"ETag", "Retry-After", "X-Request-ID"} <= set(exposed)
        assert read.headers["ETag"] == '"1"'

    @pytest.mark.parametrize(("path", "status"), [("/v1/nothing", 404), ("/v1/memories", 422)])
    def test_may_read_problems(self, page: TestClient, path: str, status: int):
        answer = page.get(path, headers={"Origin": PAGE})
        assert answer.status_code == status
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE

    def test_may_read_that_its_key_is_wrong(self, page: TestClient):
        answer = page.get("/v1/memories", headers={"Origin": PAGE, "Authorization": "Bearer mc_wrong"})
        assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (401, PAGE)

    def test_may_read_a_fault_of_ours(self, page: TestClient, monkeypatch: pytest.MonkeyPatch):
        def fail(*_: object) -> None:
            raise RuntimeError("a fault")

        monkeypatch.setattr("app.api.search.search._run_search", fail)
        answer = page.post("/v1/search", json={"user_id": "ann", "query": "x"}, headers={"Origin": PAGE})
        assert (answer.status_code, answer.json()["code"]) == (500, "internal")
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE

    @pytest.mark.parametrize("headers", ["cookie", "x-forwarded-for", "authorization,x-other"])
    def test_may_not_send_other_headers(self, page: TestClient, headers: str):
        assert "headers not allowed" in refusal(preflight(page, PAGE, headers=headers))

    @pytest.mark.parametrize("method", ["TRACE", "CONNECT", "NONSENSE", "get"])
    def test_may_not_use_other_methods(self, page: TestClient, method: str):
        assert "method not allowed" in refusal(preflight(page, PAGE, method))

    def test_gets_no_credentials_of_the_browser(self, page: TestClient):
        answers = [preflight(page, PAGE), page.get("/healthz", headers={"Origin": PAGE})]
        assert all("Access-Control-Allow-Credentials" not in answer.headers for answer in answers)
        assert all(answer.headers["Access-Control-Allow-Origin"] != "*" for answer in answers)


class TestAnyOtherOrigin:
    @pytest.mark.parametrize("origin", STRANGERS)
    def test_is_not_named(self, page: TestClient, origin: str):
        asked = preflight(page, origin)
        assert "origin not allowed" in refusal(asked)
        answer = page.get("/healthz", headers={"Origin": origin})
        assert answer.status_code == 200
        for one in (asked, answer):
            assert "Access-Control-Allow-Origin" not in one.headers
            assert "Origin" in one.headers["Vary"], "a cache must not give it to the page that is named"

    def test_is_told_all_that_is_refused(self, page: TestClient):
        told = refusal(preflight(page, STRANGERS[0], "TRACE", "cookie"))
        assert "origin, method, headers not allowed" in told
        assert "MEMCUBED_CORS_ORIGINS" in told


class TestWithoutTheSetting:
    def test_no_page_may_ask_or_read(self, client: TestClient):
        asked = preflight(client, PAGE)
        assert asked.status_code == 405
        answer = client.get("/healthz", headers={"Origin": PAGE})
        for one in (asked, answer):
            assert not [name for name in one.headers if name.lower().startswith("access-control")]


def test_requests_without_an_origin_are_as_before(page: TestClient):
    answer = page.get("/v1/memories", params={"user_id": "ann"})
    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert page.options("/v1/search").status_code == 405
