"""Which parts of a turn its speaker says of itself, and where they stand."""

import pytest

from app.memory.extraction.offline.clauses import find_declarative_sentences, find_first_person_clauses


def texts(content: str) -> list[str]:
    return [clause.text for clause in find_first_person_clauses(content)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", []),
        ("I live in Oslo.", ["I live in Oslo"]),
        ("I live in Oslo and I work as a nurse.", ["I live in Oslo", "I work as a nurse"]),
        ("I live in Oslo and work as a nurse.", ["I live in Oslo", "I work as a nurse"]),
        ("Well, I live in Oslo!", ["I live in Oslo"]),
        ("Hi! My name is Ann.", ["My name is Ann"]),
        ("Where do I live?", []),
        ("I live in Oslo, can you help?", ["I live in Oslo"]),
        ("I live in Oslo, right?", []),
        ("She lives in Oslo.", []),
        ("He said \u201cI live in Oslo.\u201d", []),
        ("> I live in Oslo.", []),
        ("`I live in Oslo.`", []),
        ("```\nI live in Oslo.\n```", []),
        ("Just moved to Oslo.", ["I just moved to Oslo"]),
        ("I like tea; I hate coffee.", ["I like tea", "I hate coffee"]),
        ("I met Dr. Lee in Oslo.", ["I met Dr. Lee in Oslo"]),
        ("Translate: " + "I live in Oslo. " * 80, []),
        ("I" + " very" * 5000 + " tired.", []),
    ],
)
def test_clauses_of_the_speaker_are_found_and_no_others(content: str, expected: list[str]):
    assert texts(content) == expected


@pytest.mark.parametrize(
    ("content", "lead", "text"),
    [
        ("Last Saturday, I went to Oslo.", "Last Saturday", "I went to Oslo"),
        ("In 2020 I moved to Oslo.", "In 2020", "I moved to Oslo"),
        ("Two weeks ago I moved.", "Two weeks ago", "I moved"),
        ("Yesterday I moved.", "Yesterday", "I moved"),
    ],
)
def test_a_time_in_front_is_kept_apart(content: str, lead: str, text: str):
    (clause,) = find_first_person_clauses(content)
    assert (clause.leading_date, clause.text) == (lead, text)


@pytest.mark.parametrize(
    ("content", "is_hedged"),
    [
        ("I live in Oslo.", False),
        ("Maybe I will move.", True),
        ("I think I will move.", True),
        ("Actually I live in Bergen.", False),
        ("Actually maybe I live in Bergen.", True),
    ],
)
def test_doubt_is_noted(content: str, is_hedged: bool):
    (clause,) = find_first_person_clauses(content)
    assert clause.is_hedged == is_hedged


@pytest.mark.parametrize("content", ["Well, I live in Oslo, and my dog is old.", "\U0001f600 I\u2019m here!"])
def test_offsets_are_of_the_turn(content: str):
    for clause in find_first_person_clauses(content):
        assert content[clause.start : clause.end].replace("\u2019", "'").endswith(clause.text)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("The cat sat. Is it old? It is.", ["The cat sat", "It is"]),
        ("a\n\nb", ["a", "b"]),
        ("> quoted\nsaid", ["said"]),
        ("  - an item", ["an item"]),
        ("?!", []),
    ],
)
def test_sentences_that_state_something_are_found(content: str, expected: list[str]):
    assert [content[start:end] for start, end in find_declarative_sentences(content)] == expected
