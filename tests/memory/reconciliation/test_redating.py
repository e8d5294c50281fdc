"""Another time for what was announced: one thing has one day, unless it may be another one."""

from datetime import UTC, datetime

import pytest

from app.core.vocabulary import ChangeKind, Form
from app.memory.reconciliation.change_matching import find_change
from app.memory.reconciliation.redating import find_other_time
from app.memory.reconciliation.told import Finding, Told

ANN = frozenset(["ann"])
SAID, AFTER = datetime(2026, 5, 1, 9, tzinfo=UTC), datetime(2026, 5, 20, 9, tzinfo=UTC)


def told(content: str, day: str, said: datetime) -> Told:
    return Told(
        content,
        "user",
        form=Form.EVENT,
        lies_ahead=True,
        said_at=said,
        happens_at=datetime.fromisoformat(f"{day}T00:00:00+00:00"),
    )


# Two statements, each with the day that it tells.
OF_ONE = [
    ("Ann's exam is on 12 June 2026", "2026-06-12", "Ann's exam is on 19 June 2026", "2026-06-19"),
    ("The interview is on 4 June 2026", "2026-06-04", "The interview is on 8 June 2026", "2026-06-08"),
    (
        "Ann and others' wedding is on 6 June 2026",
        "2026-06-06",
        "Ann and others' wedding is on 20 June 2026",
        "2026-06-20",
    ),
    (
        "The party is at 7 on 6 June 2026",
        "2026-06-06",
        "The party is at 8 on 6 June 2026",
        "2026-06-06",
    ),
    (
        "Ann's flight leaves at 9 on 6 June 2026",
        "2026-06-06",
        "Ann's flight leaves at 11 on 6 June 2026",
        "2026-06-06",
    ),
    ("Ann has an exam on 12 June 2026", "2026-06-12", "The exam is on 19 June 2026", "2026-06-19"),
    ("Haircut on 4 June 2026", "2026-06-04", "Ann's haircut is on 8 June 2026", "2026-06-08"),
    (
        "The gig at the Vaults is on 4 June 2026",
        "2026-06-04",
        "The gig is on 18 June 2026",
        "2026-06-18",
    ),
    (
        "Ann's flight to Porto is on 4 June 2026",
        "2026-06-04",
        "The flight to Porto is on 6 June 2026",
        "2026-06-06",
    ),
    ("The course starts on 1 June 2026", "2026-06-01", "The course begins on 8 June 2026", "2026-06-08"),
    ("Ann's term ends on 1 June 2026", "2026-06-01", "Ann's term ends on 8 June 2026", "2026-06-08"),
    (
        "Ann's sister's operation is on 2 June 2026",
        "2026-06-02",
        "Ann's sister's operation is on 9 June 2026",
        "2026-06-09",
    ),
    ("Ann's viva takes place on 2 June 2026", "2026-06-02", "Ann's viva is on 9 June 2026", "2026-06-09"),
    (
        "The talk kicks off at 6 on 2 June 2026",
        "2026-06-02",
        "The talk starts at 7 on 2 June 2026",
        "2026-06-02",
    ),
    (
        "Ann's scan is at 9 on 2 June 2026",
        "2026-06-02",
        "Ann's scan is at 11 on 2 June 2026",
        "2026-06-02",
    ),
    (
        "Ann's train departs at 9 on 2 June 2026",
        "2026-06-02",
        "The train leaves at 10 on 2 June 2026",
        "2026-06-02",
    ),
    ("Recital in Hull on 2 June 2026", "2026-06-02", "The recital is on 3 June 2026", "2026-06-03"),
    ("Job interview at Acme on 2 June 2026", "2026-06-02", "The interview is on 5 June 2026", "2026-06-05"),
    ("The play opens on 3 June 2026", "2026-06-03", "The play opens on 24 June 2026", "2026-06-24"),
    ("Ann's thesis is due on 3 June 2026", "2026-06-03", "Ann's thesis is due on 30 June 2026", "2026-06-30"),
]
OF_TWO = [
    # The first one has passed.
    ("Ann's exam is on 12 May 2026", "2026-05-12", "Ann's exam is on 19 June 2026", "2026-06-19"),
    (
        "Ann's maths exam is on 12 June 2026",
        "2026-06-12",
        "Ann's biology exam is on 19 June 2026",
        "2026-06-19",
    ),
    ("Ann's exam is on 12 June 2026", "2026-06-12", "Ann's maths exam is on 19 June 2026", "2026-06-19"),
    (
        "Ann's flight to Porto is on 4 June 2026",
        "2026-06-04",
        "Ann's flight to Rome is on 8 June 2026",
        "2026-06-08",
    ),
    (
        "Ann's sister's wedding is on 6 June 2026",
        "2026-06-06",
        "Ann's wedding is on 20 June 2026",
        "2026-06-20",
    ),
    (
        "Ann's wedding is on 6 June 2026",
        "2026-06-06",
        "Ann's sister's wedding is on 20 June 2026",
        "2026-06-20",
    ),
    ("Ann's course starts on 4 June 2026", "2026-06-04", "Ann's course ends on 20 June 2026", "2026-06-20"),
    ("Lunch with Bo on 4 June 2026", "2026-06-04", "Lunch with Bo is on 18 June 2026", "2026-06-18"),
    ("Ann sees Bo on 4 June 2026", "2026-06-04", "Ann sees Bo on 8 June 2026", "2026-06-08"),
    ("Dentist on 4 June 2026", "2026-06-04", "Dentist on 8 June 2026", "2026-06-08"),
    ("Ann's exam is on 12 June 2026", "2026-06-12", "Ann's exam is on 12 June 2026", "2026-06-12"),
    ("Ann's exam is on 12 June 2026", "2026-06-12", "The gig is on 19 June 2026", "2026-06-19"),
]


@pytest.mark.parametrize(("earlier", "day", "later", "other_day"), OF_ONE)
def test_another_time_of_one_thing_is_in_doubt(earlier: str, day: str, later: str, other_day: str):
    found = find_change(told(later, other_day, AFTER), told(earlier, day, SAID), ANN)
    assert found is not None
    assert (found.finding, found.kind) == (Finding.DOUBTFUL, ChangeKind.RESCHEDULE)


@pytest.mark.parametrize(("earlier", "day", "later", "other_day"), OF_TWO)
def test_what_may_be_another_occasion_is_not(earlier: str, day: str, later: str, other_day: str):
    assert find_other_time(told(later, other_day, AFTER), told(earlier, day, SAID), ANN) is None


@pytest.mark.parametrize(("earlier", "day", "later", "other_day"), OF_ONE)
def test_two_days_of_one_announcement_are_two_occasions(earlier: str, day: str, later: str, other_day: str):
    assert find_other_time(told(later, other_day, SAID), told(earlier, day, SAID), ANN) is None
