"""Vectors between pgvector and numpy, in pgvector's binary form: reading 384 numbers as text is slow."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, LargeBinary, func
from sqlalchemy.orm import InstrumentedAttribute

Vector = NDArray[np.float32]
_HEADER_BYTES = 4  # two 16-bit numbers: the dimensions, and one that is unused


def packed(column: InstrumentedAttribute[Any]) -> ColumnElement[bytes]:
    """SQL that gives a halfvec column as bytes."""
    return func.halfvec_send(column, type_=LargeBinary)


def unpack(data: bytes) -> Vector:
    """The vector (d,) in the bytes of `packed`: big-endian half floats behind a header."""
    return np.frombuffer(data, dtype=">f2", offset=_HEADER_BYTES).astype(np.float32)


def unpack_all(data: Sequence[bytes]) -> Vector:
    """The vectors (n, d) of one model."""
    if not data:
        return np.zeros((0, 0), np.float32)
    rows = np.frombuffer(b"".join(data), np.uint8).reshape(len(data), -1)[:, _HEADER_BYTES:]
    return np.ascontiguousarray(rows).view(">f2").astype(np.float32)
