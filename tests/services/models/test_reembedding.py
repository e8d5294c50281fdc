"""The change of the embedding model, step by step in this process: no worker serves these databases."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from app.cli.doctor import run_diagnostics
from app.core.errors import Conflict, StartupRefused
from app.core.preconditions import IfMatch
from app.core.vocabulary import DEFAULT_TENANT, KeyScope
from app.db.session import open_engine
from app.resources import Resources, open_resources
from app.schemas.ingestion.turns import AddTurns
from app.schemas.memories.memories import CreateMemory, UpdateMemory
from app.schemas.models.reembedding import StartReembed
from app.schemas.search.search import SearchMemory
from app.services.ingestion import accept_turns, embed_turns, extraction
from app.services.memories import memory_writes
from app.services.models import backfill, reembedding
from app.services.operations import operations
from app.services.portability import erasure
from app.services.search import search
from tests.conftest import Servers, app_of, client_of, make_key, principal_of, turn
from tests.fakes import Answer, ScriptedLLM, hashed_words

FIRST, SECOND = "first@8", "second@16"
OPERATOR = principal_of(DEFAULT_TENANT)
DOWN = Answer(status=500)


@pytest.fixture
def first() -> Iterator[ScriptedLLM]:
    with ScriptedLLM(dimensions=8) as server:
        yield server


@pytest.fixture
def second() -> Iterator[ScriptedLLM]:
    with ScriptedLLM(dimensions=16) as server:
        yield server


@pytest.fixture
def database(servers: Servers) -> str:
    name = f"reembed_{uuid4().hex[:8]}"
    servers.new_database(name)
    return name


@pytest.fixture
def rows(servers: Servers, database: str) -> Iterator[Engine]:
    """The owner's engine of that database."""
    engine = open_engine(servers.postgres.owner_url.replace("/memcubed?", f"/{database}?"), pool_size=1)
    yield engine
    engine.dispose()


Open = Callable[..., Resources]


@pytest.fixture
def process(servers: Servers, database: str, first: ScriptedLLM) -> Iterator[Open]:
    """Opens the resources of one more process."""
    opened: list[Any] = []

    def start(**values: Any) -> Resources:
        given = {"embeddings": first.base_url, "embeddings_model": "first", "embeddings_dimensions": 8}
        settings = servers.settings(
            database, redis_url=servers.valkey.redis_url.replace("db=0", "db=5"), **(given | values)
        )
        context = open_resources(settings)
        resources = context.__enter__()
        opened.append(context)
        operations.check_startup(resources)
        return resources

    yield start
    for context in opened:
        context.__exit__(None, None, None)


@pytest.fixture
def house(process: Open, tenant: str) -> Resources:
    resources = process()
    make_key(resources, tenant)
    return resources


def request(second: ScriptedLLM, **values: Any) -> StartReembed:
    named = {"embeddings": second.base_url, "model": "second", "dimensions": 16}
    return StartReembed.model_validate(named | values)


def say(resources: Resources, tenant: str, *contents: str, user: str = "ann") -> list[UUID]:
    """Post turns and do the worker's part."""
    body = {"user_id": user, "session_id": "s1", "turns": [turn(content) for content in contents]}
    answer = accept_turns.accept_turns(resources, principal_of(tenant), AddTurns.model_validate(body), None)
    embed_turns.run_embedding(resources, tenant, user)
    extraction.run_extraction(resources, tenant, user)
    return answer.turn_ids


def make(resources: Resources, tenant: str, content: str) -> UUID:
    body = CreateMemory(user_id="ann", content=content)
    return memory_writes.create_memory(resources, principal_of(tenant), body, None).id


def edit(resources: Resources, tenant: str, memory_id: UUID, content: str) -> None:
    memory_writes.update_memory(
        resources, principal_of(tenant), memory_id, UpdateMemory(content=content), IfMatch.parse_header("1")
    )


def find(resources: Resources, tenant: str, query: str) -> list[str]:
    wanted = SearchMemory(user_id="ann", query=query)
    return [item.content for item in search.search_memory(resources, principal_of(tenant), wanted).items]


def active(resources: Resources) -> str:
    state = reembedding.get_reembedding_state(resources, OPERATOR)
    return next(model.model_id for model in state.models if model.active)


def status(resources: Resources) -> str:
    run = reembedding.get_reembedding_state(resources, OPERATOR).run
    assert run is not None
    return run.status


def held(rows: Engine, row_id: UUID) -> dict[str, list[float]]:
    """The vectors of a row by model."""
    sql = text("SELECT model_id, vector::text AS vector FROM embeddings WHERE id = :id")
    with rows.connect() as connection:
        found = connection.execute(sql, {"id": row_id}).all()
    return {row.model_id: [float(x) for x in row.vector.strip("[]").split(",")] for row in found}


def asked(server: ScriptedLLM) -> list[str]:
    return [given for body in server.requests for given in body["input"]]


class TestFill:
    def test_embeds_everything_by_the_other_model_and_switches(self, house, tenant, second, rows):
        turn_id = say(house, tenant, "I live in Oslo.")[0]
        memory_id = make(house, tenant, "Ann plays the cello.")
        run = reembedding.start_reembedding(house, OPERATOR, request(second))
        assert (run.status, run.source_model_id, run.target_model_id) == ("queued", FIRST, SECOND)
        assert active(house) == FIRST
        backfill.run_backfill(house)
        assert (active(house), status(house)) == (SECOND, "succeeded")
        assert held(rows, turn_id)[SECOND] == pytest.approx(hashed_words("I live in Oslo.", 16), abs=1e-2)
        assert set(held(rows, memory_id)) == {FIRST, SECOND}
        state = reembedding.get_reembedding_state(house, OPERATOR)
        assert len({model.vectors for model in state.models}) == 1
        assert state.run is not None
        assert state.run.done == state.run.total == state.models[0].vectors

    def test_calls_no_llm(self, house, tenant, first, second):
        say(house, tenant, "I live in Oslo.")
        reembedding.start_reembedding(house, OPERATOR, request(second))
        backfill.run_backfill(house)
        assert first.chats() + second.chats() == []

    def test_every_tenant_is_seen_to(self, house, tenant, second, rows):
        make_key(house, f"{tenant}-b")
        ids = [say(house, name, "I live in Oslo.")[0] for name in (tenant, f"{tenant}-b")]
        reembedding.start_reembedding(house, OPERATOR, request(second))
        backfill.run_backfill(house)
        assert [set(held(rows, turn_id)) for turn_id in ids] == [{FIRST, SECOND}] * 2

    def test_another_dimension_of_the_same_model(self, house, tenant, first, second):
        say(house, tenant, "Is the parcel in the shed?")
        first.on_embed = lambda texts: [hashed_words(text, 4) for text in texts]
        reembedding.start_reembedding(house, OPERATOR, StartReembed(dimensions=4))
        backfill.run_backfill(house)
        assert active(house) == "first@4"
        assert find(house, tenant, "Which shed?") == ["Is the parcel in the shed?"]

    def test_an_empty_service_switches_at_once(self, house, second):
        reembedding.start_reembedding(house, OPERATOR, request(second))
        backfill.run_backfill(house)
        assert active(house) == SECOND

    def test_goes_on_in_the_next_slice(self, house, tenant, second, monkeypatch):
        say(house, tenant, *(f"Is this line {n}?" for n in range(30)))
        monkeypatch.setattr(backfill, "BATCH", 10)
        monkeypatch.setattr(backfill, "SLICE_SECONDS", -1.0)
        reembedding.start_reembedding(house, OPERATOR, request(second))
        backfill.run_backfill(house)
        assert status(house) == "running"
        monkeypatch.setattr(backfill, "SLICE_SECONDS", 20.0)
        backfill.run_backfill(house)
        assert active(house) == SECOND


class TestInTheMeantime:
    def test_a_new_turn_is_embedded_by_both_models(self, house, tenant, second, rows):
        say(house, tenant, "I live in Oslo.")
        reembedding.start_reembedding(house, OPERATOR, request(second))
        turn_id = say(house, tenant, "Is the parcel in the shed?")[0]
        assert set(held(rows, turn_id)) == {FIRST, SECOND}

    def test_a_process_that_has_not_heard_of_it_hears_of_it_as_it_writes(
        self, process, house, tenant, second, rows
    ):
        say(house, tenant, "I live in Oslo.")
        reembedding.start_reembedding(process(), OPERATOR, request(second))
        memory_id = make(house, tenant, "Ann plays the cello.")
        assert set(held(rows, memory_id)) == {FIRST, SECOND}

    def test_an_outage_of_the_next_model_holds_up_nobody(self, house, tenant, second, rows):
        say(house, tenant, "I live in Oslo.")
        reembedding.start_reembedding(house, OPERATOR, request(second))
        second.queue.extend([DOWN] * 10)
        turn_id = say(house, tenant, "Is the parcel in the shed?")[0]
        assert set(held(rows, turn_id)) == {FIRST}
        assert "Is the parcel in the shed?" in find(house, tenant, "parcel")

    def test_what_an_outage_left_out_is_filled_before_the_switch(self, process, tenant, second, rows):
        house = process()
        make_key(house, tenant)
        say(house, tenant, "I live in Oslo.")
        reembedding.start_reembedding(house, OPERATOR, request(second))
        second.queue.extend([DOWN] * 10)
        turn_id = say(house, tenant, "Is the parcel in the shed?")[0]
        second.queue.clear()
        fresh = process()  # its circuit is closed
        backfill.run_backfill(fresh)
        assert active(fresh) == SECOND
        assert set(held(rows, turn_id)) == {FIRST, SECOND}

    def test_an_edit_while_its_old_words_are_embedded_wins(self, house, tenant, second, rows):
        memory_id = make(house, tenant, "Ann plays the cello.")
        reembedding.start_reembedding(house, OPERATOR, request(second))

        def meanwhile(texts: list[str]) -> list[list[float]]:
            if "Ann plays the cello." in texts:
                edit(house, tenant, memory_id, "Ann plays the harp.")
            return [hashed_words(text, 16) for text in texts]

        second.on_embed = meanwhile
        backfill.run_backfill(house)
        assert active(house) == SECOND
        expected = hashed_words("Ann plays the harp.", 16)
        assert held(rows, memory_id)[SECOND] == pytest.approx(expected, abs=1e-2)

    def test_a_turn_that_is_deleted_while_it_is_embedded_leaves_no_vector(self, house, tenant, second, rows):
        turn_id = say(house, tenant, "Is the parcel in the shed?")[0]
        reembedding.start_reembedding(house, OPERATOR, request(second))

        def meanwhile(texts: list[str]) -> list[list[float]]:
            memory_writes.delete_turn(house, principal_of(tenant), turn_id)
            second.on_embed = lambda again: [hashed_words(text, 16) for text in again]
            return [hashed_words(text, 16) for text in texts]

        second.on_embed = meanwhile
        backfill.run_backfill(house)
        assert active(house) == SECOND
        assert held(rows, turn_id) == {}

    def test_a_user_who_is_erased_while_embedded_is_gone(self, house, tenant, second, rows):
        turn_id = say(house, tenant, "Is the parcel in the shed?")[0]
        reembedding.start_reembedding(house, OPERATOR, request(second))

        def meanwhile(texts: list[str]) -> list[list[float]]:
            erasure.erase_user(house, principal_of(tenant), "ann")
            return [hashed_words(text, 16) for text in texts]

        second.on_embed = meanwhile
        backfill.run_backfill(house)
        assert active(house) == SECOND
        assert held(rows, turn_id) == {}

    def test_a_cancelled_run_writes_no_more(self, house, tenant, second, rows):
        turn_id = say(house, tenant, "I live in Oslo.")[0]
        reembedding.start_reembedding(house, OPERATOR, request(second))

        def meanwhile(texts: list[str]) -> list[list[float]]:
            reembedding.cancel_reembedding(house, OPERATOR)
            return [hashed_words(text, 16) for text in texts]

        second.on_embed = meanwhile
        backfill.run_backfill(house)
        assert (active(house), status(house)) == (FIRST, "cancelled")
        assert set(held(rows, turn_id)) == {FIRST}


class TestSwitch:
    @pytest.fixture
    def other(self, process: Open, house: Resources, tenant: str, second: ScriptedLLM) -> Resources:
        """A process that has searched before another one changed the model."""
        other = process()
        say(house, tenant, "I live in Oslo.", "Is the parcel in the shed?")
        assert find(other, tenant, "parcel")[0] == "Is the parcel in the shed?"
        reembedding.start_reembedding(house, OPERATOR, request(second))
        backfill.run_backfill(house)
        return other

    def test_is_seen_by_the_next_search_of_another_process(self, other, tenant, first, second):
        before = len(first.requests)
        assert find(other, tenant, "The parcel in the shed?")[0] == "Is the parcel in the shed?"
        assert asked(second)[-1] == "The parcel in the shed?"
        assert other.active_embedder.model_id == SECOND
        # It had asked the old model before it saw the switch, and does so once.
        find(other, tenant, "And the shed?")
        assert len(first.requests) == before + 1

    def test_is_seen_by_the_next_turn_of_another_process(self, other, tenant, rows):
        turn_id = say(other, tenant, "The key is under the mat.")[0]
        assert set(held(rows, turn_id)) == {SECOND}

    def test_is_seen_by_the_next_memory_of_another_process(self, other, tenant, rows):
        memory_id = make(other, tenant, "Ann plays the cello.")
        assert set(held(rows, memory_id)) == {SECOND}

    def test_is_seen_by_readiness(self, other):
        state = operations.check_readiness(other)
        assert (state.embedding_model, state.embedding_dimensions) == (SECOND, 16)

    def test_the_doctor_names_a_setting_that_is_behind(self, other):
        found = [
            one for one in run_diagnostics(other.settings, "http://127.0.0.1:1") if "setting" in one.what
        ]
        assert [(one.ok, FIRST in one.detail) for one in found] == [(False, True)]

    def test_a_restart_with_the_old_settings_serves_the_new_model(self, other, process, tenant):
        again = process()
        assert again.active_embedder.model_id == SECOND
        assert find(again, tenant, "parcel")[0] == "Is the parcel in the shed?"

    def test_a_start_with_the_new_settings_is_the_same(self, other, process, tenant, second):
        settings = {"embeddings_model": "second", "embeddings_dimensions": 16}
        again = process(embeddings=second.base_url, **settings)
        assert again.active_embedder.model_id == SECOND

    def test_a_start_with_a_third_model_is_refused(self, other, process):
        with pytest.raises(StartupRefused, match="memcubed reembed"):
            process(embeddings_model="third")

    def test_an_edit_after_it_takes_the_kept_vector_of_the_old_words(self, other, tenant, rows):
        memory_id = make(other, tenant, "Ann plays the cello.")
        reembedding.start_reembedding(other, OPERATOR, StartReembed(**reembedding_to_first(other)))
        backfill.run_backfill(other)
        assert set(held(rows, memory_id)) == {FIRST, SECOND}
        edit(other, tenant, memory_id, "Ann plays the harp.")
        assert set(held(rows, memory_id)) == {FIRST}

    def test_the_way_back_fills_only_what_came_since(self, other, tenant, first):
        say(other, tenant, "The key is under the mat.")
        before = len(asked(first))
        reembedding.start_reembedding(other, OPERATOR, StartReembed(**reembedding_to_first(other)))
        backfill.run_backfill(other)
        assert active(other) == FIRST
        assert asked(first)[before + 1 :] == ["The key is under the mat."]  # behind the probe
        assert find(other, tenant, "Where is the key?")[0] == "The key is under the mat."


def reembedding_to_first(resources: Resources) -> dict[str, Any]:
    settings = resources.settings
    return {"embeddings": settings.embeddings, "model": "first", "dimensions": 8}


class TestDrop:
    def test_takes_the_vectors_of_other_models(self, house, tenant, second, rows):
        turn_id = say(house, tenant, "Is the parcel in the shed?")[0]
        reembedding.start_reembedding(house, OPERATOR, request(second))
        backfill.run_backfill(house)
        run = reembedding.drop_old_vectors(house, OPERATOR)
        backfill.run_backfill(house)
        assert (run.action, status(house)) == ("drop", "succeeded")
        assert set(held(rows, turn_id)) == {SECOND}
        assert find(house, tenant, "parcel") == ["Is the parcel in the shed?"]

    def test_follows_the_switch_when_asked_for(self, house, tenant, second, rows):
        turn_id = say(house, tenant, "I live in Oslo.")[0]
        reembedding.start_reembedding(house, OPERATOR, request(second, drop_old=True))
        backfill.run_backfill(house)
        backfill.run_backfill(house)
        assert set(held(rows, turn_id)) == {SECOND}

    def test_with_nothing_to_drop_is_a_conflict(self, house, tenant):
        say(house, tenant, "I live in Oslo.")
        with pytest.raises(Conflict):
            reembedding.drop_old_vectors(house, OPERATOR)

    def test_while_a_change_is_under_way_is_a_conflict(self, house, tenant, second):
        say(house, tenant, "I live in Oslo.")
        reembedding.start_reembedding(house, OPERATOR, request(second))
        say(house, tenant, "Is the parcel in the shed?")
        with pytest.raises(Conflict, match="under way"):
            reembedding.drop_old_vectors(house, OPERATOR)


class TestCancel:
    def test_leaves_the_model_in_use_alone(self, house, tenant, second, rows):
        say(house, tenant, "I live in Oslo.")
        reembedding.start_reembedding(house, OPERATOR, request(second))
        assert reembedding.cancel_reembedding(house, OPERATOR).status == "cancelled"
        backfill.run_backfill(house)
        assert active(house) == FIRST
        turn_id = say(house, tenant, "Is the parcel in the shed?")[0]
        assert set(held(rows, turn_id)) == {FIRST}

    def test_a_later_change_goes_on_from_there(self, house, tenant, second, monkeypatch):
        say(house, tenant, *(f"Is this line {n}?" for n in range(10)))
        monkeypatch.setattr(backfill, "BATCH", 5)

        def meanwhile(texts: list[str]) -> list[list[float]]:
            if len(asked(second)) > 6:  # the probe and the first batch
                reembedding.cancel_reembedding(house, OPERATOR)
            return [hashed_words(text, 16) for text in texts]

        second.on_embed = meanwhile
        reembedding.start_reembedding(house, OPERATOR, request(second))
        backfill.run_backfill(house)
        assert status(house) == "cancelled"
        second.on_embed = lambda texts: [hashed_words(text, 16) for text in texts]
        second.requests.clear()
        reembedding.start_reembedding(house, OPERATOR, request(second))
        backfill.run_backfill(house)
        assert active(house) == SECOND
        assert len(asked(second)) == 1 + 5

    def test_without_a_run_is_a_conflict(self, house):
        with pytest.raises(Conflict):
            reembedding.cancel_reembedding(house, OPERATOR)


class TestFailure:
    def test_of_a_lasting_kind_ends_the_run_and_changes_nothing(self, house, tenant, second, rows):
        say(house, tenant, "I live in Oslo.")
        reembedding.start_reembedding(house, OPERATOR, request(second))
        second.on_embed = lambda texts: [[1.0] * 5 for _ in texts]
        backfill.run_backfill(house)
        run = reembedding.get_reembedding_state(house, OPERATOR).run
        assert run is not None
        assert (run.status, active(house)) == ("failed", FIRST)
        assert "length [5]" in (run.error or "")
        assert set(held(rows, say(house, tenant, "More.")[0])) == {FIRST}

    def test_of_a_passing_kind_waits_and_says_why(self, house, tenant, second):
        say(house, tenant, "I live in Oslo.")
        reembedding.start_reembedding(house, OPERATOR, request(second))
        second.queue.extend([DOWN] * 10)
        backfill.run_backfill(house)
        run = reembedding.get_reembedding_state(house, OPERATOR).run
        assert run is not None
        assert (run.status, active(house)) == ("queued", FIRST)
        assert run.error


class TestRoute:
    @pytest.fixture
    def operator(self, house: Resources) -> Iterator[TestClient]:
        with client_of(app_of(house), make_key(house, DEFAULT_TENANT)) as client:
            yield client

    def body(self, second: ScriptedLLM) -> dict[str, Any]:
        return request(second).model_dump(exclude_unset=True)

    def test_starts_shows_and_cancels(self, operator, second):
        assert operator.get("/v1/admin/reembed").json()["run"] is None
        answer = operator.post("/v1/admin/reembed", json=self.body(second))
        assert (answer.status_code, answer.json()["target_model_id"]) == (202, SECOND)
        state = operator.get("/v1/admin/reembed").json()
        assert [(m["model_id"], m["active"]) for m in state["models"]] == [(FIRST, True), (SECOND, False)]
        assert state["run"]["status"] == "queued"
        assert {m["vectors"] for m in state["models"]} == {None}
        assert operator.post("/v1/admin/reembed/cancel").json()["status"] == "cancelled"

    def test_a_second_request_is_a_conflict(self, operator, second):
        assert operator.post("/v1/admin/reembed", json=self.body(second)).status_code == 202
        again = operator.post("/v1/admin/reembed", json=self.body(second))
        assert (again.status_code, again.json()["code"]) == (409, "conflict")
        assert "under way" in again.json()["detail"]

    def test_the_model_in_use_is_a_conflict(self, operator):
        assert operator.post("/v1/admin/reembed", json={}).status_code == 409

    @pytest.mark.parametrize("path", ["", "/cancel", "/drop"])
    def test_another_tenants_admin_may_not(self, house, tenant, second, path):
        with client_of(app_of(house), make_key(house, tenant)) as client:
            body = self.body(second) if not path else None
            assert client.post(f"/v1/admin/reembed{path}", json=body).status_code == 403
            assert client.get("/v1/admin/reembed").status_code == 403

    def test_a_key_without_admin_may_not(self, house):
        key = make_key(house, DEFAULT_TENANT, KeyScope.WRITE)
        with client_of(app_of(house), key) as client:
            assert client.get("/v1/admin/reembed").status_code == 403

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"embeddings": "ftp://x", "model": "m", "dimensions": 3}, "embeddings"),
            ({"embeddings": "nonsense"}, "embeddings"),
            ({"embeddings": "http://me:secret@127.0.0.1:1/v1", "model": "m", "dimensions": 3}, "embeddings"),
            ({"embeddings": "http://127.0.0.1:1/v1", "dimensions": 3}, "model"),
            ({"embeddings": "http://127.0.0.1:1/v1", "model": "m"}, "dimensions"),
            ({"embeddings": "local", "model": "m"}, "model"),
            ({"embeddings": "local", "dimensions": 3}, "dimensions"),
            ({"dimensions": 0}, "dimensions"),
            ({"model": "\ud800"}, "model"),
            ({"query_prefix": "\x00"}, "query_prefix"),
            ({"nonsense": 1}, "nonsense"),
        ],
    )
    def test_bad_input_names_the_field(self, operator, body, field):
        headers = {"Content-Type": "application/json"}
        answer = operator.post("/v1/admin/reembed", content=json.dumps(body), headers=headers)
        assert (answer.status_code, answer.json()["field"]) == (422, field)

    def test_an_endpoint_that_is_not_there_starts_nothing(self, operator):
        body = {"embeddings": "http://127.0.0.1:1/v1", "model": "m", "dimensions": 3}
        assert operator.post("/v1/admin/reembed", json=body).status_code == 502
        assert operator.get("/v1/admin/reembed").json()["run"] is None

    def test_wrong_dimensions_start_nothing(self, operator, second):
        answer = operator.post("/v1/admin/reembed", json=self.body(second) | {"dimensions": 5})
        assert (answer.status_code, answer.json()["code"]) == (502, "upstream_failed")
        assert operator.get("/v1/admin/reembed").json()["run"] is None
