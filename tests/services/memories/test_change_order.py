"""What changes what does not depend on the order of arrival: all permutations of small histories."""

from collections.abc import Iterator
from itertools import permutations

import pytest

from app.core.vocabulary import ChangeKind, Form, Role
from app.resources import Resources
from tests.conftest import Servers, make_key, without_worker
from tests.services.memories.told import Told, state, tell

K = ChangeKind


@pytest.fixture(scope="module")
def quiet(servers: Servers) -> Iterator[Resources]:
    with without_worker(servers, "changes", 5) as opened:
        make_key(opened, "t-changes")
        yield opened


# Each history: what is told, and what of it is true at its end.
OFFLINE = {
    "job": (
        [
            Told("2026-01-01", "Ann works at Acme"),
            Told("2026-02-01", "Ann was laid off by Acme", form=Form.EVENT),
            Told("2026-03-01", "Ann started at Globex as a welder"),
        ],
        {"Ann was laid off by Acme", "Ann started at Globex as a welder"},
    ),
    "home": (
        [
            Told("2026-01-01", "Ann rents a bungalow in Bath"),
            Told("2026-03-01", "Ann lives in Truro now"),
            Told("2026-05-01", "Ann moved to Exeter", form=Form.EVENT),
        ],
        {"Ann moved to Exeter"},
    ),
    "keys": (
        [
            Told("2026-01-01", "Ann lives in Bath", "residence=bath"),
            Told("2026-02-01", "Ann likes basil"),
            Told("2026-03-01", "Ann left the house in Bath and the new home is in Truro"),
        ],
        {"Ann likes basil", "Ann left the house in Bath and the new home is in Truro"},
    ),
    "love": (
        [
            Told("2026-01-01", "Ann is dating Milo"),
            Told("2026-02-01", "Milo and Ann broke up", form=Form.EVENT),
            Told("2026-04-01", "Ann is seeing Ivo"),
        ],
        {"Milo and Ann broke up", "Ann is seeing Ivo"},
    ),
    "death": (
        [
            Told("2026-01-01", "Ann has a tortoise called Pebble"),
            Told("2026-01-05", "Pebble sleeps in the shed"),
            Told("2026-02-01", "Ann's tortoise Pebble died", form=Form.EVENT),
        ],
        {"Ann's tortoise Pebble died"},
    ),
    "sale": (
        [
            Told("2026-01-01", "Ann drives a Micra"),
            Told("2026-01-03", "Ann loves cycling"),
            Told("2026-02-01", "Ann sold the Micra", form=Form.EVENT),
        ],
        {"Ann loves cycling", "Ann sold the Micra"},
    ),
    "bought again": (
        [
            Told("2026-01-01", "Ann drives a Micra"),
            Told("2026-02-01", "Ann sold the Micra", form=Form.EVENT),
            Told("2026-03-01", "Ann drives the Micra"),
        ],
        {"Ann drives a Micra", "Ann sold the Micra"},
    ),
    "habit": (
        [Told("2026-01-01", "Ann smokes ten cigarettes a day"), Told("2026-02-01", "Ann quit smoking")],
        {"Ann quit smoking"},
    ),
    "switch": (
        [
            Told("2026-01-01", "Ann is with Vodafone"),
            Told("2026-02-01", "Ann switched from Vodafone to Lebara"),
            Told("2026-03-01", "Ann likes her Vodafone mug"),
        ],
        {"Ann switched from Vodafone to Lebara", "Ann likes her Vodafone mug"},
    ),
    "denied value": (
        [
            Told("2026-01-01", "Ann works at Acme", "employer=acme"),
            Told("2026-02-01", "Ann no longer works at Acme", "employer=acme", polarity=-1),
            Told("2026-03-01", "Ann works at Globex", "employer=globex"),
        ],
        {"Ann no longer works at Acme", "Ann works at Globex"},
    ),
    "taken up again": (
        [
            Told("2026-01-01", "Ann works at Acme", "employer=acme"),
            Told("2026-02-01", "Ann no longer works at Acme", "employer=acme", polarity=-1),
            Told("2026-03-01", "Ann works at Acme", "employer=acme"),
        ],
        {"Ann works at Acme"},
    ),
    "two persons": (
        [
            Told("2026-01-01", "Ann works at Acme"),
            Told("2026-01-02", "Bo works at Acme"),
            Told("2026-02-01", "Bo quit Acme", form=Form.EVENT),
        ],
        {"Ann works at Acme", "Bo quit Acme"},
    ),
    "plan cancelled": (
        [
            Told("2026-01-01", "Ann plans to ride the Mendip sportive", form=Form.EVENT, event="2026-09-20"),
            Told("2026-02-01", "Ann pulled out of the Mendip sportive", form=Form.EVENT),
        ],
        {"Ann pulled out of the Mendip sportive"},
    ),
    "plan moved": (
        [
            Told(
                "2026-01-01",
                "Ann has an optician appointment on March 3",
                form=Form.EVENT,
                event="2026-03-03",
            ),
            Told(
                "2026-02-01",
                "The optician appointment was moved to March 10",
                form=Form.EVENT,
                event="2026-03-10",
            ),
        ],
        {"The optician appointment was moved to March 10"},
    ),
    "two appointments": (
        [
            Told(
                "2026-01-01",
                "Ann has an optician appointment on March 3",
                form=Form.EVENT,
                event="2026-03-03",
            ),
            Told(
                "2026-02-01", "Ann has an optician appointment on June 3", form=Form.EVENT, event="2026-06-03"
            ),
        ],
        {"Ann has an optician appointment on March 3", "Ann has an optician appointment on June 3"},
    ),
    "count": (
        [
            Told("2026-01-01", "Ann has knitted 4 scarves this year"),
            Told("2026-03-01", "Ann has knitted 9 scarves this year"),
            Told("2026-06-01", "Ann has knitted 13 scarves this year"),
        ],
        {"Ann has knitted 13 scarves this year"},
    ),
    "assistant": (
        [
            Told("2026-01-01", "Ann drives a Micra"),
            Told("2026-02-01", "Ann sold the Micra", role=Role.ASSISTANT),
        ],
        {"Ann drives a Micra", "Ann sold the Micra"},
    ),
    "project": (
        [Told("2026-01-01", "Ann lives in Bath"), Told("2026-02-01", "Ann moved to Project Nimbus")],
        {"Ann lives in Bath", "Ann moved to Project Nimbus"},
    ),
}
MODEL = {
    "replaced twice": (
        [Told("2026-01-01", "a1"), Told("2026-02-01", "b1"), Told("2026-03-01", "c1")],
        [("a1", "b1", K.REPLACE), ("b1", "c1", K.REPLACE), ("a1", "c1", K.REPLACE)],
        {"c1"},
    ),
    "other slots": (
        [Told("2026-01-01", "a2", "city=derby"), Told("2026-02-01", "b2", "home=truro")],
        [("b2", "a2", K.REPLACE)],
        {"b2"},
    ),
    "one ends several": (
        [Told("2026-01-01", "a3"), Told("2026-01-02", "b3", "pet:dog=rex"), Told("2026-02-01", "c3")],
        [("c3", "a3", K.END), ("c3", "b3", K.END)],
        {"c3"},
    ),
    "ended, then replaced": (
        [Told("2026-01-01", "a4"), Told("2026-02-01", "b4", form=Form.EVENT), Told("2026-03-01", "c4")],
        [("b4", "a4", K.END), ("c4", "a4", K.REPLACE)],
        {"b4", "c4"},
    ),
    "corrected": ([Told("2026-01-01", "a5"), Told("2026-02-01", "b5")], [("b5", "a5", K.CORRECT)], {"b5"}),
    "cancelled": (
        [Told("2026-01-01", "a6", form=Form.EVENT, event="2026-06-01"), Told("2026-02-01", "b6")],
        [("b6", "a6", K.CANCEL)],
        {"b6"},
    ),
    "moved": (
        [
            Told("2026-01-01", "a7", form=Form.EVENT, event="2026-06-01"),
            Told("2026-02-01", "b7", form=Form.EVENT, event="2026-07-01"),
        ],
        [("b7", "a7", K.RESCHEDULE)],
        {"b7"},
    ),
    "happened": (
        [
            Told("2026-01-01", "a8", form=Form.EVENT, event="2026-06-01"),
            Told("2026-06-02", "b8", form=Form.EVENT, event="2026-06-01"),
        ],
        [("b8", "a8", K.CONFIRM)],
        {"b8"},
    ),
    "value corrected": (
        [
            Told("2026-01-01", "a9", "city=oslo"),
            Told("2026-02-01", "b9", "city=bergen"),
            Told("2026-03-01", "c9"),
        ],
        [("c9", "b9", K.CORRECT)],
        {"a9", "c9"},
    ),
    "replaced by an assistant": (
        [Told("2026-01-01", "a10"), Told("2026-02-01", "b10", role=Role.ASSISTANT)],
        [("b10", "a10", K.REPLACE)],
        {"a10", "b10"},
    ),
}


def _check(
    quiet: Resources, name: str, told: list[Told], relations: object, current: set[str] | None
) -> None:
    states = []
    for number, order in enumerate(permutations(told)):
        user = f"{name}-{number}"
        tell(quiet, "t-changes", user, order, relations)
        states.append(state(quiet, "t-changes", user))
    for found in states[1:]:
        assert found == states[0]
    if current is not None:
        assert {row[0] for row in states[0] if row[1] == "activated"} == current


class TestPermutations:
    @pytest.mark.parametrize("name", OFFLINE)
    def test_by_words(self, quiet, name):
        told, current = OFFLINE[name]
        _check(quiet, name, told, None, current)

    @pytest.mark.parametrize("name", MODEL)
    def test_by_a_model(self, quiet, name):
        told, relations, current = MODEL[name]
        _check(quiet, name, told, relations, current)
