"""Login, session, CSRF tokens and headers of the console."""

import re
from typing import Any
from uuid import uuid4

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from redis import Redis
from sqlalchemy import Engine, text

from app.core.security import hash_key
from app.core.vocabulary import KeyScope
from app.doors.console import application
from app.doors.console.console_route import HEADERS, ConsoleRoute, OpenRoute
from app.doors.console.routes import login
from app.doors.console.views.latencies import list_latencies
from app.doors.console.visits import COOKIE
from app.resources import Resources
from app.services.platform.console_sessions import MAX_FAILED_LOGINS, SESSION_SECONDS, derive_csrf_token
from tests.conftest import Servers, make_key, post, turn
from tests.doors.console.conftest import Browser, Visitor, csrf_of, error_of, text_of

SOME_ID = "0198c5a0-0000-7000-8000-000000000001"
ROUTES = [
    (method, route)
    for part in (login, *application._ROUTE_MODULES)
    for route in part.router.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods or ())
]
GUARDED = [(method, route) for method, route in ROUTES if not isinstance(route, OpenRoute)]
WRITES = [(method, route) for method, route in GUARDED if method == "POST"]


def path_of(route: APIRoute) -> str:
    return re.sub(r"{\w+}", SOME_ID, route.path).removeprefix("/console")


@pytest.fixture
def browser(resources: Resources) -> Browser:
    return Browser(resources)


@pytest.fixture
def redis(servers: Servers) -> Redis:
    return Redis.from_url(servers.valkey.redis_url)


class TestLogin:
    def test_leads_to_the_page_that_was_asked_for(self, browser: Browser, resources: Resources, tenant: str):
        asked = browser.get("/turns", user="ann", session="a b")
        assert asked.status_code == 303
        page = browser.http.get(asked.headers["location"])
        following = re.search(r'name="next" value="([^"]+)"', page.text)
        assert following is not None
        answer = browser.log_in(make_key(resources, tenant), next=following[1].replace("&amp;", "&"))
        assert (answer.status_code, answer.headers["location"]) == (
            303,
            "/console/turns?user=ann&session=a+b",
        )
        assert browser.http.get(answer.headers["location"]).status_code == 200

    @pytest.mark.parametrize(
        "address",
        [
            "https://evil.example/console/",
            "//evil.example/console",
            "/\\evil.example",
            "/console/..\\evil",
            "/v1/keys",
            "/consolevil",
            "javascript:alert(1)",
            "/console/\r\nSet-Cookie: a=b",
            "/console/\N{RIGHT-TO-LEFT OVERRIDE}",
            "",
        ],
    )
    def test_leads_nowhere_else(self, browser: Browser, resources: Resources, tenant: str, address: str):
        answer = browser.log_in(make_key(resources, tenant), next=address)
        assert (answer.status_code, answer.headers["location"]) == (303, "/console")

    def test_sets_a_cookie_that_no_script_and_no_other_site_gets(
        self, browser: Browser, resources: Resources, tenant: str
    ):
        key = make_key(resources, tenant)
        cookie = next(
            c for c in browser.log_in(key).headers.get_list("set-cookie") if c.startswith(COOKIE + "=")
        )
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"httponly", "samesite=strict", "path=/console", f"max-age={SESSION_SECONDS}"} == parts
        assert key not in cookie
        assert hash_key(key).hex() not in cookie

    @pytest.mark.parametrize("how", ["scheme", "proxy"])
    def test_sets_a_secure_cookie_over_https(
        self, browser: Browser, resources: Resources, tenant: str, how: str
    ):
        if how == "scheme":
            browser.http.base_url = "https://testserver"
        else:
            browser.http.headers["X-Forwarded-Proto"] = "https"
        browser.http.cookies.set(login.LOGIN_COOKIE, _value_of(browser.get("/login"), login.LOGIN_COOKIE))
        page = browser.get("/login")
        token = csrf_of(page)
        answer = browser.http.post("/console/login", data={"csrf": token, "key": make_key(resources, tenant)})
        assert answer.status_code == 303
        assert all("secure" in c.lower() for c in answer.headers.get_list("set-cookie") if COOKIE + "=" in c)

    @pytest.mark.parametrize(
        "key", ["mc_made-up", "", " ", "x" * 201, "mc_" + "é" * 20, "' OR 1=1 --", "\N{PILE OF POO}" * 10]
    )
    def test_refuses_what_is_no_key(self, resources: Resources, key: str):
        browser = Browser(resources, address=f"h{uuid4()}")
        answer = browser.log_in(key)
        assert (answer.status_code, error_of(answer)) == (401, "This is no valid key.")
        assert COOKIE not in browser.http.cookies
        assert not key.strip() or key not in answer.text

    def test_needs_the_token_of_its_own_page(self, browser: Browser, resources: Resources, tenant: str):
        key = make_key(resources, tenant)
        assert browser.http.post("/console/login", data={"key": key}).status_code == 403
        browser.get("/login")
        assert browser.http.post("/console/login", data={"key": key, "csrf": "0" * 64}).status_code == 403
        assert browser.log_in(key).status_code == 303

    def test_is_bounded_for_each_address(self, resources: Resources, tenant: str):
        address, key = f"h{uuid4()}", make_key(resources, tenant)
        for _ in range(MAX_FAILED_LOGINS):
            assert Browser(resources, address).log_in("mc_made-up").status_code == 401
        refused = Browser(resources, address).log_in("mc_made-up")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
        assert Browser(resources, f"h{uuid4()}").log_in("mc_made-up").status_code == 401
        # Others may have the same address, such as that of a proxy.
        assert Browser(resources, address).log_in(key).status_code == 303

    def test_counts_only_what_fails(self, resources: Resources, tenant: str):
        address, key = f"h{uuid4()}", make_key(resources, tenant)
        for _ in range(MAX_FAILED_LOGINS + 2):
            assert Browser(resources, address).log_in(key).status_code == 303


def _value_of(answer: Any, name: str) -> str:
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith(name + "="))
    return cookie.split(";")[0].partition("=")[2]


class TestSession:
    def test_is_kept_as_a_hash_and_names_no_key(self, admin: Browser, redis: Redis):
        token = admin.http.cookies[COOKIE]
        assert len(token) >= 43
        assert not [key for key in redis.scan_iter("mc:console:*") if token.encode() in key]
        assert redis.ttl(next(iter(redis.scan_iter("mc:console:session:*")))) <= SESSION_SECONDS

    def test_ends_at_once_when_its_key_is_revoked(self, visitor: Visitor, admin: Browser, client: TestClient):
        reader = visitor(KeyScope.READ)
        assert reader.get("/jobs").status_code == 200
        listed = client.get("/v1/keys").json()["items"]
        key = next(one["id"] for one in listed if one["scopes"] == ["read"])
        assert client.delete(f"/v1/keys/{key}").status_code == 204
        assert reader.get("/jobs").status_code == 303
        assert reader.get("/jobs").headers["location"].startswith("/console/login")
        assert admin.get("/jobs").status_code == 200

    def test_ends_when_its_key_expires(self, visitor: Visitor, owner: Engine, tenant: str):
        browser = visitor()
        with owner.begin() as connection:
            connection.execute(
                text("UPDATE api_keys SET expires_at = now() - interval '1 s' WHERE tenant_id = :t"),
                {"t": tenant},
            )
        assert browser.get("/jobs").status_code == 303

    def test_ends_with_the_logout_for_everybody_who_has_the_cookie(
        self, admin: Browser, resources: Resources
    ):
        thief = Browser(resources)
        thief.http.cookies.set(COOKIE, admin.http.cookies[COOKIE])
        assert thief.get("/jobs").status_code == 200
        assert admin.post("/logout").headers["location"] == "/console/login"
        assert thief.get("/jobs").status_code == 303

    @pytest.mark.parametrize(
        "token", ["", "x", "a" * 43, "../../etc", "mc:console", "\x7f", "é" * 9, "0" * 4_000]
    )
    def test_of_a_made_up_token_is_none(self, resources: Resources, token: str):
        browser = Browser(resources)
        headers = {b"Cookie": f"{COOKIE}={token}".encode()}
        assert browser.http.get("/console/jobs", headers=headers).status_code == 303

    def test_is_no_key_of_the_api(self, admin: Browser):
        assert admin.http.get("/v1/keys").status_code == 401

    def test_asks_htmx_to_go_to_the_login(self, browser: Browser):
        answer = browser.http.get("/console/users", headers={"HX-Request": "true"})
        assert answer.status_code == 401
        assert answer.headers["hx-redirect"] == "/console/login?next=%2Fconsole%2Fusers"

    @pytest.mark.parametrize(("method", "route"), GUARDED, ids=lambda one: getattr(one, "path", one))
    def test_is_needed_for_every_page(self, browser: Browser, method: str, route: APIRoute):
        form = {"data": {"csrf": "0" * 64}} if method == "POST" else {}
        answer = browser.http.request(method, f"/console{path_of(route)}", **form)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/console/login")
        assert answer.headers["content-security-policy"] == HEADERS["content-security-policy"]

    def test_every_page_is_guarded(self):
        assert len(GUARDED) >= 25
        assert all(isinstance(route, ConsoleRoute) for _, route in ROUTES)


class TestForms:
    @pytest.mark.parametrize(("method", "route"), WRITES, ids=lambda one: getattr(one, "path", one))
    @pytest.mark.parametrize("token", [None, "", "0" * 64, "login"])
    def test_need_the_token_of_the_session(
        self, admin: Browser, method: str, route: APIRoute, token: str | None
    ):
        form = {"user": "ann"}
        if token is not None:
            form["csrf"] = derive_csrf_token("another session") if token == "login" else token
        answer = admin.http.request(method, f"/console{path_of(route)}", data=form)
        assert (answer.status_code, "out of date" in error_of(answer)) == (403, True)

    @pytest.mark.parametrize("site", ["cross-site", "same-site"])
    def test_of_another_site_are_refused_even_with_the_token(self, admin: Browser, site: str):
        form = {"csrf": admin.csrf(), "name": "k", "scope": "read"}
        answer = admin.http.post("/console/keys", data=form, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403
        assert "<bdi>k</bdi>" not in admin.get("/keys").text

    @pytest.mark.parametrize(
        ("body", "headers", "status"),
        [
            (b"{}", {"Content-Type": "application/json"}, 422),
            (b"a=b", {"Content-Type": "text/plain"}, 422),
            (b"--x", {"Content-Type": "multipart/form-data; boundary=x"}, 422),
            (b"a=b", {}, 422),
            (b"a=%ff", {"Content-Type": "application/x-www-form-urlencoded"}, 422),
            ("a=é".encode(), {"Content-Type": "application/x-www-form-urlencoded"}, 422),
            (b"a=%00", {"Content-Type": "application/x-www-form-urlencoded"}, 422),
            (b"&".join([b"a=b"] * 700), {"Content-Type": "application/x-www-form-urlencoded"}, 422),
            (b"a=" + b"x" * 70_000, {"Content-Type": "application/x-www-form-urlencoded"}, 413),
        ],
    )
    def test_are_bounded_and_of_one_type(
        self, admin: Browser, body: bytes, headers: dict[str, str], status: int
    ):
        answer = admin.http.post("/console/keys", content=body, headers=headers)
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("text/html")

    @pytest.mark.parametrize(
        ("path", "query"),
        [
            ("/users", {"prefx": "a"}),
            ("/users", {"cursor": "x"}),
            ("/turns", {"user": "ann", "state": "sad"}),
            ("/turns", {}),
            ("/turns", {"user": "a\x00b"}),
            ("/turns", {"user": ["ann", "ben"]}),
            ("/user", {"user": ".."}),
            ("/user", {"user": "x" * 300}),
            ("/memories", {"user": "ann", "kind": "facts"}),
            ("/timeline", {"user": "ann", "cursor": "x" * 50}),
            ("/jobs", {"status": "lost"}),
            ("/usage", {"days": "many"}),
            ("/entities", {"user": "ann", "entity": "x"}),
            ("/static/console.css", {"w": "1"}),
        ],
    )
    def test_and_queries_that_are_wrong_name_the_field(self, admin: Browser, path: str, query: Any):
        answer = admin.get(path, **query)
        assert answer.status_code == 422
        assert error_of(answer)

    def test_have_an_error_that_fits_into_a_page_when_htmx_asks(self, admin: Browser):
        answer = admin.http.get("/console/users?x=1", headers={"HX-Request": "true"})
        assert answer.status_code == 422
        assert answer.text.startswith("<div")


class TestHeaders:
    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/console", 200),
            ("GET", "/console/", 200),
            ("GET", "/console/users", 200),
            ("GET", "/console/login", 200),
            ("GET", "/console/static/console.js", 200),
            ("GET", "/console/static/../rendering.py", 404),
            ("GET", "/console/static/%2e%2e%2frendering.py", 404),
            ("GET", "/console/nothing/here", 404),
            ("GET", f"/console/turns/{SOME_ID}", 404),
            ("GET", "/console/turns/not-an-id", 404),
            ("DELETE", "/console/users", 404),
            ("PUT", "/console/keys", 404),
            ("POST", "/console/users", 422),
            ("TRACE", "/console/users", 405),
        ],
    )
    def test_are_on_every_answer(self, admin: Browser, method: str, path: str, status: int):
        answer = admin.http.request(method, path)
        assert answer.status_code == status
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
        assert "'unsafe" not in HEADERS["content-security-policy"]
        assert answer.headers["x-request-id"]
        assert answer.headers["cache-control"] == (
            "public, max-age=31536000, immutable" if path.endswith(".js") else "no-store"
        )

    def test_are_on_a_fault_too(self, admin: Browser, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("app.doors.console.routes.jobs.jobs.list_jobs", lambda *_a, **_k: 1 / 0)
        answer = admin.get("/jobs")
        assert answer.status_code == 500
        assert answer.headers["content-security-policy"] == HEADERS["content-security-policy"]
        assert "ZeroDivision" not in answer.text

    def test_are_not_on_the_api(self, client: TestClient):
        assert "content-security-policy" not in client.get("/v1/keys").headers

    def test_pages_have_no_script_or_style_of_their_own(self, admin: Browser, client: TestClient):
        post(client, turn("I live in Oslo."))
        for path in (
            "/users",
            "/usage",
            "/keys",
            "/turns?user=ann",
            "/search?user=ann",
            "/entities?user=ann",
        ):
            page = admin.http.get(f"/console{path}").text
            assert not re.search(r"<script(?![^>]*\bsrc=\")|<style|\sstyle=|\son\w+=|javascript:", page)
            assert not re.search(r'(?:src|href)="https?:', page)


class TestMetrics:
    def test_have_the_route_and_never_the_address(self, admin: Browser):
        admin.get("/user", user="very-secret-user")
        told = admin.http.get("/metrics").text
        assert 'route="/console/user"' in told
        assert "very-secret-user" not in told

    def test_of_the_page_tell_of_requests(self, admin: Browser, client: TestClient):
        client.get("/v1/keys")
        assert ("GET", "/v1/keys") in {(one.method, one.route) for one in list_latencies(most=10_000)}
        most = list_latencies()[0]  # the page has the routes that are asked most
        assert f"{most.method} {most.route}" in text_of(admin.get("/usage"))
