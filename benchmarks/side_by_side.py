"""Two running services in turn: the latencies of an acknowledgement and of a search, and their ratios.

Each round asks both, in alternating order, so that what else the machine does falls on both alike.

Usage: python -m benchmarks.side_by_side URL KEY_FILE URL KEY_FILE [--rounds 400]
"""

import argparse
import statistics
import time
from pathlib import Path
from uuid import uuid4

import httpx

WARM_UP = 30
FACTS = (
    "I moved to a flat near the harbour in {n} and the rent went up.",
    "My sister Eva called about the cello lesson number {n}.",
    "We had dinner at the small place by the station, table {n}.",
    "The dentist gave me an appointment at {n} o'clock on Thursday.",
)


class Side:
    """One service with a user of its own, and its measurements."""

    def __init__(self, url: str, key: str) -> None:
        self.client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30)
        self.user = f"side-{uuid4().hex[:8]}"
        self.seconds: dict[str, list[float]] = {"ack": [], "search": []}

    def ask(self, what: str, path: str, body: dict[str, object]) -> None:
        """Send one request and time it."""
        started = time.perf_counter()
        answer = self.client.post(path, json={"user_id": self.user} | body)
        self.seconds[what].append(time.perf_counter() - started)
        answer.raise_for_status()

    def fill(self, turns: int) -> None:
        """Give the user something to search, and wait until it is extracted."""
        posted_turns = [
            {"role": "user", "name": "Ann", "content": FACTS[n % 4].format(n=n)} for n in range(turns)
        ]
        body = {"user_id": self.user, "session_id": "s0", "turns": posted_turns, "close_session": True}
        job = self.client.post("/v1/turns", json=body).raise_for_status().json()["job_id"]
        until = time.monotonic() + 120
        while self.client.get(f"/v1/jobs/{job}").json()["status"] in {"queued", "running"}:
            if time.monotonic() > until:
                raise SystemExit("the job did not end in two minutes")
            time.sleep(0.2)


def main() -> None:
    """Print the medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("services", nargs=4, metavar=("URL", "KEY_FILE", "URL", "KEY_FILE"))
    parser.add_argument("--rounds", type=int, default=400)
    args = parser.parse_args()
    sides = [Side(args.services[at], Path(args.services[at + 1]).read_text().strip()) for at in (0, 2)]
    for side in sides:
        side.fill(300)
    for number in range(WARM_UP + args.rounds):
        for side in sides if number % 2 else sides[::-1]:
            question = f"Where did we have dinner, table {number}?"
            side.ask("search", "/v1/search", {"query": question, "k": 10})
        # A system turn is acknowledged like any other, and gives the workers almost no work.
        turn = {"role": "system", "content": f"Note {number}.", "ref": f"r{number}"}
        for side in sides if number % 2 else sides[::-1]:
            side.ask("ack", "/v1/turns", {"session_id": f"s{number}", "turns": [turn]})
    for what in ("ack", "search"):
        first, second = (side.seconds[what][WARM_UP:] for side in sides)
        for name, seconds in (("first", first), ("second", second)):
            cuts = statistics.quantiles(seconds, n=20)
            print(f"{what:7} {name:7} p50 {1000 * cuts[9]:6.1f} ms   p95 {1000 * cuts[18]:6.1f} ms")
        pairs = [b / a for a, b in zip(first, second, strict=True)]
        middle = statistics.median(second) / statistics.median(first)
        print(f"{what:7} second / first: medians {middle:.3f}, median pair {statistics.median(pairs):.3f}")


if __name__ == "__main__":
    main()
