"""Status codes of requests through a real PgBouncer in transaction mode, and latencies with and without it.

Usage: python -m benchmarks.pooled [--program PATH_OF_MEMCUBED] [--requests 120] [--port 8160]
Starts a throw-away Postgres, Valkey and PgBouncer, which has two sessions for all, and the program's API and
worker. Another checkout's `.venv/bin/memcubed` as the program compares two versions. PgBouncer lets the
startup parameter `options` pass, which it would refuse by itself.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx

from app.embedded.postgres import EmbeddedPostgres
from app.embedded.valkey import EmbeddedValkey
from benchmarks.http_speed import summary
from tests.pooler import PgBouncer

KEY = f"mc_{uuid4().hex}{uuid4().hex}"
THREADS = 4


@contextmanager
def service(program: str, port: int, env: dict[str, str], log: Path) -> Generator[httpx.Client]:
    """The API and a worker of the program, and a client."""
    subprocess.run([program, "migrate"], env=env, check=True, stdout=subprocess.DEVNULL)
    with log.open("wb") as output:
        running = [
            subprocess.Popen([program, *command], env=env, stdout=output, stderr=output)
            for command in (["serve"], ["worker", "--beat"])
        ]
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as client:
        try:
            wait_ready(client, log)
            yield client
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait(30)


def wait_ready(client: httpx.Client, log: Path) -> None:
    """Return when the service answers, or fail with the end of its log."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if client.get("/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    sys.exit(f"The service did not start:\n{log.read_text()[-2000:]}")


def ask(client: httpx.Client, number: int) -> tuple[str, int, float]:
    """Send requests of three kinds in turn: (kind, status (0 = connection cut), seconds)."""
    user = f"user-{number % 5}"
    turns = [{"role": "user", "name": "Ann", "content": f"I moved to town number {number}."}]
    what, path, body = (
        ("ack", "/v1/turns", {"user_id": user, "session_id": "s", "turns": turns}),
        ("search", "/v1/search", {"user_id": user, "query": f"Where does Ann live? {number}"}),
        ("memory", "/v1/memories", {"user_id": user, "content": f"Ann has {number} boats."}),
    )[number % 3]
    started = time.perf_counter()
    try:
        status = client.post(path, json=body).status_code
    except httpx.TransportError:
        status = 0
    return what, status, time.perf_counter() - started


def measure(client: httpx.Client, requests: int) -> dict[str, object]:
    """Statuses and latencies of that many requests, and the final states of the jobs."""
    with ThreadPoolExecutor(THREADS) as threads:
        seen = list(threads.map(lambda number: ask(client, number), range(requests)))
    # Sequential, so that the times are those of the requests and not of a queue.
    alone = [ask(client, number) for number in range(requests)]
    statuses = Counter(str(status) for _, status, _ in seen)
    times = {
        what: summary([seconds for kind, status, seconds in alone if kind == what and 200 <= status < 300])
        for what in ("ack", "search")
        if any(kind == what and 200 <= status < 300 for kind, status, _ in alone)
    }
    return {"statuses": dict(statuses), **times}


def main() -> None:
    """Run it with the pooler and directly, and print the figures as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--program", default=str(Path(sys.executable).parent / "memcubed"))
    parser.add_argument("--requests", type=int, default=120)
    parser.add_argument("--port", type=int, default=8160)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mcp-") as place:
        folder = Path(place)
        postgres, valkey = EmbeddedPostgres(folder).start(), EmbeddedValkey(folder).start()
        pooler = PgBouncer(postgres, folder / "pooler", ignore_startup_parameters="options").start()
        env = os.environ | {
            "MEMCUBED_DATABASE_OWNER_URL": postgres.owner_url,
            "MEMCUBED_REDIS_URL": valkey.redis_url,
            "MEMCUBED_BOOTSTRAP_API_KEY": KEY,
            "MEMCUBED_PORT": str(args.port),
            "MEMCUBED_DATA_DIR": str(folder / "data"),
        }
        figures = {}
        for way, url in (("pgbouncer", pooler.url("memcubed")), ("direct", postgres.service_url)):
            given = env | {"MEMCUBED_DATABASE_URL": url}
            with service(args.program, args.port, given, folder / f"{way}.log") as client:
                figures[way] = measure(client, args.requests)
        print(json.dumps(figures, indent=2))
        pooler.stop()
        valkey.stop()
        postgres.stop()


if __name__ == "__main__":
    main()
