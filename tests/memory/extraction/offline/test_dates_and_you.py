"""How a clause is written that has a date as its subject or possessor, or that tells of "you"."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.core.vocabulary import Role
from app.memory.extraction.offline.extractor import extract_facts
from app.memory.types import Turn
from tests.parsing import PARSER

WEDNESDAY = datetime(2026, 5, 20, 10, tzinfo=UTC)


def contents(text: str) -> list[str]:
    turns = [
        Turn(UUID(int=1), "u", "s", 1, Role.USER, text, WEDNESDAY, "Ann"),
        Turn(UUID(int=2), "u", "s", 2, Role.USER, "Right.", WEDNESDAY, "Ben"),
    ]
    return [fact.content for fact in extract_facts(turns, PARSER)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("We won last week's match in Leeds.", "won the match of the week of 11 May 2026 in Leeds"),
        ("I missed last month's meeting in Hull.", "the meeting of April 2026 in Hull"),
        ("I sang at last year's festival in Cork.", "at the festival of 2025 in Cork"),
        ("Yesterday's storm flooded my cellar.", "The storm of 19 May 2026 flooded Ann's cellar"),
        ("Tomorrow's exam is in Bath.", "The exam of 21 May 2026 is in Bath"),
        (
            "I booked tickets for next week's concert in Ghent.",
            "for the concert of the week of 25 May 2026 in Ghent",
        ),
        ("I'm nervous about next month's trial in Derby.", "about the trial of June 2026 in Derby"),
        ("My son played in last week's relay in Leeds.", "in the relay of the week of 11 May 2026 in Leeds"),
        (
            "Last year's harvest was ruined by hail in Thurles.",
            "The harvest of 2025 was ruined by hail in Thurles",
        ),
        ("Next year's reunion is in Oslo.", "The reunion of 2027 is in Oslo"),
        ("Yesterday was the funeral of my uncle in Bonn.", "19 May 2026 was the funeral of Ann's uncle"),
        ("Tomorrow is my sister's wedding in Bonn.", "21 May 2026 is Ann's sister's wedding in Bonn"),
        ("I lost a tooth at yesterday's training in Hull.", "at the training of 19 May 2026 in Hull"),
        (
            "This week has been swamped with exams at Leeds for me.",
            "The week of 18 May 2026 has been swamped",
        ),
        ("My niece sang in last month's opera in Pavia.", "in the opera of April 2026 in Pavia"),
        (
            "I saw your photo of you two at my wedding in Leeds.",
            "Ben's photo of Ben and others at Ann's wedding in Leeds",
        ),
        ("I met your aunt with you two in Ghent.", "with Ben and others in Ghent"),
        (
            "Talking to you about Leeds made me sell my flat.",
            "Talking to Ben about Leeds made Ann sell",
        ),
        ("Gotta take my son to Leeds for his trial.", "Ann has to take Ann's son to Leeds"),
        ("I just sold my kayak in Leeds, speaking of.", "Ann just sold Ann's kayak in Leeds"),
    ],
)
def test_dates_and_listeners_are_written_right(text: str, told: str):
    assert any(told in content for content in contents(text)), contents(text)


@pytest.mark.parametrize(
    "text",
    [
        "Taking time for your little friends is like a treasure in the garden.",
        "Chasing your dreams in the garden and the city keeps you young.",
        "Fingers crossed a producer in Oslo falls in love with it and it ends up on the screen in Leeds.",
        "Fingers crossed that the flat in Leeds is ours by June.",
        "I'm keeping my fingers crossed for the flat in Leeds.",
        "I'm crossing my fingers for a job in Leeds.",
        "In what ways did Elijah challenge Elisha in Jericho?",
        "At what age did Mozart leave Salzburg?",
        "Creating a warm place and giving a talk before a game can be helpful.",
        "Playing with friends and having the fans cheer is awesome.",
    ],
)
def test_hopes_questions_and_what_holds_for_anybody_are_no_memories(text: str):
    assert contents(text) == []
