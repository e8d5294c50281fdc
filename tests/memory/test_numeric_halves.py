"""Half-precision numbers in single precision, against numpy's own conversion."""

import numpy as np

from app.memory.numeric import widen_halves


def test_every_finite_number_is_the_same():
    values = np.arange(2**16, dtype=np.uint16).view(np.float16)
    values = values[np.isfinite(values)]
    wide, wanted = widen_halves(values), values.astype(np.float32)
    assert wide.dtype == np.float32
    assert wide.tobytes() == wanted.tobytes()  # subnormal ones and the sign of zero too


def test_what_is_given_stays_as_it_is_whatever_its_shape():
    values = np.array([[1.5, -2], [0, 65504]], np.float16)
    values.flags.writeable = False
    assert widen_halves(values).tolist() == [[1.5, -2], [0, 65504]]
    assert widen_halves(values[:, 1]).tolist() == [-2, 65504]
    assert widen_halves(values[:0]).shape == (0, 2)
