"""What needs no memory."""

import pytest

from app.memory.sessions.small_talk import is_small_talk


@pytest.mark.parametrize(
    "text",
    [
        "thanks!",
        "Thank you so much for your help.",
        "OK, cool",
        "Hi there!",
        "谢谢",
        "Danke",
        "Good night, bye",
    ],
)
def test_greetings_thanks_and_assent_need_none(text: str):
    assert is_small_talk(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "…",
        "Thanks, and where is it?",
        "ok where is it",
        "Hi, I moved to Oslo.",
        "Good day for it",
        "Thanks for the book",
        "What about yes?",
        "thanks " * 11,
    ],
)
def test_anything_else_may_be_about_something(text: str):
    assert not is_small_talk(text)
