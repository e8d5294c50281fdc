"""Whether a text asks something."""

import pytest

from app.memory.text.sentences import has_question

ASKS = [
    "What is it?",
    "What is it ?",
    "I moved. Where do you live? Tell me.",
    "Really?!",
    "Really!?",
    "You know (do you?) that it is late.",
    'She said "why?" and left.',
    "*Why?*",
    "¿Dónde vives?",
    "どこに住んでいますか？",
    "أين تسكن؟",
    "Πού μένεις\u037e",
    "Ո՞ւր ես գնում\u055e",
    "የት ነው፧",
    "What\u203d",
    "Why\u2048",
    "One line\nAnother?\nA third",
    "See https://example.org/a?b=c, right?",
    "?",
    "a" * 100_000 + "?",
]
ASKS_NOTHING = [
    "",
    " ",
    "I live in Oslo.",
    "I wonder where you live.",
    "See https://example.org/a?b=c",
    "See https://example.org/?page=2&sort=up for it.",
    "See https://example.org/a?/b",
    "a?b",
    "Wow!",
    "…",
    "\u0000",
    "What is it",
    "¿",
    "x?=3",
    "grep a?b",
    "10 000",
    "どこに住んでいますか。",
    "Tell me; then I know.",
    "a" * 100_000,
    "?a" * 10_000,
]


@pytest.mark.parametrize("text", ASKS)
def test_a_mark_of_any_script_asks(text: str):
    assert has_question(text)


@pytest.mark.parametrize("text", ASKS_NOTHING)
def test_without_one_nothing_is_asked(text: str):
    assert not has_question(text)
