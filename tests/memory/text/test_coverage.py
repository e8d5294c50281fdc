"""What a turn says that the memory which stands for it does not say."""

import pytest

from app.memory.text.coverage import find_uncovered_terms

# Turn, the memory that stands for it, and words that are left out; none where the memory says it all.
UNCOVERED = [
    ("My dog has a chip; the chip of the dog is 2304.", "Ann's dog has a chip", {"2304"}),
    ("We pay rent, 910 of rent.", "Ann pays rent", {"910"}),
    ("I joined a gym, and my locker code is 4471.", "Ann joined a gym", {"4471"}),
    ("We moved. The landlord is called Mr Brandvik.", "Ann moved", {"landlord"}),
    ("I passed the exam! My tutor Priyanka cried with me.", "Ann passed the exam", {"priyanka"}),
    ("I sold the flat and bought a houseboat near Ghent.", "Ann sold the flat", {"houseboat"}),
    ("My sister called. She is getting divorced and keeps both horses.", "Ann's sister called", {"hors"}),
    ("I quit smoking. The doctor wants me back on 14 March at 9:30.", "Ann quit smoking", {"doctor"}),
    ("I have a dog; the vet charged 230 euros for his teeth.", "Ann has a dog", {"230"}),
    ("Work is fine. By the way, the spare key hangs behind the boiler.", "Ann's work is fine", {"boiler"}),
    ("I started pottery. I also have a severe latex allergy.", "Ann started pottery", {"latex"}),
    ("I read Middlemarch, then Silas Marner.", "Ann read Middlemarch", {"marner"}),
    ("I take the bus now\nthe car was written off after the crash", "Ann takes the bus", {"crash"}),
    ("Ich wohne in Graz. Meine Nummer ist 0664 123.", "Ann wohnt in Graz", {"0664"}),
    ("I like tea. My passport number is X99 and it expires soon.", "Ann likes tea", {"passport"}),
]
COVERED = [
    ("I live in Oslo.", "Ann lives in Oslo"),
    ("I moved to Bergen yesterday.", "Ann moved to Bergen on 8 March 2026"),
    ("Hey! Thanks a lot. I moved to Bergen.", "Ann moved to Bergen"),
    ("Bo, I adopted a cat called Miso.", "Ann adopted a cat called Miso"),
    ("I ran 10 km this morning, great!", "Ann ran 10 km on 8 March 2026"),
    ("I work at Acme. How about you?", "Ann works at Acme"),
    ("Do you know the number 555 0100?", "Ann has a number"),
    ("My dog is called Rex, lol.", "Ann's dog is called Rex"),
    ("Last week I was promoted.", "Ann was promoted in the week of 2 March 2026"),
    ("Good morning. I play the cello.", "Ann plays the cello"),
    ("I'm allergic to nuts, you know.", "Ann is allergic to nuts"),
    ("Yes, really. I have two sons.", "Ann has two sons"),
    ("", "Ann has two sons"),
    ("Ok.", "Ann has two sons"),
]


@pytest.mark.parametrize(("turn", "memory", "left_out"), UNCOVERED)
def test_what_the_memory_leaves_out_is_found(turn, memory, left_out):
    assert left_out <= find_uncovered_terms(turn, [memory], ["Ann", "Bo"])


@pytest.mark.parametrize(("turn", "memory"), COVERED)
def test_a_memory_that_says_it_all_leaves_nothing_out(turn, memory):
    assert find_uncovered_terms(turn, [memory], ["Ann", "Bo"]) == set()


def test_several_memories_cover_together():
    turn = "I joined a gym, and my locker code is 4471."
    assert find_uncovered_terms(turn, ["Ann joined a gym", "Ann's locker code is 4471"], ["Ann"]) == set()


def test_a_long_text_is_read_to_its_bound():
    find_uncovered_terms("a1. " * 200_000, ["Ann"])
