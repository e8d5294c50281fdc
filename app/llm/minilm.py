"""all-MiniLM-L6-v2 from its int8 weights, as a graph of ONNX Runtime's fused operators.

The file that the weights come from casts each weight back to float32 before it multiplies, and has 240 nodes
that pad, mask and reshape a batch. Here a text is a batch of its own without padding, in some 70 nodes:
products are of 8-bit whole numbers, so a text has one vector whoever asks for it, and it costs half the time
(`benchmarks/embedding.py`). Weights are the file's own; inputs of products are rounded to 8 bits for a text
together (ONNX Runtime's DynamicQuantizeMatMul), those of the feed-forward layers after each token was scaled
by its greatest value, as there some tokens have much greater ones than the others.
"""

import mmap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from app.llm.onnx_format import MICROSOFT, GraphBuilder, Node, encode_model, read_graph

Vectors = NDArray[np.float32]
DIMENSIONS = 384
_LAYERS, _HEADS, _EPSILON = 6, 12, 1e-12
_PRODUCTS = ("query", "key", "value", "attention", "intermediate", "output")  # of a layer, in their order
_ZERO = 128  # stands for 0 in unsigned weights, with which no processor's int8 products overflow
_EMBEDDINGS = "inner.embeddings."


class Weight(NamedTuple):
    """An int8 matrix (k, n) and the scale of each column, (n,)."""

    values: NDArray[np.int8]
    scales: Vectors


class MiniLM:
    """The model of one file; loaded when made, then shared by all threads."""

    def __init__(self, path: Path) -> None:
        """Raises `ValueError` when the file is of another model."""
        with path.open("rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        nodes, tensors = read_graph(data)
        try:
            self._word_weights = tensors[f"{_EMBEDDINGS}word_embeddings.weight_q"]
            self._word_scales = tensors[f"{_EMBEDDINGS}word_embeddings.weight_scale"]
            places = _dequantize_tensor(tensors, f"{_EMBEDDINGS}position_embeddings.weight")
            self._position_vectors = places + tensors[f"{_EMBEDDINGS}token_type_embeddings.weight"][0]
            self._session = open_session(build_fused_model(nodes, tensors))
        except KeyError as exc:
            raise ValueError(f"{path} has no tensor {exc}.") from exc

    def embed_tokens(self, tokens: Sequence[int]) -> Vectors:
        """The mean of the vectors of a text's tokens, (384,), not of length 1."""
        ids = np.asarray(tokens)
        hidden = self._word_weights[ids] * self._word_scales[ids] + self._position_vectors[: len(ids)]
        return np.asarray(self._session.run(None, {"hidden": hidden[np.newaxis]})[0], np.float32)[0]


def open_session(graph: bytes) -> ort.InferenceSession:
    """The model, ready to run on the thread that calls it; without the arena it gives memory back."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def build_fused_model(nodes: Sequence[Node], tensors: Mapping[str, NDArray[Any]]) -> bytes:
    """The model from the vectors of a text's tokens (1, s, 384) to their mean (1, 384).

    Raises `KeyError` for a tensor that is missing, `ValueError` for other products than a MiniLM has.
    """
    products = [node.inputs[1] for node in nodes if node.op == "MatMul"]
    weights = [
        Weight(tensors[f"{name}_q"], tensors[f"{name}_scale"].reshape(-1))
        for name in products
        if f"{name}_q" in tensors
    ]
    if len(weights) != _LAYERS * len(_PRODUCTS):
        raise ValueError(f"The model has {len(weights)} int8 products, not {_LAYERS * len(_PRODUCTS)}.")
    graph = GraphBuilder()
    graph.add_tensor("zero", np.array(_ZERO, np.uint8))
    start = [graph.add_tensor(end, tensors[f"{_EMBEDDINGS}LayerNorm.{end}"]) for end in ("weight", "bias")]
    hidden = graph.add_node("LayerNormalization", ["hidden", *start], ["0.start"], axis=-1, epsilon=_EPSILON)
    for number in range(_LAYERS):
        of_layer = weights[number * len(_PRODUCTS) :]
        hidden = _add_layer(graph, tensors, number, dict(zip(_PRODUCTS, of_layer, strict=False)), hidden)
    graph.add_node("ReduceMean", [hidden], ["mean"], axes=[1], keepdims=0)
    return encode_model(graph.encode_graph({"hidden": [1, "tokens", DIMENSIONS]}, {"mean": [1, DIMENSIONS]}))


def _add_layer(
    graph: GraphBuilder,
    tensors: Mapping[str, NDArray[Any]],
    number: int,
    weights: dict[str, Weight],
    hidden: str,
) -> str:
    """Add the nodes of one layer; returns the name of what they make of `hidden`."""
    own, stored = f"{number}.", f"inner.encoder.layer.{number}."
    selves = ("query", "key", "value")
    bias = np.concatenate([tensors[f"{stored}attention.self.{name}.bias"] for name in selves])
    joint = Weight(
        np.concatenate([weights[name].values for name in selves], axis=1),
        np.concatenate([weights[name].scales for name in selves]),
    )
    heads = [own + name for name in selves]
    graph.add_node("Split", [_add_product(graph, own + "selves", joint, hidden)], heads, axis=-1)
    heads.append(graph.add_tensor(own + "selves.bias", bias))
    graph.add_node("MultiHeadAttention", heads, [own + "seen"], MICROSOFT, num_heads=_HEADS)
    seen = _add_product(graph, own + "attention", weights["attention"], own + "seen")
    hidden = _add_layer_norm(graph, tensors, f"{stored}attention.output.", own + "attended", seen, hidden)

    graph.add_node("Abs", [hidden], [own + "sizes"])
    wide = _add_scaled_product(graph, own + "intermediate", weights["intermediate"], hidden, own + "sizes")
    bias = graph.add_tensor(own + "intermediate.bias", tensors[f"{stored}intermediate.dense.bias"])
    graph.add_node("BiasGelu", [wide, bias], [own + "gelu"], MICROSOFT)
    # What GELU gives is never below -0.17: its greatest value is its size.
    narrow = _add_scaled_product(graph, own + "output", weights["output"], own + "gelu", own + "gelu")
    return _add_layer_norm(graph, tensors, f"{stored}output.", own + "end", narrow, hidden)


def _add_product(graph: GraphBuilder, name: str, weight: Weight, given: str) -> str:
    unsigned = (weight.values.astype(np.int16) + _ZERO).astype(np.uint8)
    held = [
        graph.add_tensor(f"{name}.weight", unsigned),
        graph.add_tensor(f"{name}.scale", weight.scales),
        "zero",
    ]
    return graph.add_node("DynamicQuantizeMatMul", [given, *held], [name], MICROSOFT)


def _add_scaled_product(graph: GraphBuilder, name: str, weight: Weight, given: str, sizes: str) -> str:
    """The product of each token divided by the greatest of its `sizes`, times that."""
    graph.add_node("ReduceMax", [sizes], [f"{name}.size"], axes=[-1], keepdims=1)
    graph.add_node("Div", [given, f"{name}.size"], [f"{name}.given"])
    made = _add_product(graph, f"{name}.made", weight, f"{name}.given")
    return graph.add_node("Mul", [made, f"{name}.size"], [name])


def _add_layer_norm(
    graph: GraphBuilder, tensors: Mapping[str, NDArray[Any]], stored: str, name: str, made: str, hidden: str
) -> str:
    """The sum of what a sublayer made, its bias and what it was given, normalised."""
    ends = {"weight": "LayerNorm.weight", "offset": "LayerNorm.bias", "bias": "dense.bias"}
    held = [graph.add_tensor(f"{name}.{end}", tensors[stored + of]) for end, of in ends.items()]
    return graph.add_node(
        "SkipLayerNormalization", [made, hidden, *held], [name], MICROSOFT, epsilon=_EPSILON
    )


def _dequantize_tensor(tensors: Mapping[str, NDArray[Any]], name: str) -> Vectors:
    return tensors[f"{name}_q"] * tensors[f"{name}_scale"]
