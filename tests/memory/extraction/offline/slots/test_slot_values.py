"""The slots that a first-person clause fills."""

import pytest

from app.memory.extraction.offline.slots.slot_patterns import match_slot_values
from app.memory.extraction.offline.slots.slot_values import head_noun_phrase, normalise_phrase


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I live in Oslo", [("residence", "oslo", 1)]),
        ("I do not live in Oslo", [("residence", "oslo", -1)]),
        ("I no longer live in Oslo", [("residence", "oslo", -1)]),
        ("I live in a small flat", []),
        ("I work at Acme", [("employer", "acme", 1)]),
        ("I am a nurse", [("occupation", "nurse", 1)]),
        ("I am a fan", []),
        ("I am from Norway", [("origin", "norway", 1)]),
        ("My name is Ann", [("name", "ann", 1)]),
        ("I am 34 years old", [("age", "34", 1)]),
        ("I have asthma", [("has:asthma", "yes", 1)]),
        ("My time zone is CET", [("timezone", "cet", 1)]),
        ("They live in Oslo", []),
        ("", []),
    ],
)
def test_a_clause_fills_the_slot_that_it_names(text: str, expected: list[tuple[str, str, int]]):
    found = [(one.attribute, one.value.lower(), one.polarity) for one in match_slot_values(text)]
    assert found == expected


@pytest.mark.parametrize(
    ("text", "head", "normal"),
    [
        ("a red car", "red car", "red car"),
        ("The Red Car.", "Red Car", "red car"),
        ("Oslo", "Oslo", "oslo"),
        ("", "", ""),
        ("my  old   House!", "old   House", "old house"),
    ],
)
def test_the_head_of_a_phrase_is_without_article_and_marks(text: str, head: str, normal: str):
    assert head_noun_phrase(text) == head
    assert normalise_phrase(text) == normal
