"""Changes as operations: what they end, who may end what, and how a deletion undoes them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from app.core.vocabulary import ChangeKind, Form, Role
from app.memory.types import MemoryFilter
from app.resources import Resources
from app.services.memories import memory_reads, memory_writes
from app.services.memories.as_of import BitemporalPoint
from tests.conftest import Servers, make_key, principal_of, without_worker
from tests.services.memories.told import Told, held, tell

K = ChangeKind
TENANT = "t-ends"


@pytest.fixture(scope="module")
def quiet(servers: Servers) -> Iterator[Resources]:
    with without_worker(servers, "ends", 6) as opened:
        make_key(opened, TENANT)
        yield opened


@pytest.fixture
def user() -> str:
    return uuid4().hex


def by_content(quiet: Resources, user: str) -> dict[str, Any]:
    return {memory.content: memory for memory in held(quiet, TENANT, user)}


def current(quiet: Resources, user: str) -> set[str]:
    return {content for content, memory in by_content(quiet, user).items() if memory.status == "activated"}


HAS, SOLD = (
    Told("2026-01-01", "Ann drives a Micra"),
    Told("2026-02-01", "Ann sold the Micra", form=Form.EVENT),
)


class TestDeletion:
    @pytest.mark.parametrize("order", [(HAS, SOLD), (SOLD, HAS)])
    @pytest.mark.parametrize("relations", [None, [("Ann sold the Micra", "Ann drives a Micra", K.END)]])
    def test_of_the_enders_turn_makes_what_it_ended_current_again(self, quiet, user, order, relations):
        ids = dict(zip(order, tell(quiet, TENANT, user, order, relations), strict=True))
        assert current(quiet, user) == {"Ann sold the Micra"}
        memory_writes.delete_turn(quiet, principal_of(TENANT), ids[SOLD])
        assert current(quiet, user) == {"Ann drives a Micra"}
        assert by_content(quiet, user)["Ann drives a Micra"].valid_to is None

    @pytest.mark.parametrize("kind", [K.END, K.REPLACE, K.CORRECT, K.CANCEL])
    def test_of_the_enders_memory_does_too(self, quiet, user, kind):
        tell(quiet, TENANT, user, [HAS, SOLD], [("Ann sold the Micra", "Ann drives a Micra", kind)])
        memory_writes.delete_memory(
            quiet, principal_of(TENANT), by_content(quiet, user)["Ann sold the Micra"].id
        )
        assert current(quiet, user) == {"Ann drives a Micra"}

    def test_of_what_was_ended_leaves_the_ender(self, quiet, user):
        ids = tell(quiet, TENANT, user, [HAS, SOLD])
        memory_writes.delete_turn(quiet, principal_of(TENANT), ids[0])
        assert current(quiet, user) == {"Ann sold the Micra"}

    def test_of_one_of_two_enders_frees_nothing(self, quiet, user):
        again = Told("2026-03-01", "Ann got rid of the Micra", form=Form.EVENT)
        ids = tell(quiet, TENANT, user, [HAS, SOLD, again])
        memory_writes.delete_turn(quiet, principal_of(TENANT), ids[1])
        assert "Ann drives a Micra" not in current(quiet, user)


class TestAuthority:
    CLAIM = Told("2026-02-01", "Ann sold the Micra", role=Role.ASSISTANT)

    @pytest.mark.parametrize("order", [(HAS, CLAIM), (CLAIM, HAS)])
    @pytest.mark.parametrize("kind", [None, K.END, K.REPLACE, K.CORRECT])
    def test_an_assistant_ends_nothing_that_the_user_said(self, quiet, user, order, kind):
        relations = None if kind is None else [("Ann sold the Micra", "Ann drives a Micra", kind)]
        tell(quiet, TENANT, user, order, relations)
        memory = by_content(quiet, user)["Ann drives a Micra"]
        assert memory.status == "activated"
        assert memory.reliance != "prefer_memory"
        assert len(memory.conflicts) == 1

    def test_the_user_ends_what_an_assistant_said(self, quiet, user):
        said = Told("2026-01-01", "Ann drives a Micra", role=Role.ASSISTANT)
        tell(quiet, TENANT, user, [said, SOLD])
        assert current(quiet, user) == {"Ann sold the Micra"}

    def test_the_user_may_settle_the_doubt(self, quiet, user):
        tell(quiet, TENANT, user, [HAS, self.CLAIM, Told("2026-03-01", "Ann drives a Micra")])
        assert by_content(quiet, user)["Ann drives a Micra"].volatility == "temporal"


class TestSeveralTargets:
    def test_a_death_ends_all_that_is_told_of_the_dead(self, quiet, user):
        told = [
            Told("2026-01-01", "Ann's uncle Fergus lives in Sligo"),
            Told("2026-01-02", "Ann's uncle Fergus grows roses"),
            Told("2026-01-03", "Ann's aunt grows lilies"),
            Told("2026-01-04", "Ann lives in Sligo"),
            Told("2026-02-01", "Ann's uncle Fergus passed away", form=Form.EVENT),
        ]
        tell(quiet, TENANT, user, told)
        assert current(quiet, user) == {told[2].content, told[3].content, told[4].content}

    def test_a_correction_was_never_true(self, quiet, user):
        right = Told("2026-02-01", "Ann has a sister")
        tell(quiet, TENANT, user, [Told("2026-01-01", "Ann has a brother"), right],
             [("Ann has a sister", "Ann has a brother", K.CORRECT)])  # fmt: skip
        wrong = by_content(quiet, user)["Ann has a brother"]
        assert wrong.valid_to == wrong.valid_from
        then = memory_reads.list_memories(
            quiet, principal_of(TENANT), user_id=user, matching=MemoryFilter(), cursor=None, limit=10,
            point=BitemporalPoint(as_of=datetime(2026, 1, 15, tzinfo=UTC)),
        )  # fmt: skip
        assert [memory.content for memory in then.items] == []

    def test_what_ended_is_told_of_the_time_before(self, quiet, user):
        tell(quiet, TENANT, user, [HAS, SOLD, Told("2026-03-01", "Ann drives the Micra")])
        for day, status in ((15, "activated"), (45, "superseded"), (75, "activated")):
            at = datetime.fromtimestamp(datetime(2026, 1, 1, tzinfo=UTC).timestamp() + day * 86_400, UTC)
            found = memory_reads.get_memory(
                quiet, principal_of(TENANT), by_content(quiet, user)["Ann drives a Micra"].id,
                BitemporalPoint(as_of=at),
            )  # fmt: skip
            assert found.status == status


class TestDoubt:
    def test_an_unclear_target_is_doubtful_on_both_sides(self, quiet, user):
        told = [
            Told("2026-01-01", "Ann lives in Bath"),
            Told("2026-02-01", "Ann's flat in Truro has a balcony"),
        ]
        tell(quiet, TENANT, user, told)
        for memory in by_content(quiet, user).values():
            assert memory.status == "activated"
            assert len(memory.conflicts) == 1
            assert memory.reliance != "prefer_memory"

    def test_an_unknown_target_is_left_out(self, quiet, user):
        tell(quiet, TENANT, user, [HAS], [])
        assert current(quiet, user) == {"Ann drives a Micra"}

    def test_same_words_of_another_day_are_another_memory(self, quiet, user):
        told = [
            Told("2026-01-01", "Ann has an optician appointment", form=Form.EVENT, event="2026-01-20"),
            Told("2026-05-01", "Ann has an optician appointment", form=Form.EVENT, event="2026-06-20"),
        ]
        tell(quiet, TENANT, user, told)
        assert [memory.status for memory in held(quiet, TENANT, user)] == ["activated", "activated"]
