"""Keeps the JSON state of a session (goals, topics) up to date within a size limit."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core.vocabulary import GoalStatus
from app.memory.sessions.goals import GoalMention
from app.memory.text.analysis import analyze_text
from app.memory.types import Turn

MAX_OPEN_GOALS, MAX_CLOSED_GOALS, MAX_TOPICS = 20, 5, 8
SAME_GOAL_OVERLAP = 0.8  # chosen: Jaccard overlap of stems from which on two goals are the same
CLOSING_OVERLAP = 0.6  # chosen: share of a goal's stems that a sentence must have to close it
MIN_CLOSING_STEMS = 2
JsonObject = dict[str, Any]


def state_size(state: Mapping[str, Any]) -> int:
    """Size of the state in bytes as compact JSON in UTF-8."""
    return len(json.dumps(state, ensure_ascii=False, separators=(",", ":")).encode())


def update_state(
    state: Mapping[str, Any], mentions: Sequence[GoalMention], recent: Sequence[Turn], limit: int
) -> tuple[JsonObject, int]:
    """(the state after these turns, the number of goals that were left out), within `limit` bytes.

    An open goal stays until it is closed. When the list is full, a goal replaces a tentative one or is left
    out. The last `MAX_CLOSED_GOALS` closed goals stay. `topics` are those of the `recent` turns. All other
    keys of the state belong to the client and stay unchanged.
    """
    previous_goals: list[JsonObject] = [dict(goal) for goal in state.get("goals", ())]
    goals = list(previous_goals)
    for mention in sorted(mentions, key=lambda one: one.said_at):
        _apply_mention(goals, mention)
    left_out = _trim_goals(goals, previous_goals)
    written = {**state, "goals": goals, "topics": extract_topics(recent)}
    while state_size(written) > limit:
        closed = next((goal for goal in goals if goal["status"] != GoalStatus.OPEN), None)
        added = [goal for goal in goals if not _is_in_goals(goal, previous_goals)]
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
    """The state without the goals of that turn; goals that it closed are open again."""
    goals: list[JsonObject] = []
    for goal in state.get("goals", ()):
        if goal["closed_by"] == str(turn_id):
            goals.append({**goal, "status": GoalStatus.OPEN.value, "closed_by": None})
        elif goal["turn_id"] != str(turn_id):
            goals.append(dict(goal))
    return {**state, "goals": goals, "topics": extract_topics(recent)}


def extract_topics(turns: Sequence[Turn]) -> list[str]:
    """The words that most turns share, then the latest ones; system turns are ignored."""
    counts: Counter[str] = Counter()
    words: dict[str, str] = {}
    for turn in reversed(turns):
        if turn.role.is_instruction:
            continue
        for word in dict.fromkeys(turn.content.lower().split()):
            bare = word.strip(".,;:!?()[]\"'“”*")
            stems = analyze_text(bare) if 2 < len(bare) <= 40 else []
            if len(stems) == 1 and bare.isalpha():
                words.setdefault(stems[0], bare)
                counts[stems[0]] += 1
    order = {stem: rank for rank, stem in enumerate(words)}
    best = sorted(counts, key=lambda stem: (-counts[stem], order[stem]))
    return [words[stem] for stem in best[:MAX_TOPICS]]


def _apply_mention(goals: list[JsonObject], mention: GoalMention) -> None:
    mentioned = set(analyze_text(mention.text))
    if mention.status is GoalStatus.OPEN:
        same = next(
            (
                index
                for index, goal in enumerate(goals)
                if _stem_overlap(mentioned, goal) >= SAME_GOAL_OVERLAP
            ),
            None,
        )
        if same is None:
            goals.append(_goal_as_json(mention))
        elif goals[same]["status"] != GoalStatus.OPEN:
            goals[same] = {**goals[same], "status": GoalStatus.OPEN.value, "closed_by": None}
        return
    best, share = None, 0.0
    for index, goal in enumerate(goals):
        stems = set(analyze_text(goal["text"]))
        common = len(stems & mentioned)
        if goal["status"] != GoalStatus.OPEN or common < min(MIN_CLOSING_STEMS, len(stems)) or not common:
            continue
        if common / len(stems) > share and not _is_said_after(goal, mention.said_at):
            best, share = index, common / len(stems)
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


def _stem_overlap(mentioned: set[str], goal: Mapping[str, Any]) -> float:
    stems = set(analyze_text(goal["text"]))
    return len(mentioned & stems) / max(1, len(mentioned | stems))


def _is_said_after(goal: Mapping[str, Any], at: datetime) -> bool:
    """Whether the goal was stated after `at`."""
    return goal["said_at"] is not None and datetime.fromisoformat(goal["said_at"]) > at


def _is_in_goals(goal: Mapping[str, Any], goals: Sequence[Mapping[str, Any]]) -> bool:
    return any(goal["text"] == other["text"] for other in goals)


def _trim_goals(goals: list[JsonObject], previous_goals: Sequence[Mapping[str, Any]]) -> int:
    """Shorten the list in place; returns how many open goals were removed.

    `previous_goals` are those of the stored state: added goals are removed before them.
    """
    closed = [goal for goal in goals if goal["status"] != GoalStatus.OPEN]
    for goal in closed[: max(0, len(closed) - MAX_CLOSED_GOALS)]:
        goals.remove(goal)
    left_out = 0
    while sum(goal["status"] == GoalStatus.OPEN for goal in goals) > MAX_OPEN_GOALS:
        wishes = [goal for goal in goals if goal["status"] == GoalStatus.OPEN and not goal["firm"]]
        added = [goal for goal in goals if not _is_in_goals(goal, previous_goals)]
        victims = wishes or added
        if not victims:
            break
        goals.remove(victims[-1])
        left_out += 1
    return left_out
