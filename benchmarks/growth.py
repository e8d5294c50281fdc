"""Search as one user's rows grow: exact up to 50,000 vectors, an HNSW index and a pack without texts beyond.

Usage: python -m benchmarks.growth --data-dir .memcubed --longmemeval FOLDER [--sizes 1000,10000,100000,1000000]
The service must run (`make up`) on its embedded database. Users that are missing are filled in by COPY.

Rows are made of real texts: 8,000 turns drawn from LongMemEval's sessions with a fixed seed and embedded by
the service's own model. A row is a mixture of two of them, w a + (1 - w) b with w uniform in [.6, .9],
normalised, and its text the words of a with some of b, so near neighbours lie as those of real text do.
Questions are LongMemEval's own. `nearest@10` is the share of the exactly nearest ten turns that the index
gives, `answer@10` that of an exact search's items that the service answers with; both of the same rows.
"""

import argparse
import lzma
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from app.llm.embeddings import LocalEmbedder
from benchmarks.filling import Writer

TEXTS = 8_000
WORDS = 32  # of a turn, its first


def real_texts(folder: Path, count: int, seed: int) -> list[str]:
    """Turns of LongMemEval's sessions, shortened, each once."""
    found: dict[str, None] = {}
    with lzma.open(folder / "sessions.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            for _, text in orjson.loads(line)["turns"]:
                words = text.split()[:WORDS]
                if len(words) >= 5:
                    found[" ".join(words)] = None
    texts = list(found)
    chosen = np.random.default_rng(seed).permutation(len(texts))[:count]
    return [texts[at] for at in chosen.tolist()]


def real_questions(folder: Path) -> list[str]:
    """LongMemEval's questions."""
    with lzma.open(folder / "questions.jsonl.xz", "rt", encoding="utf-8") as lines:
        return [orjson.loads(line)["question"] for line in lines]


class Mixer(Writer):
    """Rows that are mixtures of real texts and of their vectors."""

    def __init__(self, texts: Sequence[str], vectors: NDArray[np.float32], seed: int = 7) -> None:
        self._chance = np.random.default_rng(seed)
        self._texts = [text.split() for text in texts]
        self._pool = vectors

    def rows(self, count: int) -> tuple[list[str], NDArray[np.float32]]:
        """So many texts and their vectors, (count, 384)."""
        left, right = self._chance.integers(0, len(self._texts), (2, count))
        share = self._chance.uniform(0.6, 0.9, (count, 1)).astype(np.float32)
        mixed = share * self._pool[left] + (1 - share) * self._pool[right]
        words = self._chance.integers(3, 9, count).tolist()
        texts = [
            " ".join([*self._texts[a], *self._texts[b][:some]])
            for a, b, some in zip(left.tolist(), right.tolist(), words, strict=True)
        ]
        return texts, mixed / np.linalg.norm(mixed, axis=1, keepdims=True)


def mixer(folder: Path) -> Mixer:
    """The same rows for the same files."""
    texts = real_texts(folder, TEXTS, seed=7)
    return Mixer(texts, LocalEmbedder(threads=2).embed(texts))
