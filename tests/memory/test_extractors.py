from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from app.core.vocabulary import Role
from app.memory.extraction.extractors import Extractor, ModelExtractor, OfflineExtractor, SegmentContext
from app.memory.types import Turn
from tests.fakes import turns_of, user_message
from tests.parsing import PARSER


def turn(number: int, content: str, role: Role = Role.USER) -> Turn:
    return Turn(UUID(int=number), "u", "s", number, role, content, datetime(2023, 5, 8, tzinfo=UTC), "Ann")


SEGMENT = [turn(2, "I live in Oslo."), turn(3, "I work at Acme.")]
CONTEXT = SegmentContext([turn(1, "Hi!")], ["Ann has a cat."], ["home"])
FACT = {"turn": 1, "content": "Ann lives in Oslo.", "quote": "I live in Oslo"}


def never() -> SegmentContext:
    raise AssertionError("the context is loaded though it is not needed")


class ScriptedModel:
    def __init__(self, reply: Mapping[str, Any]) -> None:
        self.reply = reply
        self.asked: list[list[dict[str, str]]] = []

    def __call__(self, segment: Sequence[Turn], messages: Sequence[dict[str, str]]) -> Mapping[str, Any]:
        assert segment == SEGMENT
        self.asked.append(list(messages))
        return self.reply


def test_rules_read_the_segment_alone():
    rules: Extractor = OfflineExtractor(PARSER)
    facts, refused, left_out = rules.extract(SEGMENT, never)
    assert [fact.turn_id.int for fact in facts] == [2, 3]
    assert (refused, left_out) == ([], {})


def test_a_model_is_shown_the_context():
    model = ScriptedModel({"facts": [FACT]})
    extractor: Extractor = ModelExtractor(model)
    facts, refused, left_out = extractor.extract(SEGMENT, lambda: CONTEXT)
    assert ([fact.content for fact in facts], refused, left_out) == ([FACT["content"]], [], {})
    (messages,) = model.asked
    shown = user_message({"messages": messages})
    assert [one["content"] for one in turns_of({"messages": messages})] == [one.content for one in SEGMENT]
    assert (shown["related"], shown["tags"], len(shown["previous"])) == (["Ann has a cat."], ["home"], 1)


def test_what_a_model_says_wrong_is_told_of_the_last_turn():
    extractor = ModelExtractor(ScriptedModel({"facts": [FACT, 7, FACT | {"turn": 9}]}))
    facts, refused, left_out = extractor.extract(SEGMENT, lambda: CONTEXT)
    assert len(facts) == 1
    assert refused == ["entry 2: it is not an object", "entry 3: there is no such turn"]
    assert left_out == {UUID(int=3): "; ".join(refused)}


def test_a_model_is_not_asked_about_system_turns():
    model = ScriptedModel({})
    assert ModelExtractor(model).extract([turn(1, "Be kind.", Role.SYSTEM)], never) == ([], [], {})
    assert model.asked == []


def test_a_model_that_fails_is_heard():
    def fail(segment: Sequence[Turn], messages: Sequence[dict[str, str]]) -> Mapping[str, Any]:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        ModelExtractor(fail).extract(SEGMENT, lambda: CONTEXT)
