"""Speed over HTTP of a running service: acknowledging turns, the whole pipeline, searching.

Usage: python benchmarks/http_speed.py --url http://127.0.0.1:8000 --key KEY [--turns 1000]
The dialogue is made from a fixed vocabulary and a fixed seed, so two runs do the same work.
"""

import argparse
import json
import random
import statistics
import time
from uuid import uuid4

import httpx

VERBS = ("visited", "bought", "painted", "cooked", "repaired", "photographed", "sold", "planted")
THINGS = (
    "a red bicycle",
    "the old harbour",
    "some lamb stew",
    "two cedar chairs",
    "a stone bridge",
    "my camera",
)
PLACES = ("Oslo", "Bergen", "Lima", "Kyoto", "Turin", "Tunis", "Quebec", "Perth")
TIMES = ("yesterday", "last week", "in 2019", "on Monday", "two days ago")
BATCH = 50


def sentence(chance: random.Random) -> str:
    """One made-up statement of a user."""
    what = f"{chance.choice(VERBS)} {chance.choice(THINGS)} in {chance.choice(PLACES)}"
    return f"I {what} {chance.choice(TIMES)}, it was number {chance.randrange(10_000)}."


def summary(seconds: list[float]) -> dict[str, float]:
    """p50 and p95 in milliseconds."""
    ordered = sorted(seconds)
    return {
        "p50_ms": round(1e3 * statistics.median(ordered), 1),
        "p95_ms": round(1e3 * ordered[int(0.95 * (len(ordered) - 1))], 1),
    }


def timed(client: httpx.Client, path: str, body: object) -> tuple[float, dict[str, object]]:
    """Seconds of one POST, and its answer."""
    started = time.perf_counter()
    answer = client.post(path, json=body).raise_for_status()
    return time.perf_counter() - started, answer.json()


def main() -> None:
    """Run all parts and print the figures as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--turns", type=int, default=1_000)
    args = parser.parse_args()
    chance, user = random.Random(7), f"bench-{uuid4().hex[:8]}"
    headers = {"Authorization": f"Bearer {args.key}"}
    with httpx.Client(base_url=args.url, headers=headers, timeout=60) as client:
        acks, jobs = [], []
        started = time.perf_counter()
        for number in range(0, args.turns, BATCH):
            turns = [{"role": "user", "name": "Ann", "content": sentence(chance)} for _ in range(BATCH)]
            body = {"user_id": user, "session_id": f"s{number}", "turns": turns}
            seconds, answer = timed(client, "/v1/turns", body)
            acks.append(seconds)
            jobs.append(answer["job_id"])
        acknowledged = time.perf_counter() - started
        while jobs:
            if client.get(f"/v1/jobs/{jobs[-1]}").json()["status"] in {"succeeded", "failed", "dead"}:
                jobs.pop()
            else:
                time.sleep(0.05)
        piped = time.perf_counter() - started
        # The user's name is in it, as the service holds the vectors of questions asked within the hour.
        ask = [{"user_id": user, "query": f"What about {p} and {t}, {user}?"} for p in PLACES for t in THINGS]
        timed(client, "/v1/search", ask[0])
        fresh = [timed(client, "/v1/search", body)[0] for body in ask]
        repeated = [timed(client, "/v1/search", body)[0] for body in ask]
        one = {"role": "user", "content": "A single turn."}
        single = [
            timed(client, "/v1/turns", {"user_id": f"{user}-{i % 10}", "session_id": "s", "turns": [one]})[0]
            for i in range(100)
        ]
    figures = {
        "ack_one_turn": summary(single),
        f"ack_batch_of_{BATCH}": summary(acks),
        "acknowledged_turns_per_s": round(args.turns / acknowledged),
        "pipeline_turns_per_s": round(args.turns / piped),
        "search_fresh_query": summary(fresh),
        "search_repeated_query": summary(repeated),
    }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
