"""What is said in the first person, told of somebody."""

import pytest

from app.memory.extraction.offline.grammar.third_person import (
    conjugate_third_person,
    expand_contractions,
    is_past_tense,
    possessive_form,
)


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("I'm here", "I am here"),
        ("I've been", "I have been"),
        ("i'll go", "i will go"),
        ("We'd go", "We would go"),
        ("we're late", "we are late"),
        ("I can't", "I cannot"),
        ("I won't", "I will not"),
        ("I don't, she doesn't", "I do not, she does not"),
        ("Gonna gotta", "Going to have to"),
        ("gotta go", "have to go"),
        ("not anymore", "not any more"),
        ("Ann's dog", "Ann's dog"),
    ],
)
def test_contractions_are_written_out(said: str, written: str):
    assert expand_contractions(said) == written


@pytest.mark.parametrize(
    ("verb", "form"),
    [
        ("work", "works"),
        ("go", "goes"),
        ("watch", "watches"),
        ("miss", "misses"),
        ("fix", "fixes"),
        ("study", "studies"),
        ("play", "plays"),
        ("must", "must"),
        ("were", "was"),
        ("went", "went"),
        ("visited", "visited"),
        ("need", "needs"),
    ],
)
def test_a_verb_gets_its_third_person(verb: str, form: str):
    assert conjugate_third_person(verb) == form


@pytest.mark.parametrize(
    ("verb", "past"), [("worked", True), ("went", True), ("put", True), ("feed", False), ("red", False)]
)
def test_a_past_is_told_from_a_present(verb: str, past: bool):
    assert is_past_tense(verb) is past


def test_a_group_ends_in_an_apostrophe_alone():
    assert [possessive_form(name) for name in ("Ann", "James", "Ann and others")] == [
        "Ann's",
        "James's",
        "Ann and others'",
    ]
