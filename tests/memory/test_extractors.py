from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from app.core.vocabulary import Role
from app.llm.english_reader import EnglishReader
from app.memory.extraction.evidence import NO_BACKGROUND, Background
from app.memory.extraction.extractors import (
    ExtractionRequest,
    Extractor,
    ModelExtractor,
    OfflineExtractor,
    PaidReply,
    SegmentContext,
)
from app.memory.extraction.offline import extractor as offline_extractor
from app.memory.extraction.prompt import MAX_SHOWN_CHARS, RelatedMemory
from app.memory.text.parsed_text import ParsedSentence
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


def test_rules_read_the_segment_with_the_turns_before_it():
    rules: Extractor = OfflineExtractor(PARSER)
    facts, refused, left_out, related, background = rules.extract(SEGMENT, lambda: CONTEXT)
    assert [fact.turn_id.int for fact in facts] == [2, 3]
    assert (refused, left_out, related) == ([], {}, frozenset())
    assert background == Background(previous=["Ann: Hi!"])


SEGMENTS = [
    SEGMENT,
    [turn(4, "What is the weather like?")],
    [turn(5, "You are kind.", Role.ASSISTANT)],
    [],
    [turn(6, "I sold the car. Sorry, I meant the bike."), turn(7, "None of that is true.")],
    [turn(8, "```\nx = 1\n```\nI use Python at work."), turn(9, "My sister Ida lives in Bonn.")],
    [turn(10, "I'm allergic to nuts. " * 60)],
    [turn(11, "Ich wohne in Bremen."), turn(12, "\n\n"), turn(13, "I have two cats and a dog.")],
]


@pytest.mark.parametrize("most", [1, 60, 20_000])
def test_segments_say_together_what_each_says_alone(most: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(offline_extractor, "MAX_BATCH_CHARS", most)
    rules = OfflineExtractor(PARSER)
    together = rules.extract_all(SEGMENTS, [[] for _ in SEGMENTS])
    assert together == [rules.extract(segment, lambda: SegmentContext([], [])) for segment in SEGMENTS]
    assert [bool(one.facts) for one in together] == [True, False, False, False, False, True, True, True]


class CountingReader(EnglishReader):
    def __init__(self) -> None:
        super().__init__()
        self.lengths: list[int] = []

    def parse_texts(self, texts: Sequence[str]) -> list[list[ParsedSentence]]:
        self.lengths.append(sum(map(len, texts)))
        return PARSER.parse_texts(texts)


def test_no_more_text_is_parsed_together_than_a_batch_holds():
    reader = CountingReader()
    segments = [[turn(number, "I like to walk along the quay. " * 100)] for number in range(20)]
    offline_extractor.extract_segments(segments, reader)
    assert max(reader.lengths) <= offline_extractor.MAX_BATCH_CHARS
    assert len(reader.lengths) == 4


def test_a_model_is_shown_the_context():
    model = ScriptedModel({"facts": [FACT]})
    extractor: Extractor = ModelExtractor(model)
    facts, refused, left_out, related, background = extractor.extract(SEGMENT, lambda: CONTEXT)
    assert ([fact.content for fact in facts], refused, left_out) == ([FACT["content"]], [], {})
    assert related == {CAT, DOG}
    assert [text.strip() for text in background.related] == ["Ann has a cat.", "Ann has a dog."]
    assert len(background.previous) == 1
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
    facts, refused, left_out, *_ = extractor.extract(SEGMENT, lambda: CONTEXT)
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
        NO_BACKGROUND,
    )
    assert model.asked == []


def test_a_model_that_fails_is_heard():
    def fail(request: ExtractionRequest) -> PaidReply:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        ModelExtractor(fail).extract(SEGMENT, lambda: CONTEXT)
