"""Lets ONNX Runtime multiply with int8 weights as they are stored, instead of unpacking them to float32.

The local model stores each weight as int8 with a scale for each column, and casts it back before every
`MatMul`. Here cast, scaling and product become one `MatMulNBits` (ONNX Runtime's own operator): the same
weights, a quarter of the memory to read, activations rounded to 8 bits in blocks. Only the few fields of
the ONNX format (protobuf) that this needs are read and written: https://onnx.ai/onnx/repo-docs/IR.html
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

BLOCK = 128  # values of a row that share a scale; benchmarks/embedding.py prints the cosine that is left
_INT8 = 3
_MODEL_GRAPH, _MODEL_OPSET = 7, 8
_GRAPH_NODE, _GRAPH_TENSOR = 1, 5
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_INT_ATTRIBUTE = 2
_INT8_ACTIVATIONS = 4  # MatMulNBits' accuracy_level


class Field(NamedTuple):
    """One protobuf field: a number, or the bytes of whatever else it is."""

    number: int
    wire: int
    value: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Node:
    """What matters of a graph node."""

    op: str
    inputs: list[str]
    outputs: list[str]


@dataclass(frozen=True, slots=True)
class Tensor:
    """What matters of a stored tensor."""

    name: str
    shape: list[int]
    kind: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Product:
    """A MatMul whose weight is int8 (K, N) times one scale a column, and the nodes that unpack it."""

    place: int
    unpacking: tuple[int, int]
    node: Node
    weight: Tensor
    scale: Tensor


def pack(model: bytes) -> bytes:
    """The ONNX model with its int8 weights multiplied as they are; what does not fit the pattern stays."""
    parts = [
        write(field.number, _pack_graph(field.data)) if field.number == _MODEL_GRAPH else _again(field)
        for field in read(model)
    ]
    domain = write(1, b"com.microsoft") + write_number(2, 1)
    return b"".join([*parts, write(_MODEL_OPSET, domain)])


def _pack_graph(graph: bytes) -> bytes:
    fields = list(read(graph))
    nodes = {at: _node(field.data) for at, field in enumerate(fields) if field.number == _GRAPH_NODE}
    tensors = {at: _tensor(field.data) for at, field in enumerate(fields) if field.number == _GRAPH_TENSOR}
    places = {tensor.name: at for at, tensor in tensors.items()}
    parts = {at: _again(field) for at, field in enumerate(fields)}
    for product in _products(nodes, {tensor.name: tensor for tensor in tensors.values()}):
        for at in (*product.unpacking, places[product.weight.name], places[product.scale.name]):
            parts[at] = b""
        parts[product.place] = write(_GRAPH_NODE, _nbits(product))
        parts[places[product.weight.name]] = _blocks(product)
    return b"".join(parts.values())


def _products(nodes: dict[int, Node], tensors: dict[str, Tensor]) -> Iterator[Product]:
    maker = {output: at for at, node in nodes.items() for output in node.outputs}
    uses = Counter(name for node in nodes.values() for name in node.inputs)

    def made_by(name: str, op: str) -> int | None:
        at = maker.get(name)
        return at if at is not None and nodes[at].op == op and uses[name] == 1 else None

    for place, node in nodes.items():
        scaling = made_by(node.inputs[1], "Mul") if node.op == "MatMul" else None
        cast = made_by(nodes[scaling].inputs[0], "Cast") if scaling is not None else None
        if scaling is None or cast is None:
            continue
        weight, scale = tensors.get(nodes[cast].inputs[0]), tensors.get(nodes[scaling].inputs[1])
        if weight is None or scale is None or weight.kind != _INT8 or weight.shape[0] % BLOCK:
            continue
        if uses[weight.name] == uses[scale.name] == 1 and scale.shape[-1] == weight.shape[1]:
            yield Product(place, (scaling, cast), node, weight, scale)


def _nbits(product: Product) -> bytes:
    """The node that stands for cast, scaling and product."""
    rows, columns = product.weight.shape
    numbers = {"K": rows, "N": columns, "bits": 8, "block_size": BLOCK, "accuracy_level": _INT8_ACTIVATIONS}
    names = (product.node.inputs[0], product.weight.name, product.scale.name)
    parts = [write(1, name.encode()) for name in names]
    parts += [write(2, name.encode()) for name in product.node.outputs]
    parts += [write(4, b"MatMulNBits"), write(7, b"com.microsoft")]
    for name, value in numbers.items():
        attribute = write(1, name.encode()) + write_number(3, value) + write_number(20, _INT_ATTRIBUTE)
        parts.append(write(5, attribute))
    return b"".join(parts)


def _blocks(product: Product) -> bytes:
    """The weight as (N, blocks, BLOCK) bytes around 128, and the column's scale for each of its blocks."""
    rows, columns = product.weight.shape
    signed = np.frombuffer(product.weight.data, np.int8).reshape(rows, columns)
    shifted = (signed.astype(np.int16) + 128).astype(np.uint8).T
    blocks = rows // BLOCK
    scales = np.repeat(np.frombuffer(product.scale.data, np.float32), blocks)
    weight = _stored(product.weight.name, [columns, blocks, BLOCK], 2, shifted.tobytes())
    return weight + _stored(product.scale.name, [columns * blocks], 1, scales.tobytes())


def _stored(name: str, shape: list[int], kind: int, data: bytes) -> bytes:
    dimensions = b"".join(write_number(1, size) for size in shape)
    return write(_GRAPH_TENSOR, dimensions + write_number(2, kind) + write(8, name.encode()) + write(9, data))


def _node(data: bytes) -> Node:
    texts: dict[int, list[str]] = {1: [], 2: [], 4: []}
    for field in read(data):
        if field.number in texts:
            texts[field.number].append(field.data.decode())
    return Node(texts[4][0], texts[1], texts[2])


def _tensor(data: bytes) -> Tensor:
    shape: list[int] = []
    name, kind, raw = "", 0, b""
    for field in read(data):
        if field.number == 1:
            shape += [field.value] if field.wire == _VARINT else list(_numbers(field.data))
        elif field.number == 2:
            kind = field.value
        elif field.number == 8:
            name = field.data.decode()
        elif field.number == 9:
            raw = field.data
    return Tensor(name, shape, kind, raw)


def read(data: bytes) -> Iterator[Field]:
    """The fields of a protobuf message. Raises `ValueError` for a wire type that ONNX does not use."""
    at = 0
    while at < len(data):
        tag, at = _number(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, at = _number(data, at)
            yield Field(number, wire, value, b"")
            continue
        if wire == _BYTES:
            size, at = _number(data, at)
        elif wire in {_FIXED32, _FIXED64}:
            size = 4 if wire == _FIXED32 else 8
        else:
            raise ValueError(f"protobuf wire type {wire} at byte {at}")
        yield Field(number, wire, 0, data[at : at + size])
        at += size


def write(number: int, data: bytes) -> bytes:
    """One field of bytes."""
    return _varint(number << 3 | _BYTES) + _varint(len(data)) + data


def write_number(number: int, value: int) -> bytes:
    """One varint field."""
    return _varint(number << 3 | _VARINT) + _varint(value)


def _again(field: Field) -> bytes:
    if field.wire == _VARINT:
        return write_number(field.number, field.value)
    if field.wire == _BYTES:
        return write(field.number, field.data)
    return _varint(field.number << 3 | field.wire) + field.data


def _numbers(data: bytes) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _number(data, at)
        yield value


def _number(data: bytes, at: int) -> tuple[int, int]:
    """The varint at `at`, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
