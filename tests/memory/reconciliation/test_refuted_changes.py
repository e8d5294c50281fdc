"""What words tell as a change is none if the two sentences, read together, say something else."""

import numpy as np
import pytest

from app.core.vocabulary import ChangeKind
from app.memory.reconciliation.change_matching import find_change
from app.memory.reconciliation.judged_changes import REFUTED, SURE, check_finding
from app.memory.reconciliation.told import Finding, Found, Told
from tests.parsing import PARSER

ANN = frozenset(["ann"])
# A word of change, and what it is said of.
OF_SOMETHING_ELSE = [
    ("Ann drives a Volvo to work", "Ann sold the roof box of the Volvo"),
    ("Ann teaches piano", "Ann's pupil gave up the piano for football"),
    ("Ann takes ibuprofen for her knee", "Ann stopped taking ibuprofen with milk"),
    ("Ann is learning Greek", "Ann finished the third chapter of the Greek book"),
    ("Ann has an allotment", "Ann gave up on tomatoes at the allotment"),
    ("Ann's daughter plays chess", "Ann's daughter lost at chess to her uncle"),
    ("Ann likes jazz", "Ann turned the jazz off because of the neighbours"),
    ("Ann has a piano", "The piano tuner retired"),
    ("Ann plays the cello in a quartet", "Ann stopped lending the cello to her cousin"),
    ("Ann works at the bakery", "Ann's brother no longer works at the bakery"),
    ("Ann has a dog called Rex", "Rex no longer chews Ann's shoes"),
    ("Ann rents a flat in Leeds", "Ann got rid of the sofa in the flat in Leeds"),
    ("Ann has a season ticket for the ferry", "The ferry no longer stops at Holm"),
    ("Ann goes to the gym in Marsh Lane", "The gym in Marsh Lane got rid of its sauna"),
    ("Ann has a subscription to the opera", "Ann cancelled dinner before the opera"),
    ("Ann is vegetarian", "Ann's vegetarian cousin has started eating fish"),
    ("Ann plays for the Rovers", "The Rovers sold their goalkeeper"),
    ("Ann has a tablet from work", "Ann's tablet from work no longer rings at night"),
    ("Ann keeps bees", "Ann lost one of the bee hives to the wind"),
    ("Ann is writing a novel", "Ann threw away the second chapter of the novel"),
    ("Ann has a garden in Kew", "Ann gave away the garden chairs"),
    ("Ann has a contract with Telia", "Telia dropped its shop in the centre"),
    ("Ann takes the 7:40 train", "The 7:40 train lost its buffet car"),
    ("Ann coaches the under-tens", "One of the under-tens left for the Rovers"),
    ("Ann has a dentist in Bath", "The dentist in Bath stopped sending letters"),
]
CHANGES = [
    ("Ann drives a Volvo to work", "Ann sold the Volvo"),
    ("Ann teaches piano", "Ann gave up teaching piano"),
    ("Ann takes ibuprofen for her knee", "Ann stopped taking ibuprofen"),
    ("Ann is learning Greek", "Ann gave up on Greek"),
    ("Ann has an allotment", "Ann gave the allotment back to the council"),
    ("Ann's daughter plays chess", "Ann's daughter quit chess"),
    ("Ann volunteers at the hospice", "Ann no longer volunteers at the hospice"),
    ("Ann has a piano", "Ann got rid of the piano"),
    ("Ann works at the bakery", "Ann left the bakery"),
    ("Ann has a dog called Rex", "Rex died in March"),
    ("Ann goes to the gym in Marsh Lane", "Ann cancelled the gym in Marsh Lane"),
    ("Ann is vegetarian", "Ann is no longer vegetarian"),
    ("Ann plays for the Rovers", "Ann stopped playing for the Rovers"),
    ("Ann keeps bees", "Ann gave up the bees"),
    ("Ann smokes", "Ann quit smoking"),
    ("Ann commutes by train", "Ann switched from the train to the bus"),
    ("Ann coaches the under-tens", "Ann stopped coaching the under-tens"),
    ("Ann plans a trip to Crete in May", "The trip to Crete is cancelled"),
    ("Ann is married to Joe", "Ann and Joe divorced"),
    ("Ann lives in Ghent", "Ann moved from Ghent to Lille"),
]


def test_a_word_of_change_about_something_else_hardly_ever_changes_anything() -> None:
    left: list[str] = []
    for told, later in OF_SOMETHING_ELSE:
        found = find_change(Told(later), Told(told), ANN, ANN)
        if found is not None and check(Told(later), Told(told), found) is not None:
            left.append(later)
    assert len(left) <= 3, left  # a model is not always right


def test_the_words_alone_take_some_of_these_for_changes() -> None:
    found = [find_change(Told(later), Told(told), ANN, ANN) for told, later in OF_SOMETHING_ELSE]
    assert sum(one is not None for one in found) >= 5


@pytest.mark.parametrize(("told", "later"), CHANGES)
def test_a_change_is_not_refuted(told: str, later: str) -> None:
    earlier, newer = Told(told), Told(later)
    found = find_change(newer, earlier, ANN, ANN)
    assert found is None or check(newer, earlier, found) is not None


@pytest.mark.parametrize(
    ("told", "later"),
    [
        ("Ann wohnt in Kiel", "Ann wohnt nicht mehr in Kiel"),
        ("Ann vive en Lugo", "Ann ya no vive en Lugo"),
        ("Анна живёт в Омске", "Анна больше не живёт в Омске"),
    ],
)
def test_what_the_estimate_does_not_read_it_does_not_refute(told: str, later: str) -> None:
    found = Found(Finding.CHANGED, ChangeKind.END, "no longer")
    assert estimated(Told(later), Told(told), found, 0.0) == found


@pytest.mark.parametrize("finding", [Finding.CHANGED, Finding.DOUBTFUL])
@pytest.mark.parametrize(
    "chance",
    [0.0, REFUTED - 0.01, REFUTED + 0.001, SURE - 0.1, SURE - 0.01, SURE, 1.0, float("nan")],
)
def test_an_estimate_refutes_the_sure_and_decides_the_doubtful(finding: Finding, chance: float) -> None:
    found = Found(finding, ChangeKind.REPLACE, "another diet")
    earlier = Told("Kayla is strictly vegan")
    left = estimated(Told("Kayla has been eating fish since June"), earlier, found, chance)
    if finding is Finding.CHANGED:
        assert left == (None if chance < REFUTED else found)
    else:
        assert left == Found(
            Finding.CHANGED if chance >= SURE else Finding.DOUBTFUL, ChangeKind.REPLACE, "another diet"
        )


# What words leave in doubt: (earlier, later, whether it is a change).
DOUBTFUL = [
    ("Ann drives a Yugo", "Ann drives a Dacia; roomy enough for the dog", True),
    ("Ann's office is in Hull", "Ann's office is in York", True),
    ("Ann's favourite subject is geography", "Ann's favourite subject is biology", True),
    ("Ann lives with her mother", "Ann lives alone in Ulm", True),
    ("Ann studies at the public library", "The library shut; Ann studies on campus", True),
    ("Ann rides her bike to school", "Ann walks to school; the bike is bent", True),
    ("Ann's favourite colour is green", "Ann's favourite colour is plum", True),
    ("Ann's desk is by the window", "Ann's desk is by the lift", True),
    ("Ann's locker is number 14", "Ann's locker is by the stairs", True),
    ("Ann drives a Polo", "Ann drives a Leaf to work; quiet as a mouse", True),
    ("Ann's dentist is in Bath", "Ann's dentist is in Wells", True),
    ("Ann's office is in Hull", "Ann's brother's office is in York", False),
    ("Ann drives a Yugo", "Ann drove her aunt's Dacia once", False),
    ("Ann rides her bike to school", "Ann would like to walk to school", False),
    ("Ann drives a Yugo", "Ann drives to Lille every June", False),
    ("Ann's favourite subject is geography", "Ann's favourite subject at first was biology", False),
    ("Ann lives with her mother", "Ann lives for music", False),
    ("Ann studies at the public library", "Ann studies Greek at the public library", False),
    ("Ann's dentist is in Bath", "Ann's dentist has a parrot", False),
    ("Ann's desk is by the window", "Ann's desk is made of oak", False),
    ("Ann drives a Polo", "Ann's mother drives a Leaf to work", False),
]


@pytest.mark.parametrize(("told", "later", "is_change"), DOUBTFUL)
def test_only_a_change_is_decided(told: str, later: str, is_change: bool) -> None:
    earlier, newer = Told(told), Told(later)
    found = find_change(newer, earlier, ANN, ANN)
    left = found and check(newer, earlier, found)
    assert (left is not None and left.finding is Finding.CHANGED) <= is_change


def test_some_of_these_are_in_doubt_by_their_words_and_decided() -> None:
    decided = 0
    for told, later, is_change in DOUBTFUL:
        earlier, newer = Told(told), Told(later)
        found = find_change(newer, earlier, ANN, ANN)
        if is_change and found is not None and found.finding is Finding.DOUBTFUL:
            left = check(newer, earlier, found)
            decided += left is not None and left.finding is Finding.CHANGED
    assert decided >= 4


def estimated(later: Told, earlier: Told, found: Found, chance: float) -> Found | None:
    return check_finding(later, earlier, found, lambda pairs: np.full(len(pairs), chance, np.float32))


def check(later: Told, earlier: Told, found: Found) -> Found | None:
    return check_finding(later, earlier, found, PARSER.estimate_changes)
