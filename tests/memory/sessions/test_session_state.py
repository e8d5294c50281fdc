"""Goals that turns speak of, and a state that stays within its bounds."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.core.vocabulary import GoalStatus, Role
from app.memory.sessions.goals import GoalMention, find_goal_mentions
from app.memory.sessions.session_state import (
    MAX_CLOSED_GOALS,
    MAX_OPEN_GOALS,
    MAX_TOPICS,
    extract_topics,
    remove_turn,
    state_size,
    update_state,
)
from app.memory.types import Turn

START = datetime(2026, 1, 1, tzinfo=UTC)
LIMIT = 8192


def said(content: str, minute: int = 0, role: Role = Role.USER) -> Turn:
    at = START + timedelta(minutes=minute)
    return Turn(uuid4(), "ann", "s1", minute, role, content, at)


def after(*turns: Turn, state: dict[str, Any] | None = None, limit: int = LIMIT) -> dict[str, Any]:
    return update_state(state or {}, find_goal_mentions(turns), turns, limit)[0]


def statuses(state: dict[str, Any]) -> dict[str, str]:
    return {goal["text"]: goal["status"] for goal in state["goals"]}


class TestFound:
    @pytest.mark.parametrize(
        ("content", "goal", "firm"),
        [
            ("My goal is to finish the marathon in April.", "Finish the marathon in April", True),
            ("TODO: buy milk and eggs", "Buy milk and eggs", True),
            ("Remind me to call the dentist tomorrow, please.", "Call the dentist tomorrow", True),
            ("Well, I need to renew my passport because it ends.", "Renew my passport", True),
            ("I'm trying to learn Danish.", "Learn Danish", True),
            ("I'd like to book a flight to Lisbon.", "Book a flight to Lisbon", False),
            ("Can you help me plan a trip to Japan?", "Plan a trip to Japan", False),
        ],
    )
    def test_a_goal_is_opened(self, content: str, goal: str, firm: bool):
        (mention,) = find_goal_mentions([said(content)])
        assert (mention.status, mention.text, mention.firm) == (GoalStatus.OPEN, goal, firm)

    @pytest.mark.parametrize(
        "content",
        [
            "I need to do it.",
            "Do I need to renew my passport?",
            'He said "I want to buy a new car".',
            "I like the sea.",
            "I need to log in, my password is: hunter2hunter2.",
            "x" * 2_000 + " I need to renew my passport.",
        ],
    )
    def test_nothing_is_opened(self, content: str):
        assert [m for m in find_goal_mentions([said(content)]) if m.status is GoalStatus.OPEN] == []

    @pytest.mark.parametrize("role", [Role.ASSISTANT, Role.SYSTEM, Role.TOOL])
    def test_only_a_user_opens_one(self, role: Role):
        assert find_goal_mentions([said("I need to renew my passport.", role=role)]) == []


class TestRewrite:
    OPEN = said("I want to book a flight to Lisbon.", 1)

    @pytest.mark.parametrize(
        ("content", "role", "status"),
        [
            ("I booked the flight to Lisbon!", Role.USER, "done"),
            ("The flight to Lisbon is booked now.", Role.USER, "done"),
            ("I've booked your flight to Lisbon.", Role.ASSISTANT, "done"),
            ("Never mind the flight to Lisbon, book nothing.", Role.USER, "dropped"),
            ("I haven't booked the flight to Lisbon yet.", Role.USER, "open"),
            ("Did I book the flight to Lisbon?", Role.USER, "open"),
            ("I booked a table for two.", Role.USER, "open"),
            ("Forget about the flight to Lisbon, book none.", Role.ASSISTANT, "open"),
        ],
    )
    def test_what_a_later_turn_makes_of_a_goal(self, content: str, role: Role, status: str):
        state = after(self.OPEN, said(content, 2, role))
        assert statuses(state)["Book a flight to Lisbon"] == status

    def test_an_earlier_turn_that_comes_late_does_not_close_it(self):
        state = after(self.OPEN)
        state = after(said("I booked the flight to Lisbon!", 0), state=state)
        assert statuses(state) == {"Book a flight to Lisbon": "open"}

    def test_the_same_goal_again_is_one_and_opens_it_again(self):
        done = said("I booked the flight to Lisbon!", 2)
        state = after(self.OPEN, said("I want to book the flight to Lisbon.", 2), done)
        assert statuses(state) == {"Book a flight to Lisbon": "done"}
        assert state["goals"][0]["closed_by"] == str(done.id)
        state = after(said("I need to book a flight to Lisbon.", 3), state=state)
        assert statuses(state) == {"Book a flight to Lisbon": "open"}

    def test_a_goal_stays_however_many_wishes_follow(self):
        state: dict[str, Any] = after(self.OPEN)
        left = 0
        for minute in range(2, 80):
            turns = [said(f"I want to visit town{minute} and village{minute}.", minute)]
            state, more = update_state(state, find_goal_mentions(turns), turns, LIMIT)
            left += more
            assert state_size(state) <= LIMIT
        assert "Book a flight to Lisbon" in statuses(state)
        assert len(state["goals"]) == MAX_OPEN_GOALS
        assert left == 79 - MAX_OPEN_GOALS

    def test_a_goal_takes_the_place_of_the_newest_wish(self):
        wishes = [said(f"I want to visit town{n} and village{n}.", n) for n in range(MAX_OPEN_GOALS)]
        state = after(*wishes)
        state = after(said("My goal is to sell the boat.", 50), state=state)
        assert "Sell the boat" in statuses(state)
        assert f"Visit town{MAX_OPEN_GOALS - 1} and village{MAX_OPEN_GOALS - 1}" not in statuses(state)
        assert "Visit town0 and village0" in statuses(state)

    def test_of_closed_goals_the_last_stay(self):
        state: dict[str, Any] = {}
        for n in range(MAX_CLOSED_GOALS + 3):
            opened, closed = (
                said(f"I need to paint door{n} blue.", 2 * n),
                said(f"I painted door{n} blue.", 2 * n + 1),
            )
            state = after(opened, closed, state=state)
        assert list(statuses(state)) == [f"Paint door{n} blue" for n in range(3, MAX_CLOSED_GOALS + 3)]

    def test_what_is_the_clients_is_never_touched(self):
        state = {"goals": [], "topics": [], "data": {"plan": "x" * 900}, "later": 1}
        written = after(said("I need to renew my passport and visa."), state=state, limit=1100)
        assert (written["data"], written["later"]) == (state["data"], 1)
        assert state_size(written) <= 1100

    def test_a_full_state_takes_nothing_more_and_says_so(self):
        state = {"goals": [], "topics": [], "data": {"plan": "x" * 900}}
        turn = said("I need to renew my passport and visa.")
        written, left = update_state(state, find_goal_mentions([turn]), [turn], state_size(state))
        assert written == {**state, "goals": [], "topics": []}
        assert left == 1


class TestTopics:
    def test_are_what_most_turns_share(self):
        turns = [said("The garden needs water."), said("Our garden is dry."), said("A dry summer.")]
        assert extract_topics(turns)[:2] == ["dry", "garden"]

    def test_are_few_and_not_of_system_turns(self):
        words = ["apple", "bread", "chair", "dream", "eagle", "flute", "grape", "horse", "ivory", "jelly"]
        assert extract_topics([said(" ".join(words), role=Role.SYSTEM)]) == []
        assert len(extract_topics([said(" ".join(words))])) == MAX_TOPICS


class TestWithoutTurn:
    def test_its_goal_goes_and_what_it_closed_opens(self):
        first, second = said("I need to renew my passport.", 1), said("I want to learn Danish.", 1)
        done = said("I renewed my passport.", 2)
        state = after(first, second, done)
        reopened = remove_turn(state, done.id, [first])
        assert statuses(reopened)["Renew my passport"] == "open"
        assert statuses(remove_turn(state, second.id, [])) == {"Renew my passport": "done"}
        assert remove_turn(state, UUID(int=1), [first, second, done])["goals"] == state["goals"]

    def test_a_mention_of_nothing_known_changes_nothing(self):
        mention = GoalMention("I painted the shed.", GoalStatus.DONE, True, uuid4(), START)
        assert update_state({"goals": []}, [mention], [], LIMIT) == ({"goals": [], "topics": []}, 0)
