"""Serializes named arrays and JSON values to bytes that are read back without copying."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

_ALIGNMENT = 64

NamedArrays = dict[str, Any]


def serialize_arrays(parts: Mapping[str, Any]) -> bytes:
    """Parts by name, each an array or what JSON can hold."""
    head: dict[str, Any] = {}
    arrays: list[bytes] = []
    at = 0
    for name, value in parts.items():
        if not isinstance(value, np.ndarray):
            head[name] = {"value": value}
            continue
        data = np.ascontiguousarray(value).tobytes()
        data += b"\0" * (-len(data) % _ALIGNMENT)
        head[name] = {"at": at, "dtype": value.dtype.str, "shape": value.shape}
        arrays.append(data)
        at += len(data)
    begin = orjson.dumps(head)
    begin += b" " * (-(len(begin) + 8) % _ALIGNMENT)
    return b"".join([len(begin).to_bytes(8, "little"), begin, *arrays])


def deserialize_arrays(data: bytes) -> NamedArrays:
    """The parts of `join`; the arrays are views of `data` and can't be written to."""
    size = 8 + int.from_bytes(data[:8], "little")
    return {name: _decode_value(data, size, kept) for name, kept in orjson.loads(data[8:size]).items()}


def _decode_value(data: bytes, size: int, kept: dict[str, Any]) -> Any:
    if "at" not in kept:
        return kept["value"]
    shape = tuple(kept["shape"])
    count = int(np.prod(shape))
    return np.frombuffer(data, kept["dtype"], count, size + kept["at"]).reshape(shape)


def strip_prefix(parts: Mapping[str, Any], name: str) -> NamedArrays:
    """The parts below a name, as `below` put them there."""
    return {key.removeprefix(f"{name}."): value for key, value in parts.items() if key.startswith(f"{name}.")}


def add_prefix(name: str, parts: Mapping[str, Any]) -> NamedArrays:
    """Parts under a name of their own."""
    return {f"{name}.{key}": value for key, value in parts.items()}


def bytes_to_array(texts: bytes) -> NDArray[np.uint8]:
    """Bytes as an array."""
    return np.frombuffer(texts, np.uint8)
