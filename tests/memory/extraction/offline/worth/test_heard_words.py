"""What an assistant just said is taken up in passing; what its user adds to it is kept."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.core.vocabulary import Role
from app.memory.extraction.offline.extractor import extract_facts
from app.memory.types import Turn
from tests.parsing import PARSER

ANSWER = (
    "You could try the Larch Trail, the Ferry Museum or a pottery course at Studio Nolde. Pack a flask and a "
    "rain jacket. For dinner there are the Copper Kettle and Sushi Ito. A Brompton folds well on trains, and "
    "ginger sweets help on the ferry. A weekly timetable with two evenings for reading keeps you steady."
)


def contents(answer: str) -> list[str]:
    said_at = datetime(2026, 5, 20, 10, tzinfo=UTC)
    said = [(Role.USER, "What could I do?"), (Role.ASSISTANT, ANSWER), (Role.USER, answer)]
    turns = [Turn(UUID(int=n + 1), "u", "s", n, role, text, said_at) for n, (role, text) in enumerate(said)]
    return [fact.content for fact in extract_facts(turns, PARSER)]


@pytest.mark.parametrize(
    "text",
    [
        "The Larch Trail sounds great.",
        "I think I'll go with the Ferry Museum.",
        "I'm interested in the pottery course.",
        "I'll definitely check out Studio Nolde.",
        "A flask is a good idea.",
        "I'm considering the Copper Kettle.",
        "Sushi Ito looks fancy.",
        "I might try the Larch Trail first.",
        "The Brompton seems practical.",
        "Ginger sweets are worth a try.",
        "I like the idea of a weekly timetable.",
        "Two evenings should be doable.",
        "I'm leaning towards the Copper Kettle.",
        "I've heard good things about Sushi Ito.",
        "I'll pack a rain jacket then.",
        "I'm excited about the museum.",
        "It's good to know that a Brompton folds well.",
        "I want to make sure the timetable works.",
        "I'm curious about the pottery course.",
        "The ferry could be fun.",
        "I was thinking of the Larch Trail too.",
        "I hadn't thought of ginger sweets.",
    ],
)
def test_what_takes_up_an_answer_is_no_memory(text: str):
    assert contents(text) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("My sister runs the Copper Kettle.", "sister"),
        ("I broke my ankle on the Larch Trail in 2019.", "2019"),
        ("I'm allergic to ginger.", "ginger"),
        ("My grandfather was the captain of that ferry for thirty years.", "captain"),
        ("I've had a Brompton since 2015.", "2015"),
        ("I go to Sushi Ito with Marek every Thursday.", "Marek"),
        ("I work at the Ferry Museum on Saturdays.", "Saturdays"),
        ("My mother teaches pottery in Husum.", "Husum"),
        ("I sold my Brompton to a colleague for 700 euros.", "700"),
        ("We got engaged at the Copper Kettle on 2 May.", "engaged"),
        ("My daughter Lotte has a course at Studio Nolde on Mondays.", "Lotte"),
        ("I can't read for long because of my migraine medication.", "medication"),
        ("My husband gets seasick on every ferry.", "husband"),
        ("By the way, I moved to Flensburg last month.", "Flensburg"),
        ("I do night shifts until 30 June, so evenings are taken.", "June"),
        ("My rain jacket was stolen in Lisbon in April.", "Lisbon"),
        ("My boss Ines knows the owner of Sushi Ito.", "Ines"),
        ("I have 14 Bromptons in my repair shop in Kiel.", "14"),
        ("My brother Jannis died on that ferry in 1994.", "Jannis"),
        ("I'm vegan, so Sushi Ito won't do.", "vegan"),
    ],
)
def test_what_is_added_to_an_answer_is_kept(text: str, told: str):
    assert any(told in content for content in contents(text))
