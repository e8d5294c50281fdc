"""A turn that is posted alone is read as if it had been posted with the turns before it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.core.vocabulary import Role
from app.memory.extraction.offline.extractor import extract_segments
from app.memory.types import Turn
from tests.parsing import PARSER

SAID_AT = datetime(2026, 12, 1, 9, tzinfo=UTC)


def turns_of(*texts: str) -> list[Turn]:
    """Turns of Ann; "A: …" are an assistant's, "Bo: …" those of another person."""
    found: list[Turn] = []
    for number, text in enumerate(texts):
        name, _, rest = text.partition(": ")
        role = Role.ASSISTANT if name == "A" else Role.USER
        is_other = name in ("A", "Bo")
        content, speaker = (rest, None if name == "A" else name) if is_other else (text, "Ann")
        at = SAID_AT + timedelta(minutes=number)
        found.append(Turn(UUID(int=number + 1), "u", "s", number, role, content, at, name=speaker))
    return found


def contents(turns: Sequence[Turn], previous: Sequence[Turn] = ()) -> list[str]:
    ((facts, _),) = extract_segments([turns], PARSER, [previous])
    return [fact.content for fact in facts if fact.turn_id == turns[-1].id]


READ_WITH = [
    (["My sister Eva lives in Rome."], "She works as a nurse.", ["Eva works as a nurse"]),
    (
        ["My sister Eva is 40.", "A: How nice!"],
        "She sold her flat in May.",
        ["Eva sold her flat in May 2026"],
    ),
    (
        ["My boss is called Okoro."],
        "She moved to Lagos in May.",
        ["Ann's boss moved to Lagos in May 2026"],
    ),
    (["My brother Tom sold his Golf."], "He drives a Fiat now.", ["Tom drives a Fiat now"]),
    (["My dog Rex is nine."], "He is allergic to chicken.", ["Rex is allergic to chicken"]),
    (
        ["I met my cousin Ida in Hull."],
        "She plays the cello in a quartet.",
        ["Ann's cousin plays the cello in a quartet"],
    ),
    (
        ["I met Bo and Cy in Hull."],
        "He plays the cello in a quartet.",
        ["He plays the cello in a quartet"],
    ),
    (["A: How much do you weigh?"], "Around 70 kg.", ["Around 70 kg"]),
    (["A: Where do you live?"], "In Hull, near the river.", ["In Hull, near the river"]),
    (["A: Do you have any allergies?"], "Yes, to peanuts.", ["To peanuts"]),
    (["My rent is 900 euros."], "Oops, I meant 950.", ["Correction: Ann's rent is 950 euros"]),
    (
        ["My dentist is Dr. Kahn.", "A: Noted."],
        "It's Kuhn, not Kahn.",
        ["Correction: Ann's dentist is Dr. Kuhn"],
    ),
    (
        ["Let's role-play: you are a doctor and I'm a patient."],
        "I live on a ship and have two parrots.",
        [],
    ),
    (["Pretend you are a pirate and I am your captain."], "I have a wooden leg and three ships.", []),
    (["Bo: I live in Oslo."], "I sold you my Golf in May.", ["Ann sold Bo Ann's Golf in May 2026"]),
    (["It rained all day."], "I live in Bergen.", ["Ann lives in Bergen"]),
    (["A: " + "Sheep are kept in hills. " * 400], "I have six sheep.", ["Ann has six sheep"]),
    (
        ["My sister Eva lives in Rome. " + "It is a large city. " * 200],
        "She works as a nurse.",
        ["She works as a nurse"],
    ),
    (
        ["\u0000\ufeff", "(((" * 300],
        "He is my brother and lives in Ulm.",
        ["He is Ann's brother and lives in Ulm"],
    ),
    ([""], "I have two cats.", ["Ann has two cats"]),
]


@pytest.mark.parametrize(("before", "said", "told"), READ_WITH)
def test_a_turn_is_read_with_those_before_it(before: list[str], said: str, told: list[str]):
    *previous, last = turns_of(*before, said)
    assert contents([last], previous) == told


@pytest.mark.parametrize(("before", "said", "told"), READ_WITH)
def test_it_is_read_as_if_they_had_been_posted_together(before: list[str], said: str, told: list[str]):
    assert contents(turns_of(*before, said)) == told


def test_turns_before_yield_no_facts():
    *previous, last = turns_of("I have two cats.", "My sister Eva lives in Rome.", "She works as a nurse.")
    ((facts, left_out),) = extract_segments([[last]], PARSER, [previous])
    assert {fact.turn_id for fact in facts} == {last.id}
    assert not left_out
