"""Memory of all processes in total under hours of constant load.

Usage: python -m benchmarks.soak --data-dir .memcubed --minutes 60 [--turns 4] [--searches 4] [--users 20]
The service must run (`make up`). Each second `--turns` turns are posted, in one call, and `--searches`
queries are sent, for one user after the other. Printed every minute: proportional memory (PSS, MiB) of the
service's processes; at the end the slope of the line that fits the values after the first quarter best, in
MiB per hour.
"""

import argparse
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from app.embedded.runtime import read_runtime
from benchmarks.filling import Writer
from benchmarks.scale import Client, memory_mb


def slope(minutes: list[float], sizes: list[float]) -> float:
    """MiB per hour of the best line (least squares)."""
    return float(np.polyfit(np.asarray(minutes) / 60, sizes, 1)[0])


def main() -> None:
    """Send the load, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-dir", type=Path, default=Path(".memcubed"))
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--turns", type=int, default=4, help="a second")
    parser.add_argument("--searches", type=int, default=4, help="a second")
    parser.add_argument("--users", type=int, default=20)
    args = parser.parse_args()
    runtime = read_runtime(args.data_dir.absolute())
    if runtime is None:
        raise SystemExit(f"No service runs on {args.data_dir}.")
    client = Client(runtime.api_url, (args.data_dir / "bootstrap-key").read_text().strip())
    writer = Writer(seed=time.time_ns())
    started, looked = time.monotonic(), -1
    minutes: list[float] = []
    sizes: list[float] = []
    posted = answer_seconds = step = 0
    while (elapsed := time.monotonic() - started) < 60 * args.minutes:
        if int(elapsed // 60) > looked:
            looked = int(elapsed // 60)
            memory = memory_mb(runtime.pid)
            minutes.append(elapsed / 60)
            sizes.append(memory["all"])
            print(
                json.dumps({"minute": looked, "posted": posted, "asked": answer_seconds, "mib": memory}),
                flush=True,
            )
        user = f"soak-{step % args.users}"
        now = datetime.now(UTC).isoformat()
        posted_turns = {"role": "user", "observed_at": now}
        turns = [posted_turns | {"content": writer.sentence()} for _ in range(args.turns)]
        client.post("/v1/turns", {"user_id": user, "session_id": f"s{step // 400}", "turns": turns})
        posted += args.turns
        for _ in range(args.searches):
            client.search(user, writer.question())
            answer_seconds += 1
        step += 1
        time.sleep(max(0.0, started + step - time.monotonic()))
    later = len(minutes) // 4
    figures = {"mib_first": sizes[0], "mib_last": sizes[-1], "mib_most": max(sizes)}
    figures["mib_an_hour"] = round(slope(minutes[later:], sizes[later:]), 1)
    print(json.dumps(figures | {"turns": posted, "searches": answer_seconds}))


if __name__ == "__main__":
    main()
