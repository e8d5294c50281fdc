"""What somebody does together with another keeps the other: "Bo and I", "me and my wife"."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.core.vocabulary import Role
from app.memory.extraction.offline.extractor import extract_facts
from app.memory.types import Turn
from tests.parsing import PARSER

DAY = datetime(2026, 7, 10, 9, tzinfo=UTC)


def contents(text: str) -> list[str]:
    turn = Turn(UUID(int=1), "u", "s", 1, Role.USER, text, DAY, "Ann")
    return [fact.content for fact in extract_facts([turn], PARSER)]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Bo and I got engaged in May.", "Bo and Ann got engaged in May 2026"),
        ("Bo and I are moving to Leeds.", "Bo and Ann are moving to Leeds"),
        ("Bo and I have a flat in Leeds.", "Bo and Ann have a flat in Leeds"),
        ("Bo and I don't eat meat.", "Bo and Ann do not eat meat"),
        ("Bo and she got married.", "Bo and she got married"),
        ("Karim and we bought a boat.", "Karim and Ann and others bought a boat"),
        ("Me and Bo broke up.", "Ann and Bo broke up"),
        ("Me and my wife adopted a dog.", "Ann and Ann's wife adopted a dog"),
        ("Me and the kids moved to Leeds", "Ann and the kids moved to Leeds"),
        ("Bo and me have a flat in Leeds.", "Bo and Ann have a flat in Leeds"),
        ("My wife and I sold the house.", "Ann's wife and Ann sold the house"),
        (
            "My dog and I walk on the beach every morning.",
            "Ann's dog and Ann walk on the beach every morning",
        ),
        ("Sister Agnes and I run the shelter.", "Sister Agnes and Ann run the shelter"),
        ("Aunt May and I share a car.", "Aunt May and Ann share a car"),
        ("Honestly, Priya and I have three kids.", "Priya and Ann have three kids"),
        ("Good news: Karim and I bought a flat!", "Karim and Ann bought a flat"),
        ("Bo, Cass and I share a flat.", "Bo, Cass and Ann share a flat"),
        ("Since May Bo and I have lived in Leeds.", "Since May 2026 Bo and Ann have lived in Leeds"),
        ("Last year Bo and I have started a choir.", "In 2025 Bo and Ann have started a choir"),
        ("Yusuf and I aren't together any more.", "Yusuf and Ann are not together any more"),
        (
            "When Bo and I moved to Leeds, we bought a van.",
            "When Bo and Ann moved to Leeds, they bought a van",
        ),
    ],
)
def test_both_are_told(said: str, told: str):
    assert contents(said) == [told]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Long day, and I have to be in Leeds at five.", ["Ann has to be in Leeds at five"]),
        ("Bo moved out and I kept the cat.", ["Bo moved out", "Ann kept the cat"]),
        ("I met Bo and I like her sister Cass.", ["Ann met Bo; Ann likes her sister Cass"]),
        ("I love Bo and I hate Jim.", ["Ann loves Bo", "Ann hates Jim"]),
        ("Tuesday and I still have no plumber.", ["On 14 July 2026", "Ann still has no plumber"]),
        (
            "I phoned my wife and I have booked the hotel.",
            ["Ann phoned Ann's wife", "Ann has booked the hotel"],
        ),
        ("We ate soup and I have kept the rest.", ["Ann and others ate soup and Ann has kept the rest"]),
        ("Lots of people got fired, me included.", ["Lots of people got fired"]),
    ],
)
def test_who_did_something_else_stays_apart(said: str, told: list[str]):
    assert contents(said) == told
