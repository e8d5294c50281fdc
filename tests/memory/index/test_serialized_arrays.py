"""Arrays and values as bytes: what is read is what was written, without a copy."""

from typing import Any

import numpy as np
import pytest

from app.memory.index.serialization import (
    add_prefix,
    bytes_to_array,
    deserialize_arrays,
    serialize_arrays,
    strip_prefix,
)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros(0, np.int32),
        np.zeros((0, 4), np.float32),
        np.arange(1000, dtype=np.int64),
        np.arange(12, dtype=np.float32).reshape(3, 4),
        np.arange(12, dtype=np.float32).reshape(3, 4).T,
        np.array([True, False]),
        np.array([1, 2**64 - 1], np.uint64),
        np.array([0.5, -0.25], np.float16),
        bytes_to_array("Å, 東".encode()),
    ],
    ids=str,
)
def test_an_array_comes_back_with_its_shape_and_type(array: Any):
    found = deserialize_arrays(serialize_arrays({"before": np.ones(3, np.int8), "it": array, "after": 7}))
    np.testing.assert_array_equal(found["it"], array)
    assert (found["it"].dtype, found["it"].shape) == (array.dtype, array.shape)
    assert found["before"].tolist() == [1, 1, 1]
    assert found["after"] == 7


@pytest.mark.parametrize("value", [None, 0, -1.5, "", "Å\n", [], ["a", None], {"at": 1}, {"value": []}])
def test_a_value_comes_back(value: Any):
    assert deserialize_arrays(serialize_arrays({"it": value})) == {"it": value}


def test_arrays_begin_at_multiples_of_64_bytes_and_can_not_be_written_to():
    data = serialize_arrays({"a": np.ones(3, np.int8), "b" * 90: np.ones(5), "c": np.ones(7, np.int16)})
    whole = np.frombuffer(data, np.uint8).__array_interface__["data"][0]
    for array in deserialize_arrays(data).values():
        assert (array.__array_interface__["data"][0] - whole) % 64 == 0
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 2


def test_parts_under_a_name_are_told_from_those_of_a_longer_one():
    parts = add_prefix("turn", {"a": 1}) | add_prefix("turns", {"a": 2}) | add_prefix("turn", {"b.c": 3})
    assert strip_prefix(parts, "turn") == {"a": 1, "b.c": 3}
    assert strip_prefix(parts, "turns") == {"a": 2}
    assert strip_prefix(parts, "tur") == {}
