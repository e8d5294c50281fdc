"""A large user's scope, without texts and vectors, answers as the exact one when all rows are candidates."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest
from numpy.typing import NDArray

from app.memory.index.documents import MemoryRow, TurnRow
from app.memory.index.tables import MemoryTable, TurnTable
from app.memory.index.user_index import UserIndex
from app.memory.index.vectors import VectorStatistics
from app.memory.numeric import FloatArray
from app.memory.ranking.matching import ann_index
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.query_plan import plan_query
from app.memory.ranking.results.deduplication import SearchResult
from app.memory.ranking.search_index import search_index
from app.services.search.index_readers import AnnReader, PendingNeighbours
from app.services.search.search import find_results
from tests.memory.index.test_serialization import Random
from tests.memory.ranking.test_search_index import Log, day


class Held:
    """The store that an exact scope is; what is in `gone` was deleted."""

    def __init__(self, scope: UserIndex) -> None:
        self.scope = scope
        self.gone: set[UUID] = set()
        self.scanning = False  # while it does nothing else can be asked

    def _there(self, ids: Sequence[UUID], *, of_turn: bool) -> list[int]:
        assert not self.scanning
        at = (self.scope.turns if of_turn else self.scope.memories).id_map
        return [row for i in ids if i not in self.gone and (row := at.get(i)) is not None]

    @contextmanager
    def search_nearest(self, vector: FloatArray, turns: int, memories: int) -> Generator[PendingNeighbours]:
        assert not self.scanning
        self.scanning = True
        yield lambda: (
            self._near(self.scope.turns, vector, turns),
            self._near(self.scope.memories, vector, memories),
        )
        self.scanning = False

    def _near(self, table: TurnTable | MemoryTable, vector: FloatArray, count: int) -> bytes:
        known = np.flatnonzero(table.vectors.has_vector).tolist()
        found = [
            (table.id_map.get_ids([row])[0], float(table.vectors.all_rows[row] @ vector)) for row in known
        ]
        found = [pair for pair in found if pair[0] not in self.gone]
        return b"".join(row_id.bytes for row_id, _ in sorted(found, key=lambda pair: -pair[1])[:count])

    def fetch_vectors(self, ids: bytes) -> tuple[NDArray[np.intp], FloatArray]:
        assert not self.scanning
        there: list[int] = []
        found: list[FloatArray] = []
        for place in range(len(ids) // 16):
            row_id = UUID(bytes=ids[16 * place : 16 * place + 16])
            for table in (self.scope.turns, self.scope.memories):
                at = None if row_id in self.gone else table.id_map.get(row_id)
                if at is not None and table.vectors.has_vector[at]:
                    there.append(place)
                    found.append(table.vectors.all_rows[at])
        return np.array(there, np.intp), np.stack(found) if found else np.zeros((0, 0), np.float32)

    def fetch_turns(self, ids: Sequence[UUID]) -> list[TurnRow]:
        return [self.scope.turns[row] for row in self._there(ids, of_turn=True)]

    def fetch_memories(self, ids: Sequence[UUID]) -> list[MemoryRow]:
        return [self.scope.memories[row] for row in self._there(ids, of_turn=False)]


def spreads(scope: UserIndex) -> dict[str, VectorStatistics]:
    """Over all rows that have a vector."""
    turns, memories = scope.turns, scope.memories
    before, after = scope.index_view.previous_turn, scope.index_view.next_turn
    padded = np.vstack([turns.vectors.all_rows, np.zeros((1, turns.vectors.all_rows.shape[1]), np.float32)])
    windows = (padded[:-1] + padded[before] + padded[after]) / turns.window_vector_norms()[:, None]
    known, told = turns.vectors.has_vector, memories.vectors.has_vector
    return {
        "turns": VectorStatistics.from_vectors(np.flatnonzero(known), turns.vectors.all_rows[known]),
        "windows": VectorStatistics.from_vectors(np.flatnonzero(known), windows[known]),
        "memories": VectorStatistics.from_vectors(np.flatnonzero(told), memories.vectors.all_rows[told]),
    }


def put(scope: UserIndex, exact: UserIndex, turns: range, memories: range) -> None:
    """The rows of an exact scope in their order."""
    for row in turns:
        scope.upsert_turn(exact.turns[row])
    for row in memories:
        scope.upsert_memory(exact.memories[row])


def ask(scope: UserIndex, store: Held, wanted: SearchQuery) -> list[SearchResult]:
    """The answer to a question to a large user whose rows are in the store."""
    return find_results(AnnReader(scope, store, 4), plan_query(scope, wanted))[0]


def link(scope: UserIndex, exact: UserIndex) -> None:
    """The links of an exact scope."""
    scope._link_table.load_arrays(exact._link_table.to_arrays())
    scope._index_view = None


def large(exact: UserIndex, packed_turns: int, packed_memories: int) -> UserIndex:
    """The same rows without texts and vectors: so many in a pack, the others after it."""
    made = UserIndex(4)
    made.clear(spreads(exact), keeps_documents=False)
    half = packed_turns // 2
    put(made, exact, range(half), range(0))
    made.compact()
    put(made, exact, range(half, packed_turns), range(packed_memories))
    made.compact()
    index, vectors, documents = made.save_snapshot()
    assert (vectors, documents) == (b"", b"")
    said = [row.content for row in (exact.turns[0], exact.turns[1], exact.memories[0]) if " " in row.content]
    assert not any(text.encode() in index for text in said)
    found = UserIndex(4)
    found.load_snapshot(index, vectors, documents)
    put(found, exact, range(packed_turns, len(exact.turns)), range(packed_memories, len(exact.memories)))
    link(found, exact)
    return found


@pytest.fixture(autouse=True)
def _all_are_candidates(monkeypatch):
    monkeypatch.setattr(ann_index, "LEXICAL_CANDIDATES", 200)


def close(one: UserIndex, other: UserIndex, questions: list) -> None:
    """The same items in the same order, with nearly the same features and scores."""
    for wanted in questions:
        left, right = ask(one, Held(other), wanted), search_index(other, wanted)
        assert [found.id for found in left] == [found.id for found in right]
        for here, there in zip(left, right, strict=True):
            assert here.features == pytest.approx(there.features, abs=2e-3)
            assert here.score == pytest.approx(there.score, abs=5e-3)
            assert [found.id for found in here.duplicates] == [found.id for found in there.duplicates]
            assert here.superseded_by == there.superseded_by


@pytest.mark.parametrize("seed", range(6))
def test_answers_as_the_exact_scope_does(seed):
    made = Random(seed)
    made.grow(1, 60)
    exact = made.log.scope
    close(large(exact, len(exact.turns), len(exact.memories)), exact, made.questions())


@pytest.mark.parametrize("seed", range(6))
def test_what_comes_after_the_pack_counts_too(seed):
    made = Random(seed)
    made.grow(1, 60)
    exact = made.log.scope
    scope = large(exact, 45, len(exact.memories) // 2)
    before = [exact.memories[row] for row in range(len(exact.memories))]
    for number in (3, 5, 8, 45, 5):
        made.memory(number)  # another version: other words, another turn
        for row in range(len(exact.memories)):
            if row >= len(before) or exact.memories[row] is not before[row]:
                scope.upsert_memory(exact.memories[row])
    scope.vector_statistics = spreads(exact)
    close(scope, exact, made.questions())


def test_what_was_deleted_since_is_not_found():
    made = Random(1)
    made.grow(1, 60)
    exact = made.log.scope
    scope = large(exact, 60, len(exact.memories))
    store = Held(exact)
    for wanted in made.questions():
        before = ask(scope, store, wanted)
        store.gone |= {found.id for found in before[:2]}
        after = ask(scope, store, wanted)
        found = [one.id for one in after]
        assert store.gone.isdisjoint(found)
        # What is left of an answer that was not full is still in it; whatever else there is fills it up.
        kept = {one.id for one in before} - store.gone
        assert kept <= set(found) or len(found) == wanted.count
        assert len(after) == len(before) or len(after) < wanted.count


def test_only_words_answer_without_a_vector():
    made = Random(2)
    made.grow(1, 60)
    exact = made.log.scope
    scope = large(exact, 60, len(exact.memories))
    questions = made.questions()
    for wanted in questions:
        object.__setattr__(wanted, "vector", None)
    for wanted in questions:
        left, right = ask(scope, Held(exact), wanted), search_index(exact, wanted)
        assert [one.id for one in left] == [one.id for one in right]


@pytest.mark.parametrize("seed", range(6))
def test_however_few_pass_as_many_are_found(seed, monkeypatch):
    made = Random(seed)
    made.grow(1, 90)
    exact = made.log.scope
    scope = large(exact, 80, len(exact.memories) - 5)
    questions = made.questions()
    for some in (
        {"tags": frozenset({"Oslo"})},
        {"kinds": frozenset({"fact"}), "since": day(30)},
        {"count": 40},
    ):
        questions += [replace(wanted, **some) for wanted in made.questions()]
    for name in ("MAX_EXHAUSTIVE", "LEXICAL_CANDIDATES", "ANN_CANDIDATES"):
        monkeypatch.setattr(ann_index, name, 1)
    for wanted in questions:
        assert len(ask(scope, Held(exact), wanted)) == len(search_index(exact, wanted))


def test_what_is_no_longer_true_makes_room_for_what_is(monkeypatch):
    log = Log()
    for number in range(1, 81):
        turn = log.turn(number, f"I keep boat {number} in Oslo.")
        log.memory(
            number, f"Ann keeps boat {number} in Oslo", turn, status="superseded", quote=f"boat {number}"
        )
        log.memory(100 + number, f"Oslo {number}", turn, status="superseded", quote="I keep in Oslo")
    others = {log.turn(number, "We had tea with lots of sugar and cake.") for number in range(90, 93)}
    monkeypatch.setattr(ann_index, "LEXICAL_CANDIDATES", 1)
    scope = large(log.scope, 83, 160)
    found = ask(scope, Held(log.scope), SearchQuery("Where is the boat in Oslo?", None, 3))
    assert {one.id for one in found} == others


class TestLinks:
    """Links lead a large user to rows that neither words nor the ANN index find."""

    @pytest.fixture
    def log(self, monkeypatch) -> Log:
        """Three memories that have no word in common, and 200 of something else."""
        for name in ("MAX_EXHAUSTIVE", "LEXICAL_CANDIDATES", "ANN_CANDIDATES"):
            monkeypatch.setattr(ann_index, name, 1)
        made = Log()
        told = {number: f"The neighbour painted fence number {number}." for number in range(60, 260)}
        told |= {1: "Ann flies to Lima in June.", 2: "Rex barks at cyclists.", 3: "Bo sells kites."}
        for number, said in told.items():
            made.memory(number, said, made.turn(number, said, session_id=f"s{number}"))
        return made

    def link(self, log: Log, *pairs: tuple[UUID, UUID]) -> None:
        log.scope.replace_links([one for one, _ in pairs], [(one, other, 0.6) for one, other in pairs])

    @pytest.mark.parametrize(
        ("reached", "more"),
        [
            (1_002, {}),
            (1_003, {}),
            (1_050, {}),
            (1_002, {"kinds": frozenset({"fact"})}),
            (1_003, {"since": day(1)}),
        ],
    )
    def test_are_followed_as_in_an_exact_search(self, log: Log, reached: int, more: dict):
        log.memory(50, "Cyclists fear the dog.")  # stands for no turn
        lima, rex, kites, insight = (UUID(int=number) for number in (1_001, 1_002, 1_003, 1_050))
        wanted = SearchQuery("When does Ann fly to Lima?", None, 6, **more)
        assert UUID(int=reached) not in [one.id for one in search_index(log.scope, wanted)]
        self.link(log, (rex, lima), (kites, rex), (insight, lima))
        exact = search_index(log.scope, wanted)
        found = ask(large(log.scope, 203, 201), Held(log.scope), wanted)
        assert [one.id for one in found[:4]] == [one.id for one in exact[:4]]
        (one,) = [one for one in found if one.id == UUID(int=reached)]
        assert one.features["graph"] > 0

    def test_that_lead_to_a_deleted_memory_lead_nowhere(self, log: Log):
        lima, rex = UUID(int=1_001), UUID(int=1_002)
        self.link(log, (rex, lima))
        store = Held(log.scope)
        store.gone = {rex, UUID(int=2)}
        found = ask(large(log.scope, 203, 201), store, SearchQuery("When does Ann fly to Lima?", None, 3))
        assert len(found) == 3
        assert store.gone.isdisjoint(one.id for one in found)
