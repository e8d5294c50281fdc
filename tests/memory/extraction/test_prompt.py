from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from app.core.vocabulary import Form, Kind, Role
from app.memory.extraction.prompt import build_extraction_messages, parse_facts
from app.memory.types import Fact, Location, Slot, Turn
from tests.fakes import turns_of, user_message

CEST = timezone(timedelta(hours=2))


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


def entry(**fields: Any) -> dict[str, Any]:
    return {"turn": 1, "content": "The user lives in Oslo.", "quote": "I live in Oslo", **fields}


def one(**fields: Any) -> Fact:
    facts, reasons = parse_facts({"facts": [entry(**fields)]}, TURNS)
    assert reasons == []
    return facts[0]


class TestBuildMessages:
    def test_shows_number_speaker_role_date_and_keeps_system_turns_out(self):
        messages = build_extraction_messages(TURNS, [make_turn(9), TURNS[1]], ["Caroline ha un gatto."], "it")
        shown = turns_of({"messages": messages})
        assert [turn["n"] for turn in shown] == [1, 3, 4]
        assert shown[1] == {
            "n": 3,
            "speaker": "Caroline",
            "role": "user",
            "observed_at": "2023-05-08T13:56+02:00 Monday",
            "content": "I live in Oslo.",
        }
        rest = user_message({"messages": messages})
        assert len(rest["previous"]) == 1
        assert rest["related"] == ["Caroline ha un gatto."]
        assert rest["language"] == "it"
        assert "John Doe" not in str(messages)

    def test_the_instructions_are_the_same_for_every_segment(self):
        assert build_extraction_messages(TURNS)[0] == build_extraction_messages(TURNS[:1], TURNS, ["x"])[0]


class TestParse:
    def test_a_full_entry(self):
        fact = one(
            turn=3,
            other_turns=[1, 3, 99, "4"],
            kind="preference",
            form="state",
            subject=None,
            attribute="residence",
            value="Oslo",
            single_valued=True,
            negated=False,
            asserted_at="2023-05-01",
            place="Oslo",
            keywords=["Oslo", " Oslo ", "home", 7, None],
            tags=["home"],
            entities=["Caroline"],
            context="about moving",
            importance=1.7,
            confidence=0.9,
        )
        assert fact == Fact(
            turn_id=UUID(int=3),
            content="The user lives in Oslo.",
            quote="I live in Oslo",
            kind=Kind.PREFERENCE,
            slot=Slot("caroline", "residence", "Oslo"),
            asserted_at=datetime(2023, 5, 1, tzinfo=CEST),
            location=Location("Oslo"),
            keywords=("Oslo", "home", "7"),
            tags=("home",),
            entities=("Caroline",),
            context="about moving",
            importance=1.0,
            confidence=0.9,
            other_turn_ids=(UUID(int=1), UUID(int=4)),
        )

    def test_three_fields_are_enough(self):
        fact = one(turn="1")
        assert (fact.kind, fact.form, fact.slot, fact.polarity) == (Kind.FACT, Form.STATE, None, 1)
        assert (fact.importance, fact.confidence) == (0.3, 0.8)

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"turn": 0}, "no such turn"),
            ({"turn": 5}, "no such turn"),
            ({"turn": None}, "no such turn"),
            ({"turn": True}, "no such turn"),
            ({"turn": 1.0}, "no such turn"),
            ({"turn": 2}, "system turn"),
            ({"content": " "}, "missing or too long"),
            ({"content": None}, "missing or too long"),
            ({"content": "x" * 5000}, "missing or too long"),
            ({"quote": "\x00"}, "missing or too long"),
        ],
    )
    def test_refuses_with_a_reason_and_keeps_the_others(self, fields, reason):
        facts, reasons = parse_facts({"facts": [entry(**fields), "text", entry()]}, TURNS)
        assert len(facts) == 1
        assert len(reasons) == 2
        assert reasons[0].startswith("entry 1: ")
        assert reason in reasons[0]

    @pytest.mark.parametrize("reply", [{}, {"facts": None}, {"facts": {"a": 1}}])
    def test_no_list_is_no_silent_nothing(self, reply):
        assert parse_facts(reply, TURNS) == ([], ["the reply has no list of facts"])

    def test_what_postgres_refuses_is_taken_out(self):
        assert one(content="a\x00b \ud83d", quote="x").content == "ab"

    def test_an_event_has_no_slot(self):
        fact = one(kind="event", attribute="residence", value="Oslo")
        assert (fact.form, fact.slot) == (Form.EVENT, None)


class TestSlot:
    @pytest.mark.parametrize(
        ("attribute", "value", "single", "negated", "expected"),
        [
            ("Residence", "Oslo", True, False, ("residence", "Oslo")),
            ("home city", "Oslo", True, False, ("home_city", "Oslo")),
            ("residence", "Oslo", None, False, ("residence", "Oslo")),
            ("favourite:Colour", "Blue", True, False, ("favourite:colour", "Blue")),
            ("favourite:colour", "Blue", None, False, ("favourite:colour", "Blue")),
            ("likes", "Jazz", False, False, ("likes:jazz", "yes")),
            ("likes", "Jazz", True, False, ("likes:jazz", "yes")),
            ("likes:Jazz", "jazz", False, True, ("likes:jazz", "no")),
            ("likes:jazz", None, None, False, ("likes:jazz", "yes")),
            ("allergy:nuts", "no", False, False, ("allergy:nuts", "no")),
            ("speaks:french", "fluent", False, False, ("speaks:french", "yes")),
            ("plays", "Chess", None, False, ("plays:chess", "yes")),
            ("likes", None, False, False, None),
            ("likes", "yes", False, False, None),
            ("residence", None, True, False, None),
            (None, "Oslo", True, False, None),
            ("::", "Oslo", True, False, None),
        ],
    )
    def test_values_of_a_multi_valued_attribute_go_into_its_name(
        self, attribute, value, single, negated, expected
    ):
        fact = one(attribute=attribute, value=value, single_valued=single, negated=negated)
        assert fact.slot == (Slot("user", *expected) if expected else None)

    def test_a_denial_has_polarity_minus_one(self):
        assert one(attribute="employer", value="Acme", single_valued=True, negated=True).polarity == -1
        assert one(attribute="allergy:nuts", value="no").polarity == -1

    @pytest.mark.parametrize(
        ("turn", "subject", "expected"),
        [
            (1, None, "user"),
            (1, "The user", "user"),
            (1, "Melanie", "melanie"),
            (3, None, "caroline"),
            (3, "user", "caroline"),
            (4, None, "assistant"),
        ],
    )
    def test_subject(self, turn, subject, expected):
        slot = one(turn=turn, subject=subject, attribute="age", value=30, single_valued=True).slot
        assert slot == Slot(expected, "age", "30")


class TestDates:
    @pytest.mark.parametrize(
        ("start", "end", "precision", "expected"),
        [
            ("2023", None, None, ("2023-01-01", "2024-01-01", "year")),
            ("2023-12", None, None, ("2023-12-01", "2024-01-01", "month")),
            ("2023-05-07", None, None, ("2023-05-07", "2023-05-08", "day")),
            ("2023-05-07", "2023-05-07", None, ("2023-05-07", "2023-05-08", "day")),
            ("2023-05-01", "2023-05-08", "week", ("2023-05-01", "2023-05-08", "week")),
            ("2023-05-01", None, "month", ("2023-05-01", "2023-06-01", "month")),
            ("2023-05-09", "2023-05-01", "decade", ("2023-05-09", "2023-05-10", "day")),
        ],
    )
    def test_ranges(self, start, end, precision, expected):
        fact = one(event_from=start, event_to=end, event_precision=precision)
        assert fact.event_from is not None
        assert fact.event_to is not None
        found = (fact.event_from.date().isoformat(), fact.event_to.date().isoformat(), fact.event_precision)
        assert found == expected
        assert fact.event_from.tzinfo == CEST

    def test_a_told_zone_is_kept(self):
        assert one(asserted_at="2023-05-07T10:00:00Z").asserted_at == datetime(2023, 5, 7, 10, tzinfo=UTC)

    @pytest.mark.parametrize("value", ["yesterday", "2023-13-01", "0000", "2023-13", 7, None, ["2023"]])
    def test_no_date_is_made_up(self, value):
        fact = one(event_from=value, event_to="2023-05-08", asserted_at=value)
        assert (fact.event_from, fact.event_to, fact.event_precision, fact.asserted_at) == (None,) * 4

    def test_the_last_year_has_no_end(self):
        assert one(event_from="9999").event_to is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"attribute": "relation:manager", "value": "Ann"}, ("bo", "relation:manager", "ann")),
        (
            {"attribute": "relation:manager", "value": "Ann", "single_valued": True},
            ("bo", "relation:manager", "ann"),
        ),
        ({"attribute": "relation:brother", "value": "Ed"}, ("bo", "relation:brother:ed", "yes")),
        ({"subject": "Ann", "attribute": "manages", "value": "Bo"}, ("bo", "relation:manager", "ann")),
        (
            {"attribute": "brother", "value": "Ed", "single_valued": True},
            ("bo", "relation:brother:ed", "yes"),
        ),
        (
            {"attribute": "relation:manager", "value": "Ann", "single_valued": False},
            ("bo", "relation:manager", "ann"),
        ),
        ({"attribute": "reports_to", "value": "Ann"}, ("bo", "relation:manager", "ann")),
    ],
)
def test_a_relation_is_a_slot_of_who_has_the_other_one(
    fields: dict[str, Any], expected: tuple[str, str, str]
):
    slot = one(**{"subject": "Bo", **fields}).slot
    assert slot is not None
    assert (slot.subject, slot.attribute, slot.value) == expected
