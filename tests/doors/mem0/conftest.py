"""mem0's door in front of the app, asked as mem0's clients ask: a `Token`, and paths that end in a slash."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi.testclient import TestClient

from app.core.vocabulary import KeyScope
from app.resources import Resources
from tests.conftest import app_of, client_of, make_key

DOOR = "/compat/mem0"


@dataclass(frozen=True)
class Door:
    """The door, for the bearer of one key."""

    client: TestClient
    key: str

    def call(self, method: str, path: str, **values: Any) -> httpx.Response:
        return self.client.request(
            method, f"{DOOR}{path}", headers={"Authorization": f"Token {self.key}"}, **values
        )

    def ok(self, method: str, path: str, **values: Any) -> Any:
        answer = self.call(method, path, **values)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, status: int, method: str, path: str, **values: Any) -> Any:
        """The body of a refusal, which is in mem0's form whatever was refused."""
        answer = self.call(method, path, **values)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/json"
        body = answer.json()
        assert body["detail"] == body["error"]
        assert body["detail"]
        return body

    def store(self, text: str, **values: Any) -> str:
        """Store a text word for word; the id of the memory."""
        body = {"messages": [{"role": "user", "content": text}], "infer": False} | values
        added = self.ok("POST", "/v3/memories/add/", json=body)
        assert added["status"] == "SUCCEEDED"
        return added["results"][0]["id"]

    def listed(self, **body: Any) -> list[str]:
        """What is listed by these filters, sorted."""
        page = self.ok("POST", "/v3/memories/", json=body, params={"page_size": 500})
        assert page["count"] == len(page["results"])
        return sorted(record["memory"] for record in page["results"])

    def searched(self, query: str, **body: Any) -> list[str]:
        """What is found, sorted."""
        found = self.ok("POST", "/v3/memories/search/", json={"query": query, "threshold": 0} | body)
        return sorted(record["memory"] for record in found["results"])


def open_door(resources: Resources, tenant: str, *scopes: KeyScope, user_id: str | None = None) -> Door:
    """The door for a new key of a tenant."""
    key = make_key(resources, tenant, *scopes, user_id=user_id)
    return Door(client_of(app_of(resources), key), key)


@pytest.fixture
def door(resources: Resources, tenant: str) -> Door:
    return open_door(resources, tenant)


@pytest.fixture(scope="module")
def library(resources: Resources) -> Door:
    """A tenant with a few memories of several users, which its tests only read."""
    door = open_door(resources, f"t-{uuid4().hex[:12]}")
    door.store(
        "Ann drinks tea", user_id="ann", metadata={"project": "apollo", "level": 1, "labels": ["a", "b"]}
    )
    door.store("Ann rows on Sundays", user_id="ann", run_id="r1", metadata={"project": "zeus", "level": 2.5})
    door.store("Ann owns a red bicycle", user_id="ann", agent_id="bot", app_id="web", metadata={"level": "2"})
    door.store("Ann reads Ibsen", user_id="ann", agent_id="bot", run_id="r2", expiration_date="2030-06-30")
    door.store("Bo sings bass", user_id="bo", run_id="r1", app_id="phone", metadata={"project": "apollo"})
    door.store("Bo paints boats", user_id="bo", metadata={"done": True, "nested": {"deep": 1}, "none": None})
    door.store("The bot speaks Norwegian", agent_id="bot")
    door.store("The shop opens at nine", app_id="web")
    door.store("The run began at noon", run_id="r3")
    return door
