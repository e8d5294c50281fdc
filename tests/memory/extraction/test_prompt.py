"""The request for the facts of a segment: what it shows, and that it stays small."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.vocabulary import Role
from app.memory.extraction.instructions import EXTRACTION_PROMPT
from app.memory.extraction.prompt import (
    EXTRACTION_SCHEMA,
    MAX_PREVIOUS_CHARS,
    MAX_RELATED_CHARS,
    MAX_SHOWN_CHARS,
    RelatedMemory,
    build_extraction_messages,
    split_into_parts,
)
from app.memory.types import Turn
from tests.fakes import turns_of, user_message

CEST = timezone(timedelta(hours=2))
MAX_INSTRUCTION_CHARS = 6_000  # 1,500 tokens, which are paid for with every call


def make_turn(number: int, content: str = "I live in Oslo.", **fields: Any) -> Turn:
    return Turn(
        **{
            "id": UUID(int=number),
            "user_id": "u",
            "session_id": "s",
            "position": number,
            "role": Role.USER,
            "content": content,
            "observed_at": datetime(2023, 5, 8, 13, 56, tzinfo=CEST),
            **fields,
        }
    )


TURNS = [
    make_turn(1),
    make_turn(2, role=Role.SYSTEM, content="You are a helpful bot called John Doe."),
    make_turn(3, name="Caroline"),
    make_turn(4, role=Role.ASSISTANT),
]


def shown_by(*args: Any) -> dict[str, Any]:
    return user_message({"messages": build_extraction_messages(*args)})


class TestMessages:
    def test_shows_number_speaker_role_date_and_keeps_system_turns_out(self):
        messages = build_extraction_messages(TURNS, [make_turn(9), TURNS[1]])
        shown = turns_of({"messages": messages})
        assert [turn["n"] for turn in shown] == [1, 3, 4]
        assert {name: value for name, value in shown[1].items() if name != "observed_at"} == {
            "n": 3,
            "speaker": "Caroline",
            "content": "I live in Oslo.",
        }
        assert [turn.get("role") for turn in shown] == [None, None, "assistant"]
        assert [turn.get("observed_at") for turn in shown] == ["2023-05-08T13:56+02:00 Monday", None, None]
        assert len(user_message({"messages": messages})["previous"]) == 1
        assert "John Doe" not in str(messages)

    def test_related_memories_have_small_numbers_and_never_their_ids(self):
        cat = UUID("7f0c2a4e-58b1-4f0e-9a57-0d4b4fbb1c11")
        since = datetime(2023, 5, 1, tzinfo=UTC)
        related = [
            RelatedMemory(cat, "Ann has a cat.", "ann", "pet:miso", "yes", since),
            RelatedMemory(UUID(int=5), "The dentist is at nine.", "ann", since=since, is_plan=True),
            RelatedMemory(UUID(int=6), "x" * 5_000, None, None, None),
        ]
        shown = shown_by(TURNS, [], related)["related"]
        assert shown[0] == {
            "id": 1,
            "attribute": "pet:miso",
            "content": "Ann has a cat.",
            "since": "2023-05-01",
        }
        assert (shown[1]["id"], shown[1]["subject"], shown[1]["status"]) == (2, "ann", "plan")
        assert "value" not in shown[1]
        assert len(shown[2]["content"]) == MAX_RELATED_CHARS
        assert str(cat) not in str(build_extraction_messages(TURNS, [], related))

    def test_a_time_is_told_once_until_it_goes_on(self):
        noon = datetime(2023, 5, 8, 12, tzinfo=CEST)
        minutes = [0, 1, 4, 6, 7, 12, 12 * 60 - 1, 12 * 60]
        turns = [make_turn(n, observed_at=noon + timedelta(minutes=at)) for n, at in enumerate(minutes)]
        times = [turn.get("observed_at") for turn in shown_by(turns)["turns"]]
        assert times == [
            "2023-05-08T12:00+02:00 Monday",
            None,
            None,
            "2023-05-08T12:06+02:00 Monday",
            None,
            "2023-05-08T12:12+02:00 Monday",
            "2023-05-08T23:59+02:00 Monday",
            "2023-05-09T00:00+02:00 Tuesday",
        ]

    def test_the_instructions_are_the_same_for_every_segment(self):
        related = [RelatedMemory(UUID(int=1), "x")]
        assert build_extraction_messages(TURNS)[0] == build_extraction_messages(TURNS[:1], TURNS, related)[0]

    def test_instructions_are_short_and_explain_every_field_and_word(self):
        assert len(EXTRACTION_PROMPT) <= MAX_INSTRUCTION_CHARS
        fact = EXTRACTION_SCHEMA["properties"]["facts"]["items"]["properties"]
        words = [*fact["kind"]["enum"], *fact["mode"]["enum"]]
        words += fact["changes"]["items"]["properties"]["how"]["enum"]
        missing = [word for word in [*fact, *words] if word not in EXTRACTION_PROMPT]
        assert missing == []

    def test_evidence_is_asked_for_before_content(self):
        names = list(EXTRACTION_SCHEMA["properties"]["facts"]["items"]["properties"])
        assert names.index("quote") < names.index("content")

    def test_an_earlier_turn_is_shown_in_short(self):
        (previous,) = shown_by(TURNS, [make_turn(9, "word " * 5_000)])["previous"]
        assert len(previous["content"]) == MAX_PREVIOUS_CHARS


class TestParts:
    def test_turns_of_ordinary_length_are_shown_whole(self):
        assert split_into_parts(TURNS) == [None]
        assert split_into_parts([make_turn(1, "x" * MAX_SHOWN_CHARS)]) == [None]

    @settings(max_examples=30, deadline=None)
    @given(
        st.lists(st.sampled_from(["One fact here. ", "\n\n", "\n", "Wort ", "。", "x" * 3_000]), min_size=1),
        st.integers(1, 12),
    )
    def test_parts_are_the_whole_text_in_order_and_none_is_too_long(self, pieces: list[str], times: int):
        text = "".join(pieces) * times * 20
        parts = split_into_parts([make_turn(1, text)])
        if len(text) <= MAX_SHOWN_CHARS:
            assert parts == [None]
            return
        found = [part for part in parts if part is not None]
        assert "".join(part for _, part in found) == text
        assert [number for number, _ in found] == list(range(1, len(found) + 1))
        assert all(0 < len(part) <= MAX_SHOWN_CHARS for _, part in found)

    @pytest.mark.parametrize(
        ("text", "end"),
        [
            ("A sentence of words. " * 2_000, ". "),
            ("a line of words\n" * 2_000, "\n"),
            ("A sentence. Another.\n" * 2_000, "\n"),
            ("A paragraph. Of two.\nLines.\n\n" * 1_000, "\n\n"),
            ("words " * 5_000, " "),
        ],
    )
    def test_a_part_ends_where_the_text_breaks(self, text: str, end: str):
        parts = split_into_parts([make_turn(1, text)])
        assert all(part is not None and part[1].endswith(end) for part in parts[:-1])

    def test_only_the_text_of_the_part_is_shown(self):
        turn = make_turn(1, "I live in Oslo. " * 3_000)
        for part in split_into_parts([turn]):
            assert part is not None
            shown = shown_by([turn], [], [], part)
            assert (shown["part_of_turn"], shown["turns"][0]["content"]) == part
