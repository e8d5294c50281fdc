"""Whether a ranker that learns from citations puts first what is cited.

Usage: python -m benchmarks.ranker [--locomo dev.json]
Synthetic: each answer has 20 items with random features; cited are the three that are greatest in recency
plus speaker match. Per row: useful@5 on 500 answers that were not learned from, by the built-in weights and
by those learned from so many answers; the mean of ten seeds, and how often the learned weights would have
been put into use by the service's own test. `at random` cites by chance: the weights should stay.
LoCoMo: the first 20 items of each question, cited is what is evidence. Learned on one half of the
conversations, judged on the other, in both directions.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.llm.embeddings import LocalEmbedder
from app.memory.ranking.query import Wanted
from app.memory.ranking.results import find
from app.memory.ranking.training import NAMES, Event, event, learned, train, useful
from app.memory.ranking.weights import RankingWeights
from benchmarks.dialogues import locomo
from benchmarks.quality import NOW, Asked, index, refs_of

SHOWN, CITED, SEEDS = 20, 3, 10


def synthetic(count: int, seed: int, *, chance: bool) -> list[Event]:
    """Answers in which recency and the speaker decide what is cited, or nothing does."""
    random = np.random.default_rng(seed)
    found: list[Event] = []
    for _ in range(count):
        features = random.normal(size=(SHOWN, len(NAMES))).astype(np.float32)
        features[:, NAMES.index("speaker")] = random.random(SHOWN) < 0.5
        worth = features[:, NAMES.index("recency")] + features[:, NAMES.index("speaker")]
        used = np.zeros(SHOWN, np.bool_)
        used[np.argsort(-(random.random(SHOWN) if chance else worth))[:CITED]] = True
        found.append(Event(features, used))
    return found


def rehearse(count: int, *, chance: bool) -> tuple[float, float, int]:
    """(useful@5 before, after, how many of the seeds would have been put into use)."""
    before, after, taken = 0.0, 0.0, 0
    for seed in range(SEEDS):
        judges = synthetic(500, 1_000 + seed, chance=chance)
        training = train(RankingWeights(), synthetic(count, seed, chance=chance))
        before += float(useful(RankingWeights(), judges).mean()) / SEEDS
        after += float(useful(training.weights, judges).mean()) / SEEDS
        taken += training.better
    return before, after, taken


def answered(asked: Sequence[Asked]) -> list[Event]:
    """The first items of each question, and which of them are evidence."""
    found: list[Event] = []
    for one in asked:
        at = one.question.asked_at or NOW
        wanted = Wanted(query=one.question.text, vector=one.vector, count=SHOWN, reference_time=at)
        items = find(one.scope, wanted)
        evidence = one.question.evidence
        found.append(event([(i.features, not evidence.isdisjoint(refs_of(one.scope, i))) for i in items]))
    return found


def main() -> None:
    """Rehearse and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--locomo", type=Path)
    args = parser.parse_args()
    print(f"{'cited':12}{'answers':>8}{'before':>8}{'after':>8}{'put into use':>14}")
    for chance in (False, True):
        for count in (50, 100, 200, 500, 2_000):
            before, after, taken = rehearse(count, chance=chance)
            name = "at random" if chance else "recent, said"
            print(f"{name:12}{count:8}{before:8.3f}{after:8.3f}{taken:>11}/{SEEDS}")
    if args.locomo is None:
        return
    asked = index(list(locomo(args.locomo)), LocalEmbedder(threads=2))
    half = max(one.group for one in asked) // 2
    parts = [answered([one for one in asked if (one.group <= half) is first]) for first in (True, False)]
    for learn_from, judges in (parts, parts[::-1]):
        telling = [one for one in judges if one.tells]
        before = useful(RankingWeights(), telling).mean()
        after = useful(learned(learn_from), telling).mean()
        better = train(RankingWeights(), learn_from).better
        print(f"{'LoCoMo':12}{len(learn_from):8}{before:8.3f}{after:8.3f}{'yes' if better else 'no':>14}")


if __name__ == "__main__":
    main()
