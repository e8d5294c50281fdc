"""A browser without scripts: it keeps cookies, sends the CSRF token of the page, and follows nothing."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from app.core.vocabulary import KeyScope
from app.db.session import open_engine
from app.resources import Resources
from tests.conftest import Servers, app_of, make_key, remember, turn, without_worker
from tests.shared_loop import SharedLoopClient


class Browser:
    """Somebody before the console."""

    def __init__(self, resources: Resources, address: str = "testclient") -> None:
        self.http = SharedLoopClient(
            app_of(resources), follow_redirects=False, raise_server_exceptions=False, client=(address, 50_000)
        )

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.http.get(f"/console{path}", params=query or None)

    def csrf(self, path: str = "/jobs") -> str:
        return csrf_of(self.get(path))

    def post(self, path: str, *, csrf: str | None = None, **form: Any) -> httpx.Response:
        """Post a form with the token of this session."""
        token = self.csrf() if csrf is None else csrf
        return self.http.post(f"/console{path}", data=form | {"csrf": token})

    def log_in(self, key: str, **more: str) -> httpx.Response:
        token = csrf_of(self.get("/login"))
        return self.http.post("/console/login", data={"csrf": token, "key": key} | more)


def csrf_of(answer: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', answer.text)
    assert found is not None, (answer.status_code, answer.text[:400])
    return found[1]


class _Text(HTMLParser):
    """The text of a page, and its tags with their attributes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def parsed(answer: httpx.Response) -> _Text:
    page = _Text()
    page.feed(answer.text)
    return page


def text_of(answer: httpx.Response) -> str:
    """What a reader sees of a page, on one line."""
    return " ".join(" ".join(parsed(answer).texts).split())


def error_of(answer: httpx.Response) -> str:
    found = re.search(r'role="alert"[^>]*>(?:<p>)?(.*?)</p>', answer.text, re.DOTALL)
    assert found is not None, answer.text[:400]
    return unescape(found[1])


Visitor = Callable[..., Browser]


@pytest.fixture
def visitor(resources: Resources, tenant: str) -> Iterator[Visitor]:
    """Makes somebody who is logged in to the tenant of the test with a key of these scopes."""
    opened: list[Browser] = []

    def log_in(*scopes: KeyScope, user_id: str | None = None, of_tenant: str | None = None) -> Browser:
        browser = Browser(resources)
        opened.append(browser)
        key = make_key(resources, of_tenant or tenant, *scopes, user_id=user_id)
        assert browser.log_in(key).status_code == 303
        return browser

    yield log_in
    for browser in opened:
        browser.http.close()


@pytest.fixture
def admin(visitor: Visitor) -> Browser:
    return visitor()


@pytest.fixture(scope="session")
def idle(servers: Servers) -> Iterator[Resources]:
    """Resources of a database that no worker looks at."""
    with without_worker(servers, "console", 6) as opened:
        yield opened


@pytest.fixture(scope="session")
def idle_owner(servers: Servers, idle: Resources) -> Iterator[Engine]:
    """The owner's engine of that database."""
    engine = open_engine(servers.postgres.owner_url.replace("/memcubed?", "/console?"), pool_size=1)
    yield engine
    engine.dispose()


@pytest.fixture
def disputed(client: TestClient, worker: None) -> Any:
    """A conflict of ann; a file that asks for it says that it needs the worker (`tests/run_order.py`)."""
    paris = {"subject": "Ann", "attribute": "residence", "value": "Paris"}
    body = {"user_id": "ann", "content": "Ann lives in Paris.", "asserted_at": "2026-02-01T00:00:00Z"}
    assert client.post("/v1/memories", json=body | paris).status_code == 201
    remember(client, turn("I moved to Bergen.", name="Ann", ref="m2", observed_at="2026-03-10T10:00:00Z"))
    return client.get("/v1/conflicts", params={"user_id": "ann"}).json()["items"][0]
