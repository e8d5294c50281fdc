"""What is remembered does not depend on the order or the batches in which it arrived."""

import random
from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest

from app.core.preconditions import IfMatch
from app.memory.types import MemoryFilter
from app.resources import Resources
from app.schemas.ingestion.turns import AddTurns
from app.schemas.memories.memories import UpdateMemory
from app.services.consolidation import stage
from app.services.ingestion import accept_turns, embed_turns, extraction
from app.services.memories import memory_reads, memory_writes
from tests.conftest import Servers, make_key, principal_of, without_worker

STATEMENTS = [
    ("2026-01-01", "I live in Oslo."),
    ("2026-01-05", "I work at Acme."),
    ("2026-01-09", "I am allergic to nuts."),
    ("2026-01-20", "My dog is called Rex."),
    ("2026-02-01", "I moved to Bergen."),
    ("2026-02-11", "I am not allergic to nuts."),
    ("2026-02-20", "I live in Oslo."),
    ("2026-03-01", "I work at Globex."),
    ("2026-03-10", "My dog is called Max."),
    ("2026-03-12", "I no longer work at Globex."),
    ("2026-03-15", "I am allergic to nuts."),
    ("2026-04-01", "My favourite colour is green."),
    ("2026-04-02", "I like jazz."),
]
COLUMNS = ("content", "status", "valid_from", "valid_to", "subject", "attribute", "value")


@pytest.fixture(scope="module")
def unswept(servers: Servers) -> Iterator[Resources]:
    with without_worker(servers, "unswept", 4) as opened:
        yield opened


def remembered(
    resources: Resources, tenant: str, user: str, statements: list[tuple[str, str]], batch: int
) -> set[tuple[Any, ...]]:
    """What a user's memory holds after these statements, posted in this order."""
    principal = principal_of(tenant)
    parts = [statements[at : at + batch] for at in range(0, len(statements), batch)]
    for number, part in enumerate(parts):
        turns = [
            {"role": "user", "name": "Ann", "content": content, "observed_at": f"{on}T12:00:00Z"}
            for on, content in part
        ]
        body = {"user_id": user, "session_id": f"s{number % 3}", "turns": turns}
        accept_turns.accept_turns(resources, principal, AddTurns.model_validate(body), None)
        embed_turns.run_embedding(resources, tenant, user)
        extraction.run_extraction(resources, tenant, user)
    page = memory_reads.list_memories(
        resources, principal, user_id=user, matching=MemoryFilter(), cursor=None, limit=100
    )
    held = [memory for memory in page.items if memory.status != "merged"]
    return {tuple(getattr(memory, name) for name in COLUMNS) for memory in held}


@pytest.fixture(scope="module")
def in_order(unswept: Resources) -> tuple[str, set[tuple[Any, ...]]]:
    """A tenant, and what is remembered of the statements in the order of their dates."""
    make_key(unswept, "t-shuffle")
    return "t-shuffle", remembered(unswept, "t-shuffle", "in-order", STATEMENTS, 1)


class TestArrivalOrder:
    def test_the_reference_holds_the_newest_value_of_each_slot(self, in_order):
        told = [row for row in in_order[1] if "no longer" not in row[0]]
        current = {row[5]: row[6] for row in told if row[1] == "activated" and row[5]}
        assert current == {
            "residence": "oslo",
            "allergy:nuts": "yes",
            "favourite:colour": "green",
            "likes:jazz": "yes",
        }

    @pytest.mark.parametrize(("seed", "batch"), [(None, 12), (None, 5), (1, 1), (2, 3), (3, 12), (4, 4)])
    def test_any_order_and_batches_give_the_same_memories(self, unswept, in_order, seed, batch):
        tenant, expected = in_order
        order = list(STATEMENTS) if seed is not None else STATEMENTS[::-1]
        if seed is not None:
            random.Random(seed).shuffle(order)
        assert remembered(unswept, tenant, f"u-{seed}-{batch}", order, batch) == expected

    @pytest.mark.parametrize("late_first", [False, True])
    @pytest.mark.parametrize("batch", [1, 2])
    def test_a_denial_that_arrives_first_still_ends_the_value(self, unswept, late_first, batch):
        make_key(unswept, "t-denial")
        told = [("2026-01-05", "I work at Acme."), ("2026-03-01", "I no longer work at Acme.")]
        order = told[::-1] if late_first else told
        held = remembered(unswept, "t-denial", f"denial-{late_first}-{batch}", order, batch)
        assert {(row[0], row[1]) for row in held} == {
            ("Ann works at Acme", "superseded"),
            ("Ann no longer works at Acme", "activated"),
        }

    def test_a_denial_alone_is_remembered_and_holds_no_slot(self, unswept):
        make_key(unswept, "t-alone")
        told = [("2026-03-01", "I no longer work at Acme."), ("2026-02-01", "I work at Globex.")]
        held = remembered(unswept, "t-alone", "alone", told, 1)
        assert {(row[1], row[6]) for row in held} == {("activated", "acme"), ("activated", "globex")}

    def test_work_taken_up_again_after_a_denial_is_true_again(self, unswept):
        make_key(unswept, "t-again")
        told = [
            ("2026-03-01", "I no longer work at Acme."),
            ("2026-05-01", "I work at Acme."),
            ("2026-01-01", "I work at Acme."),
        ]
        held = remembered(unswept, "t-again", "again", told, 1)
        assert {(row[0], row[1]) for row in held} == {
            ("Ann works at Acme", "activated"),
            ("Ann no longer works at Acme", "superseded"),
        }


# What names somebody, what calls them by the alias, and what gives the alias to another one.
ALIASES = {
    "dog": ["My dog is called Rex.", "My dog is afraid of thunder.", "My dog is called Max."],
    "sister": ["My sister Eva is a nurse.", "My sister lives in Rome.", "My sister Ida plays chess."],
    "cat": ["My cat Tilly is grey.", "My cat sleeps in the attic.", "My cat Minka is white."],
    "son": ["My son Leo works at Acme.", "My son is allergic to eggs.", "My son Jon works at Globex."],
}


def dated(alias: str) -> list[tuple[str, str]]:
    return [(f"2026-01-0{day}", said) for day, said in enumerate(ALIASES[alias], 1)]


@pytest.fixture(scope="module")
def of_two(unswept: Resources) -> dict[str, set[tuple[Any, ...]]]:
    make_key(unswept, "t-alias")
    return {alias: remembered(unswept, "t-alias", f"{alias}-in-order", dated(alias), 1) for alias in ALIASES}


class TestAliases:
    @pytest.mark.parametrize(
        ("alias", "named"),
        [
            ("dog", ["rex", "max"]),
            ("sister", ["eva", "ida"]),
            ("cat", ["tilly", "minka"]),
            ("son", ["leo", "jon"]),
        ],
    )
    def test_an_alias_of_two_means_neither_and_who_is_named_keeps_the_name(self, of_two, alias, named):
        assert {row[4] for row in of_two[alias]} - {"user"} == {*named, alias}

    @pytest.mark.parametrize("order", list(permutations(range(3)))[1:], ids=str)
    @pytest.mark.parametrize("alias", ALIASES)
    def test_whenever_it_is_learned_the_subjects_are_the_same(self, unswept, of_two, alias, order):
        told = [dated(alias)[index] for index in order]
        assert remembered(unswept, "t-alias", f"{alias}-{order}", told, 1) == of_two[alias]

    @pytest.mark.parametrize("alias", ALIASES)
    def test_nor_does_it_matter_what_comes_together(self, unswept, of_two, alias):
        assert remembered(unswept, "t-alias", f"{alias}-batch", dated(alias), 3) == of_two[alias]

    @pytest.mark.parametrize("alias", ALIASES)
    @pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=str)
    @pytest.mark.usefixtures("of_two")
    def test_an_alias_of_one_means_that_one(self, unswept, alias, order):
        told = [dated(alias)[index] for index in order]
        held = remembered(unswept, "t-alias", f"{alias}-one-{order}", told, 1)
        assert len(held) >= 2
        (subject,) = {row[4] for row in held} - {"user"}
        assert subject in ALIASES[alias][0].lower()
        assert subject != alias


class TestWording:
    """Of two wordings of one statement the one said first stands, from when it was said."""

    SAID = (
        ("2026-01-21", "I have been working on my thesis."),
        ("2026-03-04", "I am working on my thesis."),
    )

    @pytest.mark.parametrize("late_first", [False, True])
    @pytest.mark.parametrize("batch", [1, 2])
    def test_it_does_not_depend_on_which_came_first(self, unswept, late_first, batch):
        make_key(unswept, "t-wording")
        told = list(self.SAID[::-1] if late_first else self.SAID)
        ((content, status, valid_from, *_),) = remembered(
            unswept, "t-wording", f"wording-{late_first}-{batch}", told, batch
        )
        assert (content, status) == ("Ann has been working on Ann's thesis", "activated")
        assert valid_from.date().isoformat() == "2026-01-21"

    def test_an_edited_wording_stays(self, unswept, tenant):
        make_key(unswept, tenant)
        principal = principal_of(tenant)
        remembered(unswept, tenant, "ann", [self.SAID[1]], 1)
        page = memory_reads.list_memories(
            unswept, principal, user_id="ann", matching=MemoryFilter(), cursor=None, limit=100
        )
        patch = UpdateMemory(content="Ann is working on the thesis")
        memory_writes.update_memory(
            unswept, principal, page.items[0].id, patch, IfMatch.parse_header(str(page.items[0].version))
        )
        said = remembered(unswept, tenant, "ann", [self.SAID[0]], 1)
        assert "Ann is working on the thesis" in {row[0] for row in said}


class TestDerived:
    LIKED = ("jazz", "tea", "chess", "hiking", "cats")

    def derived(self, resources: Resources, tenant: str, user: str, days: list[int]) -> set[tuple[Any, ...]]:
        """Summaries, insights and the portrait of one statement a day, posted in this order."""
        principal = principal_of(tenant)
        for day in days:
            for part, content in enumerate(
                (f"I like {self.LIKED[day]}.", f"I visited my aunt in town {day}.")
            ):
                at = f"2026-01-{day + 1:02}T1{part}:00:00Z"
                said = {"role": "user", "name": "Ann", "content": content, "observed_at": at}
                body = {"user_id": user, "session_id": f"s{day // 2}", "turns": [said], "close_session": True}
                accept_turns.accept_turns(resources, principal, AddTurns.model_validate(body), None)
        embed_turns.run_embedding(resources, tenant, user)
        extraction.run_extraction(resources, tenant, user)
        assert stage.enqueue_consolidation(resources, principal, user) is not None
        stage.run_consolidation(resources, tenant, user)
        page = memory_reads.list_memories(
            resources, principal, user_id=user, matching=MemoryFilter(), cursor=None, limit=100
        )
        held = [memory for memory in page.items if memory.kind in {"summary", "insight", "portrait"}]
        return {(m.kind, m.content, m.valid_from, *sorted(m.tags)) for m in held}

    def test_any_order_gives_the_same_conclusions(self, unswept, tenant):
        make_key(unswept, tenant)
        expected = self.derived(unswept, tenant, "in-order", [0, 1, 2, 3, 4])
        assert {kind for kind, *_ in expected} == {"summary", "insight", "portrait"}
        assert any("topic" in tags for _, _, _, *tags in expected)
        for user, order in (("backwards", [4, 3, 2, 1, 0]), ("mixed", [3, 0, 4, 1, 2])):
            assert self.derived(unswept, tenant, user, order) == expected

    def test_a_conclusion_holds_from_its_newest_source_on(self, unswept, tenant):
        make_key(unswept, tenant)
        held = {kind: at for kind, _, at, *_ in self.derived(unswept, tenant, "ann", [0, 1, 2])}
        assert held["insight"].isoformat() == held["portrait"].isoformat() == "2026-01-03T10:00:00+00:00"
