"""The life of a memory is closed: over HTTP an illegal move is a 409, and the database refuses it as well."""

from itertools import product
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from app.core.errors import Conflict
from app.core.vocabulary import Status
from app.resources import Resources
from tests.conftest import principal_of

# From where a move leads where; what is not here is illegal. To where it stands already it is no move.
MOVES = {
    ("activated", "archive"): "archived",
    ("archived", "archive"): "archived",
    ("archived", "restore"): "activated",
    ("activated", "restore"): "activated",
}
LEGAL = {
    ("generated", "activated"),
    ("generated", "expired"),
    ("activated", "merged"),
    ("activated", "superseded"),
    ("activated", "archived"),
    ("activated", "expired"),
    ("archived", "activated"),
    ("archived", "expired"),
    ("merged", "expired"),
    ("superseded", "expired"),
}
BY_A_FOLD = {("merged", "activated"), ("superseded", "activated"), ("archived", "superseded")}


def memory_at(client: TestClient, owner: Engine, status: str) -> str:
    """A memory that stands at this status; `generated` is where no call of the API leaves one."""
    body = {"user_id": "ann", "content": f"Ann plays the cello, {status}."}
    memory_id = client.post("/v1/memories", json=body).json()["id"]
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE memories DISABLE TRIGGER memcubed_memory_guard"))
        sql = text("UPDATE memories SET status = :status WHERE id = :id")
        connection.execute(sql, {"status": status, "id": memory_id})
        connection.execute(text("ALTER TABLE memories ENABLE TRIGGER memcubed_memory_guard"))
    return memory_id


def status_of(owner: Engine, memory_id: str) -> str:
    with owner.connect() as connection:
        return connection.execute(
            text("SELECT status FROM memories WHERE id = :id"), {"id": memory_id}
        ).scalar_one()


@pytest.mark.parametrize(("status", "move"), list(product(Status, ["archive", "restore"])))
def test_a_move_over_http(client: TestClient, owner: Engine, status: Status, move: str):
    memory_id = memory_at(client, owner, status)
    answer = client.post(f"/v1/memories/{memory_id}/{move}")
    goal = MOVES.get((status, move))
    if status is Status.EXPIRED:
        assert answer.status_code == 404
    elif goal is None:
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        assert answer.headers["content-type"] == "application/problem+json"
    else:
        assert (answer.status_code, answer.json()["status"]) == (200, goal)
    assert status_of(owner, memory_id) == (goal or status)


@pytest.mark.parametrize("status", Status)
def test_a_delete_leads_from_everywhere_to_the_end(client: TestClient, owner: Engine, status: Status):
    memory_id = memory_at(client, owner, status)
    expected = 404 if status is Status.EXPIRED else 204
    assert client.delete(f"/v1/memories/{memory_id}").status_code == expected
    assert status_of(owner, memory_id) == "expired"


@pytest.mark.parametrize("move", ["archive", "restore"])
def test_a_legal_hold_stops_every_move(client: TestClient, owner: Engine, move: str):
    memory_id = memory_at(client, owner, "activated" if move == "archive" else "archived")
    client.post(f"/v1/memories/{memory_id}/freeze")
    before = status_of(owner, memory_id)
    assert client.post(f"/v1/memories/{memory_id}/{move}").status_code == 409
    assert client.delete(f"/v1/memories/{memory_id}").status_code == 409
    assert status_of(owner, memory_id) == before


@pytest.mark.parametrize("folding", [False, True])
@pytest.mark.parametrize(("before", "after"), [p for p in product(Status, Status) if p[0] is not p[1]])
def test_the_database_refuses_what_is_not_a_move(
    client: TestClient,
    resources: Resources,
    owner: Engine,
    tenant: str,
    before: Status,
    after: Status,
    folding: bool,
):
    memory_id = memory_at(client, owner, before)

    def move() -> Any:
        with resources.open_transaction(principal_of(tenant)) as session:
            if folding:
                session.execute(text("SELECT set_config('memcubed.refold', 'on', true)"))
            sql = text("UPDATE memories SET status = :status WHERE id = :id")
            session.execute(sql, {"status": after, "id": memory_id})

    if (before, after) in LEGAL or (folding and (before, after) in BY_A_FOLD):
        move()
        assert status_of(owner, memory_id) == after
    else:
        with pytest.raises(Conflict):
            move()
        assert status_of(owner, memory_id) == before
