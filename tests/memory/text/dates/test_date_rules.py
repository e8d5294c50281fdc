"""A rule is only tried on texts that have one of its signs: whatever it matches must have one."""

import random

import pytest

from app.memory.text.dates.date_rules import DATE_RULES
from app.memory.text.limits import ASCII_LETTER_FOLDING

EXAMPLES = (
    "over Christmas 2021",
    "on Boxing Day 2019",
    "by the 3rd May",
    "until Sunday, 4 September 2020",
    "from August 9th",
    "in mid Oct. 2018",
    "since early december 2011",
    "the end of February",
    "during the autumn of 2016",
    "three weeks from tomorrow",
    "today week",
    "the day after tomorrow",
    "this evening",
    "last night",
    "for about two years now",
    "over the past few months",
    "in the last fortnight",
    "next Thursday",
    "this coming June",
    "the previous winter",
    "a couple of days ago",
    "half an hour ago",
    "six weeks from now",
    "the week after next",
    "back in 1998",
    "since late 2007",
    "in November",
    "two weeks on Friday",
    "Monday week",
    "Tuesday after next",
    "on Wednesday morning",
    "to Saturday",
    "over the weekend",
    "in the spring",
    "the night before last",
    "next Halloween",
    "for New Year's Eve",
    "on St Patrick's Day",
)
UNDER_TEST = [rule for rule in DATE_RULES if rule.signs]


def spellings(example: str) -> list[str]:
    """A date in sentences, in several cases, and with letters that compare as ASCII ones."""
    odd = example.replace("s", "\u017f").replace("i", "\u0131").replace("k", "\u212a")
    lines = (f"I met Bo {example}.", example.upper(), example.title(), f"{example}, we left", odd)
    return [line.translate(ASCII_LETTER_FOLDING) for line in lines]


@pytest.mark.parametrize("example", EXAMPLES)
def test_what_a_rule_matches_has_one_of_its_signs(example: str):
    for text in spellings(example):
        assert all(rule.may_match(text.lower()) for rule in UNDER_TEST if rule.pattern.search(text)), text


def test_mixed_words_with_dates_have_the_signs_too():
    draw = random.Random(11)
    words = [word for example in EXAMPLES for word in example.split()]
    for _ in range(1_000):
        text = " ".join(draw.choices(words, k=8))
        assert all(rule.may_match(text.lower()) for rule in UNDER_TEST if rule.pattern.search(text)), text


def test_every_rule_with_signs_matches_one_of_the_examples():
    texts = [text for example in EXAMPLES for text in spellings(example)]
    assert [rule.pattern.pattern for rule in UNDER_TEST if not any(map(rule.pattern.search, texts))] == []


def test_a_text_without_a_sign_is_not_looked_through():
    text = "ann sold 4 red bicycles in lima, it was number 7."
    assert not any(rule.may_match(text) for rule in UNDER_TEST)
