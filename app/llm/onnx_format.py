"""The few parts of the ONNX format (protobuf) that are needed to read a model's weights and to write a graph.

https://onnx.ai/onnx/repo-docs/IR.html; the numbers of fields are those of onnx.proto.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

MICROSOFT = "com.microsoft"  # the domain of ONNX Runtime's own operators
_OPSET, _IR_VERSION = 17, 8
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MODEL_IR, _MODEL_GRAPH, _MODEL_OPSET = 1, 7, 8
_GRAPH_NODE, _GRAPH_NAME, _GRAPH_TENSOR, _GRAPH_INPUT, _GRAPH_OUTPUT = 1, 2, 5, 11, 12
_TENSOR_SHAPE, _TENSOR_KIND, _TENSOR_NAME, _TENSOR_DATA = 1, 2, 8, 9
_NODE_INPUT, _NODE_OUTPUT, _NODE_OP, _NODE_ATTRIBUTE, _NODE_DOMAIN = 1, 2, 4, 5, 7
_FLOAT, _INT, _INTS = 1, 2, 7  # kinds of attributes
_KINDS: dict[int, type[np.generic]] = {1: np.float32, 2: np.uint8, 3: np.int8, 7: np.int64}


class ProtoField(NamedTuple):
    """One protobuf field: a number, or the bytes of whatever else it is."""

    number: int
    value: int
    data: memoryview


class Node(NamedTuple):
    """What matters of a graph's node."""

    op: str
    inputs: list[str]
    outputs: list[str]


def read_graph(model: memoryview) -> tuple[list[Node], dict[str, NDArray[Any]]]:
    """(the nodes in their order, the stored tensors by name, which share the model's memory).

    Tensors of other types than float32, uint8, int8 and int64 are left out. Raises `ValueError` for a wire
    type that ONNX does not use.
    """
    graph = next(
        (field.data for field in iter_fields(model) if field.number == _MODEL_GRAPH), memoryview(b"")
    )
    nodes: list[Node] = []
    tensors: dict[str, NDArray[Any]] = {}
    for field in iter_fields(graph):
        if field.number == _GRAPH_NODE:
            nodes.append(_read_node(field.data))
        elif field.number == _GRAPH_TENSOR:
            name, tensor = _read_tensor(field.data)
            if tensor is not None:
                tensors[name] = tensor
    return nodes, tensors


def _read_node(data: memoryview) -> Node:
    texts: dict[int, list[str]] = {_NODE_INPUT: [], _NODE_OUTPUT: [], _NODE_OP: []}
    for field in iter_fields(data):
        if field.number in texts:
            texts[field.number].append(str(field.data, "utf-8"))
    return Node(texts[_NODE_OP][0], texts[_NODE_INPUT], texts[_NODE_OUTPUT])


def _read_tensor(data: memoryview) -> tuple[str, NDArray[Any] | None]:
    shape: list[int] = []
    name, kind, raw = "", 0, memoryview(b"")
    for field in iter_fields(data):
        if field.number == _TENSOR_SHAPE:
            shape += list(_iter_varints(field.data)) if field.data else [field.value]
        elif field.number == _TENSOR_KIND:
            kind = field.value
        elif field.number == _TENSOR_NAME:
            name = str(field.data, "utf-8")
        elif field.number == _TENSOR_DATA:
            raw = field.data
    if kind not in _KINDS:
        return name, None
    return name, np.frombuffer(raw, _KINDS[kind]).reshape(shape)


def encode_model(graph: bytes) -> bytes:
    """A model of one graph."""
    opsets = [encode_int_field(2, _OPSET), encode_bytes_field(1, MICROSOFT.encode()) + encode_int_field(2, 1)]
    parts = [encode_int_field(_MODEL_IR, _IR_VERSION), encode_bytes_field(_MODEL_GRAPH, graph)]
    return b"".join([*parts, *(encode_bytes_field(_MODEL_OPSET, opset) for opset in opsets)])


class GraphBuilder:
    """A graph that is being written, of one float32 input and one float32 output."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._tensors: list[bytes] = []

    def add_node(
        self, op: str, inputs: Sequence[str], outputs: Sequence[str], domain: str = "", **attributes: Any
    ) -> str:
        """Append a node; returns the name of its first output."""
        parts = [encode_bytes_field(_NODE_INPUT, name.encode()) for name in inputs]
        parts += [encode_bytes_field(_NODE_OUTPUT, name.encode()) for name in outputs]
        parts += [
            encode_bytes_field(_NODE_OP, op.encode()),
            encode_bytes_field(_NODE_DOMAIN, domain.encode()),
        ]
        parts += [
            encode_bytes_field(_NODE_ATTRIBUTE, _encode_attribute(name, value))
            for name, value in attributes.items()
        ]
        self._nodes.append(encode_bytes_field(_GRAPH_NODE, b"".join(parts)))
        return outputs[0]

    def add_tensor(self, name: str, values: NDArray[Any]) -> str:
        """Append a stored tensor; returns its name."""
        kind = next(kind for kind, of in _KINDS.items() if values.dtype == of)
        shape = b"".join(encode_int_field(_TENSOR_SHAPE, size) for size in values.shape)
        data = encode_bytes_field(_TENSOR_NAME, name.encode()) + encode_bytes_field(
            _TENSOR_DATA, values.tobytes()
        )
        self._tensors.append(
            encode_bytes_field(_GRAPH_TENSOR, shape + encode_int_field(_TENSOR_KIND, kind) + data)
        )
        return name

    def encode_graph(
        self, given: Mapping[str, Sequence[int | str]], made: Mapping[str, Sequence[int | str]]
    ) -> bytes:
        """The graph, with the names and shapes of its input and output; a size may be a name."""
        ends = [_encode_value_info(_GRAPH_INPUT, name, shape) for name, shape in given.items()]
        ends += [_encode_value_info(_GRAPH_OUTPUT, name, shape) for name, shape in made.items()]
        return b"".join([*self._nodes, encode_bytes_field(_GRAPH_NAME, b"graph"), *self._tensors, *ends])


def _encode_attribute(name: str, value: float | Sequence[int]) -> bytes:
    if isinstance(value, float):
        kind, data = _FLOAT, _encode_varint(2 << 3 | _FIXED32) + struct.pack("<f", value)
    elif isinstance(value, int):
        kind, data = _INT, encode_int_field(3, value)
    else:
        kind, data = _INTS, b"".join(encode_int_field(8, one) for one in value)
    return encode_bytes_field(1, name.encode()) + data + encode_int_field(20, kind)


def _encode_value_info(place: int, name: str, shape: Sequence[int | str]) -> bytes:
    sizes = [
        encode_int_field(1, size) if isinstance(size, int) else encode_bytes_field(2, size.encode())
        for size in shape
    ]
    tensor = encode_int_field(1, _FLOAT) + encode_bytes_field(
        2, b"".join(encode_bytes_field(1, size) for size in sizes)
    )
    return encode_bytes_field(
        place, encode_bytes_field(1, name.encode()) + encode_bytes_field(2, encode_bytes_field(1, tensor))
    )


def iter_fields(data: memoryview) -> Iterator[ProtoField]:
    """The fields of a protobuf message. Raises `ValueError` for a wire type that ONNX does not use."""
    at = 0
    while at < len(data):
        tag, at = _decode_varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, at = _decode_varint(data, at)
            yield ProtoField(number, value, memoryview(b""))
            continue
        if wire == _BYTES:
            size, at = _decode_varint(data, at)
        elif wire in {_FIXED32, _FIXED64}:
            size = 4 if wire == _FIXED32 else 8
        else:
            raise ValueError(f"protobuf wire type {wire} at byte {at}")
        yield ProtoField(number, 0, data[at : at + size])
        at += size


def encode_bytes_field(number: int, data: bytes) -> bytes:
    """One field of bytes."""
    return _encode_varint(number << 3 | _BYTES) + _encode_varint(len(data)) + data


def encode_int_field(number: int, value: int) -> bytes:
    """One field of a whole number of up to 64 bits, which may be negative."""
    return _encode_varint(number << 3 | _VARINT) + _encode_varint(value & (2**64 - 1))


def _iter_varints(data: memoryview) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _decode_varint(data, at)
        yield value


def _decode_varint(data: memoryview, at: int) -> tuple[int, int]:
    """The varint at `at`, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def _encode_varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
