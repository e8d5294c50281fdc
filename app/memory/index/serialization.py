"""Serializes named arrays and JSON values to bytes that are read back without copying."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

_ALIGNMENT = 64

NamedArrays = dict[str, Any]


def serialize_arrays(parts: Mapping[str, Any]) -> bytes:
    """Serialize named parts, each an array or a JSON value; arrays are aligned to 64 bytes."""
    header: dict[str, Any] = {}
    arrays: list[bytes] = []
    offset = 0
    for name, value in parts.items():
        if not isinstance(value, np.ndarray):
            header[name] = {"value": value}
            continue
        data = np.ascontiguousarray(value).tobytes()
        data += b"\0" * (-len(data) % _ALIGNMENT)
        header[name] = {"at": offset, "dtype": value.dtype.str, "shape": value.shape}
        arrays.append(data)
        offset += len(data)
    encoded_header = orjson.dumps(header)
    encoded_header += b" " * (-(len(encoded_header) + 8) % _ALIGNMENT)
    return b"".join([len(encoded_header).to_bytes(8, "little"), encoded_header, *arrays])


def deserialize_arrays(data: bytes) -> NamedArrays:
    """Read what `serialize_arrays` wrote; the arrays are read-only views of `data`."""
    header_size = 8 + int.from_bytes(data[:8], "little")
    return {
        name: _decode_value(data, header_size, entry)
        for name, entry in orjson.loads(data[8:header_size]).items()
    }


def _decode_value(data: bytes, header_size: int, entry: dict[str, Any]) -> Any:
    if "at" not in entry:
        return entry["value"]
    shape = tuple(entry["shape"])
    count = int(np.prod(shape))
    return np.frombuffer(data, entry["dtype"], count, header_size + entry["at"]).reshape(shape)


def strip_prefix(parts: Mapping[str, Any], name: str) -> NamedArrays:
    """The parts whose names begin with `name.`, without that prefix (the inverse of `add_prefix`)."""
    return {key.removeprefix(f"{name}."): value for key, value in parts.items() if key.startswith(f"{name}.")}


def add_prefix(name: str, parts: Mapping[str, Any]) -> NamedArrays:
    """The parts with their names prefixed by `name.`."""
    return {f"{name}.{key}": value for key, value in parts.items()}


def bytes_to_array(texts: bytes) -> NDArray[np.uint8]:
    """Bytes as an array of uint8, without copying."""
    return np.frombuffer(texts, np.uint8)
