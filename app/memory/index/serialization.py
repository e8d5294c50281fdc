"""Arrays and plain values as one string of bytes that is read without copying."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

_ALIGNED = 64

Parts = dict[str, Any]


def join(parts: Mapping[str, Any]) -> bytes:
    """Parts by name, each an array or what JSON can hold."""
    head: dict[str, Any] = {}
    arrays: list[bytes] = []
    at = 0
    for name, value in parts.items():
        if not isinstance(value, np.ndarray):
            head[name] = {"value": value}
            continue
        data = np.ascontiguousarray(value).tobytes()
        data += b"\0" * (-len(data) % _ALIGNED)
        head[name] = {"at": at, "dtype": value.dtype.str, "shape": value.shape}
        arrays.append(data)
        at += len(data)
    begin = orjson.dumps(head)
    begin += b" " * (-(len(begin) + 8) % _ALIGNED)
    return b"".join([len(begin).to_bytes(8, "little"), begin, *arrays])


def split(data: bytes) -> Parts:
    """The parts of `join`; the arrays are views of `data` and can't be written to."""
    size = 8 + int.from_bytes(data[:8], "little")
    return {name: _part(data, size, kept) for name, kept in orjson.loads(data[8:size]).items()}


def _part(data: bytes, size: int, kept: dict[str, Any]) -> Any:
    if "at" not in kept:
        return kept["value"]
    shape = tuple(kept["shape"])
    count = int(np.prod(shape))
    return np.frombuffer(data, kept["dtype"], count, size + kept["at"]).reshape(shape)


def inside(parts: Mapping[str, Any], name: str) -> Parts:
    """The parts below a name, as `below` put them there."""
    return {key.removeprefix(f"{name}."): value for key, value in parts.items() if key.startswith(f"{name}.")}


def below(name: str, parts: Mapping[str, Any]) -> Parts:
    """Parts under a name of their own."""
    return {f"{name}.{key}": value for key, value in parts.items()}


def text_bytes(texts: bytes) -> NDArray[np.uint8]:
    """Bytes as an array."""
    return np.frombuffer(texts, np.uint8)
