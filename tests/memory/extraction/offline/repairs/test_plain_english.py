"""Short forms, dropped beginnings and labels are written out before a text is parsed."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.core.vocabulary import Role
from app.memory.extraction.offline.extractor import extract_facts
from app.memory.extraction.offline.repairs.plain_english import write_out
from app.memory.text.analysis_text import analyse_original
from app.memory.types import Fact, Turn
from tests.parsing import PARSER

TUESDAY = datetime(2026, 3, 17, 18, 20, tzinfo=UTC)


def facts(text: str) -> list[Fact]:
    return extract_facts([Turn(UUID(int=1), "u", "s", 1, Role.USER, text, TUESDAY)], PARSER)


def contents(text: str) -> list[str]:
    return [fact.content for fact in facts(text)]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Handed the keys back to the landlord tonight.", "The user handed the keys back"),
        ("Been on metformin 850 since January.", "The user has been on metformin 850"),
        ("Can't stand marzipan.", "The user cannot stand marzipan"),
        ("Won't be flying with Ryanair ever again.", "The user will not be flying with Ryanair"),
        ("Didn't get the job at the museum.", "The user did not get the job at the museum"),
        ("Haven't touched alcohol since 2018.", "The user has not touched alcohol since 2018"),
        ("Couldn't sleep, 3 nights in a row.", "The user could not sleep, 3 nights"),
        ("Don't eat pork, by the way.", "The user does not eat pork"),
        ("Not eating gluten at the moment.", "The user is not eating gluten"),
        ("Allergic to latex, by the way.", "The user is allergic to latex"),
        ("Afraid of heights since forever.", "The user is afraid of heights"),
        ("Married to Ingrid since 2011.", "The user is married to Ingrid since 2011"),
        ("Originally from Cork.", "The user is originally from Cork"),
        ("Back in Aarhus since Friday.", "The user is back in Aarhus"),
        ("Off to Lisbon on Thursday.", "The user is off to Lisbon on 19 March 2026"),
        ("Had my gallbladder taken out in 2019.", "The user had the user's gallbladder taken out in 2019"),
        ("Diagnosed with asthma at six.", "The user was diagnosed with asthma at six"),
        ("Laid off at the shipyard last week.", "The user was laid off at the shipyard"),
        ("Quit smoking in May.", "The user quit smoking in May 2025"),
        ("Give me tea over coffee any day.", "The user prefers tea over coffee"),
        ("There's eight of us in the bakery.", "The user and others are eight in the bakery"),
        ("There are five of us at home.", "The user and others are five at home"),
        ("There's only two of us left in the band.", "The user and others are only two left in the band"),
        ("Still at Halden.", "The user is still at Halden"),
        ("Newly single!", "The user is newly single"),
        ("Nothing beats my daily swim.", "For the user nothing beats the user's daily swim"),
        ("I'm into falconry these days.", "The user is into falconry"),
        ("Sprained my wrist at bouldering yesterday.", "The user sprained the user's wrist"),
        ("I just wanted to let you know that my rent is 900 euros.", "The user's rent is 900 euros"),
        ("By the way, I just remembered I own a kayak.", "The user owns a kayak"),
    ],
)
def test_a_dropped_beginning_is_given_back(said: str, told: str):
    assert any(content.startswith(told) for content in contents(said)), contents(said)


@pytest.mark.parametrize(
    "text",
    [
        "Can't you shorten it?",
        "Don't forget the title.",
        "Don't worry about it.",
        "Didn't work.",
        "Won't open on my laptop?",
        "Back in the day people wrote letters.",
        "Had they known, they would have left.",
        "Not knowing is the worst.",
        "Give me three names for a boat.",
        "Happy for you!",
        "Proud of you!",
        "Want to hear a joke?",
    ],
)
def test_orders_and_what_is_said_of_others_get_no_speaker(text: str):
    assert contents(text) == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("im allergic to shrimp", "The user is allergic to shrimp"),
        ("i dont drink alcohol", "The user does not drink alcohol"),
        ("dont like olives tbh", "The user does not like olives"),
        ("cant eat nuts", "The user cannot eat nuts"),
        ("ive got 3 cats", "The user has got 3 cats"),
        ("ill be in Oslo next week", "The user will be in Oslo in the week of 23 March 2026"),
        ("id rather cycle than drive", "The user would rather cycle than drive"),
        ("its my bday on nov 3", "It is the user's birthday on 3 November 2026"),
        ("its my daughters 5th bday on sunday", "It is the user's daughter's 5th birthday"),
        ("My hubby works @ the port", "The user's husband works at the port"),
        ("my gf is from Lyon", "The user's girlfriend is from Lyon"),
        ("my bf is named Tomas", "The user's boyfriend is named Tomas"),
        ("wanna buy a flat in Cork", "The user wants to buy a flat in Cork"),
        ("my brothers name is Ali", "The user's brother's name is Ali"),
        ("My birthday's on 4 July.", "The user's birthday is on 4 July"),
        ("My father's from Ghana.", "The user's father is from Ghana"),
        ("i moved bc of the noise in Ghent", "The user moved because of the noise in Ghent"),
        ("hi there, priya here", "The user's name is Priya"),
        ("My puppy answers to Waffles.", "The user's puppy is called Waffles"),
        ("my customer no. is 80221", "The user's customer number is 80221"),
        ("We have twins, imagine that!", "The user and others have twins"),
        ("My drink is a negroni - always has been.", "The user's drink is a negroni"),
        ("My phone is a Nokia, believe it or not.", "The user's phone is a Nokia"),
    ],
)
def test_a_short_form_is_written_out(said: str, told: str):
    assert any(content.startswith(told) for content in contents(said)), contents(said)


@pytest.mark.parametrize(
    "text",
    [
        "Im Sommer wohne ich am See.",
        "La maison dont je parle est vide.",
        "Wilt u koffie of thee?",
        "Its roof leaks in winter.",
        "I showed my ID at the gate.",
        "He is in ill health.",
        "We stayed at my sister's in Rome.",
        "The boss's office is cold.",
        "Solve u = 3 for me.",
        "I said no. It was late.",
        "The Roman villa dates to 50 BC and more.",
    ],
)
def test_words_that_only_look_like_short_forms_stay(text: str):
    assert write_out(analyse_original(text)).text == analyse_original(text).text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("* married to Ingrid\n* work: electrician\n* home: Bruges", ["Ingrid", "electrician", "Bruges"]),
        ("Membership no. at the library: 55910", ["membership number at the library is 55910"]),
        ("Customer number 80221 at the gas supplier.", ["customer number is 80221"]),
        (
            "My flatmates: Anouk studies law, Piet studies maths.",
            ["flatmate Anouk is studying law", "Piet is studying maths"],
        ),
        ("My dogs: Bella is a beagle, Rex is a poodle.", ["Bella, who is a beagle", "Rex, who is a poodle"]),
        ("My kids: Ada (7) and Max (4)", ["kids are Ada (7) and Max (4)"]),
        ("Allergies: penicillin, cashews", ["allergies are penicillin, cashews"]),
        ("Blood type: 0 negative", ["blood type is 0 negative"]),
        ("Shoe size: 44", ["shoe size is 44"]),
        ("Locker code: 7731", ["locker code is 7731"]),
        ("Licence plate: KL-92-XZ", ["licence plate is KL-92-XZ"]),
        ("Wi-Fi password at home: gooseberry77", ["Wi-Fi password at home is gooseberry77"]),
        ("Profession: welder\nHobbies: curling, chess\nDiet: vegan", ["welder", "curling", "vegan"]),
        (
            "Emergency contact: my brother Luis, 0171 555 020",
            ["emergency contact is the user's brother Luis"],
        ),
        ("Favourite team: Udinese", ["favourite team is Udinese"]),
        ("Landlord: Mr Petrov", ["landlord is Mr Petrov"]),
        ("Diet: no pork", ["diet is no pork"]),
        ("- allergies: eggs\n- two cats\n- lives in Ghent", ["eggs", "has two cats", "lives in Ghent"]),
        ("About me:\nvegetarian\nhobby: curling", ["vegetarian", "curling"]),
        ("My gym membership number: 4410", ["gym membership number is 4410"]),
    ],
)
def test_labels_of_ones_own_are_told(said: str, told: list[str]):
    found = "; ".join(contents(said))
    assert all(words in found for words in told), found


@pytest.mark.parametrize(
    "text",
    [
        "Title: The lighthouse\nAuthor: R. Moss",
        "Name: Elda\nAge: 300\nJob: wizard",
        "Mum: I'm at the station with Grandpa.",
        "Step 1: boil the eggs\nStep 2: peel them",
        "Translate this:\nDiet: no pork",
        "Subject: invoice\nDate: 3 May",
        "Ingredients: flour, eggs",
        "Write a form with these fields:\nAge: number\nCity: text",
    ],
)
def test_labels_of_other_things_are_no_facts(text: str):
    assert contents(text) == []


def test_a_quote_is_what_was_written():
    (fact,) = facts("cant eat nuts")
    assert fact.quote == "cant eat nuts"
    (label,) = facts("Shoe size: 44")
    assert label.quote == "Shoe size: 44"
