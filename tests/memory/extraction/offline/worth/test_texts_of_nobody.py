"""An article or a story that is handed to an assistant tells nothing of its user."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.core.vocabulary import Role
from app.memory.extraction.offline.extractor import extract_facts
from app.memory.types import Turn
from tests.parsing import PARSER

STORY = " The rain had not stopped for nine days, and the lamps along the quay went out one after another. "
ARTICLE = " Analysts expect that demand will grow in the coming decade, while supply remains concentrated. "


def contents(*said: tuple[Role, str]) -> list[str]:
    said_at = datetime(2026, 5, 20, 10, tzinfo=UTC)
    turns = [Turn(UUID(int=n + 1), "u", "s", n, role, text, said_at) for n, (role, text) in enumerate(said)]
    return [fact.content for fact in extract_facts(turns, PARSER)]


@pytest.mark.parametrize(
    "sentence",
    [
        "Orla climbs the lighthouse with a sack of coal.",
        "Brannock hides the map in the mill.",
        "Queen Isra rides through the northern gate.",
        "Tobin lights the fire with a spell that his master taught him.",
        "Vex sells poisoned figs to the guards of the harbour.",
        "Captain Holt orders the crew to burn the sails.",
        "Mirelle tells the wolves a story about the moon.",
        "Sir Odo keeps two falcons in the tower of the keep.",
        "Dagny works at the forge below the bridge.",
        "Ferrin has three daughters and a stolen crown.",
    ],
)
def test_a_story_tells_nothing_of_who_hands_it_over(sentence: str):
    assert contents((Role.USER, sentence + STORY + sentence + STORY)) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Chile sources 60 percent of its lithium from two mines.",
        "Norway exports most of its salmon to Poland and France.",
        "Heavy rare earths are refined in three plants in Jiangxi.",
        "Berlin has twelve districts and a large harbour in Westhafen.",
        "Airbus delivers sixty aircraft from Hamburg each month.",
        "The Danube passes four capitals on its way to the Black Sea.",
        "Siemens employs 300,000 people in Germany and abroad.",
        "Magnesium is used in alloys for cars and aircraft.",
        "Toyota opened a battery plant in North Carolina.",
        "The Vatican issues stamps that collectors buy in Rome.",
        "With the shift to solar power our economies need more silver from Peru.",
        "Our societies depend on gallium, most of which comes from China.",
        "Chile, Peru and Zambia give us most of the copper in our grids.",
        "Our ports in Rotterdam and Antwerp handle two thirds of it.",
    ],
)
def test_an_article_tells_nothing_of_who_hands_it_over(sentence: str):
    assert contents((Role.USER, sentence + ARTICLE + sentence + ARTICLE)) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Orla sells the lamp to the miller of Dunmore.",
        "Brannock pays the ferryman with seven silver coins.",
        "Then Orla steals the horses from the stable in Dunmore.",
        "Brannock marries the baker from Dunmore.",
        "Orla owns a ship with black sails.",
    ],
)
def test_a_story_that_is_gone_on_with_tells_nothing_either(sentence: str):
    before = "Orla and Brannock walk to Dunmore in the dark."
    assert contents((Role.ASSISTANT, before), (Role.USER, sentence)) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Mr. Ogawa upstairs plays the tuba.", "tuba"),
        ("My niece Orla sells lamps in Dunmore." + STORY + STORY, "niece"),
        ("Brannock hurt his knee, so I walk his dog in Dunmore." + STORY, "dog"),
        ("I work for Siemens in Erlangen." + ARTICLE + ARTICLE, "Erlangen"),
        ("Penicillin gives me hives." + ARTICLE + ARTICLE, "hives"),
    ],
)
def test_who_tells_of_a_life_is_heard(text: str, told: str):
    assert any(told in content for content in contents((Role.USER, text)))
