"""What an estimate of two statements is put to, and what is made of it."""

from dataclasses import replace

import pytest

from app.core.vocabulary import ChangeKind, Form
from app.memory.reconciliation.judged_changes import (
    DOUBTFUL,
    MOST_OF_WORDS,
    SURE,
    SURE_OF_SHORT,
    may_be_judged,
    measure_closeness,
    read_estimate,
)
from app.memory.reconciliation.told import Finding, Told

STATE = Told("Ann is a baker at Lind's", "user")
LATER = Told("The ovens of the Heron keep Ann busy", "user")
PLAN = Told("Ann is going to run in Turin on 4 April 2026", "user", form=Form.EVENT, lies_ahead=True)

ANN = frozenset(["ann"])
JUDGED = [
    (STATE, LATER),
    (PLAN, LATER),
    (Told("Ann pays 700 euros"), Told("Ann's landlord gets 900")),
    (Told("Ann lives in Oslo", "user", "residence", "oslo"), Told("The Bergen flat smells of paint")),
    (Told("Bo has a kennel", "bo"), Told("Bo keeps no dogs these days", "bo")),
    (Told("Bergen, 42"), Told("Oslo, 43")),
    (Told("Bo lives in Bath", "bo"), Told("Ann helped Bo with the boxes for Truro", "user")),
    (Told("Ann likes rain and tea"), Told("These days it is the sun and lemonade that Ann loves")),
    (Told("Ann went to work by tram", form=Form.EVENT), Told("Ann goes by bike these days")),
    (Told("Ann is not on speaking terms with Bo"), Told("Ann and Bo made up over a lemon cake")),
    (Told("Ann cannot have milk"), Told("Ann drank a whole glass of milk and nothing happened")),
    (Told("Ann does not drive"), Told("Ann passed her test and drives a Golf")),
    (Told("Ann sells yarn on Etsy"), Told("Ann shut the Etsy shop for good")),
    (Told("Ann works at the mill"), Told("Ann has started at the bakery")),
    (
        Told("Ann is going to try out for the rowing team"),
        Told("Ann threw her hat in the ring for the choir"),
    ),
    (Told("Ann's cat is called Biscuit"), Told("Everybody calls Ann's cat Crumb, and Crumb is her name now")),
]
NOT_JUDGED = [
    (replace(STATE, is_open=False), LATER),
    (replace(STATE, attribute="occupation", value="baker", polarity=-1), LATER),
    (Told("Ann sold the Golf", "user"), Told("Ann has a Mazda", "user")),
    (Told("Ann quit smoking", "user"), LATER),
    (Told("Ann no longer works for Acme", "user"), LATER),
    (Told("Ann and Bo broke up", "user"), LATER),
    (Told("Ann's dog Rex died", "user"), LATER),
    (Told("Ich wohne seit zwei Jahren mit meiner Schwester in Ulm", "user"), LATER),
    (STATE, Told("Ich arbeite jetzt nicht mehr in der Bäckerei, sondern im Café", "user")),
    (Told("J'habite à Lyon avec ma sœur et mes deux chats", "user"), LATER),
    (STATE, Told("Vivo en Madrid con mi hermana desde hace dos años", "user")),
    (Told("私は大阪に住んでいます", "user"), LATER),
    (STATE, Told("Я живу в Москве с сестрой", "user")),
    (STATE, Told("أعيش في القاهرة", "user")),
    (Told("Ann works at Acme", "user"), Told("Bo quit Acme", "bo")),
    (Told("Bo lives in Bath", "bo"), Told("Ann has a flat in Truro", "user")),
    (Told("Ann sees the dentist on 3 March 2026"), Told("Ann sees the dentist on 3 June 2026")),
    (Told("Ann has yoga on Monday at 5"), Told("Ann has yoga on Thursday at 6")),
    (Told("Ann ran 10 km"), Told("Ann ran 12 km")),
    (Told("Ann works at Globex", "user"), Told("Ann no longer works at Acme", "user")),
    (Told("Ann uses Trello", "user"), Told("Ann quit Asana for good", "user")),
    (Told("Ann is thinking of a new kitchen", "user"), LATER),
    (Told("Ann is so proud of Bo", "user"), LATER),
    (Told("Ann and Bo are excited about the summer", "user"), LATER),
    (Told("Ann hopes to see Rome", "user"), Told("Ann bought a boat", "user")),
    (Told("Ann does not smoke any more", "user"), LATER),
    *(
        (Told(f"Ann {known}", "user"), Told(f"Ann {said}", "user"))
        for known, said in (
            ("likes jazz", "plays the cello."),
            ("drinks tea", "eats fish"),
            ("likes cheese", "works as a cook"),
            ("plays tennis", "plays the cello"),
            ("has a brother", "has a sister"),
            ("speaks German", "speaks French"),
            ("is a teacher", "lives in Rome"),
            ("plays the cello", "sings in a choir"),
            ("runs on Mondays", "swims on Fridays"),
            ("likes red wine", "likes beer"),
            ("is allergic to nuts", "is allergic to eggs"),
            ("likes tea", "likes coffee"),
            ("has a dog", "has a cat"),
            ("plays chess", "plays football"),
            ("reads novels", "watches films"),
            ("is vegetarian", "is left-handed"),
            ("owns a boat", "owns a van"),
            ("knows Python", "knows Rust"),
            ("wears glasses", "wears a hearing aid"),
            ("sings in the bath", "dances in the kitchen"),
        )
    ),
]

NAMES = [
    ("Ann's brother", "Ann's brother is called Tom"),
    ("Ann", "Ann's name is Ann Lee"),
    ("Ann's cat", "Ann's cat is called Biscuit"),
    ("Ann's boss", "Ann's boss is named Ms. Okoro"),
    ("the boat", "The boat is called Marietta"),
    ("Ann's aunt", "Ann's aunt's name is Ida"),
]
# Each of them tells no other name.
OF_THE_NAMED = [
    "{} drives a red Fiat now",
    "As of Monday {} works in Leeds",
    "{} sleeps in the shed these days",
    "{} was sold to a family in Hull",
]
OTHER_NAMES = [
    "Everybody calls {} Crumb now",
    "{} goes by Kit these days",
    "{} is now called Freya",
    "These days {} is known as Mo",
]


@pytest.mark.parametrize(("named", "name"), NAMES)
@pytest.mark.parametrize("said", OF_THE_NAMED)
def test_what_is_told_of_the_named_changes_no_name(named: str, name: str, said: str):
    assert not may_be_judged(Told(said.format(named), "user"), Told(name, "user"), ANN)


@pytest.mark.parametrize(("named", "name"), NAMES)
@pytest.mark.parametrize("said", OTHER_NAMES)
def test_another_name_may_change_one(named: str, name: str, said: str):
    assert may_be_judged(Told(said.format(named), "user"), Told(name, "user"), ANN)


@pytest.mark.parametrize(("earlier", "later"), JUDGED)
def test_what_may_have_ended_is_judged(earlier: Told, later: Told):
    assert may_be_judged(later, earlier, ANN)


@pytest.mark.parametrize(("earlier", "later"), NOT_JUDGED)
def test_what_is_over_already_or_not_english_is_not_judged(earlier: Told, later: Told):
    assert not may_be_judged(later, earlier, ANN)


@pytest.mark.parametrize(
    ("chance", "expected"),
    [
        (0.0, None),
        (DOUBTFUL - 0.001, None),
        (DOUBTFUL, Finding.DOUBTFUL),
        (SURE - 0.001, Finding.DOUBTFUL),
        (SURE, Finding.CHANGED),
        (1.0, Finding.CHANGED),
        (float("nan"), None),
    ],
)
def test_how_likely_a_change_is_decides_on_it(chance: float, expected: Finding | None):
    found = read_estimate(LATER, STATE, chance)
    assert (found.finding if found else None) == expected


def test_of_a_short_statement_about_other_things_the_estimate_must_be_surer():
    zeus, home = Told("Ann moved to Project Zeus", "user"), Told("Ann lives in Bath", "user")
    golf, scrapped = Told("Ann drives a Golf", "user"), Told("The Golf was scrapped")
    for later, earlier, chance, expected in (
        (zeus, home, SURE, Finding.DOUBTFUL),
        (zeus, home, SURE_OF_SHORT, Finding.CHANGED),
        (scrapped, golf, SURE, Finding.CHANGED),
    ):
        found = read_estimate(later, earlier, chance, ANN)
        assert found is not None
        assert found.finding is expected


@pytest.mark.parametrize(
    ("later", "earlier", "expected"),
    [
        (LATER, STATE, ChangeKind.REPLACE),
        (Told("Ann was laid off at the bakery"), STATE, ChangeKind.END),
        (Told("Ann gave up baking"), STATE, ChangeKind.END),
        (Told("Correction: Ann is a butcher, I misspoke"), STATE, ChangeKind.CORRECT),
        (Told("Ann came back from Turin with a medal"), PLAN, ChangeKind.CONFIRM),
        (Told("Ann called the Turin trip off"), PLAN, ChangeKind.CANCEL),
        (Told("Ann is going to run in Rome on 9 May 2026", lies_ahead=True), PLAN, ChangeKind.REPLACE),
    ],
)
def test_what_kind_of_change_it_is(later: Told, earlier: Told, expected: ChangeKind):
    found = read_estimate(later, earlier, 1.0)
    assert found is not None
    assert found.kind is expected


@pytest.mark.parametrize(
    ("one", "other", "cosine", "expected"),
    [
        ("Ann drives a Golf", "The Golf was scrapped", 0.5, 0.6),
        ("Ann drives a Golf", "Ann cycles", 0.4, 0.4),
        ("Ann drives a red Golf to Bergen", "The red Golf stayed in Bergen", 0.0, 0.3),
        ("Ann drives a red Golf to Bergen on ferries", "The red Golf took ferries to Bergen", 0.1, 0.4),
        ("Ann", "Ann", 0.0, 0.0),
        ("", "", 0.0, 0.0),
    ],
)
def test_closeness_counts_the_words_of_things_that_are_shared(
    one: str, other: str, cosine: float, expected: float
):
    near = measure_closeness(Told(one), Told(other), cosine, frozenset(["ann"]))
    assert near == pytest.approx(expected)


def test_shared_words_add_no_more_than_their_bound():
    words = " ".join(f"thing{number}" for number in range(40))
    for cosine in (-0.1, 0.0, 0.0999999, 0.1, 0.33, 0.9):
        assert measure_closeness(Told(words), Told(words), cosine, frozenset()) == cosine + MOST_OF_WORDS
