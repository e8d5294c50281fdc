"""Whether a ranker that is trained on citations ranks cited results first.

Usage: python -m benchmarks.ranker [--locomo dev.json]
Synthetic: each answer has 20 results with random features; the three greatest in recency plus speaker match
are cited. Per row: useful@5 on 500 held-out answers, by the built-in weights and
by those learned from that many answers; the mean of ten seeds, and how often the learned weights would have
been put into use by the service's own test. `at random` cites by chance: the weights should stay.
LoCoMo: the first 20 results of each question; evidence is cited. Trained on one half of the
conversations, evaluated on the other, in both directions.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.llm.embeddings import LocalEmbedder
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.search_index import search_index
from app.memory.ranking.training import (
    FEATURE_NAMES,
    FeedbackEvent,
    build_feedback_event,
    fit_weights,
    train_weights,
    useful_at_k,
)
from app.memory.ranking.weights import RankingWeights
from benchmarks.dialogues import locomo
from benchmarks.quality import NOW, Asked, index, refs_of

SHOWN, CITED, SEEDS = 20, 3, 10


def synthetic(count: int, seed: int, *, chance: bool) -> list[FeedbackEvent]:
    """Answers in which recency and the speaker decide what is cited, or chance does."""
    random = np.random.default_rng(seed)
    events: list[FeedbackEvent] = []
    for _ in range(count):
        features = random.normal(size=(SHOWN, len(FEATURE_NAMES))).astype(np.float32)
        features[:, FEATURE_NAMES.index("speaker")] = random.random(SHOWN) < 0.5
        score = features[:, FEATURE_NAMES.index("recency")] + features[:, FEATURE_NAMES.index("speaker")]
        used = np.zeros(SHOWN, np.bool_)
        used[np.argsort(-(random.random(SHOWN) if chance else score))[:CITED]] = True
        events.append(FeedbackEvent(features, used))
    return events


def rehearse(count: int, *, chance: bool) -> tuple[float, float, int]:
    """(useful@5 before, after, for how many seeds the learned weights would have been used)."""
    before, after, taken = 0.0, 0.0, 0
    for seed in range(SEEDS):
        held_out = synthetic(500, 1_000 + seed, chance=chance)
        training = train_weights(RankingWeights(), synthetic(count, seed, chance=chance))
        before += float(useful_at_k(RankingWeights(), held_out).mean()) / SEEDS
        after += float(useful_at_k(training.weights, held_out).mean()) / SEEDS
        taken += training.better
    return before, after, taken


def answered(asked: Sequence[Asked]) -> list[FeedbackEvent]:
    """The first results of each question, and which of them are evidence."""
    events: list[FeedbackEvent] = []
    for one in asked:
        at = one.question.asked_at or NOW
        query = SearchQuery(text=one.question.text, count=SHOWN, reference_time=at, **one.embedded._asdict())
        results = search_index(one.user_index, query)
        evidence = one.question.evidence
        events.append(
            build_feedback_event(
                [
                    (result.features, not evidence.isdisjoint(refs_of(one.user_index, result)))
                    for result in results
                ]
            )
        )
    return events


def main() -> None:
    """Train, evaluate and print."""
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
    half = max(entry.group for entry in asked) // 2
    parts = [
        answered([entry for entry in asked if (entry.group <= half) is first]) for first in (True, False)
    ]
    for learn_from, held_out in (parts, parts[::-1]):
        informative = [entry for entry in held_out if entry.is_informative]
        before = useful_at_k(RankingWeights(), informative).mean()
        after = useful_at_k(fit_weights(learn_from), informative).mean()
        better = train_weights(RankingWeights(), learn_from).better
        print(f"{'LoCoMo':12}{len(learn_from):8}{before:8.3f}{after:8.3f}{'yes' if better else 'no':>14}")


if __name__ == "__main__":
    main()
