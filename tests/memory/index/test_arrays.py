"""Arrays that rows are appended to, ids and categories by row: each against the list that it stands for."""

from uuid import UUID, uuid4

import numpy as np
import pytest

from app.memory.index.arrays import CategoricalColumn, GrowableArray, IdMap, VectorMatrix
from app.memory.numeric import quantise_rows


class TestGrowableArray:
    @pytest.mark.parametrize("count", [0, 1, 15, 16, 17, 100])
    @pytest.mark.parametrize("width", [None, 3])
    def test_holds_what_was_appended(self, count: int, width: int | None):
        array = GrowableArray(np.float32, width)
        rows = [n if width is None else [n] * width for n in range(count)]
        for row in rows:
            array.append(row)
        assert len(array) == count
        assert array.as_array.tolist() == rows

    def test_new_rows_are_zero_even_where_others_were_before(self):
        array = GrowableArray(np.int32)
        array.load_rows(np.array([7, 8]))
        array.grow_to(40)
        assert array.as_array.tolist() == [7, 8, *[0] * 38]

    def test_never_shrinks(self):
        array = GrowableArray(np.int32)
        array.grow_to(5)
        array.grow_to(2)
        assert len(array) == 5

    def test_what_is_loaded_is_its_own(self):
        given, array = np.array([1, 2]), GrowableArray(np.int64)
        array.load_rows(given)
        array[0] = 9
        assert given.tolist() == [1, 2]


class TestVectorMatrix:
    def test_a_row_that_is_missing_is_zero_and_told_of(self):
        matrix = VectorMatrix(2)
        matrix.grow_to(3)
        matrix.set_row(1, np.array([0.5, -0.5], np.float32))
        assert matrix.has_vector.tolist() == [False, True, False]
        assert matrix.dot_products(np.array([0, 1], np.float32)).tolist() == pytest.approx([0, -0.5, 0])
        assert matrix.get_rows(np.array([1, 0])).tolist() == [pytest.approx([0.5, -0.5]), [0, 0]]

    def test_loaded_rows_may_be_followed_by_others(self):
        matrix = loaded(np.eye(2, dtype=np.float32), [True, False])
        matrix.grow_to(3)
        matrix.set_row(2, np.ones(2, np.float32))
        assert matrix.all_rows.tolist() == [[1, 0], [0, 1], [1, 1]]
        assert matrix.has_vector.tolist() == [True, False, True]
        assert (len(matrix), matrix.row_bytes) == (3, 6)

    @pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 1_000])
    def test_dot_products_are_those_of_the_rows(self, count: int):
        chance = np.random.default_rng(count)
        rows = chance.standard_normal((count, 16)).astype(np.float32)
        query = chance.standard_normal(16).astype(np.float32)
        some = chance.integers(0, max(1, count), 5)[:count]
        matrix = loaded(rows, [True] * count)
        assert np.allclose(matrix.dot_products(query), matrix.all_rows @ query, rtol=0, atol=1e-5)
        assert np.allclose(matrix.all_rows, rows, rtol=0, atol=0.02)
        assert np.array_equal(matrix.get_rows(some), matrix.all_rows[some])

    def test_rows_that_came_one_by_one_are_those_that_came_together(self):
        rows = np.random.default_rng(5).standard_normal((40, 16)).astype(np.float32)
        single, together = VectorMatrix(16), VectorMatrix(16)
        for number, row in enumerate(rows):
            single.grow_to(number + 1)
            single.set_row(number, row)
        together.grow_to(40)
        together.set_rows(np.arange(40), rows)
        assert np.array_equal(single.codes, together.codes)
        assert np.array_equal(single.scales, together.scales)

    def test_a_loaded_row_can_be_changed_and_the_snapshot_keeps_its_own(self):
        codes, matrix = np.full((3, 3), 127, np.int8), VectorMatrix(3)
        codes.flags.writeable = False
        matrix.load_codes(codes, np.full(3, 1 / 127, np.float32), np.ones(3, np.bool_))
        matrix.set_row(0, np.full(3, 0.5, np.float32))
        assert matrix.dot_products(np.array([1, 0, 0], np.float32)).tolist() == pytest.approx([0.5, 1, 1])
        assert (codes == 127).all()


def loaded(rows: np.ndarray, has_vector: list[bool]) -> VectorMatrix:
    """A matrix with these rows of a snapshot."""
    matrix = VectorMatrix(rows.shape[1])
    matrix.load_codes(*quantise_rows(rows), np.array(has_vector, np.bool_))
    return matrix


def with_equal_first_half(count: int) -> list[UUID]:
    """Ids that were made at one time."""
    return [UUID(int=(7 << 64) | (count - n)) for n in range(count)]


class TestIdMap:
    @pytest.mark.parametrize("loaded", [0, 1, 5, 9])
    @pytest.mark.parametrize("same_half", [True, False])
    def test_gives_each_id_its_row_and_each_row_its_id(self, loaded: int, same_half: bool):
        ids = with_equal_first_half(9) if same_half else [uuid4() for _ in range(9)]
        rows, first = IdMap(), IdMap()
        for one in ids[:loaded]:
            first.add(one)
        rows.load_ids(first.id_halves)
        assert [rows.add(one) for one in ids[loaded:]] == list(range(loaded, 9))
        assert len(rows) == 9
        assert [rows[one] for one in ids] == list(range(9))
        assert rows.get_ids([8, 0, 4]) == [ids[8], ids[0], ids[4]]
        wanted = [ids[8], uuid4(), ids[0]]
        assert rows.find_doc_ids(b"".join(one.bytes for one in wanted)).tolist() == [8, -1, 0]
        assert rows.find_doc_ids(b"").tolist() == []


class TestCategoricalColumn:
    def test_finds_rows_by_any_of_some_names(self):
        column = CategoricalColumn()
        for name in ("red", "blue", "red", None):
            column.append(name)
        assert column.codes.tolist() == [0, 1, 0, 2]
        assert column.match_any(["red", None, "green"]).tolist() == [True, False, True, True]
        assert column.match_any([]).tolist() == [False] * 4
        assert column.find_code("green") is None

    def test_a_row_may_get_another_name_and_a_loaded_column_a_new_one(self):
        column = CategoricalColumn()
        column.load_codes(["a", "b"], np.array([1, 0, 1], np.int32))
        column.set_value(0, "c")
        assert column.append("a") == 0
        assert [column.categories[code] for code in column.codes] == ["c", "a", "b", "a"]
