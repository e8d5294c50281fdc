"""What the view of an index derives row by row."""

import numpy as np
import pytest

from app.memory.index.index_view import neighbour_values


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
