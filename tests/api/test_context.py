"""The prompt-ready block over HTTP."""

import html
import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from redis import Redis

from app.llm.embeddings import count_tokens
from app.memory.text.limits import LONG_TEXT_CHARS
from app.resources import open_resources
from tests.conftest import Servers, app_of, client_of, make_key, post, remember, search, turn

SAID = [
    "I live in Oslo.",
    "I work at Acme.",
    "I am allergic to nuts.",
    "My dog is called Rex.",
    "The boat's mast broke in the storm, so we spent the whole of Sunday on the quay with glue and rope.",
]


def build(client: TestClient, **values: Any) -> Any:
    body = {"user_id": "ann", "query": "Where does Ann live and what must she not eat?"} | values
    answer = client.post("/v1/context", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def filled(client: TestClient, worker: None) -> TestClient:
    remember(client, *(turn(content, name="Ann") for content in SAID))
    return client


def block(client: TestClient) -> dict[str, Any]:
    """All of the answer but the id of the retrieval, which is another each time."""
    answer = build(client, session_id="s1")
    del answer["retrieval_id"]
    return answer


class TestBudget:
    @pytest.mark.parametrize("form", ["markdown", "xml", "json"])
    def test_it_is_never_passed(self, filled, form):
        sizes = set()
        for budget in [*range(1, 40), *range(40, 501, 11)]:
            block = build(filled, max_tokens=budget, format=form, session_id="s1")
            assert block["tokens"] == count_tokens(block["text"]) <= budget
            sizes.add(block["tokens"])
        assert len(sizes) > 3

    def test_a_budget_of_nothing_is_refused(self, client):
        body = {"user_id": "ann", "query": "x", "max_tokens": 0}
        assert client.post("/v1/context", json=body).status_code == 422


class TestGate:
    def test_thanks_bring_the_last_turns_and_no_memory(self, filled):
        block = build(filled, query="Thanks!", session_id="s1")
        assert (block["gated"], block["memory_ids"]) == (True, [])
        assert len(block["turn_ids"]) == len(SAID)
        assert build(filled, query="Thanks!")["text"] == ""

    def test_a_question_is_let_through(self, filled):
        block = build(filled, query="Thanks, and where does Ann live?")
        assert not block["gated"]
        assert "Oslo" in block["text"]


class TestContent:
    @pytest.mark.parametrize("budget", [30, 80, 200, 2_000])
    def test_the_ids_listed_are_those_in_the_text(self, filled, budget):
        block = build(filled, max_tokens=budget, format="json", session_id="s1")
        shown = [line["id"] for line in json.loads(block["text"] or "[]")]
        # Beside the turns shown, `turn_ids` has those that say a memory which is shown.
        assert set(block["memory_ids"]) <= set(shown) <= set(block["memory_ids"] + block["turn_ids"])
        assert len(shown) == len(set(shown))

    def test_memories_carry_their_id_in_markdown(self, filled):
        block = build(filled)
        assert block["memory_ids"]
        assert all(f"[{memory_id[-6:]}]" in block["text"] for memory_id in block["memory_ids"])
        assert "Ann lives in Oslo" in block["text"]

    def test_the_last_turns_of_the_conversation_come_at_the_end(self, filled):
        said = [turn(f"Line {n} of the talk.", name="Ann") for n in range(12)]
        post(filled, *said, session="now")
        text = build(filled, session_id="now")["text"].split("The conversation so far:")[1]
        assert [line.split(": ")[1] for line in text.strip().splitlines()] == [
            f"Line {n} of the talk." for n in range(4, 12)
        ]

    def test_without_a_session_there_is_no_conversation(self, filled):
        assert "The conversation so far" not in build(filled)["text"]

    def test_a_user_of_whom_nothing_is_known_gets_an_empty_block(self, client):
        block = build(client, user_id="nobody")
        assert (block["memory_ids"], block["turn_ids"]) == ([], [])
        assert block["tokens"] <= 2_000

    def test_the_same_question_gives_the_same_text(self, filled):
        assert block(filled) == block(filled)


class TestNeighbours:
    QUERY = "Who stole the violin from the attic?"

    @pytest.fixture
    def told(self, client: TestClient, worker: None) -> TestClient:
        stolen = "The violin was stolen from the attic, with its case and the two bows of the violin."
        said = ["I live in Oslo.", stolen, "It had been my aunt's."]
        remember(client, *(turn(content, name="Ann") for content in said))
        remember(client, turn("Nice weather.", name="Ann"), turn("So it is.", name="Ann"), session="s9")
        return client

    def test_what_was_said_beside_comes_while_there_is_room_and_is_listed(self, told):
        block = build(told, query=self.QUERY, k=1, format="json")
        shown = json.loads(block["text"])
        assert [line["text"] for line in shown if "aunt" in line["text"]] == ["Ann: It had been my aunt's."]
        assert sorted(line["id"] for line in shown) == sorted(block["memory_ids"] + block["turn_ids"])
        feedback = {"cited_ids": block["turn_ids"]}
        assert told.post(f"/v1/retrievals/{block['retrieval_id']}/feedback", json=feedback).is_success
        assert "aunt" not in build(told, query=self.QUERY, k=1, neighbours=0)["text"]
        for budget in range(10, 80, 5):
            tight = build(told, query=self.QUERY, k=1, max_tokens=budget)["text"]
            assert "violin" in tight or "aunt" not in tight

    def test_what_is_no_longer_true_is_not_said_beside(self, told):
        assert "Oslo" in build(told, query=self.QUERY, k=1)["text"]
        remember(told, turn("I moved to Bergen.", name="Ann"), session="s2")
        assert "Oslo" not in build(told, query=self.QUERY, k=1)["text"]

    def test_the_same_question_gives_the_same_text(self, told):
        assert len({build(told, query=self.QUERY, k=1)["text"] for _ in range(3)}) == 1


class TestLongTurns:
    """A turn of 12 kB, of which one sentence is the answer, among others as long."""

    TOPICS = ("orchards", "ferries", "chess", "glaciers", "violins", "marathons", "bakeries", "lighthouses")
    ANSWERS = (
        ("What is the alarm code of the cottage?", "The cottage's alarm code is 7719."),
        ("Who repaired our piano?", "Mr. Olsen repaired our piano in the end."),
        ("What did the vet prescribe for the rabbit?", "The vet prescribed Metacam for the rabbit."),
        ("金庫の番号は？", "金庫の番号は四二です。"),
    )

    @staticmethod
    def report(topic: str, answer: str, at_end: bool) -> str:
        lines = [f"Note {n} on {topic} tells of one more visit, long and pleasant." for n in range(210)]
        lines.insert(len(lines) if at_end else 90, answer)
        text = " ".join(lines)
        assert len(text) > 12_000
        return text

    @pytest.fixture
    def reported(self, client: TestClient) -> TestClient:
        answers = [*(answer for _, answer in self.ANSWERS), *("That is all.",) * 4]
        said = [
            turn(self.report(topic, answer, at_end=n % 2 == 0), name="Ann")
            for n, (topic, answer) in enumerate(zip(self.TOPICS, answers, strict=True))
        ]
        post(client, *said, session="reports")
        return client

    def test_the_answer_is_in_the_block_whatever_its_form_and_size(self, reported):
        for query, answer in self.ANSWERS:
            for budget, form in itertools.product([500, 2_000], ["markdown", "xml", "json"]):
                block = build(reported, query=query, max_tokens=budget, format=form)
                # As its turn says it, or as the memory does that is made of it meanwhile, without a stop.
                assert answer.rstrip(".") in html.unescape(block["text"])
                assert "…" in block["text"]
                assert block["tokens"] <= budget
            for budget in [500, 2_000]:  # beside the long last turns of the session, none of which it loses
                block = build(reported, query=query, session_id="reports", max_tokens=budget)
                assert answer.rstrip(".") in block["text"]
                assert len(block["turn_ids"]) == len(self.TOPICS)
        query, answer = self.ANSWERS[0]
        roomy = build(reported, query=query, k=8, neighbours=0, max_tokens=60_000)["text"]
        assert self.report(self.TOPICS[0], answer, at_end=True) in roomy

    def test_an_item_says_where_its_excerpt_stands(self, reported):
        for query, answer in self.ANSWERS:
            (item,) = [one for one in search(reported, query) if answer in one["content"]]
            parts = [item["content"][span["start"] : span["end"]] for span in item.get("excerpt")["spans"]]
            assert any(answer in part for part in parts)
            assert all(part in item.get("excerpt")["text"] for part in parts)

    def test_long_last_turns_are_cut_to_start_and_end_and_short_ones_are_whole(self, reported):
        short = [turn(f"Short remark {n}.", name="Ann") for n in range(3)]
        post(reported, *short, session="reports")
        text = build(reported, query="Thanks!", session_id="reports", max_tokens=1_000)["text"]
        assert all(f"Short remark {n}." in text for n in range(3))
        assert "Note 0 on lighthouses" in text
        assert "That is all." in text
        items = search(reported, "short remark")
        assert {(item.get("excerpt") is None, len(item["content"]) <= LONG_TEXT_CHARS) for item in items} == {
            (True, True),
            (False, False),
        }


class TestRedis:
    @pytest.fixture
    def without_redis(self, servers: Servers, tenant: str) -> Iterator[TestClient]:
        nowhere = f"unix://{servers.data_dir}/nothing.sock?db=0"
        with (
            open_resources(servers.settings(redis_url=nowhere)) as resources,
            client_of(app_of(resources), make_key(resources, tenant)) as opened,
        ):
            yield opened

    def test_a_flushed_redis_gives_the_same_block(self, filled, servers):
        before = block(filled)
        with Redis.from_url(servers.valkey.redis_url) as redis:
            redis.flushall()
            assert block(filled) == before
            assert redis.keys("mc:working:*")  # and it is filled again

    def test_after_a_flush_turns_are_still_accepted_and_processed(self, filled, servers):
        with Redis.from_url(servers.valkey.redis_url) as redis:
            redis.flushall()
        remember(filled, turn("I moved to Bergen.", name="Ann"), session="s2")
        text = build(filled)["text"]
        assert "moved to Bergen" in text  # as the turn says it, or as its memory does
        assert "Ann: I live in Oslo. (until" in text  # the later home was extracted and has ended the earlier
        (home,) = filled.get("/v1/memories", params={"user_id": "ann", "attribute": "residence"}).json()[
            "items"
        ]
        assert (home["value"], home["status"]) == ("bergen", "activated")

    def test_without_redis_it_is_the_same(self, filled, without_redis):
        assert block(without_redis) == block(filled)
        assert build(without_redis)["retrieval_id"] is None

    def test_what_was_held_is_not_shown_after_a_newer_turn(self, filled):
        build(filled, session_id="s1")
        post(filled, turn("One more thing.", name="Ann"))
        assert "One more thing." in build(filled, session_id="s1")["text"]
