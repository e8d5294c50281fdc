"""Labelled examples are found word for word, and talk is not taken for them."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from app.core.vocabulary import Kind, Role
from app.memory.extraction.labelled_examples import find_labelled_examples
from app.memory.extraction.offline.extractor import extract_facts
from app.memory.sessions.goals import find_goal_mentions
from app.memory.types import Turn
from tests.parsing import PARSER


def said(content: str) -> Turn:
    return Turn(uuid4(), "ann", "s1", 0, Role.USER, content, datetime(2026, 1, 1, tzinfo=UTC))


INLINE = "Learn these.\nWhere is my card?  label: 11\nI want to freeze my card, label: 27\n"
BELOW = "I live in Oslo and need a loan.\nlabel: loan_request\n\nSend 3 EUR to Bo!\nLabel = transfer money"


class TestLabelled:
    def test_a_line_each(self):
        assert [(one.content, one.tags) for one in find_labelled_examples(said(INLINE))] == [
            ("Where is my card?  label: 11", ("label:11",)),
            ("I want to freeze my card, label: 27", ("label:27",)),
        ]

    def test_the_label_below(self):
        assert [(one.content, one.tags) for one in find_labelled_examples(said(BELOW))] == [
            ("I live in Oslo and need a loan.\nlabel: loan_request", ("label:loan_request",)),
            ("Send 3 EUR to Bo!\nLabel = transfer money", ("label:transfer money",)),
        ]

    @pytest.mark.parametrize(
        "content", ["I joined the class: yoga", "What category: A or B?", "Hello there."]
    )
    def test_talk_is_none(self, content: str):
        assert list(find_labelled_examples(said(content))) == []

    @pytest.mark.parametrize("content", [INLINE, BELOW])
    def test_their_i_is_not_the_speaker(self, content: str):
        facts = extract_facts([said(content)], PARSER)
        assert {fact.kind for fact in facts} == {Kind.EXAMPLE}
        assert all(fact.quote in content for fact in facts)
        assert find_goal_mentions([said(content)]) == []
