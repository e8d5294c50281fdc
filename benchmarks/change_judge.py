"""How well the model in the worker tells which later statement makes an earlier one untrue, in the process.

Usage: python -m benchmarks.change_judge

`data/judged_chats.jsonl`: 120 made-up chats by two writers from whom the model has learnt nothing, which tell
changes by hints on purpose, read into memories as memcubed writes them. `said` are the memories, `turns` the
number of the turn of each, `over` the pairs [later, earlier] of which the later makes the earlier untrue, and
`unsure` pairs of which it is not known. Judged are the changes, and of the other pairs of each chat the
closest and some by chance. Printed as JSON: the area under the ROC curve, and at the thresholds in use the
share of the changes that is found and the share of what is found that is one.

unrelated: statements of two chats, under one name: the share that is wrongly above each threshold.
"""

import json
import random
from pathlib import Path

import numpy as np

from app.llm.sentence_judge import SentenceJudge
from app.memory.reconciliation.judged_changes import DOUBTFUL, SURE
from scripts.sentence_judge.examples import find_name, read_log, rename_person

CHATS = Path(__file__).parent / "data" / "judged_chats.jsonl"
UNRELATED, BATCH = 3_000, 64
Pair = tuple[str, str]


def draw_unrelated(chats: list[list[str]]) -> list[Pair]:
    """Pairs of statements of two chats, with the first one's name in both."""
    people = [(name, said) for said in chats if (name := find_name(said)) is not None]
    draw = random.Random(0)
    found: list[Pair] = []
    for _ in range(UNRELATED):
        (name, said), (other_name, other_said) = draw.sample(people, 2)
        found.append((draw.choice(said), rename_person(draw.choice(other_said), other_name, name)))
    return found


def estimate(judge: SentenceJudge, pairs: list[Pair]) -> np.ndarray:
    """The chances (n,) of pairs (earlier, later)."""
    parts = [judge.estimate_changes(pairs[start : start + BATCH]) for start in range(0, len(pairs), BATCH)]
    return np.concatenate(parts)


def measure_area(chances: np.ndarray, is_change: np.ndarray) -> float:
    """The area under the ROC curve: how often a change is above a pair that is none."""
    above = chances[is_change][:, None] - chances[~is_change][None, :]
    return float(np.mean((above > 0) + 0.5 * (above == 0)))


def main() -> None:
    """Print the figures."""
    judge = SentenceJudge()
    sources = [json.loads(line) for line in CHATS.read_text(encoding="utf-8").splitlines()]
    examples = [pair for line, source in enumerate(sources) for pair in read_log(source, "chats", line)]
    is_change = np.array([pair.is_yes for pair in examples])
    chances = estimate(judge, [(pair.first, pair.second) for pair in examples])
    unrelated = estimate(judge, draw_unrelated([source["said"] for source in sources]))
    figures = {
        "pairs": len(examples),
        "changes": int(is_change.sum()),
        "area": round(measure_area(chances, is_change), 3),
    }
    for name, threshold in (("sure", SURE), ("doubtful", DOUBTFUL)):
        above = chances >= threshold
        figures[name] = {
            "from": threshold,
            "found": round(float(above[is_change].mean()), 3),
            "right": round(float(is_change[above].mean()), 3),
            "of_unrelated": round(float((unrelated >= threshold).mean()), 4),
        }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
