"""LoCoMo's turns as memories: their number, duplicates, provenance and cost.

Usage: python -m benchmarks.life --url http://127.0.0.1:8000 --key KEY --locomo dev.json
Each conversation is posted twice over HTTP, for two new users: session by session in order, and with all
turns shuffled, in batches of up to eight. Both are exported once all of their jobs are done. Printed are, for
all conversations together:
- memories per 100 turns: all that are not merged, and those of the first order, which are not derived
- duplicates: share of the active memories of the first order with another one at cosine >= .95
- proven: share of the assertions by turns whose quote is word for word in their turn
- same state: how many conversations end, shuffled, with the same memories (content, kind, status, time, the
  turns that state them), and how many memories differ in total
- LLM calls and tokens per 1,000 turns, of all jobs of the first posting
The run needs a service without other work. With `locomo_replay.py` as the LLM it extracts facts written for
LoCoMo; without an LLM it shows the offline rules.
"""

import argparse
import base64
import json
import random
import time
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import numpy as np

from app.memory.types import Turn
from benchmarks.dialogues import locomo

NEAR, BATCH, SEED = 0.95, 8, 7
DERIVED = {"summary", "insight", "portrait"}
ALIVE = {"generated", "activated"}


@dataclass
class Life:
    """Counts over all conversations."""

    turns: int = 0
    memories: int = 0
    first_order: int = 0
    active: int = 0
    duplicates: int = 0
    quotes: int = 0
    quotes_in_turn: int = 0
    users: int = 0
    users_same: int = 0
    differ: int = 0
    llm: Counter[str] = field(default_factory=Counter[str])

    def figures(self) -> dict[str, float | int | str]:
        """The printed figures."""
        return {
            "turns": self.turns,
            "memories_per_100_turns": round(100 * self.memories / self.turns, 1),
            "first_order_per_100_turns": round(100 * self.first_order / self.turns, 1),
            "duplicate_share": round(self.duplicates / max(self.active, 1), 4),
            "quotes": self.quotes,
            "quote_in_turn_share": round(self.quotes_in_turn / max(self.quotes, 1), 4),
            "same_state_after_shuffle": f"{self.users_same} of {self.users}",
            "memories_that_differ": self.differ,
        } | {f"{name}_per_1000_turns": round(1_000 * n / self.turns, 1) for name, n in self.llm.items()}


def in_order(turns: list[Turn]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield (session, its turns as bodies), session by session."""
    for session in dict.fromkeys(turn.session_id for turn in turns):
        yield session, [_body(turn) for turn in turns if turn.session_id == session]


def shuffled(turns: list[Turn]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield (session, some of its turns as bodies) in random order."""
    chance = random.Random(SEED)
    pieces: list[tuple[str, list[dict[str, Any]]]] = []
    for session, bodies in in_order(turns):
        chance.shuffle(bodies)
        pieces += [(session, bodies[at : at + BATCH]) for at in range(0, len(bodies), BATCH)]
    chance.shuffle(pieces)
    return iter(pieces)


def _body(turn: Turn) -> dict[str, Any]:
    at = turn.observed_at + timedelta(seconds=turn.position)
    spoken = {"role": "user", "name": turn.name, "content": turn.content}
    return spoken | {"ref": turn.ref, "observed_at": at.isoformat()}


def post(client: httpx.Client, user: str, pieces: Iterator[tuple[str, list[dict[str, Any]]]]) -> None:
    """Post all pieces, closing each session with its last, and wait until the user has no job left."""
    posted = list(pieces)
    last = {session: at for at, (session, _) in enumerate(posted)}
    for at, (session, bodies) in enumerate(posted):
        body: dict[str, Any] = {"user_id": user, "session_id": session, "turns": bodies}
        client.post("/v1/turns", json=body | {"close_session": last[session] == at}).raise_for_status()
    while any(_waiting(client, user, status) for status in ("queued", "running")):
        time.sleep(0.2)


def _waiting(client: httpx.Client, user: str, status: str) -> bool:
    answer = client.get("/v1/jobs", params={"user_id": user, "status": status, "limit": 1})
    return bool(answer.raise_for_status().json()["items"])


def export(client: httpx.Client, user: str) -> dict[str, list[dict[str, Any]]]:
    """The records of a user's bundle, by type."""
    records: dict[str, list[dict[str, Any]]] = {}
    body = client.get(f"/v1/users/{user}/export").raise_for_status().text
    for record in map(json.loads, body.splitlines()[1:]):
        records.setdefault(record["type"], []).append(record)
    return records


def state(bundle: dict[str, list[dict[str, Any]]]) -> Counter[Hashable]:
    """The memories, each by its content, state and the turns that state it."""
    refs = {turn["id"]: turn["ref"] for turn in bundle["turn"]}
    statements: dict[str, set[tuple[str, str]]] = {}
    for assertion in bundle.get("assertion", []):
        statements.setdefault(assertion["memory_id"], set()).add(
            (refs.get(assertion["turn_id"], ""), assertion["quote"])
        )
    columns = ("kind", "content", "status", "polarity", "event_from", "event_to", "valid_from", "valid_to")
    return Counter(
        (*(memory[name] for name in columns), frozenset(statements.get(memory["id"], ())))
        for memory in bundle.get("memory", [])
    )


def duplicates(bundle: dict[str, list[dict[str, Any]]], memory_ids: set[str]) -> int:
    """How many of these memories have another of them at cosine >= .95."""
    rows = [
        np.frombuffer(base64.b64decode(embedding["vector"]), dtype="<f2").astype(np.float32)
        for embedding in bundle.get("embedding", [])
        if embedding["id"] in memory_ids and not embedding["of_turn"]
    ]
    if not rows:
        return 0
    matrix = np.stack(rows)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    is_similar = matrix @ matrix.T >= NEAR
    return int((is_similar.sum(axis=1) > 1).sum())


def add(life: Life, bundle: dict[str, list[dict[str, Any]]], other: dict[str, list[dict[str, Any]]]) -> None:
    """Count one conversation, posted in order and shuffled."""
    memories = [memory for memory in bundle.get("memory", []) if memory["status"] != "merged"]
    first = [memory for memory in memories if memory["kind"] not in DERIVED]
    active = {memory["id"] for memory in first if memory["status"] in ALIVE}
    texts = {turn["id"]: turn["content"] for turn in bundle["turn"]}
    quotes = [(one["quote"], texts[one["turn_id"]]) for one in bundle.get("assertion", []) if one["turn_id"]]
    before, after = state(bundle), state(other)
    differ = (before - after).total() + (after - before).total()
    life.turns += len(texts)
    life.memories += len(memories)
    life.first_order += len(first)
    life.active += len(active)
    life.duplicates += duplicates(bundle, active)
    life.quotes += len(quotes)
    life.quotes_in_turn += sum(quote in text for quote, text in quotes)
    life.users += 1
    life.users_same += not differ
    life.differ += differ
    for job in bundle["job"]:
        life.llm["llm_calls"] += job["llm_calls"]
        life.llm["tokens"] += job["prompt_tokens"] + job["completion_tokens"]


def main() -> None:
    """Post, export, count and print as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--locomo", type=Path, required=True)
    args = parser.parse_args()
    life, run = Life(), uuid4().hex[:8]
    with httpx.Client(
        base_url=args.url, headers={"Authorization": f"Bearer {args.key}"}, timeout=120
    ) as client:
        for number, dialogue in enumerate(locomo(args.locomo)):
            users = [f"life-{run}-{number}-{way}" for way in ("in-order", "shuffled")]
            post(client, users[0], in_order(dialogue.turns))
            post(client, users[1], shuffled(dialogue.turns))
            add(life, *(export(client, user) for user in users))
    print(json.dumps(life.figures(), indent=2))


if __name__ == "__main__":
    main()
