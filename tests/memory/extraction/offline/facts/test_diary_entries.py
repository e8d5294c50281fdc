"""A noun with a day and no verb, as in a diary, is an event of that day."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.core.vocabulary import Form, Role
from app.memory.extraction.offline.extractor import extract_facts
from app.memory.types import Fact, Turn
from tests.parsing import PARSER

MONDAY = datetime(2025, 5, 12, 9, tzinfo=UTC)


def facts_of(text: str) -> list[Fact]:
    return extract_facts([Turn(UUID(int=1), "u", "s", 1, Role.USER, text, MONDAY, name="Ann")], PARSER)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("Haircut on 4 September at 9.", "2025-09-04"),
        ("Dentist on 4 September.", "2025-09-04"),
        ("dentist on 4 September, not looking forward to it", "2025-09-04"),
        ("driving test on 4 September", "2025-09-04"),
        ("driving test on 4 September, third time lucky", "2025-09-04"),
        ("Swimming lessons on Friday", "2025-05-16"),
        ("Writing class on Thursday at the library", "2025-05-15"),
        ("Concert in Hull on 4 September", "2025-09-04"),
        ("Concert in Hull last Friday", "2025-05-09"),
        ("flight to Porto on 4 September", "2025-09-04"),
        ("Lunch with Bo on 4 September", "2025-09-04"),
        ("Exam on 4 September, wish me luck", "2025-09-04"),
        ("Exam on 4 September at 9, room 12", "2025-09-04"),
        ("Dinner at Eva's tomorrow", "2025-05-13"),
        ("Wedding in June", "2025-06-01"),
        ("Two nights in Porto from 4 September", "2025-09-04"),
        ("Night shift tonight", "2025-05-12"),
        ("MOT on 4 September, hope it passes", "2025-09-04"),
        ("Bin collection on 4 September", "2025-09-04"),
        ("My job interview at Acme on 4 September", "2025-09-04"),
    ],
)
def test_an_entry_happens_on_its_day(said: str, day: str):
    (fact,) = facts_of(said)
    assert fact.form is Form.EVENT
    assert f"{fact.event_from:%Y-%m-%d}" == day


@pytest.mark.parametrize(
    "said",
    [
        "Swimming lesson every Monday",
        "Allergic to nuts since 2019",
        "Vegan since May",
        "Three dogs since May",
        "Holiday in Crete until 4 September",
        "Membership until 4 September",
        "Working at Acme since May",
        "Training for a marathon in May",
        "A gift for my sister Eva, who turns 30 on 5 August",
    ],
)
def test_what_lasts_or_is_of_another_day_is_none(said: str):
    assert all(fact.form is Form.STATE for fact in facts_of(said))
