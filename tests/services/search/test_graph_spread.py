"""Over HTTP: what only a link leads to arrives, and does not without it."""

from typing import Any
from uuid import UUID

import pytest

from app.core.vocabulary import LinkType
from app.db.repositories.memories import memories
from app.resources import Resources
from app.services.search import user_indexes
from tests.conftest import principal_of
from tests.services.conftest import add, listed, scripted
from tests.services.consolidation.test_insights import RUNS, asked_to_conclude, sources

QUESTION = "Whom does Ann want to please?"
K = 6
LATER = "2099-01-01T00:00:00Z"


def search(api: Any, **more: Any) -> list[Any]:
    body = {"user_id": "ann", "query": QUESTION, "k": K, "explain": True} | more
    answer = api.post("/v1/search", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def ids(items: list[Any]) -> set[str]:
    return {item["id"] for item in items}


@pytest.fixture
def insight(api, say, consolidate, llm) -> Any:
    """One that has no word of its three sources, among thirty memories of something else."""
    say(*RUNS)
    reply = {"insight": "Ann wants to please her doctor.", "sources": [1, 2, 3]}
    llm.on_chat = lambda messages: asked_to_conclude(messages, reply)
    consolidate()
    llm.on_chat = scripted
    (made,) = listed(api, "insight")
    for number in range(30):
        add(api, f"Ann wants to give Bo fence {number}.")
    return made


class TestSpread:
    def test_the_sources_of_what_answers_come_with_it_and_only_over_the_links(
        self, api: Any, insight: Any, timed: Resources, tenant: str
    ):
        items = search(api)
        of_insight = {link["memory_id"] for link in sources(api, insight)}
        assert items[0]["id"] == insight["id"]
        brought = {item["id"] for item in items if item["features"].get("graph", 0) > 0}
        assert brought
        assert brought <= of_insight
        assert "graph" in {item.get("via") for item in items}

        with timed.open_transaction(principal_of(tenant)) as session:
            memories.delete_links(session, tenant, [UUID(insight["id"])], LinkType.DERIVED_FROM)
        changed = api.patch(
            f"/v1/memories/{insight['id']}", json={"tags": ["doctor"]}, headers={"If-Match": "1"}
        )
        assert changed.status_code == 200, changed.text
        items = search(api)
        assert items[0]["id"] == insight["id"]
        assert not brought & ids(items)

    def test_what_was_linked_later_is_not_followed_from_before(self, api: Any, insight: Any):
        """With `known_at` before the links there is nothing that they lead to."""
        assert "graph" in {item.get("via") for item in search(api, known_at=LATER)}
        items = search(api, known_at=insight["recorded_at"])
        assert "graph" not in {item.get("via") for item in items}

    def test_a_large_user_has_them_too(self, api: Any, insight: Any, timed: Resources, tenant: str):
        before = search(api)
        assert user_indexes.create_index_snapshot(timed, tenant, "ann", after=0, exact_rows=3)
        timed.index_cache.drop_user(tenant, "ann")
        after = search(api)
        assert ids(after) == ids(before)
        assert {item["id"] for item in after if item["features"].get("graph", 0) > 0}

    def test_a_source_that_is_deleted_does_not_arrive(self, api: Any, insight: Any):
        lost = sources(api, insight)[0]["memory_id"]
        assert api.delete(f"/v1/memories/{lost}").status_code == 204
        assert lost not in ids(search(api))
