"""Replies of a model become facts; what is odd in them costs as little as possible, and never in silence."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from app.core.vocabulary import ChangeKind, Form, GoalStatus, Kind
from app.memory.extraction.parsing import parse_facts
from app.memory.extraction.reply import MAX_CHANGES_READ
from app.memory.types import Change, Fact
from tests.memory.extraction.test_prompt import CEST, TURNS

RELATED = [UUID(int=90 + number) for number in range(3)]


def entry(**fields: Any) -> dict[str, Any]:
    return {"turn": 1, "quote": "I live in Oslo", "content": "The user lives in Oslo.", **fields}


def parsed(**fields: Any) -> tuple[Fact, list[str]]:
    (fact,), reasons = parse_facts({"facts": [entry(**fields)]}, TURNS, RELATED)
    return fact, reasons


def one(**fields: Any) -> Fact:
    fact, reasons = parsed(**fields)
    assert reasons == []
    return fact


class TestEntries:
    def test_a_full_entry(self):
        fact = one(
            turn=3,
            kind="preference",
            subject="user",
            attribute="residence",
            value="Oslo",
            when="2023-05-01",
            mode="is",
            changes=[{"id": 2, "how": "replaces"}],
        )
        assert (fact.turn_id, fact.content, fact.quote) == (
            UUID(int=3),
            "The user lives in Oslo.",
            "I live in Oslo",
        )
        assert (fact.kind, fact.form, fact.polarity) == (Kind.PREFERENCE, Form.STATE, 1)
        assert fact.slot is not None
        assert (fact.slot.attribute, fact.slot.value) == ("residence", "oslo")
        assert fact.asserted_at == datetime(2023, 5, 1, tzinfo=CEST)
        assert (fact.entities, fact.tags) == (("Oslo",), ("residence",))
        assert fact.location is not None
        assert fact.location.name == "Oslo"
        assert fact.changes == (Change(ChangeKind.REPLACE, RELATED[1]),)

    def test_three_fields_are_enough(self):
        fact = one(turn="1")
        assert (fact.kind, fact.form, fact.slot, fact.polarity, fact.changes) == (
            Kind.FACT,
            Form.STATE,
            None,
            1,
            (),
        )
        assert (fact.importance, fact.confidence) == (0.3, 0.8)

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"turn": 0}, "no such turn"),
            ({"turn": 5}, "no such turn"),
            ({"turn": None}, "no such turn"),
            ({"turn": True}, "no such turn"),
            ({"turn": 1.0}, "no such turn"),
            ({"turn": -1}, "no such turn"),
            ({"turn": "9" * 5_000}, "no such turn"),
            ({"turn": 2}, "system turn"),
            ({"content": " "}, "missing or too long"),
            ({"content": None}, "missing or too long"),
            ({"content": "x" * 5000}, "missing or too long"),
            ({"content": {"text": "x"}}, "missing or too long"),
            ({"quote": "\x00"}, "missing or too long"),
            ({"quote": ["I live in Oslo"]}, "missing or too long"),
        ],
    )
    def test_refuses_with_a_reason_and_keeps_the_others(self, fields: dict[str, Any], reason: str):
        facts, reasons = parse_facts({"facts": [entry(**fields), "text", entry()]}, TURNS)
        assert len(facts) == 1
        assert len(reasons) == 2
        assert reasons[0].startswith("entry 1: ")
        assert reason in reasons[0]

    @pytest.mark.parametrize("reply", [{}, {"facts": None}, {"facts": {"a": 1}}])
    def test_no_list_is_no_silent_nothing(self, reply: dict[str, Any]):
        assert parse_facts(reply, TURNS) == ([], ["the reply has no list of facts"])

    def test_what_postgres_refuses_is_taken_out(self):
        assert one(content="a\x00b \ud83d", quote="x").content == "ab"

    @pytest.mark.parametrize(
        ("field", "value", "name", "expected"),
        [
            ("kind", "Preference ", "kind", Kind.PREFERENCE),
            ("kind", "instruction", "kind", Kind.PROCEDURE),
            ("kind", "state", "kind", Kind.FACT),
            ("kind", "summary", "kind", Kind.FACT),
            ("kind", ["event"], "kind", Kind.FACT),
            ("kind", None, "kind", Kind.FACT),
            ("kind", 7, "kind", Kind.FACT),
            ("mode", "NOT", "polarity", -1),
            ("mode", False, "polarity", -1),
            ("mode", "no", "polarity", -1),
            ("mode", "ended", "polarity", -1),
            ("mode", "denied", "polarity", -1),
            ("mode", True, "polarity", 1),
            ("mode", "holds", "polarity", 1),
            ("mode", None, "polarity", 1),
            ("mode", {"is": "not"}, "polarity", 1),
            ("mode", "planned", "form", Form.EVENT),
            ("mode", "future", "form", Form.EVENT),
            ("mode", "goal", "goal", GoalStatus.OPEN),
            ("mode", "open", "goal", GoalStatus.OPEN),
            ("mode", "done", "goal", GoalStatus.DONE),
            ("mode", "Dropped", "goal", GoalStatus.DROPPED),
            ("subject", 7, "subject", "7"),
            ("subject", ["Bo"], "subject", "user"),
            ("subject", "x" * 500, "subject", "user"),
            ("value", {"a": 1}, "slot", None),
            ("attribute", ["residence"], "slot", None),
            ("attribute", "::", "slot", None),
            ("when", ["2023"], "asserted_at", None),
            ("when", "last week", "asserted_at", None),
            ("changes", {"id": 1, "how": "ends"}, "changes", ()),
            ("changes", None, "changes", ()),
            ("changes", "ends 1", "changes", ()),
            ("unknown", 1, "kind", Kind.FACT),
        ],
    )
    def test_an_odd_field_is_read_or_has_its_default(
        self, field: str, value: object, name: str, expected: object
    ):
        assert getattr(one(**{field: value}), name) == expected

    def test_an_example_is_its_quote_and_its_value_the_label(self):
        fact = one(kind="example", value="greeting", content="A greeting.")
        assert (fact.content, fact.tags) == ("I live in Oslo", ("label:greeting",))


class TestChanges:
    @pytest.mark.parametrize(
        ("how", "kind"),
        [
            ("replaces", ChangeKind.REPLACE),
            ("ends", ChangeKind.END),
            ("corrects", ChangeKind.CORRECT),
            ("cancels", ChangeKind.CANCEL),
            ("reschedules", ChangeKind.RESCHEDULE),
            ("confirms", ChangeKind.CONFIRM),
            ("replace", ChangeKind.REPLACE),
            (" Replaces", ChangeKind.REPLACE),
            ("supersedes", ChangeKind.REPLACE),
            ("updates", ChangeKind.REPLACE),
            ("retracts", ChangeKind.END),
            ("END", ChangeKind.END),
            ("cancel", ChangeKind.CANCEL),
        ],
    )
    def test_each_word_has_its_kind(self, how: str, kind: ChangeKind):
        assert one(changes=[{"id": 1, "how": how}]).changes == (Change(kind, RELATED[0]),)

    @pytest.mark.parametrize(
        "change",
        [
            {"id": 0, "how": "ends"},
            {"id": 4, "how": "ends"},
            {"id": -1, "how": "ends"},
            {"id": 10**30, "how": "ends"},
            {"id": "9" * 5_000, "how": "ends"},
            {"id": str(RELATED[0]), "how": "ends"},
            {"id": True, "how": "ends"},
            {"id": 1.0, "how": "ends"},
            {"id": [1], "how": "ends"},
            {"id": None, "how": "ends"},
            {"id": "1 OR 1=1", "how": "ends"},
            {"id": "\x00", "how": "ends"},
            {"how": "ends"},
            {"id": 1},
            {"id": 1, "how": "erases"},
            {"id": 1, "how": None},
            {"id": 1, "how": ["ends"]},
            {"id": 9, "how": "same"},
            "ends 1",
            None,
            [1, "ends"],
            7,
        ],
    )
    def test_a_change_of_nothing_that_was_shown_is_refused_and_the_fact_stays(self, change: object):
        fact, reasons = parsed(changes=[change, {"id": "2", "how": "ends"}])
        assert fact.changes == (Change(ChangeKind.END, RELATED[1]),)
        assert reasons == ["entry 1: 1 of its changes name no memory that was shown"]

    def test_the_memory_that_it_repeats_is_named_apart(self):
        fact = one(changes=[{"id": 2, "how": "same"}, {"id": 3, "how": "same"}, {"id": 1, "how": "ends"}])
        assert (fact.same_as, fact.changes) == (RELATED[1], (Change(ChangeKind.END, RELATED[0]),))
        assert one(changes=[{"id": 1, "how": "same"}, {"id": 1, "how": "ends"}]).same_as is None

    def test_of_two_changes_of_one_memory_the_first_counts(self):
        named = [{"id": 1, "how": "ends"}, {"id": 1, "how": "confirms"}, {"id": 3, "how": "ends"}]
        assert one(changes=named).changes == (
            Change(ChangeKind.END, RELATED[0]),
            Change(ChangeKind.END, RELATED[2]),
        )

    def test_without_related_memories_nothing_can_be_changed(self):
        reply = {"facts": [entry(changes=[{"id": 1, "how": "ends"}])]}
        (fact,), reasons = parse_facts(reply, TURNS)
        assert (fact.changes, len(reasons)) == ((), 1)

    def test_so_many_changes_are_read(self):
        fact, reasons = parsed(changes=[{"id": 99, "how": "ends"}] * (MAX_CHANGES_READ + 5_000))
        assert fact.changes == ()
        assert reasons == [f"entry 1: {MAX_CHANGES_READ} of its changes name no memory that was shown"]


class TestTimes:
    @pytest.mark.parametrize(
        ("fields", "form", "asserted", "event"),
        [
            ({"when": "2023-05-01"}, Form.STATE, "2023-05-01", None),
            ({"when": "2020"}, Form.STATE, "2020-01-01", None),
            ({"when": "2019/.."}, Form.STATE, "2019-01-01", None),
            ({"when": "2023-05-08"}, Form.STATE, None, None),
            ({"when": "2023-05-08T18:00"}, Form.STATE, "2023-05-08", None),
            ({"when": "2022/2030"}, Form.STATE, "2022-01-01", None),
            ({"when": "2019/2021"}, Form.EVENT, None, ("2019-01-01", "2022-01-01")),
            ({"when": "2023-06-01"}, Form.EVENT, None, ("2023-06-01", "2023-06-02")),
            ({"when": "2019/2021", "mode": "not"}, Form.STATE, "2019-01-01", None),
            ({"when": "2023-05-07", "kind": "event"}, Form.EVENT, None, ("2023-05-07", "2023-05-08")),
            ({"when": "2023-06", "mode": "plan"}, Form.EVENT, None, ("2023-06-01", "2023-07-01")),
            ({"when": "2024", "mode": "plan"}, Form.EVENT, None, ("2024-01-01", "2025-01-01")),
            ({"mode": "plan"}, Form.EVENT, None, None),
            ({"kind": "event"}, Form.EVENT, None, None),
            ({}, Form.STATE, None, None),
        ],
    )  # fmt: skip
    def test_the_one_date_is_that_of_the_state_or_of_the_event(
        self, fields: dict[str, Any], form: Form, asserted: str | None, event: tuple[str, str] | None
    ):
        fact = one(**fields)
        assert fact.form == form
        assert (fact.asserted_at.date().isoformat() if fact.asserted_at else None) == asserted
        start, end = fact.event_from, fact.event_to
        assert ((start.date().isoformat(), end.date().isoformat()) if start and end else None) == event

    def test_what_lies_ahead_or_is_over_is_no_value_of_a_slot(self):
        for when in ("2023-06-01", "2019/2021"):
            assert one(attribute="residence", value="Rome", when=when).slot is None
        assert one(attribute="residence", value="Rome", kind="event").slot is None
        assert one(attribute="residence", value="Rome", mode="plan").slot is None

    def test_a_correction_keeps_the_day_from_which_it_holds(self):
        fact = one(when="2023-05-01", changes=[{"id": 1, "how": "corrects"}])
        assert fact.asserted_at is not None
        assert (fact.asserted_at.date().isoformat(), fact.changes) == (
            "2023-05-01",
            (Change(ChangeKind.CORRECT, RELATED[0]),),
        )

    def test_a_told_zone_is_kept(self):
        assert one(when="2023-05-07T10:00:00Z").asserted_at == datetime(2023, 5, 7, 10, tzinfo=UTC)


class TestSlot:
    @pytest.mark.parametrize(
        ("attribute", "value", "mode", "expected"),
        [
            ("Residence", "Oslo", "is", ("residence", "oslo")),
            ("favourite:Colour", "Blue", "is", ("favourite:colour", "blue")),
            ("likes", "Jazz", "is", ("likes:jazz", "yes")),
            ("likes:Jazz", "jazz", "not", ("likes:jazz", "no")),
            ("likes:jazz", None, "is", ("likes:jazz", "yes")),
            ("allergy:nuts", "no", "is", ("allergy:nuts", "no")),
            ("likes", None, "is", None),
            ("likes", "yes", "is", None),
            ("residence", None, "is", None),
            (None, "Oslo", "is", None),
            ("::", "Oslo", "is", None),
        ],
    )
    def test_values_of_a_multi_valued_attribute_go_into_its_name(
        self, attribute: str | None, value: str | None, mode: str, expected: tuple[str, str] | None
    ):
        slot = one(attribute=attribute, value=value, mode=mode).slot
        assert ((slot.attribute, slot.value) if slot else None) == expected

    def test_a_denial_has_polarity_minus_one(self):
        assert one(attribute="employer", value="Acme", mode="not").polarity == -1
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
            (4, "user", "user"),
            (4, "me", "user"),
            (4, "assistant", "assistant"),
        ],
    )
    def test_subject(self, turn: int, subject: str | None, expected: str):
        assert one(turn=turn, subject=subject).subject == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"attribute": "relation:manager", "value": "Ann"}, ("bo", "relation:manager", "ann")),
        ({"attribute": "relation:brother", "value": "Ed"}, ("bo", "relation:brother:ed", "yes")),
        ({"subject": "Ann", "attribute": "manages", "value": "Bo"}, ("bo", "relation:manager", "ann")),
        ({"attribute": "brother", "value": "Ed"}, ("bo", "relation:brother:ed", "yes")),
        ({"attribute": "reports_to", "value": "Ann"}, ("bo", "relation:manager", "ann")),
    ],
)
def test_a_relation_is_a_slot_of_who_has_the_other_one(
    fields: dict[str, Any], expected: tuple[str, str, str]
):
    slot = one(**{"subject": "Bo", **fields}).slot
    assert slot is not None
    assert (slot.subject, slot.attribute, slot.value) == expected
