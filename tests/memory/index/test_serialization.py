"""A scope that was packed and read again is the scope that it was."""

import random
from uuid import UUID

import numpy as np
import pytest

from app.core.vocabulary import Status
from app.memory.index.documents import MemoryRow, SourceRow, TurnRow
from app.memory.index.serialization import deserialize_arrays, serialize_arrays
from app.memory.index.user_index import SNAPSHOT_VERSION, UserIndex
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.search_index import search_index
from tests.memory.ranking.test_search_index import Log, day

WORDS = [
    "Oslo",
    "Bergen",
    "sailing",
    "dog",
    "piano",
    "Monday",
    "tea",
    "garden",
    "über",
    "北京",
    "烤鸭",
    "neighbour",
]


class Random:
    """A log that grows by chance from one seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.log = Log()
        self.turns: list[UUID] = []

    def text(self) -> str:
        return " ".join(self.chance.choices(WORDS, k=self.chance.randint(1, 9)))

    def vector(self) -> np.ndarray:
        values = np.asarray([self.chance.gauss(0, 1) for _ in range(4)], np.float32)
        return (values / np.linalg.norm(values)).astype(np.float16).astype(np.float32)

    def grow(self, first: int, count: int) -> None:
        """Turns, some late, some without a vector, and memories of some of them."""
        for number in range(first, first + count):
            said = day(self.chance.randint(0, 40))
            names = {"session_id": f"s{self.chance.randint(1, 5)}", "name": self.chance.choice(["Ann", "Bo"])}
            turn = self.log.turn(number, self.text(), observed_at=said, **names)
            self.turns.append(turn)
            if self.chance.random() < 0.9:
                self.log.scope.set_vector(turn, True, self.vector())
            if self.chance.random() < 0.5:
                self.memory(number)

    def memory(self, number: int) -> None:
        values = {
            "status": self.chance.choice([Status.ACTIVATED, Status.ACTIVATED, Status.SUPERSEDED]),
            "attribute": self.chance.choice([None, "home", "pet"]),
            "event_from": self.chance.choice([None, day(10)]),
            "tags": self.chance.choices(WORDS, k=2),
        }
        memory = self.log.memory(number, self.text(), *self.chance.sample(self.turns, 1), **values)
        self.log.scope.set_vector(memory, False, self.vector())

    def questions(self) -> list[SearchQuery]:
        asked: list[SearchQuery] = []
        for _ in range(20):
            filters = self.chance.choice(
                [
                    {},
                    {"session_id": "s1"},
                    {"speaker": "bo"},
                    {"since": day(20)},
                    {"until": day(9)},
                    {"kinds": {"fact"}},
                ]
            )
            query = self.text() + self.chance.choice(["", " in January 2026"])
            asked.append(SearchQuery(query, self.vector(), 5, reference_time=day(50), **filters))
        return asked


def answers(
    scope: UserIndex, questions: list[SearchQuery]
) -> list[list[tuple[UUID, dict[str, float], list[UUID]]]]:
    return [
        [
            (
                one.id,
                {name: round(value, 4) for name, value in one.features.items()},
                [f.id for f in one.duplicates],
            )
            for one in search_index(scope, wanted)
        ]
        for wanted in questions
    ]


def again(scope: UserIndex) -> UserIndex:
    """The scope as it comes out of its pack."""
    found = UserIndex(4)
    found.load_snapshot(*scope.save_snapshot())
    return found


@pytest.mark.parametrize("seed", range(4))
def test_a_packed_scope_answers_as_before(seed):
    made = Random(seed)
    made.grow(1, 60)
    made.log.scope.revision, made.log.scope.epoch = 7, 3
    read = again(made.log.scope)
    questions = made.questions()
    assert answers(read, questions) == answers(made.log.scope, questions)
    assert (read.revision, read.epoch, read.memory_bytes > 0) == (7, 3, True)


@pytest.mark.parametrize("seed", range(4))
def test_what_comes_after_the_pack_counts_as_it_did(seed):
    whole, packed = Random(seed), Random(seed)
    for made in (whole, packed):
        made.grow(1, 40)
    packed.log.scope = again(packed.log.scope)
    for made in (whole, packed):
        made.grow(41, 25)
        for number in (3, 5, 8, 45):
            made.memory(number)  # another version: other words, another turn
    questions = whole.questions()
    expected = answers(whole.log.scope, questions)
    assert answers(packed.log.scope, questions) == expected
    assert answers(again(packed.log.scope), questions) == expected


def test_an_empty_scope_is_packed_too():
    assert search_index(again(UserIndex(4)), SearchQuery("Oslo", None, 3)) == []


def test_parts_are_what_was_joined():
    parts = {
        "numbers": np.arange(5, dtype=np.int32),
        "none": np.zeros((0, 2), np.uint64),
        "plain": ["a", 1, None],
    }
    read = deserialize_arrays(serialize_arrays(parts))
    assert read["plain"] == parts["plain"]
    assert np.array_equal(read["numbers"], parts["numbers"])
    assert read["none"].shape == (0, 2)


def test_rows_or_columns_of_another_form_make_packs_of_another_form():
    """Who changes the right side adds one to `SNAPSHOT_VERSION`, or stored packs are read wrongly."""
    fields = tuple(len(row.__dataclass_fields__) for row in (TurnRow, MemoryRow, SourceRow))
    scope = UserIndex(4)
    columns = [[*table.columns, *table.categorical_columns] for table in (scope.turns, scope.memories)]
    of_turns = "said_at local_at before after norm asks session agent role name speaker place"
    of_memories = "current superseded event_from event_to valid_from served_until slot subject traits place"
    assert (SNAPSHOT_VERSION, fields) == (10, (12, 28, 5))
    assert columns == [of_turns.split(), of_memories.split()]
