"""Rows in 8 bits a number, against the rows that they were made of."""

import numpy as np
import pytest

from app.memory.numeric import quantise_rows


def unit_rows(count: int, dimensions: int = 384) -> np.ndarray:
    rows = np.random.default_rng(count).standard_normal((count, dimensions)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_every_number_is_off_by_half_a_step_at_most():
    rows = unit_rows(200)
    codes, scales = quantise_rows(rows)
    assert (codes.dtype, scales.dtype) == (np.int8, np.float32)
    assert (np.abs(codes * scales[:, np.newaxis] - rows) <= scales[:, np.newaxis] * 0.6).all()
    assert np.linalg.norm(codes * scales[:, np.newaxis], axis=1) == pytest.approx(np.ones(200), rel=1e-6)
    assert (np.abs(codes).max(axis=1) == 127).all()


def test_a_cosine_is_off_by_little():
    rows = unit_rows(500)
    codes, scales = quantise_rows(rows)
    errors = (codes * scales[:, np.newaxis] - rows) @ rows[0]
    assert np.abs(errors).max() < 0.003
    assert errors.std() < 0.0006


@pytest.mark.parametrize("row", [[0, 0, 0], [1, 0, 0], [0, -1, 0], [0.5, 0.5, -0.5], [1e-8, 0, 0]])
def test_a_row_of_equal_numbers_and_zeros_is_exact(row: list[float]):
    codes, scales = quantise_rows(np.array([row], np.float32))
    assert (codes * scales[:, np.newaxis]).tolist() == [pytest.approx(row, rel=1e-6)]


def test_what_was_quantised_is_quantised_to_the_same():
    codes, scales = quantise_rows(unit_rows(50))
    again, their_scales = quantise_rows(codes * scales[:, np.newaxis])
    assert np.array_equal(again, codes)
    assert np.allclose(their_scales, scales, rtol=1e-6)


def test_no_rows_and_rows_without_numbers_are_none():
    for shape in ((0, 4), (3, 0)):
        codes, scales = quantise_rows(np.zeros(shape, np.float32))
        assert codes.shape == shape
        assert scales.tolist() == [0] * shape[0]
