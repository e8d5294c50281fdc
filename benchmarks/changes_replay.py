"""An OpenAI-compatible server that answers as an ideal LLM would about histories in which the truth changes.

Usage: python -m benchmarks.changes_replay --data HISTORIES.json [--port 9101]
       MEMCUBED_LLM_BASE_URL=http://127.0.0.1:9101/v1 MEMCUBED_LLM_MODEL=changes-replay memcubed up
Each turn of a history has its `facts`: subject, attribute, value, sentence, dates, and which others they
replace or end. A request to extract is answered with the facts of the turns that it shows, found by text and
time, each with its turn as the quote. What a fact replaces or ends is named only by the number of a memory
that the request shows, whichever of the two was said first; a request to judge is answered for the pairs that
it holds. Subjects and attributes are passed on as they are written, which varies as a model's words do.
"""

import argparse
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

from benchmarks.scripted_llm import serve

JsonObject = dict[str, Any]
SAME_TIME = timedelta(minutes=6)
PRECISION_FORMATS = {"year": "%Y", "month": "%Y-%m", "week": "%G-W%V", "day": "%Y-%m-%d"}


class Histories:
    """The facts of all histories: by turn, by sentence, and how they stand to each other."""

    def __init__(self, histories: Iterable[Mapping[str, Any]]) -> None:
        self._by_text: dict[str, list[tuple[datetime, list[JsonObject]]]] = {}
        self.by_sentence: dict[str, JsonObject] = {}
        self._by_id: dict[str, JsonObject] = {}
        for turn in chain.from_iterable(history["turns"] for history in histories):
            told = (_minute(turn["observed_at"]), turn["facts"])
            self._by_text.setdefault(turn["content"], []).append(told)
            self.by_sentence |= {fact["sentence"]: fact for fact in turn["facts"]}
            self._by_id |= {fact["id"]: fact for fact in turn["facts"]}

    def of_turn(self, text: str, said: datetime) -> list[JsonObject]:
        """The facts of the turn with this text that was said at this time, or soon after it."""
        times = [(abs(at - said), facts) for at, facts in self._by_text.get(text, [])]
        distance, facts = min(times, key=lambda one: one[0], default=(SAME_TIME, []))
        return facts if distance < SAME_TIME else []

    def effect(self, one: JsonObject, other: JsonObject) -> str | None:
        """What one of two facts does to the other, whichever came first; None if they stand side by side."""
        if one is other:
            return "same"
        for newer, older in ((one, other), (other, one)):
            if older["id"] in newer.get("ends", []):
                return "cancels" if older["is_plan"] else "ends"
            if self._replaces(newer, older):
                if older["is_plan"]:
                    return "reschedules" if newer["is_plan"] else "confirms"
                # What holds from no later day than what it replaces says that the other was never so.
                return "replaces" if newer["valid_from"] > older["valid_from"] else "corrects"
        return None

    def is_in_change(self, fact: JsonObject) -> bool:
        """Whether a fact replaces another one or is replaced: then it is a state, whatever its date."""
        return "replaces" in fact or any(
            other.get("replaces") == fact["id"] for other in self._by_id.values()
        )

    def _replaces(self, newer: JsonObject, older: JsonObject) -> bool:
        """Whether the one took the place of the other, directly or by what came between them."""
        replaced = newer.get("replaces")
        while replaced is not None and replaced != older["id"]:
            replaced = self._by_id[replaced].get("replaces")
        return replaced is not None


def _minute(moment: str) -> datetime:
    """The time of a turn, whose weekday stands behind it in a request."""
    return datetime.fromisoformat(moment.split(maxsplit=1)[0]).replace(second=0, microsecond=0)


def _when(fact: JsonObject, said: datetime, *, is_event: bool) -> str | None:
    """The date of an event or plan, as exact as it is known; of a state since when it holds, if told."""
    if is_event and fact.get("event_date"):
        day = datetime.fromisoformat(fact["event_date"])
        return day.strftime(PRECISION_FORMATS[fact.get("event_precision") or "day"])
    day = fact["valid_from"]
    return None if is_event or day == said.date().isoformat() else day


def _entry(
    histories: Histories, fact: JsonObject, turn: JsonObject, said: datetime, related: list[JsonObject]
) -> JsonObject:
    """A fact as the extraction prompt asks for it."""
    happens = bool(fact.get("ends")) or (bool(fact.get("event_date")) and not histories.is_in_change(fact))
    is_event = fact["is_plan"] or happens
    changes = []
    for memory in related:
        known = histories.by_sentence.get(memory["content"])
        if known is not None and (effect := histories.effect(fact, known)):
            changes.append({"id": memory["id"], "how": effect})
    return {
        "turn": turn["n"],
        "quote": turn["content"],
        "content": fact["sentence"],
        "kind": "event" if is_event else "fact",
        "subject": fact["subject"],
        "attribute": fact["attribute"],
        "value": fact["value"],
        "when": _when(fact, said, is_event=is_event),
        "mode": "plan" if fact["is_plan"] else "is",
        "changes": changes,
    }


def _judge(histories: Histories, pair: JsonObject) -> JsonObject:
    """The verdict on a pair of sentences."""
    new, stored = (histories.by_sentence.get(pair[side]["text"]) for side in ("new", "stored"))
    effect = histories.effect(new, stored) if new is not None and stored is not None else None
    words = {
        "same": "same",
        "replaces": "supersedes",
        "corrects": "supersedes",
        "reschedules": "supersedes",
        "confirms": "supersedes",
        "ends": "retracts",
        "cancels": "retracts",
    }
    verdict = words.get(effect or "", "unrelated")
    return {"pair": pair["pair"], "verdict": verdict, "keywords": [], "tags": []}


def reply(asked: JsonObject, histories: Histories) -> JsonObject:
    """The answer to a request's JSON; statements are their own summaries."""
    if "pairs" in asked:
        return {"verdicts": [_judge(histories, pair) for pair in asked["pairs"]]}
    if "statements" in asked:
        return {"summary": " ".join(asked["statements"])}
    if "statements_to_conclude_from" in asked:
        return {"insight": None, "sources": []}
    if "statements_about_the_person" in asked:
        return {"portrait": " ".join(asked["statements_about_the_person"])}
    entries: list[JsonObject] = []
    said = ""
    for turn in asked.get("turns", []):
        said = turn.get("observed_at", said)  # a turn without a time has that of the one before
        moment = _minute(said)
        for fact in histories.of_turn(turn["content"], moment):
            entries.append(_entry(histories, fact, turn, moment, asked.get("related", [])))
    return {"facts": entries}


def main() -> None:
    """Serve the endpoint until interrupted."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, default=9101)
    args = parser.parse_args()
    told = json.loads(args.data.read_text(encoding="utf-8"))["histories"]
    histories = Histories(told)
    greeting = f"{len(histories.by_sentence)} facts of {len(told)} histories"
    serve(args.port, lambda asked: reply(asked, histories), greeting)


if __name__ == "__main__":
    main()
