"""Keeps the JSON state of a session (goals, topics) up to date within a size limit."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core.vocabulary import GoalStatus, Role
from app.memory.sessions.goals import GoalMention
from app.memory.text.analysis import analyze_text
from app.memory.types import Turn

MAX_OPEN_GOALS, MAX_CLOSED_GOALS, MAX_TOPICS = 20, 5, 8
SAME_GOAL_OVERLAP = 0.8  # two goals are one when they share this part of all their stems
CLOSING_OVERLAP = 0.6  # a sentence is about a goal when it has this part of the goal's stems
MIN_CLOSING_STEMS = 2
JsonObject = dict[str, Any]


def state_size(state: Mapping[str, Any]) -> int:
    """Its bytes as compact JSON in UTF-8."""
    return len(json.dumps(state, ensure_ascii=False, separators=(",", ":")).encode())


def update_state(
    state: Mapping[str, Any], mentions: Sequence[GoalMention], recent: Sequence[Turn], limit: int
) -> tuple[JsonObject, int]:
    """(the state after these turns, the number of goals that found no room), within `limit` bytes.

    An open goal stays until it is closed: when the list is full, a goal takes the place of a wish in
    passing, or finds no room itself. Of closed ones the last few stay. `topics` are those of the `recent`
    turns. Whatever else is in the state is the client's and stays as it is.
    """
    held: list[JsonObject] = [dict(goal) for goal in state.get("goals", ())]
    goals = list(held)
    for mention in sorted(mentions, key=lambda one: one.said_at):
        _apply_mention(goals, mention)
    left_out = _trim_goals(goals, held)
    written = {**state, "goals": goals, "topics": extract_topics(recent)}
    while state_size(written) > limit:
        closed = next((goal for goal in goals if goal["status"] != GoalStatus.OPEN), None)
        added = [goal for goal in goals if not _is_in_goals(goal, held)]
        if closed is not None:
            goals.remove(closed)
        elif written["topics"]:
            written["topics"] = written["topics"][:-1]
        elif added:
            goals.remove(added[-1])
            left_out += 1
        else:
            return dict(state), left_out
    return written, left_out


def remove_turn(state: Mapping[str, Any], turn_id: UUID, recent: Sequence[Turn]) -> JsonObject:
    """The state without what that turn said; what it closed is open again."""
    goals: list[JsonObject] = []
    for goal in state.get("goals", ()):
        if goal["closed_by"] == str(turn_id):
            goals.append({**goal, "status": GoalStatus.OPEN.value, "closed_by": None})
        elif goal["turn_id"] != str(turn_id):
            goals.append(dict(goal))
    return {**state, "goals": goals, "topics": extract_topics(recent)}


def extract_topics(turns: Sequence[Turn]) -> list[str]:
    """The words that the turns share most, then those said last; system turns have none."""
    counts: Counter[str] = Counter()
    words: dict[str, str] = {}
    for turn in reversed(turns):
        if turn.role is Role.SYSTEM:
            continue
        for word in dict.fromkeys(turn.content.lower().split()):
            bare = word.strip(".,;:!?()[]\"'“”*")
            stems = analyze_text(bare) if 2 < len(bare) <= 40 else []
            if len(stems) == 1 and bare.isalpha():
                words.setdefault(stems[0], bare)
                counts[stems[0]] += 1
    order = {stem: place for place, stem in enumerate(words)}
    best = sorted(counts, key=lambda stem: (-counts[stem], order[stem]))
    return [words[stem] for stem in best[:MAX_TOPICS]]


def _apply_mention(goals: list[JsonObject], mention: GoalMention) -> None:
    said = set(analyze_text(mention.text))
    if mention.status is GoalStatus.OPEN:
        same = next(
            (at for at, goal in enumerate(goals) if _stem_overlap(said, goal) >= SAME_GOAL_OVERLAP), None
        )
        if same is None:
            goals.append(_goal_as_json(mention))
        elif goals[same]["status"] != GoalStatus.OPEN:
            goals[same] = {**goals[same], "status": GoalStatus.OPEN.value, "closed_by": None}
        return
    best, share = None, 0.0
    for at, goal in enumerate(goals):
        stems = set(analyze_text(goal["text"]))
        common = len(stems & said)
        if goal["status"] != GoalStatus.OPEN or common < min(MIN_CLOSING_STEMS, len(stems)) or not common:
            continue
        if common / len(stems) > share and not _is_said_after(goal, mention.said_at):
            best, share = at, common / len(stems)
    if best is not None and share >= CLOSING_OVERLAP:
        closed = {"status": mention.status.value, "closed_by": str(mention.turn_id)}
        goals[best] = {**goals[best], **closed}


def _goal_as_json(mention: GoalMention) -> JsonObject:
    return {
        "text": mention.text,
        "status": mention.status.value,
        "firm": mention.firm,
        "said_at": mention.said_at.isoformat(),
        "turn_id": str(mention.turn_id),
        "closed_by": None,
    }


def _stem_overlap(said: set[str], goal: Mapping[str, Any]) -> float:
    stems = set(analyze_text(goal["text"]))
    return len(said & stems) / max(1, len(said | stems))


def _is_said_after(goal: Mapping[str, Any], at: datetime) -> bool:
    """Whether the goal was said after `at`."""
    return goal["said_at"] is not None and datetime.fromisoformat(goal["said_at"]) > at


def _is_in_goals(goal: Mapping[str, Any], held: Sequence[Mapping[str, Any]]) -> bool:
    return any(goal["text"] == one["text"] for one in held)


def _trim_goals(goals: list[JsonObject], held: Sequence[Mapping[str, Any]]) -> int:
    """Shorten the list; returns how many open goals had to go."""
    closed = [goal for goal in goals if goal["status"] != GoalStatus.OPEN]
    for goal in closed[: max(0, len(closed) - MAX_CLOSED_GOALS)]:
        goals.remove(goal)
    left_out = 0
    while sum(goal["status"] == GoalStatus.OPEN for goal in goals) > MAX_OPEN_GOALS:
        wishes = [goal for goal in goals if goal["status"] == GoalStatus.OPEN and not goal["firm"]]
        added = [goal for goal in goals if not _is_in_goals(goal, held)]
        victims = wishes or added
        if not victims:
            break
        goals.remove(victims[-1])
        left_out += 1
    return left_out
