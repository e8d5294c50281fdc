"""A greeting or a salutation is no part of what is told behind it."""

import pytest

from tests.memory.extraction.offline.grammar.test_asking import contents

GREETED = [
    ("hello im 34 and live in Ghent", ["Ann is 34", "Ann lives in Ghent"]),
    ("hello, im 34 and live in Ghent", ["Ann is 34", "Ann lives in Ghent"]),
    ("hello I'm 34 and live in Ghent", ["Ann is 34", "Ann lives in Ghent"]),
    ("hi im 34", ["Ann is 34"]),
    ("hey, i'm 16, in Lagos", ["Ann is 16, in Lagos"]),
    ("hi there, i am 9", ["Ann is 9"]),
    ("Hey. I'm 70 and retired", ["Ann is 70", "Ann retired"]),
    ("yo, I'm 22 and broke", ["Ann is 22 and broke"]),
    ("sup, i work nights", ["Ann works nights"]),
    ("Hello there! I live in Ghent.", ["Ann lives in Ghent"]),
    ("hey guys, I work at Acme", ["Ann works at Acme"]),
    ("hi everyone, I have two dogs", ["Ann has two dogs"]),
    ("hey you, I moved to Leeds", ["Ann moved to Leeds"]),
    ("Good evening all, I teach Latin in Hull.", ["Ann teaches Latin in Hull"]),
    ("Hey hey hey, my dog died in May.", ["Ann's dog died in May 2026"]),
    ("Hi Bo, I sold the Golf in May.", ["Ann sold the Golf in May 2026"]),
    ("hiiii im Kit and i live in Hull", ["Ann's name is Kit", "Ann lives in Hull"]),
    ("hello, this is Kit", ["Ann's name is Kit"]),
    ("Greetings, I am a baker in Ulm", ["Ann is a baker in Ulm"]),
    ("howdy im a rancher near Waco", ["Ann is a rancher near Waco"]),
    ("hi all, moved to Hull last week", ["Ann moved to Hull in the week of 29 June 2026"]),
    ("hello everyone: back in Oslo now", ["Ann is back in Oslo now"]),
    ("hi everyone, priya here", ["Ann's name is Priya"]),
    ("hello again, my rent is 900 euros", ["Ann's rent is 900 euros"]),
    ("Hi all my friends live in Hull", ["All Ann's friends live in Hull"]),
    ("hi, I'm 3 weeks pregnant", ["Ann is 3 weeks pregnant"]),
    ("hey im 1.80 m tall", ["Ann is 1.80 m tall"]),
    ("Hey there Delilah is my favourite song.", []),
]


@pytest.mark.parametrize(("said", "told"), GREETED)
def test_a_greeting_is_no_part_of_what_is_told(said: str, told: list[str]):
    assert contents(said) == told


@pytest.mark.parametrize(
    "salutation",
    [
        "Dear Assistant,",
        "Dear friend in the machine,",
        "dear computer:",
        "Dear clever robot,",
        "Dear AI,",
        "Dear bot,",
        "Dear all-knowing oracle -",
        "Dear ChatGPT!",
        "Dear helper,",
        "dear kind assistant,",
        "Dear ghost in the box,",
        "Dear computer brain,",
        "Dear Claude,",
        "Dear language model,",
        "Dear chat,",
        "Dear digital assistant,",
        "Dear Gemini,",
        "Dear Siri",
        "Dear whoever answers,",
        "Dear assistant,\n",
        "Dear diary,",
        "Dear journal:",
    ],
)
def test_a_letter_to_the_assistant_or_a_diary_is_its_writers_word(salutation: str):
    said = f"{salutation} I am a widow and live in a yellow house on Gotland. How do I keep cardamom fresh?"
    assert contents(said) == ["Ann is a widow and lives in a yellow house on Gotland"]


@pytest.mark.parametrize(
    "salutation",
    [
        "Dear Mr Smith,",
        "Dear Ann,",
        "Dear Sir or Madam,",
        "Dear customer,",
        "Dear machinists of Hull,",
        "Dear Assistant Manager,",
        "Dear team,",
        "Dear Robot Wars Ltd,",
        "Dear Oracle support,",
        "Dear Claude Monet,",
        "Dear Model Railway Club,",
    ],
)
def test_a_letter_to_others_is_not(salutation: str):
    assert not contents(
        f"{salutation}\nI am a widow and live in a yellow house on Gotland.\nYours, Edith Lund"
    )
