"""Links over HTTP: typed, both ways; what was derived, step by step; relations made at write time."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from app.core.vocabulary import LinkType
from app.db.memory_rows import NewLink
from app.db.repositories.memories import memories
from app.db.user_session import UserSession
from app.resources import Resources
from app.services.ingestion import embed_turns, extraction, related_memories
from tests.conftest import app_of, client_of, make_key, post, principal_of, remember, turn
from tests.fakes import ScriptedLLM, pairs_of, turns_of


def add(client: TestClient, content: str, **values: Any) -> str:
    return client.post("/v1/memories", json={"user_id": "ann", "content": content} | values).json()["id"]


def get(client: TestClient, memory_id: str, part: str, **params: Any) -> Any:
    answer = client.get(f"/v1/memories/{memory_id}/{part}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def link(resources: Resources, tenant: str, source: str, target: str, link_type: str) -> None:
    new = NewLink(UUID(source), UUID(target), LinkType(link_type), "test")
    with resources.open_transaction(principal_of(tenant)) as session:
        memories.insert_links(UserSession(session, tenant, "ann"), [new])


def found(client: TestClient, content: str) -> Any:
    params = {"user_id": "ann", "status": ["activated", "superseded"]}
    items = client.get("/v1/memories", params=params).json()["items"]
    return next(item for item in items if item["content"] == content)


# No two of them near enough to be linked by themselves.
UNLIKE = ("Ann owns a red boat.", "The tax office is closed on Mondays.", "Basil likes warm windows.")


class TestLinks:
    @pytest.fixture
    def three(self, client: TestClient, resources: Resources, tenant: str) -> list[str]:
        """Two links between the first and the second, one from the third to the first."""
        ids = [add(client, text) for text in UNLIKE]
        link(resources, tenant, ids[0], ids[1], "merged_into")
        link(resources, tenant, ids[1], ids[0], "relates")
        link(resources, tenant, ids[2], ids[0], "derived_from")
        return ids

    def test_are_typed_and_go_both_ways(self, client: TestClient, three: list[str]):
        items = get(client, three[0], "links")["items"]
        assert [(one["memory_id"], one["type"], one["direction"]) for one in items] == [
            (three[2], "derived_from", "in"),
            (three[1], "merged_into", "out"),
            (three[1], "relates", "in"),
        ]
        assert (items[0]["content"], items[0]["status"]) == (UNLIKE[2], "activated")
        assert [one["direction"] for one in get(client, three[2], "links")["items"]] == ["out"]

    def test_can_be_of_given_types(self, client: TestClient, three: list[str]):
        items = get(client, three[0], "links", type=["relates", "derived_from"])["items"]
        assert [one["type"] for one in items] == ["derived_from", "relates"]
        answer = client.get(f"/v1/memories/{three[0]}/links", params={"type": "loves"})
        assert (answer.status_code, answer.json()["field"]) == (422, "type[0]")

    def test_a_page_does_not_part_the_links_of_one_memory(self, client: TestClient, three: list[str]):
        first = get(client, three[0], "links", limit=1)
        rest = get(client, three[0], "links", limit=1, cursor=first["next_cursor"])
        assert [one["memory_id"] for one in first["items"]] == [three[2]]
        assert [one["memory_id"] for one in rest["items"]] == [three[1]] * 2
        assert rest["next_cursor"] is None

    def test_to_a_deleted_memory_are_gone(self, client: TestClient, three: list[str]):
        assert client.delete(f"/v1/memories/{three[1]}").status_code == 204
        assert [one["memory_id"] for one in get(client, three[0], "links")["items"]] == [three[2]]

    @pytest.mark.parametrize("part", ["links", "dependents"])
    def test_of_an_unknown_memory_are_a_problem(self, client: TestClient, part: str):
        assert client.get(f"/v1/memories/{uuid4()}/{part}").status_code == 404

    @pytest.mark.usefixtures("worker")
    def test_a_replaced_value_is_linked(self, client: TestClient):
        remember(client, turn("I live in Oslo.", name="Ann", observed_at="2026-01-01T00:00:00Z"))
        remember(
            client, turn("I live in Lima.", name="Ann", observed_at="2026-02-01T00:00:00Z"), session="s2"
        )
        old, new = found(client, "Ann lives in Oslo"), found(client, "Ann lives in Lima")
        items = get(client, new["id"], "links", type="supersedes")["items"]
        assert [(one["memory_id"], one["direction"], one["status"]) for one in items] == [
            (old["id"], "out", "superseded")
        ]


class TestDependents:
    def chain(self, client: TestClient, resources: Resources, tenant: str, length: int) -> list[str]:
        ids = [add(client, f"Step {n}.") for n in range(length)]
        for source, target in zip(ids[1:], ids, strict=False):
            link(resources, tenant, source, target, "derived_from")
        return ids

    def test_go_down_eight_steps(self, client: TestClient, resources: Resources, tenant: str):
        ids = self.chain(client, resources, tenant, 11)
        items = get(client, ids[0], "dependents")["items"]
        assert [(one["memory_id"], one["depth"]) for one in items] == list(
            zip(ids[1:9], range(1, 9), strict=True)
        )
        assert get(client, ids[10], "dependents")["items"] == []

    def test_count_once_by_the_shortest_way_even_in_a_circle(
        self, client: TestClient, resources: Resources, tenant: str
    ):
        ids = self.chain(client, resources, tenant, 4)
        link(resources, tenant, ids[3], ids[0], "derived_from")
        link(resources, tenant, ids[0], ids[3], "derived_from")
        items = get(client, ids[0], "dependents")["items"]
        assert {one["memory_id"]: one["depth"] for one in items} == {ids[1]: 1, ids[2]: 2, ids[3]: 1}

    def test_other_links_do_not_count(self, client: TestClient, resources: Resources, tenant: str):
        ids = [add(client, f"Step {n}.") for n in range(2)]
        link(resources, tenant, ids[1], ids[0], "relates")
        assert get(client, ids[0], "dependents")["items"] == []

    def test_come_in_pages(self, client: TestClient, resources: Resources, tenant: str):
        ids = self.chain(client, resources, tenant, 6)
        first = get(client, ids[0], "dependents", limit=3)
        rest = get(client, ids[0], "dependents", limit=3, cursor=first["next_cursor"])
        assert [one["memory_id"] for one in first["items"] + rest["items"]] == ids[1:]
        assert rest["next_cursor"] is None


class TestRelates:
    SAIL, CHESS = "I bought a sailing boat in Bergen yesterday.", "I bought a rowing boat in Bergen today."
    OTHER = "I was promoted to head of accounting last week."

    @pytest.mark.usefixtures("worker")
    @pytest.mark.parametrize("together", [True, False])
    def test_near_neighbours_are_linked_when_a_memory_is_written(self, client: TestClient, together: bool):
        told = [turn(text, name="Ann") for text in (self.SAIL, self.OTHER, self.CHESS)]
        for number, batch in enumerate([told] if together else [[one] for one in told]):
            remember(client, *batch, session=f"s{number}")
        items = client.get("/v1/memories", params={"user_id": "ann"}).json()["items"]
        boats = [item["id"] for item in items if "boat" in item["content"]]
        assert (len(items), len(boats)) == (3, 2)
        for one, other in (boats, boats[::-1]):
            linked = get(client, one, "links", type="relates")["items"]
            assert [link["memory_id"] for link in linked] == [other]
            assert 0.75 <= linked[0]["weight"] <= 1

    def test_a_ready_made_memory_is_linked_too(self, client: TestClient):
        made = [
            client.post("/v1/memories", json={"user_id": "ann", "content": text}).json()["id"]
            for text in (self.SAIL, self.OTHER, self.CHESS)
        ]
        linked = get(client, made[2], "links", type="relates")["items"]
        assert [(link["memory_id"], link["direction"]) for link in linked] == [(made[0], "out")]
        assert 0.75 <= linked[0]["weight"] <= 1

    @pytest.mark.usefixtures("worker")
    def test_no_memory_starts_more_than_eight(self, client: TestClient):
        names = [
            "Alba",
            "Bora",
            "Cora",
            "Dora",
            "Elba",
            "Flora",
            "Gala",
            "Hera",
            "Isla",
            "Juno",
            "Kara",
            "Luna",
        ]
        remember(client, *(turn(f"I bought the boat {name} in Bergen today.", name="Ann") for name in names))
        items = client.get("/v1/memories", params={"user_id": "ann"}).json()["items"]
        assert len(items) == 12
        out = [
            [
                link
                for link in get(client, item["id"], "links", type="relates")["items"]
                if link["direction"] == "out"
            ]
            for item in items
        ]
        assert max(len(links) for links in out) == 8


class TestEnrichment:
    FIRST, SECOND = "Ann drinks tea at breakfast.", "Ann drinks coffee at breakfast."

    @pytest.fixture
    def scripted(
        self, llm_resources: Resources, llm: ScriptedLLM, tenant: str, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[TestClient]:
        for limit in ("MAX_RELATED", "FEW"):  # what a model was shown is not judged again
            monkeypatch.setattr(related_memories, limit, 0)

        def reply(messages: list[dict[str, Any]]) -> dict[str, Any]:
            asked = {"messages": messages}
            if pairs_of(asked):
                words = {"keywords": ["Coffee", "espresso machine"], "tags": ["drinks", "habits", "travel"]}
                return {
                    "verdicts": [{"pair": p["pair"], "verdict": "unrelated"} | words for p in pairs_of(asked)]
                }
            return {
                "facts": [
                    {"turn": t["n"], "content": t["content"], "quote": t["content"]} for t in turns_of(asked)
                ]
            }

        llm.on_chat = reply
        with client_of(app_of(llm_resources), make_key(llm_resources, tenant)) as client:
            for number, content in enumerate((self.FIRST, self.SECOND)):
                post(client, turn(content), session=f"s{number}")
                embed_turns.run_embedding(llm_resources, tenant, "ann")
                extraction.run_extraction(llm_resources, tenant, "ann")
            yield client

    def test_a_neighbour_gets_index_words_as_a_version_and_keeps_its_content(self, scripted: TestClient):
        first = found(scripted, self.FIRST)
        assert (first["keywords"], first["tags"]) == (["coffee"], ["drinks"])
        versions = get(scripted, first["id"], "history")["items"]
        assert [(one["op"], one["snapshot"]["keywords"]) for one in versions] == [
            ("add", []),
            ("enrich", ["coffee"]),
        ]
        assert {one["snapshot"]["content"] for one in versions} == {self.FIRST}

    def test_words_that_nobody_said_are_not_taken(self, scripted: TestClient):
        assert "espresso machine" not in found(scripted, self.FIRST)["keywords"]
        assert "travel" not in found(scripted, self.FIRST)["tags"]
