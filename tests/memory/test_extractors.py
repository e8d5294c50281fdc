from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from app.core.vocabulary import Role
from app.memory.extraction.extractors import (
    ExtractionRequest,
    Extractor,
    ModelExtractor,
    OfflineExtractor,
    PaidReply,
    SegmentContext,
)
from app.memory.extraction.prompt import MAX_SHOWN_CHARS, RelatedMemory
from app.memory.types import Turn
from tests.fakes import turns_of, user_message
from tests.parsing import PARSER


def turn(number: int, content: str, role: Role = Role.USER) -> Turn:
    return Turn(UUID(int=number), "u", "s", number, role, content, datetime(2023, 5, 8, tzinfo=UTC), "Ann")


SEGMENT = [turn(2, "I live in Oslo."), turn(3, "I work at Acme.")]
CAT, DOG = UUID(int=71), UUID(int=72)
CONTEXT = SegmentContext(
    [turn(1, "Hi!")], [RelatedMemory(CAT, "Ann has a cat."), RelatedMemory(DOG, "Ann has a dog.")]
)
FACT = {"turn": 1, "content": "Ann lives in Oslo.", "quote": "I live in Oslo"}


def never() -> SegmentContext:
    raise AssertionError("the context is loaded though it is not needed")


class ScriptedModel:
    def __init__(self, reply: Mapping[str, Any], shown: Sequence[UUID] | None = None) -> None:
        self.reply = reply
        self.shown = shown
        self.asked: list[ExtractionRequest] = []

    def __call__(self, request: ExtractionRequest) -> PaidReply:
        self.asked.append(request)
        return PaidReply(self.reply, request.related if self.shown is None else self.shown)


def test_rules_read_the_segment_alone():
    rules: Extractor = OfflineExtractor(PARSER)
    facts, refused, left_out, related = rules.extract(SEGMENT, never)
    assert [fact.turn_id.int for fact in facts] == [2, 3]
    assert (refused, left_out, related) == ([], {}, frozenset())


def test_a_model_is_shown_the_context():
    model = ScriptedModel({"facts": [FACT]})
    extractor: Extractor = ModelExtractor(model)
    facts, refused, left_out, related = extractor.extract(SEGMENT, lambda: CONTEXT)
    assert ([fact.content for fact in facts], refused, left_out) == ([FACT["content"]], [], {})
    assert related == {CAT, DOG}
    (request,) = model.asked
    messages = {"messages": request.messages}
    shown = user_message(messages)
    assert (request.turns, request.related) == (SEGMENT, [CAT, DOG])
    assert [one["content"] for one in turns_of(messages)] == [one.content for one in SEGMENT]
    assert [one["content"] for one in shown["related"]] == ["Ann has a cat.", "Ann has a dog."]
    assert len(shown["previous"]) == 1


def test_numbers_mean_the_memories_that_were_shown_with_the_request_that_was_paid_for():
    change = {"changes": [{"id": 1, "how": "ends"}]}
    model = ScriptedModel({"facts": [FACT | change]}, shown=[DOG])
    (fact,) = ModelExtractor(model).extract(SEGMENT, lambda: CONTEXT).facts
    assert [one.target_id for one in fact.changes] == [DOG]


def test_a_turn_that_is_too_long_for_one_request_is_read_in_parts():
    text = "I live in Oslo.\n\n" + "All is well with me. " * (MAX_SHOWN_CHARS // 8) + "I work at Acme."
    asked: list[ExtractionRequest] = []

    def complete(request: ExtractionRequest) -> PaidReply:
        asked.append(request)
        (shown,) = turns_of({"messages": request.messages})
        quotes = [quote for quote in ("I live in Oslo", "I work at Acme") if quote in shown["content"]]
        return PaidReply({"facts": [{"turn": 1, "content": q, "quote": q} for q in quotes]}, request.related)

    facts = ModelExtractor(complete).extract([turn(2, text)], lambda: CONTEXT).facts
    assert [fact.quote for fact in facts] == ["I live in Oslo", "I work at Acme"]
    assert [request.part for request in asked] == list(range(1, len(asked) + 1))
    assert len(asked) > 2
    assert all(len(str(request.messages[1])) < 2 * MAX_SHOWN_CHARS for request in asked)


def test_what_a_model_says_wrong_is_told_of_the_last_turn():
    extractor = ModelExtractor(ScriptedModel({"facts": [FACT, 7, FACT | {"turn": 9}]}))
    facts, refused, left_out, _ = extractor.extract(SEGMENT, lambda: CONTEXT)
    assert len(facts) == 1
    assert refused == ["entry 2: it is not an object", "entry 3: there is no such turn"]
    assert left_out == {UUID(int=3): "; ".join(refused)}


def test_a_model_is_not_asked_about_system_turns():
    model = ScriptedModel({})
    assert ModelExtractor(model).extract([turn(1, "Be kind.", Role.SYSTEM)], never) == (
        [],
        [],
        {},
        frozenset(),
    )
    assert model.asked == []


def test_a_model_that_fails_is_heard():
    def fail(request: ExtractionRequest) -> PaidReply:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        ModelExtractor(fail).extract(SEGMENT, lambda: CONTEXT)
