"""Reads LoCoMo and LongMemEval-S as users with turns and questions."""

import json
import lzma
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from app.core.ids import new_id
from app.core.vocabulary import Role
from app.memory.types import Turn

CATEGORIES = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop"}
ADVERSARIAL = 5


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the refs of the turns that answer it, and when it is asked (None = unknown)."""

    text: str
    evidence: frozenset[str]
    category: str
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Dialogue:
    """All turns of one user, in order, the questions about them, and questions that they don't answer."""

    turns: list[Turn]
    questions: list[Question]
    unanswerable: list[Question]


def locomo(path: Path) -> Iterator[Dialogue]:
    """Yield conversations with questions of categories 1 to 4 that name evidence, and of category 5."""
    for sample in json.loads(path.read_text()):
        turns: list[Turn] = []
        for number in range(1, 100):
            session_turns = sample["conversation"].get(f"session_{number}", [])
            started = sample["conversation"].get(f"session_{number}_date_time")
            for position, turn in enumerate(session_turns):
                caption = f" [shares image: {turn['blip_caption']}]" if turn.get("blip_caption") else ""
                at = datetime.strptime(started, "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC)
                named = {"name": turn["speaker"], "ref": turn["dia_id"]}
                turns.append(_turn(f"session_{number}", position, turn["text"] + caption, at, **named))
        refs = {turn.ref for turn in turns}
        asked = [
            Question(qa["question"], _evidence(qa) & refs, CATEGORIES[qa["category"]])
            for qa in sample["qa"]
            if qa["category"] in CATEGORIES and _evidence(qa) & refs
        ]
        adversarial = [
            Question(qa["question"], frozenset(), "adversarial")
            for qa in sample["qa"]
            if qa["category"] == ADVERSARIAL
        ]
        yield Dialogue(turns, asked, adversarial)


def longmemeval(folder: Path) -> Iterator[Dialogue]:
    """Yield one user per question, with the user's turns; the question has evidence in them or none."""
    texts = {session["id"]: session["turns"] for session in _lines(folder / "sessions.jsonl.xz")}
    for row in _lines(folder / "questions.jsonl.xz"):
        turns: list[Turn] = []
        evidence: set[str] = set()
        for number, (session_id, when, _, marked) in enumerate(row["haystack"]):
            for position, (role, text) in enumerate(texts[session_id]):
                if role != "user" or not text.strip():
                    continue
                ref = f"{number}:{position}"
                turns.append(_turn(f"s{number}", position, text, _moment(when), ref=ref))
                if position in marked:
                    evidence.add(ref)
        asked_at = _moment(row["question_date"])
        question = Question(row["question"], frozenset(evidence), row["question_type"], asked_at)
        if "_abs" in row["question_id"]:
            yield Dialogue(turns, [], [question])
        elif evidence:
            yield Dialogue(turns, [question], [])


def _turn(session_id: str, place: int, text: str, at: datetime, **named: Any) -> Turn:
    turn_id: UUID = new_id()
    return replace(Turn(turn_id, "user", session_id, place, Role.USER, text, at), **named)


def _evidence(qa: dict[str, Any]) -> frozenset[str]:
    return frozenset(ref for text in qa.get("evidence", []) for ref in re.findall(r"D\d+:\d+", text))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y/%m/%d (%a) %H:%M").replace(tzinfo=UTC)
