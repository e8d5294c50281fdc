"""A question that names a day is answered with what was said or done on it, the nearer days behind that."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import numpy as np
import pytest

from app.core.vocabulary import AbstainReason
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.time_match import compute_time_closeness
from tests.memory.ranking.test_abstention import SCALE, judged
from tests.memory.ranking.test_search_index import Log

# On the days from 2 to 8 May; the third and the fifth have the words that the questions use.
DINNERS = (
    "Made risotto with mushrooms tonight.",
    "I roasted a chicken with lemon.",
    "Cooked pad thai for dinner.",
    "Lentil soup tonight.",
    "What I cooked for dinner was a curry.",
    "Pizza from scratch for the kids.",
    "Grilled salmon and potatoes.",
)
CHATTER = (
    "The boiler is making noises again.",
    "My sister called about the wedding.",
    "Work was mad, three meetings.",
    "Car needs new tyres.",
    "The landlord raised the rent to 940.",
)
ASKED_AT = datetime(2026, 5, 10, 12, tzinfo=UTC)  # a Sunday


@pytest.fixture(scope="module")
def kitchen() -> Log:
    log = Log()
    for number, content in enumerate(DINNERS, start=2):
        at = datetime(2026, 5, number, 19, 30, tzinfo=UTC)
        log.turn(number, content, session_id=f"dinner-{number}", observed_at=at)
        log.turn(100 + number, "Sounds lovely!", session_id=f"dinner-{number}", role="assistant", name=None,
                 observed_at=at + timedelta(minutes=1))  # fmt: skip
    for number, content in enumerate(CHATTER):
        log.turn(200 + number, content, session_id=f"chat-{number}",
                 observed_at=datetime(2026, 4, 20 + number, 12, tzinfo=UTC))  # fmt: skip
    return log


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What did I cook for dinner on May 5?", 5),
        ("what did i cook for dinner on 2 may", 2),
        ("What was for dinner on 2026-05-07?", 7),
        ("What did I cook last Sunday?", 3),
        ("What did we have for dinner on Friday?", 8),
        ("What did I cook for dinner on the 4th?", 4),
        ("what did i cook for dinner on may 2", 2),
        ("What did I cook for dinner on the 6th of May?", 6),
        ("What did I cook on Tuesday, May 5th?", 5),
        ("Dinner on 03.05.2026?", 3),
        ("dinner May 7th", 7),
        ("What did I cook for dinner three days ago?", 7),
        ("What did I cook for dinner last Tuesday?", 5),
        ("What did I cook for dinner on Saturday, May 2?", 2),
        ("Was habe ich am 5. Mai gekocht?", 5),
        ("Qu'est-ce que j'ai cuisiné le 8 mai ?", 8),
        ("¿Qué cociné el 3 de mayo?", 3),
        ("Cosa ho cucinato il 6 maggio?", 6),
        ("5月7日に何を料理しましたか？", 7),
        ("我5月3日做了什么菜？", 3),
        ("What happened on May 5?", 5),
        ("Did I cook for dinner what I like on May 8, 2026?", 8),
    ],
)
def test_the_day_itself_comes_first(kitchen: Log, question: str, expected: int):
    first = kitchen.ids(question, reference_time=ASKED_AT)[0]
    assert first in {UUID(int=expected), UUID(int=100 + expected)}
    assert kitchen.ids(question, reference_time=ASKED_AT, roles=frozenset(["user"]))[0] == UUID(int=expected)


def test_the_nearer_day_is_the_better_one(kitchen: Log):
    closeness = compute_time_closeness(
        kitchen.scope, datetime(2026, 5, 5, tzinfo=UTC), datetime(2026, 5, 6, tzinfo=UTC)
    )
    by_day = [float(closeness[kitchen.scope.turns.id_map[UUID(int=number)]]) for number in range(2, 9)]
    assert by_day[3] == 1
    assert by_day[0] < by_day[1] < by_day[2] < 0.5
    assert by_day[2] == by_day[4]
    assert by_day[4] > by_day[5] > by_day[6] > 0


@pytest.mark.parametrize(("hours", "day"), [(-5, 4), (-11, 4), (0, 5), (2, 5), (9, 5)])
def test_a_day_is_the_speakers_day(hours: int, day: int):
    log = Log()
    local = datetime(2026, 5, day, 23, 30, tzinfo=timezone(timedelta(hours=hours)))
    log.turn(1, "Cooked a stew.", observed_at=local)
    asked = [datetime(2026, 5, number, tzinfo=UTC) for number in range(3, 8)]
    closeness = [
        float(compute_time_closeness(log.scope, since, since + timedelta(days=1))[0]) for since in asked
    ]
    assert closeness.index(1.0) == day - 3
    assert closeness.count(1.0) == 1


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (datetime(2026, 5, 5, tzinfo=UTC), datetime(2026, 5, 6, tzinfo=UTC), 1.0),
        (datetime(2026, 5, 4, tzinfo=UTC), datetime(2026, 5, 5, tzinfo=UTC), None),  # ends as the day begins
        (datetime(2026, 5, 6, tzinfo=UTC), datetime(2026, 5, 7, tzinfo=UTC), None),
        (datetime(2026, 5, 5, 20, tzinfo=UTC), datetime(2026, 5, 5, 21, tzinfo=UTC), 1.0),
        (datetime(2026, 5, 5, 20, tzinfo=UTC), None, 1.0),
        (datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC), 0.5),  # known by its month only
        (datetime(2026, 5, 5, tzinfo=UTC), datetime(2026, 5, 7, tzinfo=UTC), 1.0),
        (datetime(2025, 5, 5, tzinfo=UTC), datetime(2025, 5, 6, tzinfo=UTC), 0.0),
    ],
)
def test_an_event_counts_by_its_own_time(first: datetime, last: datetime | None, expected: float | None):
    log = Log()
    at = log.turn(1, "We cooked a stew together.", observed_at=datetime(2026, 8, 1, tzinfo=UTC))
    log.memory(1, "They cooked a stew", at, event_from=first,
               event_to=last)  # fmt: skip
    (found,) = compute_time_closeness(
        log.scope, datetime(2026, 5, 5, tzinfo=UTC), datetime(2026, 5, 6, tzinfo=UTC)
    )
    assert (0 < found < 0.5) if expected is None else found == expected


@pytest.mark.parametrize("year", [1, 2, 9_998, 9_999])
def test_the_ends_of_the_calendar_raise_nothing(kitchen: Log, year: int):
    west, east = timezone(timedelta(hours=-23)), timezone(timedelta(hours=23))
    for zone in (west, UTC, east):
        since = datetime(year, 1, 2, tzinfo=zone)
        assert not compute_time_closeness(kitchen.scope, since, since + timedelta(days=300)).any()


class TestAbstention:
    """The words of a date are no words that an answer must have."""

    @staticmethod
    def reason(log: Log, question: str) -> AbstainReason | None:
        query = SearchQuery(
            question, np.asarray([0, 0, 0, 1], np.float32), 5, reference_time=ASKED_AT, relevance_scale=SCALE
        )
        return judged(log, query)

    @pytest.fixture
    def unlike(self, kitchen: Log) -> Log:
        """No vector is like that of the question."""
        for number in [*range(2, 9), *range(102, 109), *range(200, 205)]:
            kitchen.scope.set_vector(UUID(int=number), True, np.asarray([1, 0, 0, 0], np.float32))
        return kitchen

    @pytest.mark.parametrize(
        ("question", "expected"),
        [
            ("Did the boiler make noises on the 20th of April 2026?", None),
            ("Who called about the wedding on Tuesday, 21 April 2026?", None),
            ("Rent raised on April 24?", None),
            ("What happened on May 5?", None),
            ("What did I say on 8 May 2026?", None),
            ("Which zeppelin landed on May 5?", AbstainReason.NO_MATCH),
            ("Which zeppelin landed in the harbour on the 20th of April 2026?", AbstainReason.NO_MATCH),
            ("What did I cook on May 30, 2025?", AbstainReason.OUT_OF_RANGE),
        ],
    )
    def test_reason(self, unlike: Log, question: str, expected: AbstainReason | None):
        assert self.reason(unlike, question) is expected
