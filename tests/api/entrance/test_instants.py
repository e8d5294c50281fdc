"""Whatever instant is accepted anywhere can be read everywhere; any other is a 422 that names the field."""

import base64
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import orjson
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from app.core.instants import find_instant_fault
from app.resources import Resources
from tests.conftest import app_of, client_of, make_key

Ask = Callable[[TestClient, Any], Any]
SAID = "2026-03-02T09:30:00Z"
EDGES = ("0002-01-01T00:00:00Z", "9998-12-31T23:59:59.999999Z", "0001-12-31T12:00:00-14:00")


def memory(client: TestClient, **values: Any) -> Any:
    return client.post("/v1/memories", json={"user_id": "ann", "content": "Ann rows"} | values)


def a_turn(client: TestClient, at: Any) -> Any:
    body = {
        "user_id": "ann",
        "session_id": "s1",
        "turns": [{"role": "user", "content": "I row.", "observed_at": at}],
    }
    return client.post("/v1/turns", json=body)


def a_state(client: TestClient, at: Any) -> Any:
    answer = client.get("/v1/sessions/quiet/state", params={"user_id": "ann"})
    version = answer.json()["version"] if answer.status_code == 200 else 0
    body = {"user_id": "ann", "state": {"goals": [{"text": "Book a flight", "said_at": at}]}}
    return client.put("/v1/sessions/quiet/state", json=body, headers={"If-Match": str(version)})


def found(client: TestClient, **values: Any) -> Any:
    return client.post("/v1/search", json={"user_id": "ann", "query": "Who rowed last week?"} | values)


def context(client: TestClient, **values: Any) -> Any:
    return client.post("/v1/context", json={"user_id": "ann", "query": "Who rowed last week?"} | values)


def listed(client: TestClient, path: str, **params: Any) -> Any:
    return client.get(path, params={"user_id": "ann"} | params)


# Every door: who asks, and the field that is to blame. Those that only take a time to come are by themselves.
DOORS: dict[str, tuple[Ask, str]] = {
    "turn": (a_turn, "turns[0].observed_at"),
    "event_from": (lambda c, at: memory(c, event_from=at), "event_from"),
    "event_to": (lambda c, at: memory(c, event_to=at), "event_to"),
    "asserted_at": (lambda c, at: memory(c, asserted_at=at), "asserted_at"),
    "goal": (a_state, "state.goals[0].said_at"),
    "since": (lambda c, at: found(c, filters={"since": at}), "filters.since"),
    "until": (lambda c, at: found(c, filters={"until": at}), "filters.until"),
    "reference_time": (lambda c, at: found(c, reference_time=at), "reference_time"),
    "search as_of": (lambda c, at: found(c, as_of=at), "as_of"),
    "search known_at": (lambda c, at: found(c, known_at=at), "known_at"),
    "context reference_time": (lambda c, at: context(c, reference_time=at), "reference_time"),
    "context as_of": (lambda c, at: context(c, as_of=at), "as_of"),
    "context known_at": (lambda c, at: context(c, known_at=at), "known_at"),
    "memories as_of": (lambda c, at: listed(c, "/v1/memories", as_of=at), "as_of"),
    "memories known_at": (lambda c, at: listed(c, "/v1/memories", known_at=at), "known_at"),
    "entities as_of": (lambda c, at: listed(c, "/v1/entities", as_of=at), "as_of"),
    "timeline from": (lambda c, at: listed(c, "/v1/timeline", **{"from": at}), "from"),
    "timeline to": (lambda c, at: listed(c, "/v1/timeline", to=at), "to"),
    "forget": (
        lambda c, at: c.post("/v1/forget", json={"user_id": "ann", "reference_time": at}),
        "reference_time",
    ),
}
ONLY_LATER: dict[str, tuple[Ask, str]] = {
    "expires_at": (lambda c, at: memory(c, expires_at=at), "expires_at"),
    "grant": (
        lambda c, at: c.post(
            "/v1/grants", json={"owner_user_id": "ann", "grantee_user_id": "bob", "expires_at": at}
        ),
        "expires_at",
    ),
    "key": (lambda c, at: c.post("/v1/keys", json={"name": "k", "expires_at": at}), "expires_at"),
}
ACCEPTED = (
    *EDGES,
    "2026-03-02T09:30:00Z",
    "2026-03-02 09:30:00+00:00",
    "2026-03-02t09:30:00z",
    "2026-03-02T09:30Z",
    "2026-03-02T09:30:00.1Z",
    "2026-03-02T09:30:00.123456Z",
    "2026-03-02T09:30:00.123456789Z",
    "2026-03-02T09:30:00-00:00",
    "2026-03-02T09:30:00+14:00",
    "2026-03-02T09:30:00-12:00",
    "2026-03-02T09:30:00+05:45",
    "2026-03-02T09:30:00+15:59",
    "2026-03-02T09:30:00-15:59",
    "9999-01-01T13:59:59+14:00",
    "1969-12-31T23:59:59Z",
    "2024-02-29T23:59:59.999999Z",
)
REFUSED: tuple[Any, ...] = (
    "0001-01-01T00:00:00Z",
    "0001-12-31T23:59:59Z",
    "0002-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59Z",
    "9998-12-31T23:59:59-00:01",
    "2026-03-02T09:30:00+16:00",
    "2026-03-02T09:30:00+23:59",
    "2026-03-02T09:30:00-23:59",
    "2026-03-02T09:30:00",
    "2026-03-02",
    "2026-02-29T00:00:00Z",
    "2026-03-02T24:00:00Z",
    "2026-12-31T23:59:60Z",
    "10000-01-01T00:00:00Z",
    "-0001-01-01T00:00:00Z",
    "1700000000",
    "1e9",
    "infinity",
    "-infinity",
    "now",
    "",
    "2026-03-02T09:30:00Z\u0000",
    1_700_000_000,
    1.7e9,
    10**30,
    -1,
    True,
    [],
    {},
)  # fmt: skip


def fed(client: TestClient, at: str) -> None:
    """Ann with `at` in every place that keeps an instant."""
    for door in ("turn", "goal"):
        assert DOORS[door][0](client, at).is_success
    for name in ("event_from", "event_to", "asserted_at"):
        assert memory(client, content=f"Ann rows {name} {at}", **{name: at}).is_success
    slot = {"subject": "ann", "attribute": "residence"}
    for value, when in (("Oslo", at), ("Bergen", SAID)):
        assert memory(
            client, content=f"Ann lives in {value}", value=value, asserted_at=when, **slot
        ).is_success


def everything(client: TestClient, other: TestClient) -> list[tuple[str, int]]:
    """The status of every way to read what Ann has, and of taking it elsewhere."""
    memories = listed(client, "/v1/memories", status=["activated", "superseded", "archived"])
    answers = [memories, listed(client, "/v1/turns"), a_snapshot(client), listed(client, "/v1/snapshots")]
    ids = [item["id"] for item in memories.json().get("items", ())]
    answers += [
        client.get(f"/v1/memories/{one}{part}") for one in ids for part in ("", "/history", "/sources")
    ]
    answers += [listed(client, "/v1/order", first=ids[0], second=ids[-1])] if ids else []
    answers += [ask(client, at) for at in (SAID, *EDGES) for name, (ask, _) in DOORS.items() if name in READS]
    for path in (
        "/v1/conflicts",
        "/v1/tags",
        "/v1/grants",
        "/v1/jobs",
        "/v1/artifacts",
        "/v1/sessions/quiet/state",
    ):
        answers.append(listed(client, path))
    page = listed(client, "/v1/timeline", limit=1)
    while page.is_success and page.json()["next_cursor"]:
        answers.append(page)
        page = listed(client, "/v1/timeline", limit=1, cursor=page.json()["next_cursor"])
    bundle = client.get("/v1/users/ann/export")
    answers += [page, bundle, client.get("/v1/keys"), other.post("/v1/import", content=bundle.content)]
    again = other.get("/v1/users/ann/export")
    assert bundle.content.split(b"\n", 1)[1] == again.content.split(b"\n", 1)[1], (
        "the bundle came in as another"
    )
    return [(str(answer.request.url.path), answer.status_code) for answer in (*answers, again)]


READS = set(DOORS) - {"turn", "event_from", "event_to", "asserted_at", "goal"}


def a_snapshot(client: TestClient) -> Any:
    return client.post("/v1/snapshots", json={"user_id": "ann"})


@pytest.fixture(scope="module")
def resources(without_llm: Resources) -> Resources:
    """Of a database without a worker, which would change what is compared."""
    return without_llm


@pytest.fixture
def tenants(resources: Resources) -> Iterator[Callable[[str], TestClient]]:
    """Clients of other tenants, as many as are asked for."""
    app = app_of(resources)
    with client_of(app, ""):
        yield lambda name: client_of(app, make_key(resources, name))


class TestDoors:
    @pytest.mark.parametrize("at", ACCEPTED)
    def test_is_accepted_by_every_door(self, client: TestClient, at: str):
        answers = {name: ask(client, at) for name, (ask, _) in DOORS.items()}
        assert {name: a.text for name, a in answers.items() if not a.is_success} == {}
        assert listed(client, "/v1/turns").status_code == listed(client, "/v1/memories").status_code == 200

    def test_is_refused_by_every_door_that_names_the_field(self, client: TestClient):
        faults: list[Any] = []
        for at in REFUSED:
            for name, (ask, field) in (DOORS | ONLY_LATER).items():
                in_query = field in {"as_of", "known_at", "from", "to"} and not name.startswith(
                    ("search", "context")
                )
                if in_query and not isinstance(at, str):
                    continue
                answer = ask(client, at)
                if answer.status_code != 422 or answer.json()["field"] != field:
                    faults.append((name, at, answer.status_code, answer.text))
        assert faults == []
        assert (
            listed(client, "/v1/turns").json()["items"]
            == listed(client, "/v1/memories").json()["items"]
            == []
        )

    @pytest.mark.parametrize("name", ONLY_LATER)
    def test_what_ends_may_end_at_the_last_instant_and_not_before_now(self, client: TestClient, name: str):
        ask, field = ONLY_LATER[name]
        assert ask(client, "9998-12-31T23:59:59.999999Z").status_code == 201
        for at in ("0002-01-01T00:00:00Z", SAID):
            answer = ask(client, at)
            assert (answer.status_code, answer.json()["field"]) == (422, field)

    def test_a_cursor_is_bounded_too(self, client: TestClient):
        for at in (
            "0001-01-01T00:00:00+00:00",
            "2026-01-01T00:00:00+23:59",
            "2026-01-01T00:00:00",
            "9999-12-31",
        ):
            cursor = base64.urlsafe_b64encode(f"{at} {'0' * 32}".encode()).decode()
            answer = listed(client, "/v1/timeline", cursor=cursor)
            assert (answer.status_code, answer.json()["field"]) == (422, "cursor")


class TestReading:
    @pytest.mark.parametrize("at", EDGES)
    def test_the_edges_are_read_everywhere(self, tenants: Any, tenant: str, at: str):
        client, other = tenants(tenant), tenants(f"{tenant}-2")
        fed(client, at)
        assert [one for one in everything(client, other) if one[1] not in {200, 201}] == []

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        at=st.datetimes(
            timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
        )
    )
    def test_what_is_accepted_is_read_everywhere(self, tenants: Any, at: datetime):
        name = f"t-{uuid4().hex[:12]}"
        client, other = tenants(name), tenants(f"{name}-2")
        told = at.isoformat()
        if find_instant_fault(at) is not None:
            for ask, field in DOORS.values():
                answer = ask(client, told)
                assert (answer.status_code, answer.json()["field"]) == (422, field)
            return
        fed(client, told)
        assert [one for one in everything(client, other) if one[1] not in {200, 201}] == []

    def test_an_import_is_bounded_too(self, client: TestClient, tenants: Any, tenant: str):
        fed(client, SAID)
        head, *rows = client.get("/v1/users/ann/export").content.splitlines()
        for record, field in (
            ("turn", "observed_at"),
            ("memory", "valid_from"),
            ("assertion", "asserted_at"),
        ):
            changed = [orjson.loads(row) for row in rows]
            place = next(i for i, row in enumerate(changed) if row["type"] == record)
            changed[place][field] = "9999-12-31T23:00:00-23:00"
            body = b"\n".join([head, *map(orjson.dumps, changed)])
            answer = tenants(f"{tenant}-3").post("/v1/import", content=body)
            assert (answer.status_code, answer.json().get("field")) == (422, f"lines[{place + 2}].{field}")


class TestDatabase:
    def test_every_column_of_a_time_is_bound(self, owner: Engine):
        """A migration that adds one adds it to its table's constraint, or Postgres holds what none reads."""
        sql = """
        SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0
          AND a.atttypid = 'timestamptz'::regtype AND NOT a.attisdropped AND NOT EXISTS (
            SELECT FROM pg_constraint k
            WHERE k.conrelid = c.oid AND k.conname = 'ck_' || c.relname || '_instants'
              AND a.attnum = ANY(k.conkey) AND k.convalidated)"""
        with owner.connect() as connection:
            assert connection.execute(text(sql)).scalars().all() == []

    @pytest.mark.parametrize(
        "at", ["infinity", "-infinity", "0001-12-31T23:59:59Z", "9999-01-01T00:00:00Z", "0044-03-15 BC"]
    )
    def test_nothing_outside_is_written_by_any_path(self, owner: Engine, at: str):
        sql = "INSERT INTO tenants (tenant_id, created_at) VALUES ('t-x', CAST(:at AS timestamptz))"
        with pytest.raises(Exception, match="ck_tenants_instants"), owner.begin() as connection:
            connection.execute(text(sql), {"at": at})
