"""What is worth knowing later, and what is not."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.core.vocabulary import Role
from app.memory.extraction.offline.extractor import extract_facts
from app.memory.types import Turn
from tests.parsing import PARSER

MONDAY = datetime(2026, 5, 4, 10, tzinfo=UTC)
# The share that a model may judge wrongly where it does not know what was said before.
WRONG = 0.2


def contents(text: str, name: str | None = None, answer: str | None = None) -> list[str]:
    turns = [Turn(UUID(int=1), "u", "s", 1, Role.USER, text, MONDAY, name)]
    if answer is not None:
        turns.append(Turn(UUID(int=2), "u", "s", 2, Role.USER, answer, MONDAY, "Ben"))
    return [fact.content for fact in extract_facts(turns, PARSER) if fact.turn_id == UUID(int=1)]


TRIVIA = [
    "I just woke up.",
    "I'm bored.",
    "I slept badly.",
    "Be right back.",
    "Good morning!",
    "I'm so tired today.",
    "I'm hungry.",
    "Running late, sorry.",
    "I'm on my way home.",
    "I'm so happy for you!",
    "Thanks for your support.",
    "Sounds great.",
    "I agree with you.",
    "I'll try it.",
    "I'm going to check it out.",
    "I'll let you know.",
    "I'll think about it.",
    "Let me know how it goes.",
    "Family is important.",
    "Exercise is good for you.",
    "Can you help me with my essay?",
    "Please write a poem about autumn.",
    "I need help with my taxes.",
    "Give me three ideas for dinner.",
    "I want to know how photosynthesis works.",
    "I'm looking for a good recipe.",
    "Haha, that's funny.",
    "Wow, that looks delicious!",
    "I can't believe it!",
    "I see what you mean.",
    "It was so much fun.",
    "That means a lot to me.",
    "You're so kind.",
    "No worries at all.",
    "I have a question.",
    "I don't know.",
    "I'm not sure about that.",
    "I'm fine, thanks.",
    "I had coffee.",
    "I'm back.",
    "I love it!",
    "Makes sense.",
    "I tried that already.",
    "That didn't work.",
    "I got an error message.",
    "I'm working on it.",
    "Never mind, I figured it out.",
    "I ran it again.",
    "Nice to hear from you.",
    "Just my two cents.",
]


def test_trivia_pleasantries_and_requests_are_not_kept():
    wrong = [text for text in TRIVIA if contents(text) != []]
    assert len(wrong) <= len(TRIVIA) * WRONG, wrong


@pytest.mark.parametrize(
    "text",
    [
        "That's awesome, Ben!",
        "I'm so proud of you!",
        "Congrats, Ben!",
        "You're such a good friend.",
        "Let's catch up soon!",
        "Take care, Ben!",
        "I totally agree.",
        "You should be proud.",
        "Your painting is amazing!",
        "I'm glad you liked it.",
        "I hope it goes well.",
        "Wow, sounds like fun!",
        "Keep me posted!",
        "You got this!",
        "Friendship is so important.",
        "Thanks, Ben, that's sweet.",
        "I can't wait to hear about it.",
        "Same here!",
        "I know what you mean.",
        "Talk to you later!",
        "[shares image: a photo of a cat]",
    ],
)
def test_reactions_in_talk_are_not_kept(text: str):
    assert contents(text, "Ann", "My kids love the park.") == []


OF_A_LIFE = [
    ("I have asthma.", "asthma"),
    ("I'm vegan.", "vegan"),
    ("I can't have walnuts.", "walnuts"),
    ("I don't drink.", "drink"),
    ("I have a parrot.", "parrot"),
    ("I keep bees.", "bees"),
    ("I drive a tram for a living.", "tram"),
    ("My shoe size is 43.", "43"),
    ("My locker code is 2846.", "2846"),
    ("My licence plate is OX-LM 4072.", "OX-LM 4072"),
    ("I jog every morning.", "morning"),
    ("On Sundays we visit my grandmother.", "Sundays"),
    ("I usually work nights.", "nights"),
    ("My tortoise eats only dandelions.", "dandelions"),
    ("Mr. Kaya upstairs plays the oud.", "oud"),
    ("My boss hates long emails.", "emails"),
    ("I'm looking for a flat in Leeds.", "Leeds"),
    ("I'm afraid of spiders.", "spiders"),
    ("I lost my job.", "job"),
    ("My father died.", "died"),
    ("I'm pregnant.", "pregnant"),
    ("I broke up with Tom.", "Tom"),
    ("I'm learning to weld.", "weld"),
    ("I've got no allergies.", "allergies"),
    ("My flight leaves at 6:40 tomorrow.", "6:40"),
    ("I want to run a marathon in Athens.", "Athens"),
    ("Penicillin gives me a rash.", "rash"),
    ("The spare key hangs in the shed.", "shed"),
    ("My rent is 900 euros.", "900"),
    ("I was promoted to head of logistics.", "logistics"),
]


def test_what_tells_of_a_life_is_kept():
    wrong = [text for text, words in OF_A_LIFE if [words in told for told in contents(text)] != [True]]
    assert len(wrong) <= len(OF_A_LIFE) * WRONG, wrong


def test_a_comment_is_kept_only_with_what_it_is_about():
    assert contents("It was amazing!", "Ann", "Wow.") == []
    assert contents("We hiked to the Matterhorn hut. It was amazing!", "Ann", "Wow.") == [
        "Ann and others hiked to the Matterhorn hut; it was amazing"
    ]


OF_ANYBODY = [
    "Pets bring so much joy.",
    "Taking breaks is important.",
    "Being near the sea helps.",
    "Dreams give us strength.",
    "Kindness matters.",
    "Our stories can inspire others.",
    "Everyone has their own path.",
    "Challenges help us grow.",
    "Most people just want to be heard.",
    "I think it's important to stay positive.",
    "It's amazing how music connects people.",
    "It's great to see people helping each other.",
    "It's hard to let go.",
    "Keep chasing your dreams.",
    "Never give up on your goals.",
    "Take comfort in your friends.",
    "Great catching up with you!",
    "Awesome hearing from you!",
    "Here's a picture of my garden.",
    "Check out this photo of my bike!",
    "Here's to many more years!",
    "I'm crossing my fingers for you.",
    "Sending you the recipe now.",
    "Inspiring!",
    "I love the colours!",
    "I love how you painted that sky.",
    "I really like that idea.",
    "I can't wait to get going.",
    "Our hopes give us strength.",
    "Success drives our passion.",
    "It's amazing how kids bring joy.",
]


def test_what_holds_for_anybody_or_only_now_is_not_kept_in_talk():
    wrong = [text for text in OF_ANYBODY if contents(text, "Ann", "Wow.") != []]
    assert len(wrong) <= len(OF_ANYBODY) * WRONG, wrong


PASSING_THOUGHTS = [
    "I think I'll start with the second book.",
    "I'll definitely check out those trails.",
    "I'm curious about the ending of that novel.",
    "I'm not sure how many chairs should be in the hall.",
    "I'm ready to explore the caves.",
    "I'm interested in learning more about bees.",
    "I was thinking about the lamp in the hall.",
    "I want to make sure the frame is level.",
    "I didn't realize there were so many kinds of moss.",
    "I appreciate the thorough comparison of tents.",
    "It's good to know that hotels keep spare keys.",
    "I think it's crucial to fund public libraries.",
    "Many people come here and work at Acme.",
    "I can't remember that name.",
]


def test_passing_thoughts_to_an_assistant_are_not_kept():
    wrong = [text for text in PASSING_THOUGHTS if contents(text) != []]
    assert len(wrong) <= len(PASSING_THOUGHTS) * WRONG, wrong


@pytest.mark.parametrize(
    ("said", "left_out"),
    [
        ("Mine always dies on me.", "dies"),
        ("Any tips for ferns? Mine wilts every March.", "wilts"),
        ("Ours broke down near Kassel.", "broke"),
        ("Hers is bigger than the one in Kassel.", "bigger"),
        ("Theirs costs 40 euros.", "costs"),
        ("Yours came from Kassel.", "came"),
        ("The whole team at Borel was let go, me included.", "included"),
        ("Everybody at Borel got the flu, us included.", "included"),
        ("The Lunds sold all their goats, him excepted.", "excepted"),
    ],
)
def test_what_leans_on_another_clause_is_not_kept_alone(said: str, left_out: str):
    told = [content for content in contents(said, name="Ann") if "let go" not in content]
    assert not [content for content in told if left_out in content]
