"""How well topic boundaries are found in dialogues that are concatenated without a pause.

Usage: python -m benchmarks.segments [--locomo dev.json]
The local embedder and the service's own segmenter, called in the process. Precision, recall and F1 of the
boundaries at ±0, ±1 and ±2 turns, each matched at most once, and turns per segment. The embedded texts have
no names of speakers, as these would reveal the boundary between two conversations.

Synthetic: the first 5 to 10 turns of four of the dialogues of `topics.py`, drawn 200 times. LoCoMo: the first
6 to 12 turns of four sessions, of different conversations and of one, 200 times each; and all sessions of a
conversation, whole: they have 21 turns and several topics each, so few predicted boundaries can be true ones.
"""

import argparse
import random
from collections.abc import Callable, Sequence
from itertools import accumulate, groupby, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.llm.embeddings import LocalEmbedder
from app.memory.extraction.segmentation import SegmentRules, find_boundaries
from benchmarks.dialogues import locomo
from benchmarks.topics import TOPICS

DRAWN, PARTS = 200, 4
FIXED = 8
GAMMA, HISTORY, SHIFT = 1.0, 12, 3
RULES = SegmentRules()
Vectors = NDArray[np.float32]
Glued = tuple[Vectors, list[int]]
Cut = Callable[[Vectors], list[int]]


def fixed(vectors: Vectors) -> list[int]:
    """A boundary after every `FIXED` turns."""
    return list(range(FIXED, len(vectors), FIXED))


def surprising(vectors: Vectors, back: int = 0, ahead: int = 0) -> list[int]:
    """Boundaries where 1 - cos(turn, mean of the three before) is `GAMMA` deviations above its recent mean.

    Each is moved by up to `back` or `ahead` turns to where the modularity of the surrounding turns is
    greatest.
    """
    count, bounds = len(vectors), [0]
    surprise = np.zeros(count)
    for index in range(1, count):
        mean = vectors[max(0, index - 3) : index].mean(axis=0)
        surprise[index] = 1.0 - float(vectors[index] @ mean) / max(float(np.linalg.norm(mean)), 1e-9)
    for index in range(1, count):
        length = index - bounds[-1]
        recent = surprise[max(1, index - HISTORY) : index]
        inside = length >= RULES.min_turns and count - index >= RULES.min_turns and recent.std() > 0
        if length >= RULES.max_turns:
            bounds.append(index)
        elif inside and surprise[index] > recent.mean() + GAMMA * recent.std():
            low = max(bounds[-1] + RULES.min_turns, index - back)
            high = min(index + ahead, count - RULES.min_turns, bounds[-1] + RULES.max_turns)
            bounds.append(_moved(vectors, bounds[-1], index, range(low, high + 1)))
    return bounds[1:]


def _moved(vectors: Vectors, last: int, index: int, positions: Sequence[int]) -> int:
    """The position after `last` at which splitting in two segments gives the greatest modularity."""
    window = vectors[last : index + RULES.max_turns]
    similarity = np.clip(window @ window.T, 0.0, None)
    np.fill_diagonal(similarity, 0.0)
    similarity /= max(float(similarity.sum()), 1e-9)

    def modularity(position: int) -> float:
        parts = (slice(0, position - last), slice(position - last, None))
        return sum(float(similarity[p, p].sum()) - float(similarity[p].sum()) ** 2 for p in parts)

    return max(positions, key=modularity)


METHODS: dict[str, Cut] = {
    "fixed length": fixed,
    "surprise": surprising,
    "surprise, moved back": lambda vectors: surprising(vectors, back=SHIFT),
    "surprise, moved ±3": lambda vectors: surprising(vectors, back=SHIFT, ahead=SHIFT),
    "modularity (in use)": lambda vectors: find_boundaries(vectors)[1:-1],
}


def glue(parts: Sequence[Vectors]) -> Glued:
    """(the concatenated dialogues, where each but the first begins)."""
    return np.concatenate(parts), list(accumulate(len(part) for part in parts[:-1]))


def drawn(pools: Sequence[Sequence[Vectors]], shortest: int, longest: int, times: int = DRAWN) -> list[Glued]:
    """`times` random concatenations of the beginnings of `PARTS` dialogues, each from another pool."""
    chance = random.Random(1)
    drawn_dialogues: list[Glued] = []
    for _ in range(times):
        parts = [chance.choice(pool) for pool in chance.sample(pools, PARTS)]
        drawn_dialogues.append(glue([part[: chance.randint(shortest, longest)] for part in parts]))
    return drawn_dialogues


def hits(predicted: Sequence[int], true: Sequence[int], tolerance: int) -> int:
    """How many true boundaries are matched by a predicted one of their own, at most `within` turns away."""
    free, count = set(predicted), 0
    for cut in true:
        distances = [place for place in free if abs(place - cut) <= tolerance]
        if distances:
            free.remove(min(distances, key=lambda place: (abs(place - cut), place)))
            count += 1
    return count


def show(name: str, dialogues: Sequence[Glued]) -> None:
    """Print the table of methods."""
    print(f"\n{name:34}" + "".join(f"{f'±{within}: P    R    F1':>22}" for within in range(3)) + "   turns")
    for method, cut in METHODS.items():
        cuts = [cut(vectors) for vectors, _ in dialogues]
        made, true = sum(map(len, cuts)), sum(len(places) for _, places in dialogues)
        cells = ""
        for within in range(3):
            met = sum(hits(c, places, within) for c, (_, places) in zip(cuts, dialogues, strict=True))
            cells += f"{met / made:10.3f} {met / true:5.3f} {2 * met / (made + true):5.3f}"
        turns = sum(len(vectors) for vectors, _ in dialogues) / (made + len(dialogues))
        print(f"{method:34}{cells}{turns:8.1f}")


def main() -> None:
    """Embed, concatenate, segment, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--locomo", type=Path)
    args = parser.parse_args()
    embedder = LocalEmbedder(threads=2)
    written = [[embedder.embed(text.strip().splitlines())] for text in TOPICS.values()]
    show("synthetic", drawn(written, 5, 10))
    if args.locomo is None:
        return
    pools: list[list[Vectors]] = []
    for dialogue in locomo(args.locomo):
        sessions = [list(said) for _, said in groupby(dialogue.turns, key=lambda turn: turn.session_id)]
        vectors = embedder.embed([turn.content for turn in dialogue.turns])
        ends = [0, *accumulate(map(len, sessions))]
        pools.append([vectors[start:end] for start, end in pairwise(ends)])
    show("LoCoMo, different conversations", drawn(pools, 6, 12))
    of_one = [drawn([[session] for session in pool], 6, 12, DRAWN // len(pools)) for pool in pools]
    show("LoCoMo, one conversation", [glued for some in of_one for glued in some])
    show("LoCoMo, whole sessions", [glue(pool) for pool in pools])


if __name__ == "__main__":
    main()
