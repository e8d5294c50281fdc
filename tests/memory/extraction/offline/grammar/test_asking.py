"""What is asked in the same breath as a statement is cut off, with or without a mark between them."""

from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

import pytest

from app.core.vocabulary import Role
from app.memory.extraction.offline.extractor import extract_facts
from app.memory.extraction.offline.grammar.asking import find_stated
from app.memory.extraction.offline.grammar.sentence_tree import SentenceTree
from app.memory.types import Turn
from tests.parsing import PARSER

FRIDAY = datetime(2026, 7, 10, 9, tzinfo=UTC)


def contents(text: str) -> list[str]:
    return [
        fact.content
        for fact in extract_facts(
            [Turn(UUID(int=1), "u", "s", 1, Role.USER, text, FRIDAY, name="Ann")], PARSER
        )
    ]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("give me 5 dinners, im strictly vegan", "Ann is strictly vegan"),
        ("make me a plan, i have a driveway hoop and a jump rope", "Ann has a driveway hoop and a jump rope"),
        ("recommend me a dentist, I moved to Leeds in May", "Ann moved to Leeds in May 2026"),
        (
            "explain photosynthesis, I have a biology test on Friday",
            "Ann has a biology test on 17 July 2026",
        ),
        (
            "whats a good excuse for being late, i scoop ice cream at Dairy Hut",
            "Ann scoops ice cream at Dairy Hut",
        ),
        ("how do I get hair off a sofa, I have two dogs", "Ann has two dogs"),
        (
            "need a marinade for salmon, i've been eating fish since June",
            "Ann has been eating fish since June 2026",
        ),
        ("my phone is a Galaxy A14, what can i delete", "Ann's phone is a Galaxy A14"),
        ("I have two dogs, how do I get hair off a sofa", "Ann has two dogs"),
        ("I live in Leeds, where do i park near the station", "Ann lives in Leeds"),
        ("my sister Eva is a vet, what should I get her", "Ann's sister Eva is a vet"),
        (
            "I smoke a pack a day and drive nights, which toothpaste isn't a scam",
            "Ann smokes a pack a day and drives nights",
        ),
        ("Can't eat nuts, what's safe at a Thai place", "Ann cannot eat nuts"),
        ("I moved to Leeds in May, recommend me a dentist", "Ann moved to Leeds in May 2026"),
        ("im vegan, no exceptions, gimme a week of dinners i can cook", "Ann is vegan, no exceptions"),
        ("I work at Acme - please write a short bio", "Ann works at Acme"),
        ("I'm allergic to nuts, any ideas for a birthday cake", "Ann is allergic to nuts"),
        (
            "i'm up in the tall chair at the pool all summer 😎 how do i not burn",
            "Ann is up in the tall chair at the pool all summer",
        ),
        ("we bought a house 🏡 any tips for moving", "Ann and others bought a house"),
        ("got two cats 😻 please help me name them", "Ann got two cats"),
        ("I'm vegan, give me 5 dinners, I have one pot", "Ann is vegan"),
        ("I'm vegan, give me 5 dinners, I have one pot", "Ann has one pot"),
        (
            "my phone is a Galaxy, what can i delete, I have 2000 photos",
            "Ann's phone is a Galaxy; Ann has 2000 photos",
        ),
        (
            "I smoke a pack a day. Which whitening toothpaste isn't a scam",
            "Ann smokes a pack a day",
        ),
    ],
)
def test_the_statement_stays_alone(said: str, told: str):
    assert told in contents(said)
    assert not any(
        word in memory.lower() for memory in contents(said) for word in ("how", "what", "give", "ideas")
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "I work at Acme, which is why I moved to Leeds",
            "Ann works at Acme, which is why Ann moved to Leeds",
        ),
        ("I know how to swim, my sister taught me", "Ann knows how to swim, Ann's sister taught Ann"),
        ("We eat what we grow, mostly leeks", "Ann and others eat what they grow, mostly leeks"),
        ("I help my dad, he has a farm in Wales", "Ann helps Ann's dad, he has a farm in Wales"),
        (
            "My brother Arthur, who is ninety-three, lives in Ludlow",
            "Ann's brother Arthur, who is ninety-three, lives in Ludlow",
        ),
        (
            "I like people who are honest, and I hate gossip",
            "Ann likes people who are honest, and Ann hates gossip",
        ),
        (
            "Need to lose 5 kilos before my wedding in June",
            "Ann needs to lose 5 kilos before Ann's wedding in June 2027",
        ),
        ("Want to move to Spain next year", "Ann wants to move to Spain in 2027"),
        (
            "I sing alto and keep the accounts for the choir",
            "Ann sings alto and keeps the accounts for the choir",
        ),
        ("I play capoeira and teach it in Warsaw", "Ann plays capoeira and teaches it in Warsaw"),
        ("I am 66 and keep the roses at the park", "Ann is 66 and keeps the roses at the park"),
        (
            "My wife and I write songs and translate poems in Kent",
            "Ann's wife and Ann write songs and translate poems in Kent",
        ),
        (
            "We run a bar in Cork and recommend wines to hotels",
            "Ann and others run a bar in Cork and recommend wines to hotels",
        ),
        ("My new address is 4 Mill Lane, if you'd put it on a label", "Ann's new address is 4 Mill Lane"),
        ("hey, i'm 16, in Lagos", "Ann is 16, in Lagos"),
    ],
)
def test_what_only_looks_like_a_question_or_an_order_stays(said: str, told: str):
    assert told in contents(said)


@pytest.mark.parametrize(
    "said",
    [
        "whats a polite way to tell my roommate her alarm goes off at five",
        "keep it short, she hates waffle",
        "help me word the message, they're a bit old school",
        "Recipe for banana muffins please, something the little one can mash",
        "what do i wear for a 20 km ski at minus 15",
        "give me a plan, nothing fancy, what should I eat",
        "What's your current wake-up time, and what time do you think you'd like to aim for?",
        "What inspired you to go vegan, and what are some of the benefits you've noticed since then?",
        "What was your advice, and what time did I say my train leaves?",
        "What is your current plan, and what do I do when my boss calls?",
        "Give me a plan, nothing fancy, what should I eat, and what can I drink?",
        "recommend me films, no horror, can I stream them, what do I need?",
    ],
)
def test_what_only_asks_is_no_memory(said: str):
    assert contents(said) == []


@pytest.mark.parametrize(
    "said",
    [
        "We meet on Friday, at five?",
        "You live in Oslo, so: by the sea?",
        "Bo moved to Bergen; to the centre?",
        "Did I tell you that I live in Oslo; or Bergen?",
        "So I live in Oslo?",
        "I owe Bo 50 euros - or 60?",
        "The meeting is at five, or at six?",
        "You live in Hull, and your sister?",
        "Do you like tea, and your sister?",
        "It is for you and yours?",
        "I'd move to Bergen if my boss asked.",
        "We'll be five at home if the dog comes.",
        "I'm in if the price counts as a gift.",
        "I'd have two cats if you wanted to.",
        "My sister would play the cello if she had one.",
        "I'd be happy if you helped me move to Oslo.",
        "I'll move to Oslo if you'd come with me.",
        "I go to Leeds on Friday if you can drive me.",
        "I would sell the Golf if you wanted it.",
        "take the second one out",
        "get 30 creative names for a senior gym",
        "add Aiyden, who can see ghosts",
        "Start with dialogue 4",
        "who sells bed rails in Leeds",
        "Include the System services layer and the privileged apps",
        "Remove the last two columns",
    ],
)
def test_what_is_asked_conditional_or_an_order_is_no_memory(said: str):
    assert contents(said) == []


@pytest.mark.parametrize(
    "said",
    [
        "What's your current wake-up time, and what time do you think you'd like to aim for",
        "What inspired you to go vegan, and what are some of the benefits you've noticed since then",
        "What are the skills in demand, and what courses are there to help them",
        "give me a plan, nothing fancy, what should I eat, and what can I drink",
        "I'm vegan, give me 5 dinners, I have a pot",
        ", , what, and",
        "please",
    ],
)
def test_what_is_left_is_a_part_of_what_was_said(said: str):
    for sentence in PARSER.parse_texts([said])[0]:
        tree, last = SentenceTree(sentence, said), len(sentence.tokens) - 1
        stated = find_stated(tree, 0, last)
        ends = [-1, *(place for part in stated for place in part)]
        assert all(
            one < other or (number % 2 and one == other) for number, (one, other) in enumerate(pairwise(ends))
        )
        assert ends[-1] <= last


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("I live in Oslo, so: where to eat?", "Ann lives in Oslo"),
        ("I write for a living, so: any way to calm the fan down?", "Ann writes for a living"),
        ("We have two toddlers and a dog, so what now?", "Ann and others have two toddlers and a dog"),
        ("I moved to Bergen last month; best bakery?", "Ann moved to Bergen in June 2026"),
        ("My son is allergic to nuts: snacks for the train?", "Ann's son is allergic to nuts"),
        ("I'm vegan; good sources of iron?", "Ann is vegan"),
        ("I work nights - so tips for sleeping?", "Ann works nights"),
        ("I play the cello, so a good teacher in Hull?", "Ann plays the cello"),
        ("Our daughter turns 6 on Friday: a cake without eggs?", "daughter turns 6 on 17 July 2026"),
        ("I drive a Yugo, so how often a new timing belt?", "Ann drives a Yugo"),
        ("I keep bees, so the best time for honey?", "Ann keeps bees"),
        ("We got engaged; cheap venues in Kent?", "Ann and others got engaged"),
        ("I teach Latin, so a good grammar for beginners?", "Ann teaches Latin"),
        ("I have a Yugo from 1986; spare parts?", "Ann has a Yugo from 1986"),
        ("I moved to Hull, so what about parking?", "Ann moved to Hull"),
        ("My name is Ole - and yours?", "Ann's name is Ole"),
        ("I'm 34, and you?", "Ann is 34"),
        ("I live in Hull - what about you?", "Ann lives in Hull"),
        ("We have two cats, and yours?", "Ann and others have two cats"),
        ("I work at the mill, how about you guys?", "Ann works at the mill"),
        ("My mum lives in Cork and yours?", "Ann's mum lives in Cork"),
        ("I have three sons, but you?", "Ann has three sons"),
        ("My son plays the tuba, and your daughter?", "Ann's son plays the tuba"),
    ],
)
def test_a_question_without_a_verb_takes_nothing_of_the_statement_before_it(said: str, told: str):
    kept = contents(said)
    assert any(told in content for content in kept)
    assert not any(content.endswith((" so", " and", " but", "-")) or "you" in content for content in kept)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("still single as a pringle, in case my aunt asks you too", "Ann is still single as a pringle"),
        ("still at Halden, if anyone asks", "Ann is still at Halden"),
        ("back in Oslo now, in case you wondered", "Ann is back in Oslo now"),
        ("I live in Bath now, in case it matters", "Ann lives in Bath now"),
        ("I'm 43, if you must know", "Ann is 43"),
        ("My sister plays the cello, if that helps", "Ann's sister plays the cello"),
        ("My rent is 900 euros, in case you need to know.", "Ann's rent is 900 euros"),
        ("I'm a vegetarian, in case anybody asks again", "Ann is a vegetarian"),
        ("I have two cats, if you're curious.", "Ann has two cats"),
        ("I gave up coffee, in case you forgot", "Ann gave up coffee"),
        ("We moved to Hull in May, if people ask.", "Ann and others moved to Hull in May 2026"),
        ("My boss is called Okoro, in case it's relevant.", "Ann's boss is called Okoro"),
        ("There are eight of us in the bakery, if you count the apprentice", "in the bakery"),
        ("We're five at home, if you include the dog", "Ann and others are five at home"),
        ("I have three brothers if we count Bo", "Ann has three brothers"),
        ("I live at 8 Cask Lane now, if you could note that", "Ann lives at 8 Cask Lane now"),
        ("My rent went up to 950 euros, if you would write it down", "Ann's rent went up to 950 euros"),
        ("I moved to Leeds in May, if you can remember that", "Ann moved to Leeds in May 2026"),
        ("Eva is my sister, if you'd keep that in mind", "Eva is Ann's sister"),
        ("I go by Kit these days, if you would use that", "Ann goes by Kit these days"),
        ("We have two cats, if you could add them to the list", "Ann and others have two cats"),
        ("My sister needs a wheelchair, if you can work that in", "Ann's sister needs a wheelchair"),
        ("I eat no meat, if you'd bear that in mind", "Ann eats no meat"),
        ("I work nights, if you could plan around it", "Ann works nights"),
    ],
)
def test_why_something_is_said_is_no_condition_of_it(said: str, told: str):
    assert any(told in content for content in contents(said))
    assert not any(
        word in content for content in contents(said) for word in (" ask", " case", "if that", "if you")
    )
