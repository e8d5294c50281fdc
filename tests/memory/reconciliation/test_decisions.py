"""Decisions about facts, and the fold of a slot's assertions: no database, no clock."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.vocabulary import Form, Kind, Origin, Status
from app.memory.reconciliation.decisions import (
    MAX_CONFIDENCE,
    combine_confidences,
    content_hash,
    details_differ,
    is_retraction,
    normalise_text,
)
from app.memory.reconciliation.timeline.replay import replay_slot
from app.memory.types import Assertion, Fact, Memory, Slot

START = datetime(2026, 1, 1, tzinfo=UTC)
OSLO, BERGEN, PARIS = UUID(int=1), UUID(int=2), UUID(int=3)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def assertion(memory_id: UUID, on: int, **values: Any) -> Assertion:
    return Assertion(memory_id, day(on), START, **values)


def fact(content: str = "Ann plays chess", **values: Any) -> Fact:
    return Fact(UUID(int=9), content, content, **values)


def memory(content: str = "Ann plays chess", **values: Any) -> Memory:
    given_values: dict[str, Any] = {
        "id": OSLO,
        "kind": Kind.FACT,
        "form": Form.STATE,
        "status": Status.ACTIVATED,
        "version": 1,
        "origin": Origin.USER,
    }
    return Memory(content=content, **given_values | values)


def spans(*assertions: Assertion) -> list[tuple[UUID, datetime, datetime | None]]:
    return [(one.memory_id, one.since, one.until) for one in replay_slot(assertions)[0]]


@st.composite
def shuffled_assertions(draw: st.DrawFn) -> tuple[list[Assertion], list[Assertion]]:
    """Assertions of a few memories, and the same in another order."""
    made = [
        assertion(
            UUID(int=draw(st.integers(1, 3))),
            draw(st.integers(0, 5)),
            session_id=draw(st.sampled_from(["a", "b"])),
            position=draw(st.integers(0, 2)),
            turn_id=UUID(int=100 + number),
            origin=draw(st.sampled_from(list(Origin))),
            polarity=draw(st.sampled_from([1, 1, -1])),
        )
        for number in range(draw(st.integers(0, 9)))
    ]
    return made, draw(st.permutations(made))


class TestFold:
    @given(shuffled_assertions())
    def test_any_order_of_arrival_gives_the_same_timeline(self, pair):
        made, shuffled = pair
        assert replay_slot(made) == replay_slot(shuffled)

    @given(shuffled_assertions())
    def test_intervals_follow_each_other_and_only_the_last_is_open(self, pair):
        timeline, conflicts = replay_slot(pair[0])
        for before, after in pairwise(timeline):
            assert before.until is not None
            assert before.since <= before.until <= after.since
        assert not conflicts & {one.memory_id for one in timeline if one.until is None}

    def test_a_newer_value_ends_the_older_one(self):
        assert spans(assertion(BERGEN, 9), assertion(OSLO, 1)) == [
            (OSLO, day(1), day(9)),
            (BERGEN, day(9), None),
        ]

    def test_the_same_value_again_changes_nothing(self):
        assert spans(assertion(OSLO, 1), assertion(OSLO, 5)) == [(OSLO, day(1), None)]

    def test_a_value_can_come_back(self):
        assert spans(assertion(OSLO, 1), assertion(BERGEN, 2), assertion(OSLO, 3)) == [
            (OSLO, day(1), day(2)),
            (BERGEN, day(2), day(3)),
            (OSLO, day(3), None),
        ]

    def test_a_denial_ends_its_own_interval(self):
        assert spans(assertion(OSLO, 1), assertion(OSLO, 4, polarity=-1)) == [(OSLO, day(1), day(4))]

    def test_a_denial_of_another_value_ends_nothing(self):
        assert spans(assertion(OSLO, 1), assertion(BERGEN, 4, polarity=-1)) == [(OSLO, day(1), None)]

    def test_lower_authority_never_replaces_and_is_left_in_conflict(self):
        held, guess = assertion(OSLO, 1, origin=Origin.USER), assertion(BERGEN, 5, origin=Origin.ASSISTANT)
        timeline, conflicts = replay_slot([guess, held])
        assert [one.memory_id for one in timeline] == [OSLO]
        assert conflicts == {BERGEN}

    def test_higher_authority_replaces(self):
        assert spans(assertion(OSLO, 1, origin=Origin.USER), assertion(BERGEN, 5, origin=Origin.EDIT)) == [
            (OSLO, day(1), day(5)),
            (BERGEN, day(5), None),
        ]

    def test_an_edit_that_is_repeated_by_the_user_keeps_its_authority(self):
        timeline, conflicts = replay_slot(
            [
                assertion(OSLO, 1, origin=Origin.EDIT),
                assertion(OSLO, 2, origin=Origin.USER),
                assertion(BERGEN, 3, origin=Origin.USER),
            ]
        )
        assert [one.memory_id for one in timeline] == [OSLO]
        assert conflicts == {BERGEN}

    def test_nothing_gives_nothing(self):
        assert replay_slot([]) == ([], set())


class TestDisputes:
    """An edit says Oslo on day 1, the user Bergen on day 3."""

    MADE = (assertion(OSLO, 1, origin=Origin.EDIT), assertion(BERGEN, 3))

    @pytest.mark.parametrize(
        ("later", "holder", "disputed"),
        [
            ([], OSLO, {BERGEN}),
            ([assertion(OSLO, 4, origin=Origin.EDIT)], OSLO, set()),
            ([assertion(OSLO, 4)], OSLO, set()),
            ([assertion(OSLO, 4, origin=Origin.ASSISTANT)], OSLO, {BERGEN}),
            ([assertion(OSLO, 2, origin=Origin.EDIT)], OSLO, {BERGEN}),
            ([assertion(BERGEN, 4, origin=Origin.EDIT)], BERGEN, set()),
            ([assertion(PARIS, 4, origin=Origin.EDIT)], PARIS, set()),
            ([assertion(PARIS, 4)], OSLO, {BERGEN, PARIS}),
            ([assertion(BERGEN, 4, polarity=-1)], OSLO, set()),
            ([assertion(OSLO, 4, polarity=-1)], BERGEN, set()),
            ([assertion(PARIS, 4), assertion(OSLO, 5, polarity=-1)], PARIS, set()),
            (
                [assertion(PARIS, 4, origin=Origin.TOOL), assertion(OSLO, 5, polarity=-1)],
                BERGEN,
                {PARIS},
            ),
        ],
    )
    def test_what_is_said_later_decides_or_does_not(self, later, holder, disputed):
        timeline, conflicts = replay_slot([*later, *self.MADE])
        assert [one.memory_id for one in timeline if one.until is None] == [holder]
        assert conflicts == disputed

    def test_what_held_the_slot_before_can_be_disputed_now(self):
        timeline, conflicts = replay_slot([assertion(BERGEN, 0), *self.MADE])
        assert [one.memory_id for one in timeline] == [BERGEN, OSLO]
        assert conflicts == {BERGEN}

    def test_of_two_sessions_on_one_date_neither_is_the_newer(self):
        one, other = assertion(OSLO, 1, session_id="a"), assertion(BERGEN, 1, session_id="b")
        timeline, conflicts = replay_slot([other, one])
        assert ([i.memory_id for i in timeline], conflicts) == ([OSLO], {BERGEN})
        third = assertion(OSLO, 1, session_id="c")
        assert replay_slot([third, other, one])[1] == {BERGEN}

    def test_of_two_edits_of_one_date_the_later_one_counts(self):
        edits = [Assertion(i, day(1), day(n), origin=Origin.EDIT) for n, i in ((5, BERGEN), (4, OSLO))]
        for order in (edits, edits[::-1]):
            timeline, conflicts = replay_slot(order)
            assert ([one.memory_id for one in timeline], conflicts) == ([OSLO, BERGEN], set())


class TestDiffer:
    @pytest.mark.parametrize(
        ("left", "right"),
        [
            ("Ann has 2 cats", "Ann has 3 cats"),
            ("Ann flies in May", "Ann flies in June"),
            ("Ann flies on Monday", "Ann flies on Friday"),
            ("Ann is allergic to nuts", "Ann is not allergic to nuts"),
            ("Ann can swim", "Ann can't swim"),
            ("Ann eats meat", "Ann never eats meat"),
            ("At 10:30", "At 10:45"),
        ],
    )
    def test_numbers_dates_and_negations_make_a_difference(self, left, right):
        assert details_differ(left, right)
        assert details_differ(right, left)

    @pytest.mark.parametrize(
        ("left", "right"),
        [
            ("Ann has 2 cats", "Ann owns 2 cats"),
            ("in MAY", "In may"),
            ("Ann is not here", "Ann isn't here"),
            ("Ann knits", "Ann notes"),
        ],
    )
    def test_other_words_make_none(self, left, right):
        assert not details_differ(left, right)


class TestNormalise:
    def test_case_width_punctuation_and_spaces_are_folded(self):
        assert normalise_text("  Ann   LIVES in Oslo!! ") == normalise_text("ann lives in Oslo")
        assert content_hash("Oslo.") == content_hash("oslo")  # full-width letters
        assert content_hash("Oslo") != content_hash("Olso")


class TestDenies:
    @pytest.mark.parametrize(
        ("slot", "polarity", "expected"),
        [
            (Slot("ann", "employer", "acme"), -1, True),
            (Slot("ann", "employer", "acme"), 1, False),
            (Slot("ann", "allergy:nuts", "no"), -1, False),
            (None, -1, False),
        ],
    )
    def test_only_the_denial_of_a_value_takes_it_back(self, slot, polarity, expected):
        assert is_retraction(slot, polarity) is expected


class TestConfidence:
    def test_independent_sessions_add_up(self):
        assert combine_confidences([("a", 0.8), ("b", 0.5)]) == pytest.approx(0.9)

    def test_repeats_in_one_session_count_once_by_the_strongest(self):
        assert combine_confidences([("a", 0.4), ("a", 0.8), ("a", 0.4)]) == 0.8

    def test_it_is_never_certain(self):
        assert combine_confidences([(str(n), 0.95) for n in range(50)]) == MAX_CONFIDENCE
