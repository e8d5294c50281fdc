"""What a speaker asks to remember, to be called, and to be answered like is always kept."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.core.vocabulary import Kind, Role
from app.memory.extraction.offline.extractor import extract_facts
from app.memory.types import Fact, Turn
from tests.parsing import PARSER

MONDAY = datetime(2026, 5, 4, 10, tzinfo=UTC)


def facts(text: str) -> list[Fact]:
    return extract_facts([Turn(UUID(int=1), "u", "s", 1, Role.USER, text, MONDAY)], PARSER)


@pytest.mark.parametrize(
    "wrapped",
    [
        "Remember that {}.",
        "Please remember that {}.",
        "Remember: {}",
        "Don't forget that {}.",
        "Don't forget: {}.",
        "Note that {}.",
        "Please note: {}.",
        "Note for later, {}.",
        "Keep in mind that {}.",
        "Bear in mind that {}.",
        "Make a note that {}.",
        "Note to self: {}.",
        "For the record, {}.",
        "For future reference, {}.",
        "FYI: {}",
        "Can you remember that {}?",
        "Could you please note that {}?",
        "Never forget that {}.",
        "So please remember that {}.",
        "Just remember that {}.",
        "Also, keep in mind that {}.",
        "I want you to remember that {}.",
        "Kindly keep in mind that {}.",
        "Make a mental note please: {}.",
        "Jot this down for me: {}.",
        "You should know that {}.",
        "Just so you know, {}.",
        "And you must know {}.",
        "It's important that you know {}.",
        "Don't let me forget that {}.",
        "One thing you should know: {}.",
        "Worth knowing: {}.",
        "Keep a note of this: {}.",
        "Take note: {}.",
        "Make sure you remember that {}.",
        "Please be aware that {}.",
        "I want you to know that {}.",
        "Let it be known that {}.",
        "Can you make a note that {}?",
        "Would you mind remembering that {}?",
        "Add to your notes that {}.",
        "For your information, {}.",
        "So you know, {}.",
        "Be sure to remember that {}.",
        "It's worth noting that {}.",
        "Put on file that {}.",
    ],
)
def test_what_one_asks_to_remember_is_told_without_the_wrapper(wrapped: str):
    (fact,) = facts(wrapped.format("the spare key hangs behind the boiler"))
    assert fact.content == "The spare key hangs behind the boiler"
    assert fact.quote == "the spare key hangs behind the boiler"


@pytest.mark.parametrize(
    "text",
    [
        "Do you remember that film?",
        "Remember when we met?",
        "Remember me?",
        "Remember to breathe!",
        "Note how the sky changes.",
        "Did you note that?",
    ],
)
def test_what_is_no_request_to_remember_is_not_kept(text: str):
    assert facts(text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Call me Rix.", "Rix"),
        ("Please call me Gio", "Gio"),
        ("You can call me Dr. Lindqvist.", "Dr. Lindqvist"),
        ("Everyone calls me Bee.", "Bee"),
        ("My friends call me Ziggy.", "Ziggy"),
        ("Just call me Mo, please.", "Mo"),
        ("I go by Max.", "Max"),
        ("I want you to call me Skipper.", "Skipper"),
        ("You may call me Frau Holle.", "Frau Holle"),
    ],
)
def test_the_name_by_which_one_wants_to_be_called(text: str, name: str):
    (fact,) = facts(text)
    assert (fact.content, fact.kind) == (f"The user wants to be called {name}", Kind.PREFERENCE)
    assert fact.slot is not None
    assert (fact.slot.attribute, fact.slot.value) == ("nickname", name.lower())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("My name is Theodora.", "Theodora"),
        ("My name's Bo.", "Bo"),
        ("The name's Bo!", "Bo"),
        ("Hi, I'm Piotr.", "Piotr"),
        ("hello, i'm will", "Will"),
        ("I'm Rashid, by the way.", "Rashid"),
        ("I'm Greta, nice to see you.", "Greta"),
        ("Hey there! I'm Ngozi and I paint.", "Ngozi"),
        ("My full name is Ida Kaya.", "Ida Kaya"),
        ("Good morning, this is Oksana.", "Oksana"),
        ("I am Lucía.", "Lucía"),
        ("I'm Ian.", "Ian"),
    ],
)
def test_who_introduces_oneself_has_a_name(text: str, name: str):
    named = [fact for fact in facts(text) if fact.slot is not None and fact.slot.attribute == "name"]
    assert [(fact.content, fact.slot and fact.slot.value) for fact in named] == [
        (f"The user's name is {name}", name.lower())
    ]


@pytest.mark.parametrize(
    "text",
    [
        "I'm German.",
        "I'm Catholic.",
        "Hi, I'm tired.",
        "I'm Italian and I cook.",
        "Hi, I'm looking for a flat in Rome.",
        "Hey, I'm new here.",
        "I'm Happy!",
        "My name is on the list.",
        "Call me later.",
        "Call me when you land.",
        "They call me every day.",
        "My granddaughter has started to call me Grandpa Chimney.",
        "My kids call me Mama.",
        "My sister still calls me Pip.",
        "People used to call me Red.",
        "My boss called me Slowcoach.",
        "Everyone called me Red at school.",
        "My late husband called me Birdie.",
        "I hate it when he calls me Babe.",
    ],
)
def test_what_only_looks_like_a_name_is_none(text: str):
    assert [
        f.slot for f in facts(text) if f.slot is not None and f.slot.attribute in ("name", "nickname")
    ] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Always give me numbered lists, please.", "numbered lists"),
        ("Never use exclamation marks when you write to me.", "never use exclamation marks"),
        ("I'd like you to answer in Canadian English.", "Canadian English"),
        ("Keep explanations simple for me.", "simple"),
        ("When I ask for recipes, I want grams, not cups.", "grams, not cups"),
        ("Answer in short sentences from now on.", "short sentences"),
        ("From now on, reply in Spanish.", "Spanish"),
        ("Please don't use jargon when you explain things to me.", "jargon"),
        ("Stop apologising all the time.", "apologising"),
        ("I prefer short answers.", "short answers"),
        ("I want you to be brief.", "brief"),
        ("Use metric units by default.", "metric"),
        ("Speak to me like I'm five.", "five"),
        ("Whenever I ask for a recipe, leave out the nuts.", "nuts"),
        ("Don't give me disclaimers, ever.", "disclaimers"),
        ("Be concise.", "concise"),
        ("Always write dates as day, month, year.", "day, month, year"),
        ("In future, skip the small talk.", "small talk"),
        ("I'd prefer it if you answered in one sentence.", "one sentence"),
        ("Avoid exclamation marks.", "exclamation marks"),
        ("Never suggest restaurants with pork to me.", "pork"),
    ],
)
def test_how_one_wants_to_be_answered_is_a_preference(text: str, words: str):
    (fact,) = facts(text)
    assert fact.kind is Kind.PREFERENCE
    assert words in fact.content
    assert fact.content.startswith("The user ")


@pytest.mark.parametrize(
    "text",
    [
        "Give me a short summary of this.",
        "Explain recursion.",
        "Write a formal letter.",
        "Use this list.",
        "Answer this question.",
        "Please be more specific.",
        "Give me three examples.",
        "Tell me a joke.",
        "List the capitals of Africa.",
        "Keep going.",
        "Translate it.",
        "Show me the code again.",
    ],
)
def test_what_is_asked_once_is_not_kept(text: str):
    assert facts(text) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Write down that I park in bay 12.", ["The user parks in bay 12"]),
        ("Save this: my locker code is 4471.", ["The user's locker code is 4471"]),
        ("Please note this: I never eat pork.", ["The user never eats pork"]),
        ("Jot down that my tram pass ends on 9 June.", ["The user's tram pass ends on 9 June 2026"]),
        ("Note down that my bike lock code is 8812.", ["The user's bike lock code is 8812"]),
        ("Write down that poem you mentioned.", []),
        ("Write down what I said.", []),
    ],
)
def test_what_one_asks_to_write_down_is_kept_if_it_is_a_statement(text: str, told: list[str]):
    assert [fact.content for fact in facts(text)] == told


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("I live in Oslo, right?", ("residence", "oslo")),
        ("I'm allergic to nuts, aren't I?", ("allergy:nuts", "yes")),
        ("I work at Acme, don't I?", ("employer", "acme")),
        ("I love Dr. Who.", ("likes:dr. who", "yes")),
        ("I like St. Moritz.", ("likes:st. moritz", "yes")),
        ("My cat is called Dr. Who.", ("pet:cat", "dr. who")),
    ],
)
def test_a_tag_question_and_a_title_with_a_full_stop_fill_their_slot(text: str, slot: tuple[str, str]):
    (fact,) = facts(text)
    assert fact.slot is not None
    assert (fact.slot.attribute, fact.slot.value) == slot


@pytest.mark.parametrize(
    "text",
    [
        "Talk to me in kilometres and kilograms.",
        "I'd be grateful if you addressed me as Captain.",
        "I'd be obliged if you used British spelling.",
        "Let's switch to Portuguese for your answers.",
        "From here on, no emojis.",
        "Whenever I send you a recipe, convert it to grams.",
        "Give me temperatures in Celsius.",
        "Speak to me like I'm five.",
        "Stick to short sentences with me.",
        "Put things in plain words for me.",
        'Use "du" with me, not "Sie".',
        "Address me formally.",
        "Could you keep your answers short from now on?",
        "Please write in lower case only.",
        "No need for disclaimers in your answers.",
        "Explain code line by line to me, always.",
        "Answer me in Dutch unless I say otherwise.",
        "When I give you a text, only fix the spelling.",
        "You can drop the formalities with me.",
        "Show times in 24-hour format, please.",
        "Go back to English in your answers.",
    ],
)
def test_a_manner_of_answering_is_a_preference_in_other_words_too(text: str):
    (fact,) = facts(text)
    assert fact.kind is Kind.PREFERENCE


@pytest.mark.parametrize(
    "text",
    [
        "I'd be grateful if you could help me with my essay.",
        "It would be great if you could explain how tides work.",
        "Give me three examples of metaphors in French.",
        "Write a brief summary of the text below.",
        "Let's go back to the second question.",
        "Use a table for this one.",
        "Convert 3 miles to kilometres.",
        "Give me a recipe in grams.",
        "Can you give me a short answer?",
        "Could you write a short poem about autumn?",
        "Translate this in French.",
        "Note the difference between a and b.",
        "Save the file and run it again.",
        "Important: read the text first.",
        "I would like you to call Ben.",
        "I need you to translate this into a short French text.",
        "I'd like you to write a short poem about autumn.",
        "I want you to act as a Linux terminal.",
        "You can always add more, but it is harder to remove excess juice.",
        "You can never be too careful with knives.",
    ],
)
def test_one_favour_is_neither_a_manner_nor_a_fact(text: str):
    assert facts(text) == []
