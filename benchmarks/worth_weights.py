"""Fits the weights by which the offline extractor judges clauses (`extraction/offline/worth/judging.py`).

The labels are those of `data/labelled_talk.txt`: made-up dialogues, each sentence judged by itself. With
`--locomo` the facts that LoCoMo derives from its turns are weak labels besides, of `WEAK` weight: a clause is
labelled worth knowing if it holds a third of the content words of a fact, or most of its own are a fact's.
Printed: the area under the curve of each when fitted on other dialogues, precision and recall by threshold,
and the weights. In the process, no service:

    .venv/bin/python -m benchmarks.worth_weights [--locomo LOCOMO.json]
"""

import argparse
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from app.core.vocabulary import Role
from app.llm.english_parser import EnglishParser
from app.memory.extraction.offline.extractor import words_heard
from app.memory.extraction.offline.facts.fact_building import quote_of, write_content
from app.memory.extraction.offline.grammar.persons import PersonMemory
from app.memory.extraction.offline.open_sentences import OpenSentence, Unit, find_units, open_sentence
from app.memory.extraction.offline.statements import KEPT_FRAMES, find_statements
from app.memory.extraction.offline.worth.judging import is_weighed
from app.memory.extraction.offline.worth.traits import ClauseTraits, measure_traits
from app.memory.extraction.offline.writer import Voices
from app.memory.text.analysis import analyze_text
from app.memory.types import Turn

LABELLED_TALK = Path(__file__).parent / "data" / "labelled_talk.txt"
SAID_AT = datetime(2026, 5, 20, 10, tzinfo=UTC)
WEAK = 0.5
SHARE_OF_FACT, SHARE_OF_CLAUSE = 0.34, 0.6
RIDGE, STEPS, FOLDS = 3.0, 30, 6
THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.5)
NAMES = [field.name for field in fields(ClauseTraits)]
# Too rare in what is fitted to be learnt from it, or known: a weight is at least, or at most, so much.
AT_LEAST = {"safety": 2.5, "habit": 0.6, "dates": 0.8, "own_state": 0.7, "plan": -0.5}
AT_MOST = {"opinion": -1.5, "of_doing": -1.0, "at_hand": -0.8}
CHOSEN = {"alone_unasked": 2.1}
_LABELLED = re.compile(r"\[([+-])\] (.*?)(?= \[[+-]\] |$)")


@dataclass(frozen=True, slots=True)
class Labelled:
    """The traits of a clause, whether it is worth knowing, and the number of its dialogue."""

    traits: ClauseTraits
    is_worth: bool
    dialogue: int


def read_clauses(turns: Sequence[Turn], parser: EnglishParser) -> Iterator[tuple[OpenSentence, Unit]]:
    """Yield the clauses of a conversation that are weighed."""
    names = {turn.name for turn in turns if turn.name}
    speaking = frozenset(name.lower() for name in names)
    heard, memory = words_heard(turns), PersonMemory()
    for statement in find_statements([turn for turn in turns if turn.role is Role.USER], parser):
        if not statement.tokens or statement.frame not in KEPT_FRAMES:
            continue
        turn = statement.turn
        listener = next(iter(names - {turn.name}), None) if turn.name else None
        voices = Voices(turn.name or "the user", listener)
        sentence = open_sentence(statement, voices, speaking, memory, heard=heard.get(turn.id, frozenset()))
        memory.remember(sentence.persons)
        for unit in find_units(sentence):
            if is_weighed(sentence.view(unit.clause, unit.first, unit.last)):
                yield sentence, unit


def labelled_talk(parser: EnglishParser) -> Iterator[Labelled]:
    """Yield the clauses of the made-up dialogues."""
    dialogues = LABELLED_TALK.read_text(encoding="utf-8").split("\n@ ")[1:]
    for number, dialogue in enumerate(dialogues):
        head, *lines = dialogue.strip().splitlines()
        has_assistant = head == "user"
        turns: list[Turn] = []
        labels: dict[UUID, list[tuple[str, bool]]] = {}
        for position, line in enumerate(line for line in lines if line.strip()):
            name, _, said = line.partition(": ")
            sentences = [(found[2], found[1] == "+") for found in _LABELLED.finditer(said)]
            text = " ".join(text for text, _ in sentences) if sentences else said
            role = Role.USER if sentences else Role.ASSISTANT
            turn = Turn(
                UUID(int=position + 1), "u", "s", position, role, text, SAID_AT,
                None if has_assistant else name,
            )  # fmt: skip
            turns.append(turn)
            labels[turn.id] = sentences
        for sentence, unit in read_clauses(turns, parser):
            words = quote_of(sentence, unit)
            known = labels[sentence.statement.turn.id]
            label = next((is_worth for text, is_worth in known if words in text), None)
            if label is not None:
                traits = measure_traits(sentence.view(unit.clause, unit.first, unit.last))
                yield Labelled(traits, label, number)


def labelled_by_facts(sample: dict[str, Any], number: int, parser: EnglishParser) -> Iterator[Labelled]:
    """Yield the clauses of a LoCoMo conversation, labelled by the facts that it derives from their turns."""
    conversation = sample["conversation"]
    speaking = {conversation["speaker_a"].lower(), conversation["speaker_b"].lower()}
    facts: dict[str, list[set[str]]] = {}
    for by_speaker in sample["observation"].values():
        for fact, evidence in (pair for pairs in by_speaker.values() for pair in pairs):
            for ref in re.findall(r"D\d+:\d+", json.dumps(evidence)):
                facts.setdefault(ref, []).append(set(analyze_text(fact)) - speaking)
    for session in range(1, 100):
        spoken = conversation.get(f"session_{session}", [])
        turns = [
            Turn(UUID(int=i + 1), "u", "s", i, Role.USER, t["text"], SAID_AT, t["speaker"], t["dia_id"])
            for i, t in enumerate(spoken)
        ]
        for sentence, unit in read_clauses(turns, parser):
            told = set(analyze_text(write_content(sentence, unit))) - speaking
            known = facts.get(sentence.statement.turn.ref or "", [])
            traits = measure_traits(sentence.view(unit.clause, unit.first, unit.last))
            yield Labelled(traits, any(_tells(told, fact) for fact in known), number)


def _tells(told: set[str], fact: set[str]) -> bool:
    common = len(told & fact)
    return common >= SHARE_OF_FACT * len(fact) > 0 or (common > 1 and common >= SHARE_OF_CLAUSE * len(told))


def fit(traits: np.ndarray, labels: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The intercept and the weights of a logistic regression with a ridge penalty."""
    inputs = np.c_[np.ones(len(traits)), traits]
    penalty = np.eye(inputs.shape[1]) * RIDGE
    penalty[0, 0] = 0
    weights = np.zeros(inputs.shape[1])
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-inputs @ weights))
        curvature = inputs.T @ (inputs * (counts * chance * (1 - chance))[:, None]) + penalty
        gradient = inputs.T @ (counts * (chance - labels)) + penalty @ weights
        weights -= np.linalg.solve(curvature, gradient)
    return weights


def area_under_curve(scores: np.ndarray, labels: np.ndarray) -> float:
    """The chance that a clause worth knowing is scored above another one."""
    ranks = np.argsort(np.argsort(scores))
    worthy = labels.sum()
    return float((ranks[labels == 1].sum() - worthy * (worthy - 1) / 2) / (worthy * (len(labels) - worthy)))


def print_fit(name: str, chances: np.ndarray, labels: np.ndarray) -> None:
    """Print how well clauses are told apart by the fit on other dialogues."""
    print(f"{name}: {len(labels)} clauses, {labels.mean():.2f} worth knowing, "
          f"area {area_under_curve(chances, labels):.3f}")  # fmt: skip
    for threshold in THRESHOLDS:
        kept = chances >= threshold
        recall = labels[kept].sum() / labels.sum()
        print(f"  {threshold}: precision {labels[kept].mean():.2f}, recall {recall:.2f}")


def main() -> None:
    """Fit, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--locomo", type=Path)
    path, english = parser.parse_args().locomo, EnglishParser()
    rows = list(labelled_talk(english))
    own = len(rows)
    if path is not None:
        for number, sample in enumerate(json.loads(path.read_text(encoding="utf-8"))):
            rows += labelled_by_facts(sample, number, english)
    traits = np.array([astuple(row.traits) for row in rows], dtype=float)
    for name in CHOSEN:
        traits[:, NAMES.index(name)] = 0
    labels = np.array([row.is_worth for row in rows], dtype=float)
    counts = np.where(np.arange(len(rows)) < own, 1.0, WEAK)
    fold = np.array([row.dialogue % FOLDS for row in rows])
    chances = np.zeros(len(rows))
    for number in range(FOLDS):
        held = fold == number
        weights = fit(traits[~held], labels[~held], counts[~held])
        chances[held] = 1 / (1 + np.exp(-(weights[0] + traits[held] @ weights[1:])))
    alone = traits[:own, NAMES.index("alone")] == 1
    print_fit("with an assistant", chances[:own][alone], labels[:own][alone])
    print_fit("talk of two", chances[:own][~alone], labels[:own][~alone])
    if path is not None:
        print_fit("LoCoMo's facts", chances[own:], labels[own:])
    weights = fit(traits, labels, counts)
    named = dict(zip(NAMES, weights[1:].tolist(), strict=True)) | CHOSEN
    named |= {name: max(named[name], least) for name, least in AT_LEAST.items()}
    named |= {name: min(named[name], most) for name, most in AT_MOST.items()}
    print(f"INTERCEPT = {weights[0]:.1f}")
    print(", ".join(f"{name}={weight:.1f}" for name, weight in named.items()))


if __name__ == "__main__":
    main()
