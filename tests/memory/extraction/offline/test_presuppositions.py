"""What a question or a wish takes for granted is told, and what it asks for is not."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.core.vocabulary import Role
from app.memory.extraction.offline.extractor import extract_facts
from app.memory.extraction.offline.presuppositions import MAX_PRESUPPOSED
from app.memory.types import Fact, Turn
from tests.parsing import PARSER

FRIDAY = datetime(2026, 7, 10, 9, tzinfo=UTC)


def facts(text: str) -> list[Fact]:
    return extract_facts([Turn(UUID(int=1), "u", "s", 1, Role.USER, text, FRIDAY)], PARSER)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("I'm wondering if I can take my dog Rex, who is 14 and blind, on the ferry.", "Rex is 14 and blind"),
        ("Do you know if the shop where I bought my Trek bike in May does repairs?", "Trek bike in May 2026"),
        (
            "Can you suggest a gift for my sister Eva, who turns 30 on 5 August?",
            "Eva turns 30 on 5 August 2026",
        ),
        ("Can you suggest a gift for my sister Eva?", "The user's sister is called Eva"),
        ("I'd like some tips for my interview at Roche on Friday.", "interview is at Roche on 17 July 2026"),
        (
            "Any idea what I could do with the 12 kilos of plums that my uncle in Graz sent?",
            "The user's uncle in Graz sent the 12 kilos of plums",
        ),
        (
            "What should I wear to my cousin's wedding in Split on 3 October?",
            "wedding is in Split on 3 October 2026",
        ),
        (
            "Please find me a quiet mute for the tuba that I bought in May.",
            "The user bought the tuba in May 2026",
        ),
        ("Can you skip the eggs because I'm vegan?", "The user is vegan"),
        ("How do I register now that I've moved to Rome?", "The user has moved to Rome"),
        ("What can I cook since my husband can't eat gluten?", "The user's husband cannot eat gluten"),
        (
            "Could you help my brother Jim, who lost his job at Nokia, write a CV?",
            "Jim lost his job at Nokia",
        ),
        (
            "Is it normal that my cat Momo, whom we adopted last week, hides all day?",
            "adopted the user's cat Momo in the week of 29 June 2026",
        ),
        (
            "Help me plan a hen party for my best friend Lucia, who is getting married in October",
            "The user's best friend Lucia is getting married in October 2026",
        ),
        (
            "Which case fits the Canon R6 that I got from my uncle in March?",
            "got the Canon R6 from the user's uncle",
        ),
        (
            "Which gym can I find near the flat we moved into last month?",
            "The user and others moved into the flat in June 2026",
        ),
        (
            "Is there a way to tell my boss, who hates e-mail, that I'm quitting?",
            "The user's boss hates e-mail",
        ),
        (
            "How do I clean the grill my dad gave me for my birthday in June?",
            "The user's dad gave the user the grill",
        ),
        ("Can you write a poem about my dog Rex, who died in May?", "The user's dog Rex died in May 2026"),
        (
            "Where can I park the camper van that we bought for 14,000 euros?",
            "The user and others bought the camper van for 14,000 euros",
        ),
        (
            "Can you find a lawyer for the flat in Leeds that I bought in 2019?",
            "bought the flat in Leeds in 2019",
        ),
        (
            "I'm looking for a name for the kitten that we adopted yesterday.",
            "adopted the kitten on 9 July 2026",
        ),
        ("What suits my uncle in Graz, who turns 60 on 3 August?", "uncle in Graz turns 60 on 3 August 2026"),
    ],
)
def test_what_a_question_takes_for_granted_is_told(said: str, told: str) -> None:
    found = facts(said)
    assert any(told in fact.content for fact in found)
    assert all(fact.quote in said for fact in found)


@pytest.mark.parametrize(
    "said",
    [
        "What would you do if your sister, who lives in Oslo, never called?",
        "Can you name a film whose hero, who is blind, plays the piano?",
        "Any shop that I could walk to?",
        "As I said, can you make it shorter?",
        "What was the name of the recipe that you gave me?",
        "Which of the books that I listed should I read first?",
        "Is there a doctor who treats children in Leeds?",
        "Do you know a baker who works nights?",
        "Can you find me a flat which I would like?",
        "Who is the man that invented the zip?",
        "Can you tell me about Einstein, who was born in Ulm?",
        "What would happen to a dog that I never fed?",
        "Could I marry someone who hates my mother?",
        "Should I hire a plumber because the tap might drip?",
        "Is it a problem because you said so?",
        "What is the book that everyone reads?",
        "Do I need a visa that lasts a year?",
        "Would my sister, who would love it, need a ticket?",
        "How do I find the person who did this?",
        "What do people do now that AI writes everything?",
        "Will I be taxed as long as I live in Berlin?",
        "Would rent be lower as soon as I live in Berlin?",
        "Would it matter as far as I own a car?",
        "Is it because I have diabetes?",
        "Can you tell me whether my rash is because I am allergic to nuts?",
        "Why do they say that I owe tax because I live in Berlin?",
        "Do they think it's because I work at Nokia?",
        "Can you write an email saying I'm late because I have the flu?",
        "Please write an excuse that I missed class because I have the flu.",
        "Could you draft a letter in which I resign because I moved to Spain?",
        "Should I lie and say that I quit because I have cancer?",
        "Is it a myth that I can't donate blood because I am gay?",
        "Do people think I'm odd since I'm vegan?",
        "Could it be that I'm tired because I'm pregnant?",
    ],
)
def test_what_is_asked_about_is_not_told(said: str) -> None:
    assert facts(said) == []


def test_who_is_named_in_a_question_is_no_he_of_a_later_turn() -> None:
    said = (
        "Can you suggest a gift for my brother Tom? I bought a tent. I bought a stove. I sold my car."
        " My uncle Max is a cook. He has a dog. He plays chess.",
        "He lives in Rome.",
    )
    turns = [
        Turn(UUID(int=number), "u", "s", number, Role.USER, text, FRIDAY)
        for number, text in enumerate(said, 1)
    ]
    assert any(fact.content == "Max lives in Rome" for fact in extract_facts(turns, PARSER))


def test_the_name_of_a_thing_has_no_verb_of_the_question() -> None:
    contents = [fact.content for fact in facts("What tea suits my sister Eva, who moved to Oslo?")]
    assert contents == ["The user's sister is called Eva"]


def test_what_is_told_as_a_whole_is_not_told_twice() -> None:
    contents = [
        fact.content for fact in facts("My sister Eva, who turns 30 on 5 August, moved to Rome in May.")
    ]
    assert sum("30" in content for content in contents) == 1


def test_a_turn_of_questions_yields_a_bounded_number() -> None:
    many = " ".join(f"Can you help my sister Eva, who turned {age} in May?" for age in range(20, 80))
    assert 0 < len(facts(many)) <= 2 * MAX_PRESUPPOSED


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Why does the alarm on my new Pixel 9a go so quiet?", ["The user has a new Pixel 9a"]),
        ("how do i clean my new espresso machine, a Gaggia", ["The user has a new espresso machine"]),
        ("can my new dentist see my old x-rays", ["The user has a new dentist"]),
        ("Is my new job at Roche taxable in Basel?", ["The user has a new job at Roche"]),
        ("help me name my new puppy", ["The user has a new puppy"]),
        ("Where can I buy a sofa for my new flat in Leeds?", ["The user has a new flat in Leeds"]),
        ("Should I bring my new boots to Iceland?", ["The user has new boots"]),
        ("Does my new phone, the Fairphone 5, have NFC?", ["The user has a new phone"]),
        (
            "How do I connect my new Garmin Forerunner 255 to Strava?",
            ["The user has a new Garmin Forerunner 255"],
        ),
        ("How do I tell my new neighbours the wall is thin?", ["The user has new neighbours"]),
        (
            "Is my new boss Carla allowed to do that?",
            ["The user has a new boss", "The user's new boss is called Carla"],
        ),
        ("Should I get a new phone?", []),
        ("Could you check my new draft?", []),
        ("What wine goes with my new favourite dish?", []),
        ("My new year's resolution ideas please?", []),
        ("Is a new Pixel better than my old Nokia?", []),
        ("What is new in Leeds?", []),
        ("Can you give my new story a title?", []),
        ("Is her new car electric?", []),
        ("Where do new teachers in Leeds live?", []),
    ],
)
def test_what_is_new_to_the_speaker_is_theirs(said: str, told: list[str]) -> None:
    assert [fact.content for fact in facts(said)] == told
