"""Which questions lean on what was said before, and what of the session is asked with them."""

from typing import Any

import pytest

from app.memory.sessions.query_rewriting import MAX_PART_CHARS, build_query_context, is_self_contained

BOAT, OSLO = "My brother Tom bought a boat.", "I live in Oslo."


def goal(text: str, status: str = "open", said_at: str | None = None) -> dict[str, Any]:
    return {"text": text, "status": status, "said_at": said_at}


class TestStandsAlone:
    @pytest.mark.parametrize(
        "query",
        [
            "What did he say about it?",
            "And then?",
            "Why?",
            "When was that?",
            "What about her?",
            "Tell me more.",
            "What else?",
            "Where did they meet?",
            "Who was there?",
            "Did she like the present?",
            "Which one?",
            "Did I like it?",
            "What’s his name?",
            "Remind me what she said.",
            "Und dann?",
            "Was hat er dazu gesagt?",
            "Et elle ?",
            "¿Y ella?",
            "E poi?",
        ],
    )
    def test_pronouns_and_small_words_alone_do_not(self, query):
        assert not is_self_contained(query)

    @pytest.mark.parametrize(
        "query",
        [
            "Where do I live?",
            "Who am I?",
            "What do I do?",
            "What do you know about me?",
            "What did we talk about?",
            "What did I do this week?",
            "Where did I put the keys that I lost?",
            "When is my sister's birthday and what does she like?",
            "Who is my boss and where is his office?",
            "Does the dog like its food in the morning?",
            "What did Tom say about it?",
            "What happened in 2023?",
            "boat",
            "Thanks!",
            "Wer bin ich?",
            "¿Quién soy?",
            "Qui suis-je ?",
        ],
    )
    def test_names_numbers_oneself_and_telling_words_do(self, query):
        assert is_self_contained(query)


class TestBehind:
    def test_the_last_two_turns_that_say_something_are_enough(self):
        turns = ["I have a sister.", BOAT, "Nice!", OSLO, "Okay, take your time."]
        state = {"topics": ["tea"], "goals": [goal("Buy tea")]}
        assert build_query_context("And then?", turns, state, "Ann likes tea.") == f"{OSLO} {BOAT}"

    def test_with_fewer_what_the_session_is_about_is_added(self):
        state = {"topics": ["okay", "lisbon", "trip"], "goals": [goal("Book a flight")]}
        assert (
            build_query_context("Why?", [BOAT], state, "Ann plans.")
            == f"{BOAT} lisbon trip Book a flight Ann plans."
        )

    def test_of_goals_the_newest_open_one_counts(self):
        goals = [
            goal("A", said_at="2026-03-02"),
            goal("B", said_at="2026-03-01"),
            goal("C", "done", "2026-03-09"),
        ]
        assert build_query_context("Why?", [], {"goals": [*goals, goal("D")]}, "") == "A"

    def test_the_question_itself_is_not_its_own_past(self):
        query = "Did she like the present?"
        assert build_query_context(query, [BOAT, query], {}, "") == BOAT

    def test_a_long_turn_does_not_drown_the_question(self):
        assert len(build_query_context("Why?", ["boats " * 500], {}, "tea " * 500)) <= 2 * MAX_PART_CHARS + 1

    def test_of_nothing_comes_nothing(self):
        assert build_query_context("Why?", ["Nice!", " "], {"topics": [], "data": {"x": 1}}, "") == ""
