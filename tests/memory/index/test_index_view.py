"""What the view of an index derives row by row."""

import numpy as np
import pytest

from app.memory.index.index_view import neighbour_values, stratified_sample


@pytest.mark.parametrize(
    ("values", "neighbours", "expected"),
    [
        ([], [], []),
        ([5.0], [1], [0]),
        ([1.0, 2.0, 3.0], [3, 0, 1], [0, 1, 2]),
        ([1.0, 2.0, 3.0], [1, 2, 3], [2, 3, 0]),
    ],
)
def test_a_row_without_a_neighbour_gets_zero(values, neighbours, expected):
    found = neighbour_values(np.array(values, np.float32), np.array(neighbours, np.intp))
    assert found.tolist() == expected


@pytest.mark.parametrize(("rows", "count"), [(0, 8), (5, 8), (8, 8), (1000, 80), (20_000, 8_000)])
def test_a_sample_is_in_order_of_all_times_and_always_the_same(rows: int, count: int):
    found = stratified_sample(rows, count)
    assert found.tolist() == sorted(set(found.tolist()))
    assert len(found) == rows if rows <= count else 0.9 * count < len(found) <= count
    np.testing.assert_array_equal(found, stratified_sample(rows, count))
    if len(found):
        assert 0 <= found[0] < max(rows / count, 1)
        assert rows - max(rows / count, 1) <= found[-1] < rows


def test_the_steps_of_a_sample_are_uneven():
    # Speakers take turns: every second row would be of one of them.
    assert {0, 1} == set((stratified_sample(20_000, 100) % 2).tolist())
