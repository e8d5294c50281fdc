"""Vectors between pgvector and numpy, in pgvector's binary form: 384 numbers as text are slow both ways.

pgvector's `register_vector` does not replace this. It looks four types up in the catalogue for each new
connection, which doubles what one costs. SQLAlchemy reads results as text, in which form its loader takes
forty times as long, and even in binary form it makes an object of each vector where a whole user's vectors
are read here as one array (`python -m benchmarks.vector_codecs`).
"""

import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import psycopg
from numpy.typing import ArrayLike, NDArray
from pgvector.sqlalchemy import HALFVEC
from psycopg.adapt import Dumper
from psycopg.pq import Format
from sqlalchemy import ColumnElement, Dialect, LargeBinary, func
from sqlalchemy.orm import InstrumentedAttribute

Vector = NDArray[np.float32]
_HEADER_BYTES = 4  # two 16-bit numbers: the dimensions, and an unused one
_LONGEST = 60_000  # scale of the integers; the greatest half float is 65,504


class BinaryVector(bytes):
    """A halfvec in its binary form; the statement must give its type."""


class _BinaryVectorDumper(Dumper):
    """Sends the bytes as they are, without a type OID, as it differs between databases."""

    format = Format.BINARY

    def dump(self, obj: BinaryVector) -> bytes:
        """The bytes that are sent."""
        return obj


psycopg.adapters.register_dumper(BinaryVector, _BinaryVectorDumper)


class HalfVec(HALFVEC):
    """A halfvec column that is written in binary form."""

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[ArrayLike | None], BinaryVector | None]:  # noqa: ARG002
        """The conversion from numbers to what is sent."""
        return lambda value: None if value is None else encode_vector(value)


def encode_vector(vector: ArrayLike) -> BinaryVector:
    """A vector (d,) as half floats: a header, then big-endian numbers."""
    numbers = np.asarray(vector, dtype=">f2")
    return BinaryVector(struct.pack(">HH", len(numbers), 0) + numbers.tobytes())


def cosine_literals(vectors: Vector) -> list[str]:
    """Rows (n, d) of length <= 1 as literals to compare by cosine: integers are fast to format."""
    whole = np.rint(vectors * _LONGEST).astype(int).tolist()
    return ["[" + ",".join(map(str, row)) + "]" for row in whole]


def vector_bytes(column: InstrumentedAttribute[Any]) -> ColumnElement[bytes]:
    """SQL that returns a halfvec column as bytes."""
    return func.halfvec_send(column, type_=LargeBinary)


def decode_vector(data: bytes) -> Vector:
    """The vector (d,) in the bytes of `vector_bytes`."""
    return np.frombuffer(data, dtype=">f2", offset=_HEADER_BYTES).astype(np.float32)


def decode_vectors(data: Sequence[bytes]) -> Vector:
    """The vectors (n, d) of one model."""
    return decode_joined_vectors(b"".join(data), len(data))


def decode_joined_vectors(data: bytes, count: int) -> Vector:
    """The vectors (n, d) whose bytes are concatenated."""
    if not count:
        return np.zeros((0, 0), np.float32)
    rows = np.frombuffer(data, np.uint8).reshape(count, -1)[:, _HEADER_BYTES:]
    return np.ascontiguousarray(rows).view(">f2").astype(np.float32)
