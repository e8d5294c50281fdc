"""Fits the weights by which the offline extractor judges clauses, on LoCoMo's observations as labels.

A clause is labelled worth knowing if it holds a quarter of the content words of a fact that the data set
derives from its turn. Printed: the area under the curve on each conversation when fitted on the others, and
the weights fitted on all of them (`app/memory/extraction/offline/worth/judging.py`). In the process:

    .venv/bin/python -m benchmarks.worth_weights --locomo LOCOMO.json
"""

import argparse
import json
import re
from collections.abc import Iterator
from dataclasses import astuple, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from app.core.vocabulary import Role
from app.llm.english_parser import EnglishParser
from app.memory.extraction.offline.facts.fact_building import write_content
from app.memory.extraction.offline.grammar.persons import PersonMemory
from app.memory.extraction.offline.open_sentences import find_units, open_sentence
from app.memory.extraction.offline.statements import find_statements
from app.memory.extraction.offline.worth.judging import ClauseTraits, Worth, measure_traits
from app.memory.extraction.offline.writer import Voices
from app.memory.text.analysis import analyze_text
from app.memory.types import Turn

LEAST_SHARE = 0.25
RIDGE, STEPS = 3.0, 30


def labelled_clauses(sample: dict[str, Any], parser: EnglishParser) -> Iterator[tuple[ClauseTraits, bool]]:
    """Yield the traits of each clause of a conversation that says something, and its label."""
    conversation = sample["conversation"]
    names = {conversation["speaker_a"], conversation["speaker_b"]}
    speaking = frozenset(name.lower() for name in names)
    facts: dict[str, list[set[str]]] = {}
    for by_speaker in sample["observation"].values():
        for fact, evidence in (pair for pairs in by_speaker.values() for pair in pairs):
            for ref in re.findall(r"D\d+:\d+", json.dumps(evidence)):
                facts.setdefault(ref, []).append(set(analyze_text(fact)) - speaking)
    for number in range(1, 100):
        spoken = conversation.get(f"session_{number}", [])
        said_at = datetime(2023, 5, 8, tzinfo=UTC)
        turns = [
            Turn(UUID(int=i + 1), "u", "s", i, Role.USER, t["text"], said_at, t["speaker"], t["dia_id"])
            for i, t in enumerate(spoken)
        ]
        memory = PersonMemory()
        for statement in find_statements(turns, parser):
            if not statement.tokens:
                continue
            speaker = statement.turn.name or ""
            voices = Voices(speaker, next(iter(names - {speaker}), None))
            sentence = open_sentence(statement, voices, speaking, memory)
            memory.remember(sentence.persons)
            for unit in find_units(sentence):
                if unit.worth >= Worth.LITTLE:
                    told = set(analyze_text(write_content(sentence, unit)))
                    known = facts.get(statement.turn.ref or "", [])
                    share = max((len(told & fact) / len(fact) for fact in known if fact), default=0.0)
                    view = sentence.view(unit.clause, unit.first, unit.last)
                    yield measure_traits(view), share >= LEAST_SHARE


def fit(traits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The intercept and the weights of a logistic regression with a ridge penalty."""
    inputs = np.c_[np.ones(len(traits)), traits]
    penalty = np.eye(inputs.shape[1]) * RIDGE
    penalty[0, 0] = 0
    weights = np.zeros(inputs.shape[1])
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-inputs @ weights))
        curvature = inputs.T @ (inputs * (chance * (1 - chance))[:, None]) + penalty
        weights -= np.linalg.solve(curvature, inputs.T @ (chance - labels) + penalty @ weights)
    return weights


def area_under_curve(scores: np.ndarray, labels: np.ndarray) -> float:
    """The chance that a clause worth knowing is scored above another one."""
    ranks = np.argsort(np.argsort(scores))
    worthy = labels.sum()
    return float((ranks[labels == 1].sum() - worthy * (worthy - 1) / 2) / (worthy * (len(labels) - worthy)))


def main() -> None:
    """Fit on the conversations of a file, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--locomo", type=Path, required=True)
    samples = json.loads(parser.parse_args().locomo.read_text(encoding="utf-8"))
    english = EnglishParser()
    rows = [(n, t, label) for n, s in enumerate(samples) for t, label in labelled_clauses(s, english)]
    group = np.array([n for n, _, _ in rows])
    traits = np.array([astuple(t) for _, t, _ in rows], dtype=float)
    labels = np.array([label for _, _, label in rows], dtype=float)
    print(f"{len(rows)} clauses, {labels.mean():.2f} of them worth knowing")
    for number in range(len(samples)):
        own = group == number
        weights = fit(traits[~own], labels[~own])
        area = area_under_curve(traits[own] @ weights[1:], labels[own])
        print(f"conversation {number + 1} by the others: {area:.3f}")
    weights = fit(traits, labels)
    named = dict(
        zip([field.name for field in fields(ClauseTraits)], weights[1:].round(1).tolist(), strict=True)
    )
    print(json.dumps({"intercept": round(float(weights[0]), 1)} | named, indent=1))


if __name__ == "__main__":
    main()
