"""Searches of many users of ordinary size over HTTP: uniform and Zipf traffic, and first searches.

Usage: python -m benchmarks.many_users --data-dir .memcubed [--users 1500] [--median 200] [--requests 600]
For a quick look: --users 60 --requests 60 --big-users 2 --big-rows 1000
The service must run (`make up`) on its embedded database. Users that are missing are filled in by COPY, with
lognormal sizes; then the workers store the index snapshots that they would have stored as the rows were
written. --url asks another API on the same database, such as one of an earlier version.

uniform: every user is as likely, one connection. zipf: the r-th user is asked in proportion to 1 / r, by one
connection and by eight. first: users of `--big-rows` rows, each asked once, whom no process has in memory.
hot: one of them, again and again. All questions are fresh, that is, they have to be embedded. cpu_ms: of all
processes of the service for one request, and of its parts; other load of the machine has less effect on it
than on times. sql: bare SQL on the rows of a sample of these users, exact cosine order plus an inner product
of sparse stem weights. memory: PSS, the proportional share of pages that processes have in common, and RSS.
mem0 is measured on the rows and vectors of the same sample where it is installed (`pip install mem0ai`).
"""

import argparse
import json
import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import psycopg
from pgvector.psycopg import register_vector

from app.embedded.runtime import Runtime, read_runtime
from app.job_queue import JobNotifier, make_celery
from benchmarks.filling import TENANT, Writer, fill
from benchmarks.mem0_peer import measure_mem0
from benchmarks.scale import MIB, Client, Floor, summary, timed

CONNECTIONS = 8
SIGMA = 0.98  # of the logarithm of a user's rows: a mean of 1.6 times the median
PACKING_SECONDS = 1_800
FLOOR_USERS = 40


def user_sizes(count: int, median: int) -> dict[str, int]:
    """{user: rows}, lognormal, the same in every run."""
    drawn = np.random.default_rng(18).lognormal(np.log(median), SIGMA, count)
    return {f"many-{median}-{at}": int(rows) for at, rows in enumerate(np.clip(drawn, 20, 50 * median))}


def draw_users(users: Sequence[str], count: int, seed: int, *, is_zipf: bool) -> list[str]:
    """`count` users to ask, with replacement."""
    chance = np.random.default_rng(seed)
    weights = 1 / np.arange(1, len(users) + 1) if is_zipf else np.ones(len(users))
    drawn = chance.choice(len(users), count, p=weights / weights.sum())
    return [users[int(at)] for at in np.atleast_1d(drawn)]


class Processes:
    """CPU time and memory of the service's processes, by part."""

    def __init__(self, pids: Sequence[int]) -> None:
        self._pids = pids

    def _each(self) -> list[tuple[str, psutil.Process]]:
        found: list[tuple[str, psutil.Process]] = []
        for pid in self._pids:
            top = psutil.Process(pid)
            for process in (top, *top.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):  # one that ended meanwhile
                    words = process.cmdline()
                    is_ours = "app.cli" in words
                    found.append((words[words.index("app.cli") + 1] if is_ours else process.name(), process))
        return found

    def cpu_seconds(self) -> dict[str, float]:
        """CPU seconds so far."""
        spent: dict[str, float] = {}
        for name, process in self._each():
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                spent[name] = spent.get(name, 0.0) + times.user + times.system
        return spent

    def memory_mb(self) -> dict[str, dict[str, int]]:
        """PSS and RSS in MiB."""
        sizes: dict[str, list[float]] = {}
        for name, process in self._each():
            with suppress(psutil.NoSuchProcess):
                info = process.memory_full_info()
                for key in (name, "all"):
                    total = sizes.setdefault(key, [0.0, 0.0])
                    total[0] += info.pss / MIB
                    total[1] += info.rss / MIB
        return {name: {"pss": round(pss), "rss": round(rss)} for name, (pss, rss) in sizes.items()}


def run_traffic(
    connect: Callable[[], Client], asked: Sequence[tuple[str, str]], connections: int
) -> tuple[list[float], float]:
    """(the seconds of each search, the seconds of all) of (user, query) pairs over that many connections."""
    clients, times, errors = [connect() for _ in range(connections)], list[float](), list[Exception]()

    def ask(client: Client, mine: Sequence[tuple[str, str]]) -> None:
        try:
            times.extend([timed(lambda u=user, q=query: client.search(u, q)) for user, query in mine])
        except (RuntimeError, OSError) as exc:
            errors.append(exc)

    threads = [
        threading.Thread(target=ask, args=(client, asked[at::connections]))
        for at, client in enumerate(clients)
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return times, time.perf_counter() - started


def measure_traffic(
    processes: Processes,
    connect: Callable[[], Client],
    asked: Sequence[tuple[str, str]],
    connections: int = 1,
) -> dict[str, Any]:
    """Latencies, rate and CPU of searches."""
    before, client_before = processes.cpu_seconds(), time.process_time()
    times, seconds = run_traffic(connect, asked, connections)
    after, count = processes.cpu_seconds(), len(asked)
    spent = {name: round(1e3 * (after[name] - before.get(name, 0.0)) / count, 2) for name in after}
    return {
        **summary(times),
        "per_s": round(count / seconds, 1),
        "cpu_ms": {"all": round(sum(spent.values()), 2)} | {n: ms for n, ms in spent.items() if ms >= 0.05},
        "client_cpu_ms": round(1e3 * (time.process_time() - client_before) / count, 2),
    }


def have_packed(runtime: Runtime, users: Sequence[str]) -> float:
    """Have the workers store the users' index snapshots; seconds that it took."""
    started = time.monotonic()
    celery = make_celery(runtime.redis_url)
    with psycopg.connect(runtime.database_owner_url or "", autocommit=True) as connection:
        connection.execute(
            "INSERT INTO pack_requests (tenant_id, user_id) SELECT tenant_id, user_id FROM users u "
            "WHERE tenant_id = %s AND user_id = ANY(%s) AND NOT EXISTS (SELECT 1 FROM scope_packs p WHERE "
            "p.tenant_id = u.tenant_id AND p.user_id = u.user_id AND p.revision = u.revision) "
            "ON CONFLICT DO NOTHING",
            [TENANT, list(users)],
        )
        JobNotifier(celery).notify_index_snapshot()
        while connection.execute("SELECT 1 FROM pack_requests LIMIT 1").fetchone() is not None:
            if time.monotonic() - started > PACKING_SECONDS:
                raise SystemExit(f"The workers did not pack the users within {PACKING_SECONDS} s.")
            time.sleep(0.5)
        connection.execute("VACUUM (ANALYZE) scope_packs")
    celery.close()
    return time.monotonic() - started


def measure_sql(runtime: Runtime, users: Sequence[str], writer: Writer) -> dict[str, Any]:
    """Bare SQL on the rows of these users, who are asked in turn."""
    with psycopg.connect(runtime.database_owner_url or "", autocommit=True) as connection:
        register_vector(connection)
        floor = Floor(connection)
        floor.prepare(users)
        vectors = writer.vectors(2 * len(users))
        times = [
            timed(lambda u=user, v=vector: (floor.dense(u, v), floor.lexical(u, writer.question())))
            for user, vector in zip([*users, *users], vectors, strict=True)
        ]
    return summary(times[len(users) :])


def measure(args: argparse.Namespace, runtime: Runtime, key: str) -> dict[str, Any]:
    """All figures."""
    small, big = user_sizes(args.users, args.median), {}
    big = {f"many-big-{args.big_rows}-{at}": args.big_rows for at in range(args.big_users)}
    writer, started = Writer(), time.perf_counter()
    filled = fill(runtime.database_owner_url or "", small | big, writer)
    figures: dict[str, Any] = {
        "users": len(small),
        "rows": sum(small.values()) + sum(big.values()),
        "filled": len(filled),
        "fill_s": round(time.perf_counter() - started, 1),
    }
    if not args.as_packed:
        figures["pack_s"] = round(have_packed(runtime, [*small, *big]), 1)
    url = args.url or runtime.api_url
    processes = Processes([runtime.pid, *args.pid])
    # Other questions in each run: the service keeps the vectors of those of the last hour.
    asking, seed, users = Writer(seed=time.time_ns()), time.time_ns(), list(small)

    def connect() -> Client:
        return Client(url, key)

    def draw(count: int, *, is_zipf: bool) -> list[tuple[str, str]]:
        return [(u, asking.question()) for u in draw_users(users, count, seed + is_zipf, is_zipf=is_zipf)]

    figures["memory_before_mb"] = processes.memory_mb()
    run_traffic(connect, draw(min(50, args.requests), is_zipf=False), 2)  # connections and code warm up
    figures["uniform"] = measure_traffic(processes, connect, draw(args.requests, is_zipf=False))
    run_traffic(connect, draw(args.requests, is_zipf=True), CONNECTIONS)  # the caches fill as traffic has it
    figures["zipf"] = measure_traffic(processes, connect, draw(args.requests, is_zipf=True))
    figures["zipf_8"] = measure_traffic(processes, connect, draw(args.requests, is_zipf=True), CONNECTIONS)
    figures["memory_after_mb"] = processes.memory_mb()
    sample = users[:: max(1, len(users) // FLOOR_USERS)]
    figures["sql"] = measure_sql(runtime, sample, asking)
    if big:
        figures["first"] = measure_traffic(processes, connect, [(user, asking.question()) for user in big])
        hot = next(iter(big))
        connection = connect()  # one process answers one connection
        connection.search(hot, asking.question())
        queries = [(hot, asking.question()) for _ in range(100)]
        figures["hot"] = measure_traffic(processes, lambda: connection, queries)
        figures["sql_big"] = measure_sql(runtime, list(big)[:4], asking)
    asked = [(user, asking.question()) for user in [*sample, *sample]]
    figures["mem0"] = measure_mem0(runtime, sample, asked)
    return figures


def main() -> None:
    """Fill, pack, measure, print JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-dir", type=Path, default=Path(".memcubed"))
    parser.add_argument("--users", type=int, default=1_500)
    parser.add_argument("--median", type=int, default=200, help="rows of the user in the middle")
    parser.add_argument("--requests", type=int, default=600, help="searches of each kind of traffic")
    parser.add_argument("--big-users", type=int, default=20)
    parser.add_argument("--big-rows", type=int, default=10_000)
    parser.add_argument("--url", help="another API on the same database")
    parser.add_argument("--pid", type=int, action="append", default=[], help="a further process to count")
    parser.add_argument("--as-packed", action="store_true", help="leave the index snapshots as they are")
    args = parser.parse_args()
    runtime = read_runtime(args.data_dir.absolute())
    if runtime is None or runtime.database_owner_url is None:
        raise SystemExit(f"No service with an embedded database runs on {args.data_dir}.")
    key = os.environ.get("MEMCUBED_KEY") or (args.data_dir / "bootstrap-key").read_text().strip()
    print(json.dumps(measure(args, runtime, key), indent=2))


if __name__ == "__main__":
    main()
