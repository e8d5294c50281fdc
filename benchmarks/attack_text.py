"""Expensive texts: the CPU time of each in the rules, and the effect of a flood of them on another tenant.

Usage: python -m benchmarks.attack_text [--size 65536] [--seconds 20] [--worst 20]
       python -m benchmarks.attack_text --url http://127.0.0.1:8000 --key KEY --flood-key KEY_OF_ANOTHER
The first form runs in the process: a text that takes longer than `--seconds` of CPU is aborted (marked >).
"""

import argparse
import json
import signal
import statistics
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx

from app.core.vocabulary import Role
from app.llm.embeddings import LocalEmbedder
from app.llm.english_reader import EnglishReader
from app.memory.extraction.guard import filter_facts
from app.memory.extraction.offline import extractor
from app.memory.sessions import goals, query_rewriting
from app.memory.text import analysis
from app.memory.text.dates import query_dates
from app.memory.text.embedding_text import format_turn_text
from app.memory.types import Turn
from tests.hostile import near_misses, texts

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
QUERY_SIZE = 4_000
READER = EnglishReader()
ENDED = {"succeeded", "failed", "dead"}


class GivenUp(Exception):
    """The time limit is exceeded."""


def said(content: str) -> Turn:
    """A user's turn with this content."""
    return Turn(UUID(int=1), "u", "s", 1, Role.USER, content, NOW, name="Ann")


def turn(content: str) -> None:
    """Everything that a worker does with a turn before the database."""
    facts = extractor.extract_facts([said(content)], READER)
    filter_facts(facts, [said(content)], {})
    goals.find_goal_mentions([said(content)])
    analysis.analyze_detecting_language(content)


def query(content: str) -> None:
    """The analysis of a search's query."""
    query_dates.resolve_query_range(content, NOW)
    query_dates.remove_relative_dates(content, NOW)
    query_rewriting.is_self_contained(content)
    analysis.analyze_query(content, analysis.SUPPORTED_LANGUAGES)


def cpu(work: Callable[[str], object], text: str, limit: float) -> tuple[float, bool]:
    """(seconds of CPU, whether it was aborted)."""
    started, was_aborted = time.process_time(), False
    signal.setitimer(signal.ITIMER_VIRTUAL, limit)
    try:
        work(text)
    except GivenUp:
        was_aborted = True
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return time.process_time() - started, was_aborted


def give_up(*_: object) -> None:
    """Signal handler for the end of the time limit."""
    raise GivenUp


def in_process(size: int, limit: float, worst: int, *, misses: bool) -> None:
    """Print the most expensive texts, worst first."""
    signal.signal(signal.SIGVTALRM, give_up)
    embedder = LocalEmbedder(threads=1)
    embedder.embed(["warm"])
    stages: dict[str, tuple[int, Callable[[str], object]]] = {
        "turn": (size, turn),
        "embedding": (size, lambda text: embedder.embed([format_turn_text("Ann", text)])),
        "query": (QUERY_SIZE, query),
    }
    for stage, (length, work) in stages.items():
        todo = texts(length) | (near_misses(length) if misses and stage != "embedding" else {})
        rows = sorted(((*cpu(work, text, limit), name) for name, text in todo.items()), reverse=True)
        print(f"{stage}: {len(rows)} texts of {length} characters, worst {rows[0][0]:.2f} s of CPU")
        for seconds, was_aborted, name in rows[:worst]:
            print(f"  {'>' if was_aborted else ' '}{seconds:8.3f}  {name}")


def flood(url: str, key: str, other: str, users: int, turns: int, size: int) -> dict[str, object]:
    """Post hostile turns of many users with one key, and time single turns posted with the other."""
    bodies = (text.encode()[:size].decode("utf-8", "ignore") for text in texts(size).values())
    hostile = [text for text in bodies if text.strip()]
    ended = threading.Event()
    posted: list[str] = []

    def post_all() -> None:
        with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {other}"}, timeout=60) as client:
            for number in range(turns):
                said_now = [{"role": "user", "content": hostile[number % len(hostile)]}]
                body = {"user_id": f"flood-{number % users}", "session_id": f"s{number}", "turns": said_now}
                posted.append(client.post("/v1/turns", json=body).raise_for_status().json()["job_id"])

    def post_and_tell() -> None:
        try:
            post_all()
        finally:
            ended.set()

    thread = threading.Thread(target=post_and_tell)
    thread.start()
    seconds: list[float] = []
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
        while not (ended.is_set() and _waits(url, other, posted[-1]) is False) and len(seconds) < 500:
            user = f"quiet-{uuid4().hex[:6]}"
            body = {
                "user_id": user,
                "session_id": "s",
                "turns": [{"role": "user", "content": "I live in Oslo."}],
            }
            started = time.perf_counter()
            job_id = client.post("/v1/turns", json=body).raise_for_status().json()["job_id"]
            while client.get(f"/v1/jobs/{job_id}").json()["status"] not in ENDED:
                time.sleep(0.02)
            seconds.append(time.perf_counter() - started)
            time.sleep(0.2)
    thread.join()
    ordered = sorted(seconds)
    return {
        "flood_turns": turns,
        "samples": len(seconds),
        "p50_s": round(statistics.median(ordered), 2),
        "p95_s": round(ordered[int(0.95 * (len(ordered) - 1))], 2),
        "most_s": round(ordered[-1], 2),
    }


def _waits(url: str, key: str, job_id: str) -> bool:
    answer = httpx.get(f"{url}/v1/jobs/{job_id}", headers={"Authorization": f"Bearer {key}"}, timeout=60)
    return answer.json()["status"] not in ENDED


def main() -> None:
    """Run one of the two forms."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=65_536)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--worst", type=int, default=20)
    parser.add_argument("--no-misses", action="store_true", help="leave the near misses of each pattern out")
    parser.add_argument("--url")
    parser.add_argument("--key")
    parser.add_argument("--flood-key")
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--turns", type=int, default=400)
    args = parser.parse_args()
    if args.url:
        figures = flood(args.url, args.key, args.flood_key, args.users, args.turns, args.size - 64)
        print(json.dumps(figures, indent=2))
    else:
        in_process(args.size, args.seconds, args.worst, misses=not args.no_misses)


if __name__ == "__main__":
    main()
