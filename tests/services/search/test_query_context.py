"""Questions that lean on the session they are asked in, over HTTP."""

from typing import Any

import pytest

from tests.conftest import post, turn
from tests.services.conftest import add

ASKED = "What did he say about it?"
TOLD = "Tom said that the journey to Lisbon costs too much."
OTHERS = (
    "Tom said that the new office is noisy.",
    "He said it about the football match.",
    "What he said about it was that the soup needs salt.",
    "Tom said that jazz makes him sleepy.",
    "Ann said that her bicycle has a flat tyre.",
    "He said that it would rain on Sunday.",
)


def searched(api: Any, query: str = ASKED, **more: Any) -> Any:
    body = {"user_id": "ann", "query": query, "k": 3, "explain": True} | more
    answer = api.post("/v1/search", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def contents(answer: Any) -> list[str]:
    return [item["content"] for item in answer["items"]]


def put_state(api: Any, session: str, state: Any, user: str = "ann") -> None:
    body = {"user_id": user, "state": state}
    answer = api.put(f"/v1/sessions/{session}/state", json=body, headers={"If-Match": "0"})
    assert answer.status_code == 200, answer.text


@pytest.fixture
def known(api) -> Any:
    """Memories of which one is about Lisbon."""
    for content in (TOLD, *OTHERS):
        add(api, content)
    return api


class TestSearch:
    def test_the_sessions_state_says_what_it_is_about(self, known):
        put_state(known, "now", {"goals": [{"text": "Plan the journey to Lisbon"}], "topics": ["lisbon"]})
        post(known, turn("Nice!"), session="now")
        answer = searched(known, asked_in="now")
        assert contents(answer)[0] == TOLD
        assert answer.get("expanded_by") == "lisbon Plan the journey to Lisbon"

    def test_the_last_turns_do(self, known):
        post(known, turn("I dream of Lisbon."), turn("A lovely old town.", role="assistant"), session="now")
        answer = searched(known, asked_in="now")
        assert TOLD in contents(answer)
        assert answer.get("expanded_by") == "A lovely old town. I dream of Lisbon."

    def test_the_summary_does_when_the_last_turns_say_nothing(self, known, say, consolidate):
        say("We plan the journey to Lisbon.", *["Okay."] * 8, session="now")
        consolidate()
        answer = searched(known, asked_in="now", kinds=["fact"], k=4)
        assert answer.get("expanded_by").startswith("2 statements: Ann says: We plan")
        assert TOLD in contents(answer)
        assert TOLD not in contents(searched(known, kinds=["fact"], k=4))

    @pytest.mark.parametrize("more", [{}, {"asked_in": "elsewhere"}, {"session_id": "now"}])
    def test_asked_elsewhere_it_is_not_found(self, known, more):
        put_state(known, "now", {"topics": ["lisbon", "journey"]})
        put_state(known, "elsewhere", {"topics": ["football", "soup"]})
        answer = searched(known, **more)
        assert TOLD not in contents(answer)

    def test_another_users_session_says_nothing(self, known):
        put_state(known, "now", {"topics": ["lisbon", "journey"]}, user="bob")
        assert searched(known, asked_in="now").get("expanded_by") is None

    @pytest.mark.parametrize(
        "query", ["Where does Tom want to go?", "What did Tom say about it?", "Who am I?"]
    )
    def test_a_question_that_stands_alone_has_the_same_answer(self, known, query):
        put_state(known, "now", {"topics": ["lisbon", "journey"]})
        with_it, without = searched(known, query, asked_in="now"), searched(known, query)
        assert with_it["items"] == without["items"]
        assert with_it.get("expanded_by") is None

    def test_without_explain_it_is_not_said(self, known):
        put_state(known, "now", {"topics": ["lisbon"]})
        assert searched(known, asked_in="now", explain=False).get("expanded_by") is None

    def test_a_time_that_the_session_names_is_not_asked_for(self, known):
        post(known, turn("I was in Lisbon in May 1999."), session="now")
        answer = searched(known, asked_in="now")
        assert "1999" in answer.get("expanded_by")
        assert answer["abstained"] is False

    def test_a_question_of_the_past_knows_no_later_turn(self, known):
        put_state(known, "now", {"topics": ["football"]})
        post(known, turn("I dream of Lisbon.", observed_at="2026-03-01T10:00:00Z"), session="now")
        post(known, turn("I dream of football.", observed_at="2026-03-05T10:00:00Z"), session="now")
        then = searched(known, asked_in="now", as_of="2026-03-02T00:00:00Z")
        assert then.get("expanded_by") == "I dream of Lisbon."
        assert searched(known, asked_in="now", known_at="2026-01-01T00:00:00Z").get("expanded_by") is None

    def test_a_session_without_a_name_is_a_422(self, known):
        body = {"user_id": "ann", "query": ASKED, "asked_in": ""}
        answer = known.post("/v1/search", json=body)
        assert (answer.status_code, answer.json()["field"]) == (422, "asked_in")


class TestFollowUps:
    """Offers on several things, and a session about one of them."""

    OFFERED = (
        "The blue kayak from Nordsund costs 640 euros.",
        "A used kayak is on offer at the harbour for less.",
        "The piano from Brandt costs 5,200 euros.",
        "The price of flour went up again.",
        "A cheaper gym opened in the old mill.",
        "Other offers of the week are soap and candles.",
        "The second concert is on Friday.",
        "The oven has a warranty of three years.",
    )

    @pytest.fixture
    def offered(self, api) -> Any:
        for content in self.OFFERED:
            add(api, content)
        post(api, turn("I look for a kayak."), turn("The shop has a kayak.", role="assistant"), session="now")
        return api

    def test_they_stay_with_the_topic_of_their_session(self, offered):
        for query in [
            "Find other cheaper offers",
            "What about the price?",
            "And the other one?",
            "Any cheaper?",
            "the second one then",
            "What is the price?",
            "Und der Preis?",
            "¿Y el precio?",
        ]:
            answer = searched(offered, query, asked_in="now", kinds=["fact"], k=2)
            assert all("kayak" in content for content in contents(answer)), query
            assert "kayak" in answer.get("expanded_by")

    def test_what_stands_alone_has_the_same_items(self, offered):
        for query in [
            "What is the price of the piano?",
            "How long is the warranty of the oven?",
            "Which gym is in the old mill?",
            "When is the second concert?",
            "Why did flour get dearer than soap?",
            "And when is the second concert?",
        ]:
            with_it, without = searched(offered, query, asked_in="now"), searched(offered, query)
            assert with_it["items"] == without["items"], query
            assert with_it.get("expanded_by") is None


class TestContext:
    def test_the_conversation_that_goes_on_is_asked_with(self, known):
        put_state(known, "now", {"topics": ["lisbon", "journey"]})
        body = {"user_id": "ann", "query": ASKED, "k": 2}
        assert TOLD in known.post("/v1/context", json=body | {"session_id": "now"}).json()["text"]
        assert TOLD not in known.post("/v1/context", json=body).json()["text"]
