"""Of two memories that contradict each other the newer one comes first, if a person has told it."""

# ruff: noqa: E501 (the tables are read more easily in long lines)

from typing import Any
from uuid import UUID

import pytest

from tests.memory.ranking.test_search_index import Log, day

# What was said first, what was said later without a word of change, and a question that is nearer to the first.
CONTRADICTIONS = [
    ("Ann works at the bakery in Lind Street", "Ann has her shifts at the harbour cafe", "Does Ann work at the bakery?"),
    ("Ann drives a grey Golf to work", "A yellow Mazda stands at Ann's door", "Does Ann drive a Golf to work?"),
    ("Ann pays 700 euros of rent", "Ann's landlord gets 900 euros", "How much rent does Ann pay?"),
    ("Ann and Bo live together in Ghent", "Ann has the Mechelen flat to herself", "Do Ann and Bo live together in Ghent?"),
    ("Ann takes ramipril for her pressure", "The doctor gave Ann losartan", "Which tablets does Ann take for her pressure?"),
    ("Ann's vet is Dr. Pell", "Dr. Anselm looks after Ann's dog", "Who is Ann's vet?"),
    ("Ann plays the cello in the town orchestra", "The cello stands in the cellar", "Does Ann play the cello in the orchestra?"),
    ("Ann uses Trello for the orders", "Ann's orders are all in Notion", "What does Ann use for the orders?"),
    ("Ann weighs 80 kilos", "The scales said 74 to Ann", "How much does Ann weigh, 80 kilos?"),
    ("Ann trains for the Utrecht marathon", "Ann signed up for the Rotterdam one", "Which marathon does Ann train for, Utrecht?"),
    ("Ann's thesis is about the Nile delta", "Ann writes on storm surges", "What is Ann's thesis about?"),
    ("Ann can't stand olives", "Olives go on everything Ann cooks", "Can Ann stand olives?"),
    ("Ann's number ends in 0142", "Ann can be reached under 0177", "What does Ann's number end in?"),
    ("Ann is in the support team", "Ann sits with the pricing people", "Which team is Ann in, support?"),
    ("Ann's sister works at the museum", "The aquarium has hired Ann's sister", "Where does Ann's sister work, the museum?"),
    ("Ann has four hens", "Three hens are left to Ann", "Has Ann four hens?"),
    ("Ann's phone is a Pixel", "A Fairphone rings in Ann's bag", "Is Ann's phone a Pixel?"),
    ("Ann swims on Tuesdays", "Thursday is Ann's day at the pool", "Does Ann swim on Tuesdays?"),
]  # fmt: skip
OLD, NEW = UUID(int=1_001), UUID(int=1_002)


def contradiction(first: str, later: str, **of_later: Any) -> Log:
    """A log with what was said on the first day and, contradicting it, on the fifth."""
    log = Log()
    for number in range(20, 26):
        log.memory(number, f"It rained on day {number}", log.turn(number, "Rain again."))
    log.memory(1, first, log.turn(1, first))
    log.memory(2, later, log.turn(5, later, **of_later))
    log.scope.conflicts = {OLD: [NEW], NEW: [OLD]}
    return log


def memories(log: Log, question: str, **values: Any) -> list[UUID]:
    found = log.ids(question, kinds=frozenset(["fact"]), **values)
    return [one for one in found if one in (OLD, NEW)]


@pytest.mark.parametrize(("first", "later", "question"), CONTRADICTIONS)
def test_the_newer_comes_first(first: str, later: str, question: str):
    assert memories(contradiction(first, later), question) == [NEW, OLD]


@pytest.mark.parametrize(("first", "later", "question"), CONTRADICTIONS)
def test_a_turn_is_put_behind_the_newer_one_too(first: str, later: str, question: str):
    found = contradiction(first, later).ids(question)
    older = [found.index(one) for one in (OLD, UUID(int=1)) if one in found]
    newer = [found.index(one) for one in (NEW, UUID(int=5)) if one in found]
    assert min(newer) < min(older)


FIRST, LATER, QUESTION = CONTRADICTIONS[0]


def test_without_a_contradiction_the_nearer_comes_first():
    log = contradiction(FIRST, LATER)
    log.scope.conflicts = {}
    assert memories(log, QUESTION) == [OLD, NEW]


@pytest.mark.parametrize("role", ["assistant", "tool", "system"])
def test_what_no_person_has_said_does_not_come_first(role: str):
    assert memories(contradiction(FIRST, LATER, role=role), QUESTION) == [OLD, NEW]


@pytest.mark.parametrize("number", [0, 1])
def test_what_was_said_before_or_at_the_same_time_does_not_come_first(number: int):
    assert memories(contradiction(FIRST, LATER, observed_at=day(number)), QUESTION) == [OLD, NEW]


def test_what_disputes_a_slot_stays_behind_its_holder():
    log = contradiction(FIRST, LATER)
    log.memory(2, LATER, UUID(int=5), volatility="disputable")
    assert memories(log, QUESTION) == [OLD, NEW]


def test_of_three_the_newest_comes_first():
    log = contradiction(FIRST, LATER)
    newest = log.memory(3, "Ann sells tickets at the zoo", log.turn(9, "I sell tickets at the zoo."))
    log.scope.conflicts = {OLD: [NEW, newest], NEW: [OLD, newest], newest: [OLD, NEW]}
    found = log.ids(QUESTION, kinds=frozenset(["fact"]))
    assert [one for one in found if one in (OLD, NEW, newest)] == [newest, NEW, OLD]


def test_what_is_not_found_for_the_question_is_not_brought_in():
    assert memories(contradiction(FIRST, LATER), QUESTION, count=1) in ([OLD], [NEW])
