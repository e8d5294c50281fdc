"""An id of another user in a request does what an id of nobody does: same answer, same effects."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from app.core.vocabulary import KeyScope
from app.resources import Resources
from app.services.ingestion import embed_turns, extraction
from app.services.platform.pagination import encode_cursor
from tests.api.test_grants import grant
from tests.conftest import app_of, client_of, make_key, post, search, turn

SECRET = "Zoe keeps her boat in Bergen."
STATE = "/v1/sessions/s1/state"


@pytest.fixture(params=["bound", "unbound"])
def ann(request: Any, timed: Resources, api: TestClient, tenant: str) -> Iterator[TestClient]:
    """A client of Ann's: of a key that is bound to her, and of one that is not and names her."""
    if request.param == "unbound":
        yield api
        return
    with client_of(app_of(timed), make_key(timed, tenant, KeyScope.WRITE, user_id="ann")) as bound:
        yield bound


@pytest.fixture
def zoe(api: TestClient, timed: Resources, tenant: str) -> dict[str, str]:
    """The ids of what Zoe has."""
    accepted = post(api, turn(SECRET, name="Zoe"), user="zoe", session="z")
    embed_turns.run_embedding(timed, tenant, "zoe")
    extraction.run_extraction(timed, tenant, "zoe")
    said = {"user_id": "zoe", "content": "Zoe likes tea."}
    memory = api.post("/v1/memories", json=said | {"content": SECRET}).json()
    shown = api.post("/v1/search", json={"user_id": "zoe", "query": "boat"}).json()
    return {
        "memory": memory["id"],
        "turn": accepted["turn_ids"][0],
        "job": accepted["job_id"],
        "snapshot": api.post("/v1/snapshots", json={"user_id": "zoe"}).json()["id"],
        "retrieval": shown["retrieval_id"],
        "grant": grant(api, "zoe", "bob", right="copy").json()["id"],
    }


@pytest.mark.parametrize("kind", ["memory", "turn", "job", "nobody"])
def test_what_was_shown_says_nothing_of_anothers_memory(
    ann: TestClient, zoe: dict[str, str], timed: Resources, tenant: str, kind: str
):
    named = zoe.get(kind, str(uuid4()))
    said = turn(SECRET, role="assistant", shown_memory_ids=[named])
    (turn_id,) = post(ann, said)["turn_ids"]
    embed_turns.run_embedding(timed, tenant, "ann")
    extraction.run_extraction(timed, tenant, "ann")
    found = ann.get(f"/v1/turns/{turn_id}").json()
    assert (found["state"], found["reason"], found["extracted"]) == ("extracted", None, 1)
    assert ann.get("/v1/sessions/s1/working-set", params={"user_id": "ann"}).json()["items"][0]["content"]


def test_what_is_granted_was_shown(
    ann: TestClient, api: TestClient, zoe: dict[str, str], timed: Resources, tenant: str
):
    grant(api, "zoe", "ann")
    said = turn(SECRET, role="assistant", shown_memory_ids=[zoe["memory"]])
    (turn_id,) = post(ann, said)["turn_ids"]
    embed_turns.run_embedding(timed, tenant, "ann")
    extraction.run_extraction(timed, tenant, "ann")
    assert ann.get(f"/v1/turns/{turn_id}").json()["reason"] == "refused: echo"


Ask = Callable[[TestClient, str], Any]


def goal(client: TestClient, an_id: str) -> Any:
    goals = [{"text": "Sail", "turn_id": an_id}, {"text": "Row", "status": "done", "closed_by": an_id}]
    body = {"user_id": "ann", "state": {"goals": goals}}
    version = client.get(STATE, params={"user_id": "ann"}).json().get("version", 0)
    return client.put(STATE, json=body, headers={"If-Match": str(version)})


def asked(path: str, **body: Any) -> Ask:
    """A POST whose body is this, with the id for `...`."""
    return lambda client, an_id: client.post(
        path, json={k: an_id if v is ... else [an_id] if v == [...] else v for k, v in body.items()}
    )


def got(path: str, **params: Any) -> Ask:
    """A GET of Ann's with the id for `...`."""
    return lambda client, an_id: client.get(
        path, params={"user_id": "ann"} | {k: an_id if v is ... else v for k, v in params.items()}
    )


def cited(client: TestClient, an_id: str) -> Any:
    shown = client.post("/v1/search", json={"user_id": "ann", "query": "cello"}).json()
    return client.post(f"/v1/retrievals/{shown['retrieval_id']}/feedback", json={"cited_ids": [an_id]})


def from_cursor(path: str, **more: Any) -> Ask:
    """A page of Ann's from behind an id, as a cursor that was tampered with."""

    def ask(client: TestClient, an_id: str) -> Any:
        cursor = encode_cursor([UUID(an_id), UUID(an_id)], 1)
        return client.get(path, params={"user_id": "ann", "cursor": cursor} | more)

    return ask


ASKS: dict[str, tuple[str, Ask]] = {
    "wait_for of a search": ("job", asked("/v1/search", user_id="ann", query="boat", wait_for=...)),
    "wait_for of a context": ("job", asked("/v1/context", user_id="ann", query="boat", wait_for=...)),
    "wait_for a memory": ("memory", asked("/v1/search", user_id="ann", query="boat", wait_for=...)),
    "first": ("memory", got("/v1/order", first=..., second=str(uuid4()))),
    "first turn": ("turn", got("/v1/order", first=..., second=str(uuid4()))),
    "second": ("turn", got("/v1/order", first=str(uuid4()), second=...)),
    "a goal's turns": ("turn", goal),
    "memory_ids of a grant": (
        "memory",
        asked("/v1/grants", owner_user_id="ann", grantee_user_id="bob", memory_ids=[...]),
    ),
    "memory_ids of a copy": (
        "memory",
        asked("/v1/memories/copy", user_id="ann", owner_user_id="zoe", memory_ids=[...]),
    ),
    "memory_ids of a copy from another": (
        "memory",
        asked("/v1/memories/copy", user_id="ann", owner_user_id="bob", memory_ids=[...]),
    ),
    "cited_ids": ("memory", cited),
    "cited turn": ("turn", cited),
    "neighbours": ("memory", lambda client, an_id: got(f"/v1/entities/{an_id}/neighbours")(client, an_id)),
    "cursor of memories": ("memory", from_cursor("/v1/memories")),
    "cursor of turns": ("turn", from_cursor("/v1/turns")),
    "cursor of snapshots": ("snapshot", from_cursor("/v1/snapshots")),
    "cursor of grants": ("grant", from_cursor("/v1/grants")),
    "cursor of conflicts": ("memory", from_cursor("/v1/conflicts")),
}


@pytest.mark.parametrize("name", ASKS)
def test_in_a_request_for_ann_is_as_nobodys(ann: TestClient, api: TestClient, zoe: dict[str, str], name: str):
    kind, ask = ASKS[name]
    before = of_zoe(api)
    theirs, nobodys = zoe[kind], str(uuid4())
    one, other = ask(ann, theirs), ask(ann, nobodys)
    assert one.status_code == other.status_code < 500
    assert told(one, theirs) == told(other, nobodys)
    assert SECRET not in one.text
    assert of_zoe(api) == before


PATHS = {
    "memory": [
        "get /v1/memories/{}",
        "get /v1/memories/{}/history",
        "get /v1/memories/{}/links",
        "get /v1/memories/{}/sources",
        "get /v1/memories/{}/dependents",
        "delete /v1/memories/{}",
        "post /v1/memories/{}/pin",
        "post /v1/memories/{}/freeze",
        "post /v1/memories/{}/archive",
    ],
    "turn": ["get /v1/turns/{}", "delete /v1/turns/{}"],
    "job": ["get /v1/jobs/{}", "post /v1/jobs/{}/retry"],
    "snapshot": ["post /v1/snapshots/{}/rollback"],
    "grant": ["delete /v1/grants/{}"],
}


def test_in_a_path_is_as_nobodys_for_a_bound_key(
    timed: Resources, api: TestClient, zoe: dict[str, str], tenant: str
):
    before = of_zoe(api)
    with client_of(app_of(timed), make_key(timed, tenant, KeyScope.WRITE, user_id="ann")) as bound:
        for kind, paths in PATHS.items():
            for method, path in (path.split(" ") for path in paths):
                one, other = (bound.request(method, path.format(i)) for i in (zoe[kind], uuid4()))
                assert (one.status_code, told(one, "")) == (404, told(other, "")), path
        for an_id in (zoe["memory"], zoe["turn"], str(uuid4())):
            answer = bound.post(f"/v1/conflicts/{an_id}/resolve", json={"dismiss": True})
            assert answer.status_code == 404
        for an_id in (zoe["retrieval"], str(uuid4())):
            answer = bound.post(f"/v1/retrievals/{an_id}/feedback", json={"cited_ids": []})
            assert answer.status_code == 404
    assert of_zoe(api) == before


def told(answer: Any, an_id: str) -> Any:
    """What an answer says, but for the id that was asked for and what is new each time."""
    shown = answer.json()
    said = {
        k: v for k, v in shown.items() if k not in {"request_id", "retrieval_id", "version", "updated_at"}
    }
    return str(said).replace(an_id, "it") if an_id else said


def of_zoe(api: TestClient) -> Any:
    """All that can be seen of Zoe."""
    parts = ("memories", "turns", "jobs", "snapshots", "grants")
    seen = {part: api.get(f"/v1/{part}", params={"user_id": "zoe"}).json() for part in parts}
    return seen | {"found": [item["id"] for item in search(api, "Where is the boat?", user="zoe")]}
