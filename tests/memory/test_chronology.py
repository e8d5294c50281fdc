"""Which of two came first."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.core.vocabulary import Order
from app.memory.chronology import Dated, temporal_order

START = datetime(2026, 1, 1, tzinfo=UTC)
DATED = st.builds(
    lambda start, length, stated, session, position: Dated(
        START + timedelta(days=start),
        START + timedelta(days=start + (length if stated else 0)),
        stated,
        session,
        position,
    ),
    st.integers(0, 6),
    st.integers(0, 3),
    st.booleans(),
    st.sampled_from(["s1", "s2"]),
    st.integers(0, 2),
)
MIRROR = {Order.FIRST: Order.SECOND, Order.SECOND: Order.FIRST}


def said(day: int, position: int = 0, session: str = "s1") -> Dated:
    return Dated(START + timedelta(days=day), START + timedelta(days=day), False, session, position)


def event(day: int, days: int = 1) -> Dated:
    return Dated(START + timedelta(days=day), START + timedelta(days=day + days), True)


class TestOrder:
    @given(DATED, DATED)
    def test_asked_the_other_way_round_it_is_the_mirror(self, left, right):
        assert temporal_order(right, left) == MIRROR.get(
            temporal_order(left, right), temporal_order(left, right)
        )

    @given(DATED)
    def test_nothing_comes_before_itself(self, one):
        assert temporal_order(one, one) is Order.SAME

    @given(DATED, DATED, DATED)
    def test_before_is_transitive(self, a, b, c):
        if (
            temporal_order(a, b) is Order.FIRST
            and temporal_order(b, c) is Order.FIRST
            and len({a.stated, b.stated, c.stated}) == 1
        ):
            assert temporal_order(a, c) is Order.FIRST

    def test_events_by_their_dates(self):
        assert temporal_order(event(1), event(2)) is Order.FIRST
        assert temporal_order(event(1), event(1)) is Order.SAME

    def test_a_day_within_a_week_is_not_settled(self):
        assert temporal_order(event(3), event(1, days=7)) is Order.INDETERMINATE

    def test_turns_of_one_moment_by_their_place_in_the_session(self):
        assert temporal_order(said(1, 0), said(1, 1)) is Order.FIRST
        assert temporal_order(said(1, 1), said(1, 0)) is Order.SECOND

    def test_turns_of_one_moment_in_two_sessions_are_not_settled(self):
        assert temporal_order(said(1, session="s1"), said(1, session="s2")) is Order.INDETERMINATE

    def test_a_late_arrival_has_its_own_date(self):
        assert temporal_order(said(1, position=9), said(2, position=0)) is Order.FIRST
