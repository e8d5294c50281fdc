"""A scripted model, a clock that is set, and the stages run by the test: for what is derived."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.core.security import Principal
from app.resources import Resources
from app.services.consolidation import stage
from app.services.ingestion import embed_turns, extraction
from tests.conftest import app_of, client_of, make_key, post, turn
from tests.fakes import turns_of, user_message

NOW = datetime.now(UTC)


def scripted(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """A model that takes each turn for a fact, and counts what it is given to condense."""
    asked = user_message({"messages": messages})
    if "pairs" in asked:
        return {"verdicts": [{"pair": one["pair"], "verdict": "unrelated"} for one in asked["pairs"]]}
    if "statements_to_conclude_from" in asked:
        shown = asked["statements_to_conclude_from"]
        text = " and ".join(one["text"] for one in shown)
        return {"insight": f"It follows: {text}", "sources": [one["n"] for one in shown]}
    if "statements_about_the_person" in asked:
        return {"portrait": "Somebody of whom is known: " + " ".join(asked["statements_about_the_person"])}
    if "statements" in asked:
        return {"summary": f"{len(asked['statements'])} statements: {' '.join(asked['statements'])}"}
    body = {"messages": messages}
    facts = [
        {"turn": said["n"], "content": f"{said['speaker']} says: {said['content']}", "quote": said["content"]}
        for said in turns_of(body)
    ]
    return {"facts": facts}


@pytest.fixture
def clock() -> list[datetime]:
    return [NOW]


@pytest.fixture
def timed(llm_resources: Resources, llm: Any, clock: list[datetime]) -> Resources:
    llm.on_chat = scripted
    return replace(llm_resources, now=lambda: clock[0])


@pytest.fixture
def offline(timed: Resources) -> Resources:
    return replace(timed, chat=None)


@pytest.fixture
def api(timed: Resources, tenant: str) -> Iterator[TestClient]:
    with client_of(app_of(timed), make_key(timed, tenant)) as opened:
        yield opened


@pytest.fixture
def say(api: TestClient, timed: Resources, tenant: str) -> Callable[..., Any]:
    """Post statements of Ann in a session and extract them."""

    def go(*contents: str, on: str = "2026-03-02", close: bool = True, user: str = "ann", **more: Any) -> Any:
        resources, session = more.pop("resources", timed), more.pop("session", "s1")
        said_at = f"{on}T{more.pop('at', '10:00:00Z')}"
        turns = [turn(text, name="Ann", observed_at=said_at) for text in contents]
        answer = post(api, *turns, user=user, session=session, close_session=close)
        embed_turns.run_embedding(resources, tenant, user)
        extraction.run_extraction(resources, tenant, user)
        return answer

    return go


@pytest.fixture
def consolidate(timed: Resources, tenant: str) -> Callable[..., None]:
    def go(resources: Resources = timed, user: str = "ann") -> None:
        assert stage.enqueue_consolidation(resources, Principal(tenant), user) is not None
        stage.run_consolidation(resources, tenant, user)

    return go


def add(api: TestClient, content: str, **values: Any) -> Any:
    """Post a ready-made memory of Ann."""
    answer = api.post("/v1/memories", json={"user_id": "ann", "content": content} | values)
    assert answer.status_code == 201, answer.text
    return answer.json()


def listed(api: TestClient, kind: str, **params: Any) -> list[Any]:
    """Ann's current memories of a kind, newest first."""
    wanted = {"user_id": "ann", "kinds": kind} | params
    return api.get("/v1/memories", params=wanted).json()["items"]


def summaries(api: TestClient, *status: str, **params: Any) -> list[Any]:
    wanted = {"user_id": "ann", "kinds": "summary", "status": list(status) or ["activated"]} | params
    return api.get("/v1/memories", params=wanted).json()["items"]


def of_session(api: TestClient, session: str = "s1") -> Any:
    answer = api.get(f"/v1/sessions/{session}/summary", params={"user_id": "ann"})
    return answer.json() if answer.status_code == 200 else answer.status_code


def versions(api: TestClient, memory: Any) -> list[str]:
    return [entry["op"] for entry in api.get(f"/v1/memories/{memory['id']}/history").json()["items"]]
