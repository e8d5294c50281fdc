"""A statement told in passing to an assistant stays, without the clause that turns to the assistant."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.core.vocabulary import Role
from app.memory.extraction.offline.extractor import extract_facts
from app.memory.types import Turn
from tests.parsing import PARSER

FRIDAY = datetime(2026, 7, 10, 9, tzinfo=UTC)


def contents(*said: tuple[str | None, str]) -> list[str]:
    turns = [
        Turn(UUID(int=number), "u", "s", number, Role.USER, text, FRIDAY, name=name)
        for number, (name, text) in enumerate(said, 1)
    ]
    return [fact.content for fact in extract_facts(turns, PARSER)]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "I moved to Rome last month, so you can imagine how busy it was.",
            "The user moved to Rome in June 2026",
        ),
        ("I moved to Rome last month, as you know.", "The user moved to Rome in June 2026"),
        ("I have two dogs, you should see them.", "The user has two dogs"),
        ("I bought a Volvo, you know, the old boxy kind.", "The user bought a Volvo"),
        ("I'm vegan so you'd better leave out the eggs.", "The user is vegan"),
        ("I play the tuba so can you find me a quiet mute", "The user plays the tuba"),
        ("My mum is coeliac, so whatever you suggest has to be gluten free.", "The user's mum is coeliac"),
        ("I've got three kids, which you can probably tell.", "The user has got three kids"),
        ("I live in Leeds, you know that.", "The user lives in Leeds"),
        ("I'm a nurse at St Olaf's, you could say I'm used to blood.", "The user is a nurse at St Olaf's"),
        ("I'm allergic to cats so your plan won't work.", "The user is allergic to cats"),
        ("I have a Canon R6 and you said it takes big cards.", "The user has a Canon R6"),
        (
            "My daughter starts school in September, so I hope you can help me with a plan.",
            "The user's daughter starts school in September 2026",
        ),
        ("I'm a teacher in Cork and I need you to write a letter.", "The user is a teacher in Cork"),
        (
            "We're a family of five, so make sure you give amounts for five.",
            "The user and others are a family of five",
        ),
        ("I quit smoking in March, and as you can guess I'm grumpy.", "The user quit smoking in March 2026"),
        (
            "I can't do Mondays because I teach then, you see.",
            "The user cannot do Mondays because the user teaches then",
        ),
        ("Solveig was born in Molde, not where I told you.", "Solveig was born in Molde"),
        ("I left Acme in May, as I mentioned to you.", "The user left Acme in May 2026"),
        ("My rent is 900, not what I told you before.", "The user's rent is 900"),
        ("I quit Acme like I said to you last week.", "The user quit Acme"),
        ("I bought the bike you recommended.", "The user bought the bike"),
        ("Since you asked, I was born in Lima.", "The user was born in Lima"),
        ("If you must know, I work for Roche.", "The user works for Roche"),
        (
            "Thanks to you, I passed my driving test on Monday.",
            "The user passed the user's driving test on 6 July 2026",
        ),
        ("You won't believe it, I got the job at Roche.", "The user got the job at Roche"),
        (
            "Elias plays the cello and Jonah the drums, so you'll understand I type this from the shed.",
            "Jonah plays the drums",
        ),
    ],
)
def test_what_turns_to_the_assistant_is_cut_off(said: str, told: str) -> None:
    found = contents((None, said))
    assert told in found
    assert not any(" you" in content for content in found)


@pytest.mark.parametrize(
    "said",
    [
        "I love how you put that.",
        "I did as you said.",
        "I told Ben what you suggested.",
        "I tried the one that you gave me.",
        "I'd like you to call Ben.",
        "I think you are right, and you know it.",
        "I asked because you know more than I do.",
        "You can always add more, but it's harder to remove excess juice.",
        "I wonder if you could help me, since you know so much.",
        "I hope you had a good weekend, you deserve it.",
        "I appreciate that, you are very kind.",
        "I can't thank you enough, you saved me.",
        "You're welcome, and your answer was good.",
        "I want you to act as a Linux terminal.",
        "I need you to translate this, so you should read it first.",
        "If you like cats, dogs or birds, you will like it.",
        "I'd go if you came.",
        "I see what you mean, and you see what I mean.",
        "I like your idea, so your plan it is.",
        "You told me, so I know.",
    ],
)
def test_what_is_said_to_the_assistant_is_no_memory(said: str) -> None:
    assert contents((None, said)) == []


def test_in_a_talk_of_two_the_listener_is_named_and_nothing_is_cut() -> None:
    found = contents(("Ann", "I moved to Rome last month, so you can visit us in May."), ("Ben", "Great!"))
    assert any("Rome" in content and "Ben" in content for content in found)
