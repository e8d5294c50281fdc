"""How long the local model takes for a question: int8 products beside exact ones, in one run.

Usage: python -m benchmarks.embedding [--questions 300]
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence

import numpy as np

from app.llm.embeddings import LocalEmbedder, Vectors
from benchmarks.filling import Writer


def milliseconds(embed: Callable[[str], Vectors], questions: Sequence[str]) -> tuple[float, Vectors]:
    """(median of one question, their vectors)."""
    embed(questions[0])
    taken: list[float] = []
    vectors: list[Vectors] = []
    for question in questions:
        started = time.perf_counter()
        vectors.append(embed(question))
        taken.append(1e3 * (time.perf_counter() - started))
    return float(np.median(taken)), np.vstack(vectors)


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=300)
    writer, embedder = Writer(), LocalEmbedder(threads=1)
    questions = [writer.question() for _ in range(parser.parse_args().questions)]
    exact_ms, exact = milliseconds(lambda text: embedder.embed([text])[0], questions)
    int8_ms, int8 = milliseconds(embedder.embed_query, questions)
    told = {
        "exact_ms": round(exact_ms, 2),
        "int8_ms": round(int8_ms, 2),
        "ratio": round(exact_ms / int8_ms, 2),
        "least_cosine": round(float((exact * int8).sum(axis=1).min()), 4),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
