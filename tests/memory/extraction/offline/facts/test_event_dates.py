"""When an event was that names no date itself; what has no time is not given one."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from app.core.vocabulary import Form, Role
from app.memory.extraction.offline.extractor import extract_facts
from app.memory.types import Fact, Turn
from tests.parsing import PARSER

WEDNESDAY = datetime(2026, 6, 10, 18, tzinfo=UTC)


def facts(text: str) -> list[Fact]:
    turns = [
        Turn(UUID(int=1), "u", "s", 1, Role.USER, text, WEDNESDAY, "Ann"),
        Turn(UUID(int=2), "u", "s", 2, Role.USER, "Wow.", WEDNESDAY, "Ben"),
    ]
    return extract_facts(turns, PARSER)


@pytest.mark.parametrize(
    "text",
    [
        "I just signed up for a pottery class.",
        "I've just sold my cello.",
        "We just adopted a whippet from the shelter.",
        "My brother just proposed to Ida.",
        "I just finished the manuscript of my novel.",
        "I just got back from the vet with Rex.",
        "Just bought a second-hand cargo bike.",
        "My landlord has just raised the rent to 900 euros.",
    ],
)
def test_what_has_just_happened_was_on_the_day_it_is_told(text: str):
    (fact,) = facts(text)
    assert (fact.form, fact.event_precision) == (Form.EVENT, "day")
    assert fact.event_from is not None
    assert fact.event_from.date() == WEDNESDAY.date()


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("I recently adopted a whippet from the shelter.", 31),
        ("My cousin recently opened a bakery in Ulm.", 31),
        ("I have recently joined a rowing club.", 31),
        ("I ran into my old teacher at the market the other day.", 7),
        ("The other day I found a fossil on the beach.", 7),
    ],
)
def test_what_happened_recently_has_a_period_that_ends_with_the_day(text: str, days: int):
    (fact,) = facts(text)
    assert fact.event_from is not None
    assert fact.event_to is not None
    assert fact.event_to.date() == date(2026, 6, 11)
    assert fact.event_to - fact.event_from == timedelta(days=days + 1)


@pytest.mark.parametrize(
    ("text", "words", "day"),
    [
        ("On Friday we signed the lease and I painted the kitchen.", "painted", 5),
        ("My laptop crashed yesterday and I lost the thesis draft.", "thesis", 9),
        ("Last Monday I handed in my notice, and my boss cried at the desk.", "cried", 8),
        ("Yesterday we drove to Siena and my sister bought a lamp there.", "lamp", 9),
    ],
)
def test_a_clause_has_the_day_of_the_event_before_it_in_its_sentence(text: str, words: str, day: int):
    fact = next(fact for fact in facts(text) if words in fact.content)
    assert fact.event_from is not None
    assert fact.event_from.date() == date(2026, 6, day)


@pytest.mark.parametrize(
    "text",
    [
        "I painted the kitchen of my flat.",
        "I moved here in 2010 and opened a bakery near the station.",
        "I just love sourdough bread from the market.",
        "We organised a dinner for the residents of the home.",
        "I haven't just sold my cello.",
        "I have visited nine castles in Wales.",
        "My brother taught me chess.",
    ],
)
def test_what_has_no_time_is_not_given_one(text: str):
    for fact in facts(text):
        is_dated_by_its_words = "2010" in fact.content
        assert fact.event_from is None or is_dated_by_its_words, fact


@pytest.mark.parametrize(
    "text",
    [
        "I'm going to paint the shed green.",
        "I plan to learn the oboe with my sister Ida.",
        "I'm thinking of selling my cello.",
        "We're going to adopt a whippet from the shelter.",
    ],
)
def test_a_plan_without_a_time_is_a_state(text: str):
    fact = facts(text)[0]
    assert (fact.form, fact.event_from) == (Form.STATE, None)


def test_a_plan_with_a_time_is_an_event():
    (fact,) = facts("I'm going to paint the shed on Friday.")
    assert fact.form is Form.EVENT
    assert fact.event_from is not None
    assert fact.event_from.date() == date(2026, 6, 12)
