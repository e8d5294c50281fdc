"""Fading: monotone, the same in any order, and never what safety hangs on."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.vocabulary import Kind, Layer
from app.memory.consolidation.retention import (
    ARCHIVE_BELOW,
    MemoryTrace,
    RetentionCandidate,
    compute_retrievability,
    compute_trace,
    group_for_condensation,
    select_forgettable,
)
from app.memory.types import Assertion

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def told(days_ago: float, session: str = "s", polarity: int = 1) -> Assertion:
    at = NOW - days_ago * DAY
    return Assertion(UUID(int=1), at, at, session, polarity=polarity)


def candidate(days_idle: float = 0.0, **values: object) -> RetentionCandidate:
    importance = float(values.pop("importance", 0.3))  # type: ignore[arg-type]
    found = compute_trace(importance, [told(days_idle)])
    defaults = {"id": uuid4(), "kind": Kind.FACT, "content": "x", "subject": "ann", "attribute": None}
    return RetentionCandidate(**{**defaults, "importance": importance, "trace": found, **values})  # type: ignore[arg-type]


class TestTrace:
    @given(st.permutations([told(0), told(1), told(1.1, "t"), told(40), told(3, polarity=-1)]))
    def test_does_not_depend_on_the_order(self, said):
        assert compute_trace(0.3, said) == compute_trace(0.3, [told(0), told(1), told(1.1, "t"), told(40)])

    def test_each_further_day_makes_it_stronger(self):
        once, thrice = compute_trace(0.3, [told(0)]), compute_trace(0.3, [told(0), told(1), told(2)])
        assert (once.strength, once.use_days, once.layer) == (1.6, 0, Layer.SHORT)
        assert (thrice.strength, thrice.use_days, thrice.layer) == (3.6, 2, Layer.MID)

    def test_the_same_day_counts_once(self):
        assert compute_trace(0.3, [told(0), told(0.01), told(0.02)]).strength == 1.6

    def test_a_citation_counts_as_use(self):
        used = compute_trace(0.3, [told(9)], [NOW])
        assert (used.use_days, used.anchor_at) == (1, NOW)

    @pytest.mark.parametrize(("importance", "layer"), [(0.3, "short"), (0.6, "mid"), (0.8, "long")])
    def test_importance_promotes(self, importance, layer):
        assert compute_trace(importance, [told(0)]).layer == layer

    def test_two_sessions_promote(self):
        assert compute_trace(0.3, [told(0, "a"), told(0.1, "b")]).layer is Layer.MID

    def test_strength_has_a_bound(self):
        assert compute_trace(1.0, [told(day) for day in range(40)]).strength == 10.0


class TestRetrievability:
    @given(st.floats(0, 4000), st.floats(0, 4000), st.floats(1, 10), st.floats(1, 10), st.sampled_from(Layer))
    def test_falls_with_time_and_rises_with_strength(self, idle, more_idle, strength, stronger, layer):
        def left(days: float, by: float) -> float:
            return compute_retrievability(MemoryTrace(layer, by, NOW - days * DAY, 0), NOW)

        low, high = sorted((idle, more_idle))
        weak, strong = sorted((strength, stronger))
        assert left(high, weak) <= left(low, weak)
        assert left(high, weak) <= left(high, strong)
        assert 0 <= left(high, weak) <= 1

    def test_a_clock_that_goes_back_does_not_overflow(self):
        assert compute_retrievability(MemoryTrace(Layer.SHORT, 1, NOW, 0), NOW - 9 * DAY) == 1.0

    @pytest.mark.parametrize(("importance", "days"), [(0.0, 42), (0.5, 84)])
    def test_the_horizon_is_three_times_stability_and_strength(self, importance, days):
        of = compute_trace(importance, [told(0)])
        assert compute_retrievability(of, NOW + (days - 1) * DAY) > ARCHIVE_BELOW
        assert compute_retrievability(of, NOW + (days + 1) * DAY) < ARCHIVE_BELOW


class TestDue:
    def run(self, *memories: RetentionCandidate, quota: int = 100, ttl: dict[Kind, int] | None = None):
        return select_forgettable(memories, NOW, quota, ttl or {})

    def test_what_has_faded_is_archived(self):
        faded, fresh = candidate(200), candidate(1)
        (item,) = self.run(faded, fresh)
        assert (item.memory, item.expires) == (faded, False)
        assert item.reason.startswith("faded: R = 0.0")

    @pytest.mark.parametrize(
        "values",
        [{"frozen": True}, {"pinned": True}, {"attribute": "allergy:nuts"}, {"kind": Kind.PORTRAIT}],
    )
    def test_what_is_protected_stays(self, values):
        assert self.run(candidate(4000, **values)) == []

    def test_a_time_to_live_ends_even_a_pinned_one(self):
        (item,) = self.run(candidate(pinned=True, expires_at=NOW))
        assert item.expires

    def test_a_legal_hold_outlasts_the_time_to_live(self):
        assert self.run(candidate(frozen=True, expires_at=NOW - DAY)) == []

    def test_a_kind_has_a_time_to_live_from_when_it_was_last_said(self):
        old, new = candidate(31, kind=Kind.EVENT), candidate(29, kind=Kind.EVENT)
        (item,) = self.run(old, new, candidate(31), ttl={Kind.EVENT: 30})
        assert (item.memory, item.expires) == (old, True)

    def test_the_quota_takes_what_is_worth_least(self):
        worthy = [candidate(1, importance=0.9), candidate(1, importance=0.5)]
        least = candidate(2, importance=0.1)
        (item,) = self.run(worthy[0], least, worthy[1], quota=2)
        assert item.memory == least
        assert "quota of 2" in item.reason

    def test_what_goes_anyway_counts_for_the_quota(self):
        assert len(self.run(candidate(4000), candidate(1), candidate(1), quota=2)) == 1

    def test_pinned_ones_do_not_go_for_the_quota(self):
        assert self.run(candidate(1, pinned=True), candidate(1, pinned=True), quota=1) == []

    def test_only_the_important_are_borderline(self):
        low, high = self.run(candidate(4000, id=UUID(int=1)), candidate(4000, id=UUID(int=2), importance=0.6))
        assert (low.is_borderline, high.is_borderline) == (False, True)


class TestCondense:
    def test_groups_of_one_subject_from_five_on(self):
        many = select_forgettable([candidate(4000) for _ in range(5)], NOW, 100, {})
        few = select_forgettable([candidate(4000, subject="bo") for _ in range(4)], NOW, 100, {})
        (group,) = group_for_condensation([*many, *few])
        assert {memory.subject for memory in group} == {"ann"}

    def test_summaries_are_not_condensed_again(self):
        again = select_forgettable([candidate(4000, kind=Kind.SUMMARY) for _ in range(5)], NOW, 100, {})
        assert group_for_condensation(again) == []

    def test_examples_are_never_condensed(self):
        assert (
            group_for_condensation(
                select_forgettable([candidate(4000, kind=Kind.EXAMPLE) for _ in range(5)], NOW, 100, {})
            )
            == []
        )
