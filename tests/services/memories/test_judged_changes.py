"""What no word tells is judged: a state ends, or is put in doubt, in whatever order the two arrive."""

from collections.abc import Iterator, Sequence
from uuid import uuid4

import pytest

from app.core.vocabulary import Role, Status
from app.memory.reconciliation.judged_changes import MAX_JUDGED
from app.resources import Resources
from tests.conftest import Servers, make_key, without_worker
from tests.llm.test_sentence_judge import CHANGES
from tests.services.memories.told import Told, held, state, tell

TENANT = "t-judged"
EARLIER = Told("2026-01-10", "Ann takes metformin for her sugar")
LATER = Told("2026-03-10", "Metformin upset Ann, so it is insulin these days")
BESIDE = Told("2026-03-10", "Ann stopped taking vitamin C")


@pytest.fixture(scope="module")
def quiet(servers: Servers) -> Iterator[Resources]:
    with without_worker(servers, "judged", 8) as opened:
        make_key(opened, TENANT)
        yield opened


@pytest.fixture
def user() -> str:
    return uuid4().hex


def status_of(quiet: Resources, user: str, content: str) -> Status:
    return next(one.status for one in held(quiet, TENANT, user) if one.content == content)


@pytest.mark.parametrize("order", [(EARLIER, LATER), (LATER, EARLIER)])
def test_a_state_ends_in_either_order(quiet: Resources, user: str, order: Sequence[Told]):
    tell(quiet, TENANT, user, order)
    assert status_of(quiet, user, EARLIER.content) == Status.SUPERSEDED
    assert status_of(quiet, user, LATER.content) == Status.ACTIVATED
    (ended,) = (row for row in state(quiet, TENANT, user) if row[0] == EARLIER.content)
    assert ended[3].startswith("2026-03-10")


@pytest.mark.parametrize("is_reversed", [False, True])
def test_what_words_leave_in_doubt_is_decided(quiet: Resources, user: str, is_reversed: bool):
    told = [
        Told("2026-02-04", "Ann drives a Yugo"),
        Told("2026-07-15", "Ann drives a Dacia; roomy enough for the dog"),
    ]
    tell(quiet, TENANT, user, told[::-1] if is_reversed else told)
    assert [status_of(quiet, user, one.content) for one in told] == [Status.SUPERSEDED, Status.ACTIVATED]
    assert all(not memory.conflicts for memory in held(quiet, TENANT, user))


@pytest.mark.parametrize("order", [(EARLIER, BESIDE), (BESIDE, EARLIER)])
def test_what_is_near_leaves_it(quiet: Resources, user: str, order: Sequence[Told]):
    tell(quiet, TENANT, user, order)
    assert status_of(quiet, user, EARLIER.content) == Status.ACTIVATED
    assert all(not memory.conflicts for memory in held(quiet, TENANT, user))


def test_what_an_assistant_says_puts_it_in_doubt_at_most(quiet: Resources, user: str):
    tell(quiet, TENANT, user, [EARLIER, Told(LATER.on, LATER.content, role=Role.ASSISTANT)])
    assert status_of(quiet, user, EARLIER.content) == Status.ACTIVATED
    assert all(memory.conflicts for memory in held(quiet, TENANT, user))


def test_where_several_people_talk_nothing_is_judged(quiet: Resources, user: str):
    tell(quiet, TENANT, user, [EARLIER, Told(LATER.on, LATER.content, heard="Bo")])
    assert status_of(quiet, user, EARLIER.content) == Status.ACTIVATED
    assert all(not memory.conflicts for memory in held(quiet, TENANT, user))


def test_where_a_language_model_answers_nothing_is_judged(quiet: Resources, user: str):
    tell(quiet, TENANT, user, [EARLIER, LATER], relations=[])
    assert status_of(quiet, user, EARLIER.content) == Status.ACTIVATED


def test_of_many_close_statements_a_few_are_judged(
    quiet: Resources, user: str, monkeypatch: pytest.MonkeyPatch
):
    tell(
        quiet,
        TENANT,
        user,
        [Told(f"2026-01-{n:02}", f"Ann takes remedy {n} for her sugar") for n in range(1, 13)],
    )
    asked: list[int] = []
    estimate = quiet.reader.estimate_changes

    def count(pairs: Sequence[tuple[str, str]]):
        asked.append(len(pairs))
        return estimate(pairs)

    monkeypatch.setattr(type(quiet.reader), "estimate_changes", lambda _, pairs: count(pairs))
    tell(quiet, TENANT, user, [LATER])
    assert asked == [MAX_JUDGED]


OTHERS = ["drinks tea", "has two brothers", "likes the sea", "was born in Hull", "owns a tent", "hates fog"]


@pytest.mark.parametrize(("earlier", "later"), CHANGES)
def test_of_all_statements_the_closest_are_judged(
    quiet: Resources, user: str, monkeypatch: pytest.MonkeyPatch, earlier: str, later: str
):
    name = earlier.split(maxsplit=1)[0].removesuffix("'s")
    others = [Told(f"2026-01-{day:02}", f"{name} {told}") for day, told in enumerate(OTHERS, 1)]
    asked: list[str] = []

    def note(_: object, pairs: Sequence[tuple[str, str]]) -> list[float]:
        asked.extend(known for known, _ in pairs)
        return [0.1] * len(pairs)

    tell(quiet, TENANT, user, [*others[:3], Told("2026-01-10", earlier), *others[3:]])
    monkeypatch.setattr(type(quiet.reader), "estimate_changes", note)
    tell(quiet, TENANT, user, [Told("2026-03-10", later)])
    assert earlier in asked
    assert len(asked) < len(others)
