"""Lists that share a verb, and fragments that name what "it" is, are statements that stand alone."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.core.vocabulary import Role
from app.memory.extraction.offline.extractor import extract_facts
from app.memory.types import Turn
from tests.parsing import PARSER

TUESDAY = datetime(2026, 3, 17, 18, 20, tzinfo=UTC)


def contents(text: str) -> list[str]:
    turn = Turn(UUID(int=1), "u", "s", 1, Role.USER, text, TUESDAY, name="Ann")
    return [fact.content for fact in extract_facts([turn], PARSER)]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Mum rides a Vespa, dad a Triumph.", ["Mum rides a Vespa", "Dad rides a Triumph"]),
        (
            "My sister plays the harp and my brother the drums.",
            ["Ann's sister plays the harp", "Ann's brother plays the drums"],
        ),
        ("Eva lives in Bath, Tom in Hull.", ["Eva lives in Bath", "Tom lives in Hull"]),
        (
            "My uncle works at Tesco, my aunt at the library.",
            ["Ann's uncle works at Tesco", "Ann's aunt works at the library"],
        ),
        ("Nora has a poodle, Finn a beagle.", ["Nora has a poodle", "Finn has a beagle"]),
        (
            "The girls go to different schools, Ida to Elm Park and Lea to Oakwood.",
            ["Ida goes to Elm Park", "Lea goes to Oakwood"],
        ),
        (
            "My brothers work for different firms: Kai for Bosch and Leo for Miele.",
            ["Kai works for Bosch", "Leo works for Miele"],
        ),
        (
            "My roommates: Jana studies chemistry, Piet studies Dutch.",
            ["roommate Jana is studying chemistry", "roommate Piet is studying Dutch"],
        ),
        (
            "Our neighbours: Vera has a goat and Olaf has three hens.",
            ["neighbour Vera has a goat", "neighbour Olaf has three hens"],
        ),
        (
            "My sister Cleo lives in Nantes and my brother Marc lives in Brest.",
            ["Cleo lives in Nantes", "Marc lives in Brest"],
        ),
        ("Janneke studies law in Leiden.", ["Janneke is studying law in Leiden"]),
        ("A flat of my own! It's in Delft, top floor.", ["in Delft"]),
        ("Finally my own studio! It's in Delft, top floor.", ["Ann's own studio is in Delft"]),
        ("The new job at Heron Books is fun.", ["Ann's new job at Heron Books is fun"]),
        (
            "We left Hull and the new flat is in Ely.",
            ["Ann's new flat is in Ely"],
        ),
        ("Guess who got hired by the opera? Me!", ["Ann got hired by the opera"]),
        ("Guess who's moving to Lund? Me!", ["Ann is moving to Lund"]),
        ("Meet my fianc\u00e9! He is a baker.", ["Ann has a fianc\u00e9"]),
        ("First week at Corley Dental!", ["Ann's first week at Corley Dental"]),
        ("Last shift at the bakery today.", ["Ann's last shift at the bakery"]),
        ("30 days without a cigarette!", ["Ann has been 30 days without a cigarette"]),
        ("Two years sober.", ["Ann has been two years sober"]),
        ("Ten weeks into working for myself!", ["Ann is ten weeks into working for themselves"]),
        ("Two months into the new job at Roche.", ["Ann is two months into the new job at Roche"]),
        ("A year into my training as a midwife.", ["Ann is a year into Ann's training as a midwife"]),
        ("Down to 93 kilos!", ["Ann is down to 93 kilos"]),
        ("Now down to 5 cigarettes a day.", ["Ann is now down to 5 cigarettes a day"]),
        (
            "Mum drives a Corsa and dad a Berlingo, so the street is full.",
            ["Mum drives a Corsa", "Dad drives a Berlingo"],
        ),
        (
            "Elias plays the cello and Jonah the drums because their gran did.",
            ["Elias plays the cello", "Jonah plays the drums"],
        ),
        ("Turns out I'm allergic to kiwi.", ["Ann is allergic to kiwi"]),
        (
            "My wife got a post so we've packed up and we're in Trier as of May.",
            ["Ann and others are in Trier"],
        ),
        ("Portugal was country number 12 for me!", ["Portugal was country number 12 for Ann"]),
        ("We said goodbye to Rufus on Sunday.", ["on 15 March 2026"]),
    ],
)
def test_each_item_is_told(said: str, told: list[str]):
    found = contents(said)
    assert all(any(words in content for content in found) for words in told), found


@pytest.mark.parametrize(
    "said",
    [
        "I like my soup hot, the best there is.",
        "My mum likes tea, a lot.",
        "Case studies show a clear trend, and Tom agrees.",
        "We painted the hall and the kitchen.",
        "Eva lives in Bath, in a flat.",
        "I had a lovely day, the weather was great.",
        "My sister has a dog and a cat.",
        "He said my own flat! It was a joke.",
    ],
)
def test_what_is_no_such_list_stays_as_it_is(said: str):
    assert not any("is studying" in content or "lives in a flat" in content for content in contents(said))
    assert all(content.count(" has ") <= 1 for content in contents(said))
