"""Search over HTTP, with a real worker behind it."""

from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from tests.conftest import post, remember, search, turn

OSLO = turn("I live in Oslo.", name="Ann", ref="m1", observed_at="2026-01-10T10:00:00Z")
BERGEN = turn("I moved to Bergen.", name="Ann", ref="m2", observed_at="2026-03-10T10:00:00Z")


class TestCurrentValue:
    @pytest.mark.usefixtures("worker")
    @pytest.mark.parametrize("order", [(OSLO, BERGEN), (BERGEN, OSLO)])
    def test_only_the_newest_residence_is_current_in_any_arrival_order(self, client: TestClient, order):
        for number, one in enumerate(order):
            remember(client, one, session=f"s{number}")
        items = search(client, "Where does Ann live?")
        assert "Bergen" in items[0]["content"]
        memory = items[0]
        old = [item for item in items if "Oslo" in item["content"]]
        assert [(item["type"], item.get("superseded_by", [])) for item in old] == [("turn", [memory["id"]])]
        assert old[0]["valid_to"] == BERGEN["observed_at"]
        assert memory["type"] == "memory"
        assert memory["sources"][0]["ref"] == "m2"
        assert memory["valid_from"].startswith("2026-03-10")
        assert "valid_to" not in memory

    @pytest.mark.usefixtures("worker")
    def test_the_old_value_is_in_the_history_with_both_turns(self, client: TestClient):
        remember(client, OSLO)
        remember(client, BERGEN)
        memory = search(client, "Where does Ann live?")[0]
        history = client.get(f"/v1/memories/{memory['id']}/history").json()
        values = [(entry["value"], entry["valid_to"]) for entry in history["timeline"]]
        assert [value for value, _ in values] == ["oslo", "bergen"]
        assert values[0][1].startswith("2026-03-10")
        assert all(len(entry["turn_ids"]) == 1 for entry in history["timeline"])

    @pytest.mark.usefixtures("worker")
    def test_the_old_value_comes_back_on_request(self, client: TestClient):
        remember(client, OSLO)
        remember(client, BERGEN)
        items = search(client, "Where does Ann live?", include_superseded=True)
        assert any("Oslo" in item["content"] for item in items)


class TestBeforeExtraction:
    def test_a_turn_is_found_by_its_words_at_once_and_is_marked_pending(self, client: TestClient):
        post(
            client, turn("The wifi password of the cabin is on the fridge.", ref="w"), user="nobody-extracts"
        )
        items = search(client, "cabin wifi", user="nobody-extracts")
        assert items[0]["sources"][0]["ref"] == "w"

    @pytest.mark.usefixtures("worker")
    def test_wait_for_returns_when_the_job_has_ended(self, client: TestClient):
        job_id = post(client, turn("I am allergic to nuts.", name="Ann"))["job_id"]
        body = {"user_id": "ann", "query": "allergic", "wait_for": job_id, "wait_seconds": 20}
        answer = client.post("/v1/search", json=body).json()
        assert answer["waited"] is True
        assert not any(item.get("pending") for item in answer["items"])


class TestExplain:
    def test_each_item_names_its_features_their_weights_and_what_brought_it(self, client: TestClient):
        post(client, turn("The cabin is red.", role="system"), turn("Nice weather.", role="system"))
        item = search(client, "red cabin", explain=True)[0]
        assert item["features"].keys() == item["weights"].keys()
        shares = {name: value * item["weights"][name] for name, value in item["features"].items()}
        assert shares[item.get("via")] == max(shares.values())
        assert item["score"] == pytest.approx(sum(shares.values()), abs=0.001)

    def test_the_score_of_a_memory_without_a_turn_is_explained_too(self, client: TestClient):
        for content in ("Ann sold the boat", "Ann likes rain"):
            client.post("/v1/memories", json={"user_id": "ann", "content": content})
        item = search(client, "boat sold", explain=True)[0]
        assert item.get("via") == "memory"
        assert item["score"] == pytest.approx(
            item["features"]["memory"] * item["weights"]["memory"], abs=0.001
        )

    def test_without_it_they_are_not_told(self, client: TestClient):
        post(client, turn("The cabin is red.", role="system"))
        item = search(client, "red cabin")[0]
        assert (item.get("features"), item.get("weights"), item.get("via")) == (None, None, None)

    def test_a_question_to_nobody_is_abstained_from(self, client: TestClient):
        answer = client.post("/v1/search", json={"user_id": "nobody", "query": "x"}).json()
        assert (answer["items"], answer["abstained"], answer["reason"]) == ([], True, "no_match")


@pytest.mark.usefixtures("worker")
class TestRepetitions:
    SAID = ("2026-01-05", "2026-02-07", "2026-03-09")

    # A question is no memory: such turns fold. Of a memory they are sources.
    FORMS = (("Why is the printer jammed again?", "turn"), ("Anna has a jammed printer.", "memory"))

    def say(self, client: TestClient, said: str) -> None:
        for number, on in enumerate(self.SAID):
            told = turn(said, name="Ann", observed_at=f"{on}T10:00:00Z")
            remember(client, told, session=f"s{number}")
        remember(client, turn("I bought A4 paper on Monday.", name="Ann"), session="s9")

    @pytest.mark.parametrize(("said", "kind"), FORMS)
    def test_what_is_said_again_is_one_item_with_all_sources(self, client: TestClient, said: str, kind: str):
        self.say(client, said)
        items = search(client, "What is wrong with the printer?", k=2)
        (jammed,) = [item for item in items if "jammed" in item["content"]]
        assert any("A4" in item["content"] for item in items)
        assert jammed["type"] == kind
        assert {source["observed_at"][:10] for source in jammed["sources"]} == set(self.SAID)
        told = {source["turn_id"] for source in jammed["sources"]}
        assert len(told) == len(jammed["sources"]) == 3
        assert {jammed["id"], *jammed.get("folded", [])} == (told if kind == "turn" else {jammed["id"]})

    @pytest.mark.parametrize(("said", "kind"), FORMS)
    def test_a_context_says_it_once(self, client: TestClient, said: str, kind: str):
        self.say(client, said)
        answer = client.post(
            "/v1/context", json={"user_id": "ann", "query": "What is wrong with the printer?"}
        )
        text = answer.json()["text"]
        assert text.count("jammed") == 1
        # Turns tell all their days, a memory the one since when it holds.
        first, second, third = self.SAID
        shown = [f"{datetime.fromisoformat(first):%a %-d %B %Y}" in text, second in text, third in text]
        assert shown == [True, kind == "turn", kind == "turn"]


TALK = [
    turn("Something bad has happened.", name="Ann", ref="m1", observed_at="2026-01-10T10:00:00Z"),
    turn("The violin was stolen from the attic.", name="Ann", ref="m2", observed_at="2026-01-10T10:01:00Z"),
    turn("I am so sorry.", role="assistant", ref="m3", observed_at="2026-01-10T10:02:00Z"),
    turn("Have you told the police?", role="assistant", observed_at="2026-01-10T10:03:00Z"),
]


class TestNeighbours:
    QUERY = "Who stole the violin from the attic?"

    def near(self, client: TestClient, neighbours: int = 1, **more) -> list:
        """The neighbours of the best item."""
        (item,) = search(client, self.QUERY, k=1, neighbours=neighbours, kinds=["turn"], **more)
        assert "violin" in item["content"]
        return item.get("neighbours", [])

    @pytest.fixture
    def told(self, client: TestClient) -> TestClient:
        post(client, *TALK)
        post(client, turn("The weather is fine.", name="Ann"), session="s2")
        post(client, turn("A stranger was here.", name="Bo"), user="bo")
        return client

    def test_the_turns_before_and_after_come_in_order(self, told):
        before, after = self.near(told)
        assert (before["offset"], before["ref"], before["name"]) == (-1, "m1", "Ann")
        assert (before["role"], before["content"]) == ("user", TALK[0]["content"])
        assert before["observed_at"].startswith("2026-01-10T10:00")
        assert told.get(f"/v1/turns/{before['turn_id']}").json()["content"] == before["content"]
        assert (after["offset"], after["ref"], after["role"]) == (1, "m3", "assistant")
        assert (after["name"], after.get("superseded_by", [])) == (None, [])

    def test_they_end_where_the_session_ends_and_none_comes_unasked(self, told):
        assert [one["offset"] for one in self.near(told, 3)] == [-1, 1, 2]
        assert self.near(told, 0) == []
        assert search(told, self.QUERY, k=1)[0].get("neighbours", []) == []

    def test_no_turn_comes_twice(self, told):
        items = search(told, self.QUERY, neighbours=3, k=50)
        ids = [item["id"] for item in items]
        ids += [one["turn_id"] for item in items for one in item.get("neighbours", [])]
        assert len(ids) == len(set(ids))

    @pytest.mark.parametrize("neighbours", [-1, 4, "many"])
    def test_more_than_three_are_refused(self, client, neighbours):
        body = {"user_id": "ann", "query": "x", "neighbours": neighbours}
        answer = client.post("/v1/search", json=body)
        assert answer.status_code == 422
        assert "neighbours" in answer.json()["field"]

    def test_what_was_said_or_recorded_later_is_not_among_them(self, told):
        then = "2026-01-10T10:02:30Z"
        assert [one["offset"] for one in self.near(told, 3, as_of=then)] == [-1, 1]
        now = datetime.now(UTC).isoformat()
        post(told, turn("They came by night.", name="Ann", observed_at="2026-01-10T10:01:30Z"))
        assert [one["content"] for one in self.near(told)][1] == "They came by night."
        assert [one.get("ref") for one in self.near(told, known_at=now)] == ["m1", "m3"]

    @pytest.mark.usefixtures("worker")
    def test_one_that_is_no_longer_true_names_what_is(self, client):
        remember(client, OSLO, TALK[1] | {"observed_at": "2026-01-10T10:01:00Z"})
        assert self.near(client)[0].get("superseded_by", []) == []
        remember(client, BERGEN, session="s2")
        (before,) = self.near(client)
        (memory,) = search(client, "Where does Ann live?", k=1)
        assert before["content"] == OSLO["content"]
        assert before.get("superseded_by", []) == [memory["id"]]


class TestRelevance:
    @pytest.fixture
    def cabin(self, client: TestClient) -> None:
        said = (
            "The wifi password of the cabin is on the fridge.",
            "My bicycle has a flat tyre.",
            "It rains.",
        )
        for number, content in enumerate(said):
            remember(client, turn(content, ref=f"r{number}"), session=f"s{number}")

    @pytest.mark.usefixtures("worker", "cabin")
    def test_tells_what_is_about_the_question(self, client: TestClient):
        items = search(client, "Where is the wifi password of the cabin?")
        by_words = {"wifi" in item["content"]: item["relevance"] for item in reversed(items)}
        assert by_words[True] > 0.9
        assert by_words[False] < 0.2

    @pytest.mark.usefixtures("worker", "cabin")
    def test_what_is_less_relevant_than_required_is_left_out(self, client: TestClient):
        asked = {"user_id": "ann", "query": "Where is the wifi password of the cabin?", "min_relevance": 0.5}
        found = client.post("/v1/search", json=asked).json()
        assert found["items"]
        assert all(item["relevance"] >= 0.5 for item in found["items"])
        assert found["abstained"] is False
        none = client.post("/v1/search", json=asked | {"query": "quantum chromodynamics"}).json()
        assert (none["items"], none["abstained"], none["reason"]) == ([], True, "no_match")
        batch = {"searches": [asked, asked | {"min_relevance": 1}]}
        answers = client.post("/v1/search/batch", json=batch).json()
        assert [bool(one["result"]["items"]) for one in answers["results"]] == [True, False]

    @pytest.mark.parametrize("value", [-0.1, 1.1, "much", None, "NaN", [], {}, 1e308, True])
    def test_a_bound_that_is_none_is_refused_by_its_field(self, client: TestClient, value):
        asked = {"user_id": "ann", "query": "wifi", "min_relevance": value}
        answer = client.post("/v1/search", json=asked)
        if value is None or value is True:  # JSON's true is 1 to the parser, as in other numbers
            assert answer.status_code == 200
        else:
            assert answer.status_code == 422
            assert answer.json()["errors"][0]["field"] == "min_relevance"
