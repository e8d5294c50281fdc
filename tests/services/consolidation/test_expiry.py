"""What has expired is not served from that moment on, though no job has deleted it yet."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.core.security import Principal
from app.core.vocabulary import KeyScope
from app.resources import Resources
from app.schemas.consolidation.forgetting import PlanForgetting
from app.services.consolidation import forgetting
from app.services.search import user_indexes
from tests.conftest import app_of, client_of, make_key, post, turn
from tests.services.conftest import NOW, add

END = NOW + timedelta(hours=1)
SECRET = "Ann rows in a club in Lima"
WORDS = "Lima"


@pytest.fixture
def clock() -> list[datetime]:
    return [NOW]


@pytest.fixture
def timed(without_llm: Resources, clock: list[datetime]) -> Resources:
    return replace(without_llm, now=lambda: clock[0])  # no worker is there, which would count attempts


@pytest.fixture
def api(timed: Resources, tenant: str) -> Iterator[TestClient]:
    with client_of(app_of(timed), make_key(timed, tenant)) as opened:
        yield opened


@pytest.fixture
def other(timed: Resources, tenant: str, api: TestClient) -> TestClient:
    return client_of(api.app, make_key(timed, f"{tenant}-2"))


class Ann:
    """A user with a memory that expires among others: it holds a slot, has tags and is shared."""

    def __init__(self, api: TestClient) -> None:
        self.api = api
        slot = {"subject": "ann", "attribute": "club"}
        self.id = add(
            api,
            SECRET,
            value="lima",
            importance=0.9,
            tags=["rowing"],
            entities=["Lima"],
            place={"name": "Lima"},
            event_from="2026-01-10T00:00:00Z",
            expires_at=END.isoformat(),
            **slot,
        )["id"]
        self.stays = add(api, "Ann rows on Sundays", importance=0.9, tags=["sport"], entities=["Bo"])["id"]
        said = turn("I row.", observed_at=NOW.isoformat(), shown_memory_ids=[self.id, self.stays])
        post(api, said)
        grant = {"owner_user_id": "ann", "grantee_user_id": "bob", "right": "copy"}
        assert api.post("/v1/grants", json=grant).status_code == 201
        self.snapshot = api.post("/v1/snapshots", json={"user_id": "ann"}).json()

    def get(self, path: str, **params: Any) -> Any:
        return self.api.get(path, params={"user_id": "ann"} | params)

    def ask(self, path: str, **body: Any) -> Any:
        return self.api.post(path, json={"user_id": "ann", "query": "Who rows in a club in Lima?"} | body)


# Every way to read it. What they show of it is its id, its words or its names.
ROUTES: dict[str, Callable[[Ann], Any]] = {
    "list": lambda a: a.get("/v1/memories"),
    "list of every status": lambda a: a.get("/v1/memories", status=["activated", "superseded", "archived"]),
    "list by kind": lambda a: a.get("/v1/memories", kind="fact"),
    "list by tag": lambda a: a.get("/v1/memories", tag="rowing"),
    "list by slot": lambda a: a.get("/v1/memories", subject="ann", attribute="club"),
    "list by place": lambda a: a.get("/v1/memories", place="Lima"),
    "list as of": lambda a: a.get("/v1/memories", as_of=NOW.isoformat()),
    "list known at": lambda a: a.get("/v1/memories", known_at=a.snapshot["known_at"]),
    "one": lambda a: a.api.get(f"/v1/memories/{a.id}"),
    "one as of": lambda a: a.api.get(f"/v1/memories/{a.id}", params={"as_of": NOW.isoformat()}),
    "history": lambda a: a.api.get(f"/v1/memories/{a.id}/history"),
    "sources": lambda a: a.api.get(f"/v1/memories/{a.id}/sources"),
    "links": lambda a: a.api.get(f"/v1/memories/{a.id}/links"),
    "links of another": lambda a: a.api.get(f"/v1/memories/{a.stays}/links"),
    "dependents": lambda a: a.api.get(f"/v1/memories/{a.id}/dependents"),
    "search": lambda a: a.ask("/v1/search"),
    "search with what was": lambda a: a.ask("/v1/search", include_superseded=True),
    "search by tag": lambda a: a.ask("/v1/search", filters={"tags": ["rowing"]}),
    "search by kind": lambda a: a.ask("/v1/search", kinds=["fact"]),
    "search by place": lambda a: a.ask("/v1/search", filters={"place": "Lima"}),
    "search as of": lambda a: a.ask("/v1/search", as_of=NOW.isoformat()),
    "search known at": lambda a: a.ask("/v1/search", known_at=a.snapshot["known_at"]),
    "search explained": lambda a: a.ask("/v1/search", explain=True),
    "search of what is shared": lambda a: a.ask("/v1/search", user_id="bob", shared=True),
    "context": lambda a: a.ask("/v1/context"),
    "context of a session": lambda a: a.ask("/v1/context", session_id="s1"),
    "context as of": lambda a: a.ask("/v1/context", as_of=NOW.isoformat()),
    "context of what is shared": lambda a: a.ask("/v1/context", user_id="bob", shared=True),
    "timeline": lambda a: a.get("/v1/timeline"),
    "entities": lambda a: a.get("/v1/entities"),
    "entities as of": lambda a: a.get("/v1/entities", as_of=NOW.isoformat()),
    "tags": lambda a: a.get("/v1/tags"),
    "order": lambda a: a.get("/v1/order", first=a.id, second=a.stays),
    "working set": lambda a: a.get("/v1/sessions/s1/working-set"),
    "export": lambda a: a.api.get("/v1/users/ann/export"),
    "copy": lambda a: a.api.post("/v1/memories/copy", json={"user_id": "bob", "owner_user_id": "ann"}),
}
# What is due is named by its id, and not told.
DUE: Callable[[Ann], Any] = lambda a: a.api.post("/v1/forget", json={"user_id": "ann"})  # noqa: E731


def tells(ann: Ann, answer: Any) -> bool:
    """Whether an answer shows anything of the memory that expires."""
    named = answer.json().get("items", ()) if answer.request.url.path in {"/v1/tags", "/v1/entities"} else ()
    if any(one.get("tag", one.get("name", "")).lower() in {"rowing", "lima"} for one in named):
        return True
    if answer.request.url.path.endswith("/export"):
        return SECRET in answer.text  # a turn names what was shown with it, and does not tell it
    return ann.id in answer.text or SECRET in answer.text


class TestServing:
    def test_it_is_served_until_it_expires_and_by_no_route_from_then_on(
        self, api: TestClient, clock: list[datetime]
    ):
        ann = Ann(api)
        before = {name: tells(ann, ask(ann)) for name, ask in ROUTES.items()}
        silent = {
            "sources",
            "links",
            "dependents",
            "links of another",
        }  # they tell nothing of one without any
        assert {name for name, told in before.items() if not told} <= silent
        clock[0] = END - timedelta(microseconds=1)
        assert tells(ann, ROUTES["search"](ann))
        clock[0] = END
        answers = {name: ask(ann) for name, ask in ROUTES.items()}
        assert {
            name: answer.status_code for name, answer in answers.items() if answer.status_code >= 500
        } == {}
        assert {name for name, answer in answers.items() if tells(ann, answer)} == set()
        gone = {"one", "one as of", "history", "sources", "links", "dependents", "order"}
        assert {name for name, answer in answers.items() if answer.status_code == 404} == gone
        assert ann.stays in ROUTES["list"](ann).text
        assert ann.stays in ROUTES["search"](ann).text
        due = {item["memory_id"]: item["content"] for item in DUE(ann).json()["items"]}
        assert due[ann.id] is None

    def test_what_stays_can_be_taken_elsewhere(
        self, api: TestClient, other: TestClient, clock: list[datetime]
    ):
        ann = Ann(api)
        early = api.get("/v1/users/ann/export").content
        clock[0] = END
        bundle = api.get("/v1/users/ann/export").content
        assert other.post("/v1/import", content=bundle).status_code == 200
        again = other.get("/v1/users/ann/export").content
        assert again.splitlines()[1:] == bundle.splitlines()[1:]
        # A bundle that is older than what expired meanwhile is history, and comes in as that.
        assert other.delete("/v1/users/ann").status_code == 200
        assert other.post("/v1/import", content=early).status_code == 200
        elsewhere = Ann.__new__(Ann)
        elsewhere.__dict__ |= ann.__dict__ | {"api": other}
        for name in ("list", "search", "one", "export", "list known at"):
            assert not tells(elsewhere, ROUTES[name](elsewhere)), name

    def test_a_large_users_index_masks_it_too(
        self, api: TestClient, timed: Resources, tenant: str, clock: list[datetime]
    ):
        ann = Ann(api)
        assert user_indexes.create_index_snapshot(timed, tenant, "ann", after=0, exact_rows=0)
        large = replace(timed, index_cache=type(timed.index_cache)(2**26))
        with client_of(app_of(large), make_key(timed, tenant)) as opened:
            ann.api = opened
            assert tells(ann, ROUTES["search"](ann))
            clock[0] = END
            for name in ("search", "search with what was", "search by tag", "context"):
                assert not tells(ann, ROUTES[name](ann)), name

    def test_a_conflict_with_it_is_over(self, api: TestClient, clock: list[datetime]):
        slot = {"subject": "ann", "attribute": "residence", "asserted_at": NOW.isoformat()}
        first = add(api, "Ann lives in Oslo", value="Oslo", **slot)["id"]
        add(api, "Ann lives in Rome", value="Rome", expires_at=END.isoformat(), user_id="bob", **slot)
        grant = {"owner_user_id": "bob", "grantee_user_id": "ann", "right": "copy"}
        assert api.post("/v1/grants", json=grant).status_code == 201
        copied = api.post("/v1/memories/copy", json={"user_id": "ann", "owner_user_id": "bob"}).json()[
            "items"
        ]
        assert [one["result"] for one in copied] == ["conflict"]
        second = copied[0]["memory_id"]
        query = {"user_id": "ann", "query": "Where does Ann live?"}
        assert len(api.get("/v1/conflicts", params={"user_id": "ann"}).json()["items"]) == 1
        assert {second} in [
            set(item["conflicts"]) for item in api.post("/v1/search", json=query).json()["items"]
        ]
        clock[0] = END
        assert api.get("/v1/conflicts", params={"user_id": "ann"}).json()["items"] == []
        answer = api.post("/v1/search", json=query).json()
        assert [(item["id"], item.get("conflicts", [])) for item in answer["items"]] == [(first, [])]
        assert api.get(f"/v1/memories/{first}").json()["conflicts"] == []

    def test_a_legal_hold_keeps_it_as_it_is(self, api: TestClient, clock: list[datetime]):
        ann = Ann(api)
        assert api.post(f"/v1/memories/{ann.id}/freeze").status_code == 200
        clock[0] = END
        assert tells(ann, ROUTES["list"](ann))
        assert tells(ann, ROUTES["search"](ann))
        assert api.post(f"/v1/memories/{ann.id}/unfreeze").status_code in {200, 404}
        assert not tells(ann, ROUTES["list"](ann))
        assert not tells(ann, ROUTES["search"](ann))

    @pytest.mark.parametrize("move", ["archive", "pin", "freeze", "restore"])
    def test_nothing_is_done_with_it_any_more(self, api: TestClient, clock: list[datetime], move: str):
        ann = Ann(api)
        clock[0] = END
        assert api.post(f"/v1/memories/{ann.id}/{move}").status_code == 404
        patch = api.patch(f"/v1/memories/{ann.id}", json={"importance": 0.1}, headers={"If-Match": "1"})
        assert patch.status_code == 404


class TestEnding:
    @pytest.mark.parametrize("ago", [timedelta(0), timedelta(microseconds=1), timedelta(days=400)])
    def test_what_would_be_gone_already_is_refused(self, api: TestClient, ago: timedelta):
        past = (NOW - ago).isoformat()
        body = {"user_id": "ann", "content": "Ann rows", "expires_at": past}
        answer = api.post("/v1/memories", json=body)
        assert (answer.status_code, answer.json()["field"]) == (422, "expires_at")
        assert NOW.isoformat(timespec="seconds") in answer.json()["detail"]  # a clock that is behind is told
        memory = add(api, "Ann rows")
        path, version = f"/v1/memories/{memory['id']}", {"If-Match": "1"}
        answer = api.patch(path, json={"expires_at": past}, headers=version)
        assert (answer.status_code, answer.json()["field"]) == (422, "expires_at")
        assert api.get(path).json() == memory

    def test_a_life_as_short_as_the_answer_is_refused_or_answered(
        self, api: TestClient, clock: list[datetime], timed: Resources, tenant: str
    ):
        """Whatever is accepted is answered with what was stored, and is gone for the next who asks."""

        def tick() -> datetime:
            clock[0] += timedelta(milliseconds=1)
            return clock[0]

        ticking = client_of(app_of(replace(timed, now=tick)), make_key(timed, tenant))
        kept = add(api, "Ann rows")
        seen: set[tuple[str, int]] = set()
        for life in range(1, 22):
            end = (clock[0] + timedelta(milliseconds=life)).isoformat()
            body = {"user_id": "ann", "content": f"Ann rowed {life} times", "expires_at": end}
            answer = ticking.post("/v1/memories", json=body)
            seen.add(("post", answer.status_code))
            if answer.status_code == 201:
                clock[0] += timedelta(milliseconds=life)
                assert api.get(f"/v1/memories/{answer.json()['id']}").status_code == 404
            end = (clock[0] + timedelta(milliseconds=life)).isoformat()
            path = f"/v1/memories/{kept['id']}"
            answer = ticking.patch(path, json={"expires_at": end}, headers={"If-Match": "*"})
            seen.add(("patch", answer.status_code))
            if answer.status_code == 200:
                clock[0] += timedelta(milliseconds=life)
                assert api.get(path).status_code == 404
                kept = add(api, f"Ann rows on day {life}")
        assert seen == {("post", 201), ("post", 422), ("patch", 200), ("patch", 422)}

    def test_it_can_be_put_off_while_it_is_there(self, api: TestClient, clock: list[datetime]):
        ann = Ann(api)
        assert tells(ann, ROUTES["search"](ann))
        later = (END + timedelta(days=1)).isoformat()
        patch = api.patch(f"/v1/memories/{ann.id}", json={"expires_at": later}, headers={"If-Match": "1"})
        assert patch.status_code == 200, patch.text
        clock[0] = END
        assert tells(ann, ROUTES["search"](ann))
        clock[0] = END + timedelta(days=1)
        assert not tells(ann, ROUTES["search"](ann))

    def test_the_same_said_again_after_it_is_not_lost_with_it(
        self, api: TestClient, timed: Resources, tenant: str, clock: list[datetime]
    ):
        ann = Ann(api)
        clock[0] = END
        again = api.post("/v1/memories", json={"user_id": "ann", "content": SECRET, "subject": "ann",
                                               "attribute": "club", "value": "lima"})  # fmt: skip
        assert again.status_code == 201, again.text
        assert again.json()["expires_at"] is None
        assert tells(ann, ROUTES["search"](ann)) or again.json()["id"] in ROUTES["search"](ann).text
        request = PlanForgetting(user_id="ann")
        due = forgetting.preview_forgetting(timed, Principal(tenant, scopes=frozenset(KeyScope)), request)
        assert [item for item in due.items if item.action == "expire"] == []

    def test_a_grant_and_a_key_end_by_the_same_clock(
        self, api: TestClient, timed: Resources, clock: list[datetime]
    ):
        ann = Ann(api)
        body = {
            "owner_user_id": "ann",
            "grantee_user_id": "cy",
            "expires_at": END.isoformat(),
            "memory_ids": [ann.stays],
        }
        assert api.post("/v1/grants", json=body).status_code == 201
        shared = {"user_id": "cy", "query": "Who rows on Sundays?", "shared": True}
        assert ann.stays in api.post("/v1/search", json=shared).text
        key = api.post(
            "/v1/keys", json={"name": "k", "scopes": ["read"], "expires_at": END.isoformat()}
        ).json()["key"]
        bearer = {"Authorization": f"Bearer {key}"}
        assert api.get("/v1/tags", params={"user_id": "ann"}, headers=bearer).status_code == 200
        clock[0] = END
        assert ann.stays not in api.post("/v1/search", json=shared).text
        assert api.get("/v1/tags", params={"user_id": "ann"}, headers=bearer).status_code == 401
        assert api.post("/v1/search", json=shared, headers=bearer).status_code == 401
