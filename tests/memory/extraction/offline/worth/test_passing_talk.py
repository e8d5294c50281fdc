"""What is said for the moment of a talk is no memory of its own; what names something in particular is."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.core.vocabulary import Role
from app.memory.extraction.offline.extractor import extract_facts
from app.memory.text.dates.date_spans import find_dates
from app.memory.types import Turn
from tests.parsing import PARSER

WEDNESDAY = datetime(2026, 5, 20, 10, tzinfo=UTC)
# The share that a model may judge wrongly where it does not know what was said before.
WRONG = 0.2


def contents(text: str, name: str | None = None) -> list[str]:
    turns = [Turn(UUID(int=1), "u", "s", 1, Role.USER, text, WEDNESDAY, name)]
    if name is not None:
        turns.append(Turn(UUID(int=2), "u", "s", 2, Role.USER, "Right.", WEDNESDAY, "Ben"))
    return [fact.content for fact in extract_facts(turns, PARSER)]


BETWEEN_TWO = [
    "Seeing seedlings come up is pure joy.",
    "Being surrounded by old trees brings peace.",
    "Getting a compliment from strangers brightens the whole week.",
    "Good neighbours lift us up.",
    "I imagine the view from the tower was worth the climb.",
    "I bet the children adored the puppets.",
    "I think patience makes a good teacher.",
    "I believe that small gestures change a street.",
    "I realize that rest is as important as training.",
    "I'm excited about the whole journey.",
    "I feel so calm and free.",
    "We should organise a picnic soon.",
    "We could bake something together.",
    "I love how you arrange flowers.",
    "Those puppies will be happy in their new garden.",
    "They will love the new swings.",
    "This picture looks like a painting.",
    "Old lighthouses are beautiful.",
    "That lamp in the corner is gorgeous.",
    "It is important to water orchids sparingly.",
]


def test_what_is_said_in_passing_between_two_is_no_memory():
    wrong = [text for text in BETWEEN_TWO if contents(text, "Ann") != []]
    assert len(wrong) <= len(BETWEEN_TWO) * WRONG, wrong


WITH_ASSISTANT = [
    "I'm thinking of adding some gravel to the path.",
    "I'm thinking about buying a brighter lamp.",
    "I'm considering getting a taller shelf.",
    "I was thinking of trying a darker varnish.",
    "I was considering replacing the old hinge.",
    "I think I'll use the softer brush.",
    "I think I could start with the easy chapter.",
    "I'll definitely use the second template.",
    "I'll probably go with oak.",
    "I might paint the ceiling first.",
    "I'm interested in the second trail.",
    "I'm particularly interested in those pastries.",
    "I'm drawn to that darker palette.",
    "I love the idea of a hanging garden.",
    "I like these suggestions.",
    "I'm looking for some quiet board games.",
    "I'm looking for some fresh recipes for snacks.",
    "The narrator followed the stranger into the station.",
    "The title should fit into one line.",
    "The second column shows the sector of each firm.",
]


def test_what_is_weighed_with_an_assistant_is_no_memory():
    wrong = [text for text in WITH_ASSISTANT if contents(text) != []]
    assert len(wrong) <= len(WITH_ASSISTANT) * WRONG, wrong


IN_PARTICULAR = [
    ("I'm thinking of moving to Bergen.", None, "Bergen"),
    ("I'm considering selling my boat.", None, "boat"),
    ("I think I'll retire in 2031.", None, "2031"),
    ("I'm looking for a flat in Ghent.", None, "Ghent"),
    ("My mare's stable is on the hill.", None, "hill"),
    ("The clinic moved my surgery to Friday.", None, "surgery"),
    ("Playing chess is my main hobby.", "Ann", "chess"),
    ("My parrots always cheer me up.", "Ann", "parrots"),
    ("I'm terrified of wasps.", "Ann", "wasps"),
    ("I'm excited to see Lisbon in June.", "Ann", "Lisbon"),
    ("We should visit Porto on 3 July.", "Ann", "Porto"),
    ("I believe my cousin Ida works in Graz.", "Ann", "Graz"),
]


def test_what_names_something_in_particular_is_kept():
    wrong = [text for text, name, told in IN_PARTICULAR if told not in " ".join(contents(text, name))]
    assert len(wrong) <= len(IN_PARTICULAR) * WRONG, wrong


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("We met on Sunday last week.", "on 17 May 2026"),
        ("I sold it on Monday last week.", "on 11 May 2026"),
        ("We moved on Friday last week.", "on 15 May 2026"),
        ("I fly on Tuesday next week.", "on 26 May 2026"),
        ("I start on Thursday next week.", "on 28 May 2026"),
        ("I sing on Saturday this week.", "on 23 May 2026"),
    ],
)
def test_a_weekday_of_a_named_week_is_one_date(text: str, written: str):
    (span,) = find_dates(text, WEDNESDAY)
    assert span.absolute_text == written
    assert span.precision == "day"
    assert f"on {span.from_.day} {span.from_:%B %Y}" == written


@pytest.mark.parametrize(
    "text",
    [
        "I love our Friday night curry with the family.",
        "We missed the Monday meeting at the bank.",
        "I won the Saturday quiz in Bath.",
        "My Tuesday choir sings in Ulm.",
    ],
)
def test_a_day_that_names_a_kind_of_thing_is_no_date(text: str):
    assert "2026" not in " ".join(contents(text, "Ann"))


@pytest.mark.parametrize(
    "end",
    ["because", "because of", "so that", "although", "whereas", "since", "until", "even though"],
)
def test_what_is_broken_off_is_left_out(end: str):
    (content,) = contents(f"I sold my boat in Genoa {end}", "Ann")
    assert content == "Ann sold Ann's boat in Genoa"
