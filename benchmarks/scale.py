"""Search speed at scale over HTTP, compared with plain SQL on the same rows in the same run.

Usage: python -m benchmarks.scale --data-dir .memcubed [--rows 10000] [--users 30] [--growth 1000,100000]
The service must run (`make up`) on its embedded database. Users that are missing are filled in first.
"""

import argparse
import http.client
import json
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import psutil
import psycopg
from pgvector import HalfVector, SparseVector
from pgvector.psycopg import register_vector

from app.embedded.runtime import Runtime, read_runtime
from app.llm.embeddings import LOCAL_MODEL_ID
from app.memory.text.analysis import analyze_text
from benchmarks.filling import TENANT, Writer, fill

CONNECTIONS = 8
PACKING_SECONDS = 600
WIDTH = 100_000  # dimensions of the sparse vectors: one for each stem
MIB = 2**20


class Client:
    """One kept connection; the standard library's, so that the client takes little of the two cores."""

    def __init__(self, url: str, key: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def search(self, user_id: str, query: str, k: int = 10) -> list[dict[str, Any]]:
        """The results of one search."""
        return self.post("/v1/search", {"user_id": user_id, "query": query, "k": k})["items"]

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to a POST. Raises `RuntimeError` for a problem."""
        self._connection.request("POST", path, json.dumps(body), self._headers)
        answer = self._connection.getresponse()
        data = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{answer.status}: {data[:300]!r}")
        return json.loads(data)


def summary(seconds: Sequence[float]) -> dict[str, float]:
    """p50 and p95 in milliseconds."""
    ordered = sorted(seconds)
    last = len(ordered) - 1
    return {
        "p50_ms": round(1e3 * statistics.median(ordered), 2),
        "p95_ms": round(1e3 * ordered[round(0.95 * last)], 2),
    }


def timed(call: Callable[[], object]) -> float:
    """Seconds of one call."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


class Floor:
    """Plain SQL on one user's rows: exact cosine order, and an inner product of stem weights."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._place: dict[str, int] = {}

    def prepare(self, users: Sequence[str]) -> None:
        """Create a table of sparse vectors beside the rows, interleaved in the same way."""
        run = self._connection.execute
        run("CREATE SCHEMA IF NOT EXISTS bench")
        run("CREATE TABLE IF NOT EXISTS bench.lexical (user_id text, id uuid, terms sparsevec)")
        run("CREATE INDEX IF NOT EXISTS ix_lexical ON bench.lexical (user_id)")
        done = {row[0] for row in run("SELECT DISTINCT user_id FROM bench.lexical")}
        missing = [user for user in users if user not in done]
        if not missing:
            return
        rows = run(
            "SELECT user_id, id, content FROM turns WHERE tenant_id = %(t)s AND user_id = ANY(%(u)s) "
            "UNION ALL "
            "SELECT user_id, id, content FROM memories WHERE tenant_id = %(t)s AND user_id = ANY(%(u)s) "
            "ORDER BY 2",
            {"t": TENANT, "u": missing},
        ).fetchall()
        with (
            self._connection.cursor() as cursor,
            cursor.copy("COPY bench.lexical FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.set_types(["text", "uuid", "sparsevec"])
            for user_id, row_id, text in rows:
                copy.write_row((user_id, row_id, self.weights(text)))
        run("VACUUM (ANALYZE) bench.lexical")

    def weights(self, text: str) -> SparseVector:
        """Saturated counts of the text's stems."""
        counts: dict[int, float] = {}
        for term in analyze_text(text):
            at = self._place.setdefault(term, len(self._place) % WIDTH)
            counts[at] = counts.get(at, 0.0) + 1.0
        return SparseVector({at: 2.2 * n / (n + 1.2) for at, n in counts.items()}, WIDTH)

    def dense(self, user_id: str, vector: np.ndarray) -> list[Any]:
        """The ids of the nearest ten."""
        return self._connection.execute(
            "SELECT id FROM embeddings WHERE tenant_id = %s AND user_id = %s AND model_id = %s "
            "ORDER BY vector <=> %s LIMIT 10",
            [TENANT, user_id, LOCAL_MODEL_ID, HalfVector(vector)],
        ).fetchall()

    def lexical(self, user_id: str, query: str) -> list[Any]:
        """The ids of the ten with the greatest inner product."""
        return self._connection.execute(
            "SELECT id FROM bench.lexical WHERE user_id = %s ORDER BY terms <#> %s LIMIT 10",
            [user_id, self.weights(query)],
        ).fetchall()


def rate(clients: Sequence[Client], user_id: str, queries: Sequence[str]) -> float:
    """Searches per second if each client sends its share of the queries."""
    errors: list[Exception] = []

    def ask(client: Client, mine: Sequence[str]) -> None:
        try:
            for query in mine:
                client.search(user_id, query)
        except (RuntimeError, OSError) as exc:
            errors.append(exc)

    threads = [
        threading.Thread(target=ask, args=(client, queries[at :: len(clients)]))
        for at, client in enumerate(clients)
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return len(queries) / (time.perf_counter() - started)


def memory_mb(pid: int) -> dict[str, float]:
    """Proportional memory (PSS, MiB) of the service's processes, by name and in total."""
    top = psutil.Process(pid)
    memory: dict[str, float] = {}
    for process in (top, *top.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):  # a process that ended meanwhile
            words = process.cmdline()
            name = words[-1] if "app.cli" in words else process.name()
            memory[name] = memory.get(name, 0.0) + process.memory_full_info().pss / MIB
    return {name: float(round(size)) for name, size in (memory | {"all": sum(memory.values())}).items()}


def have_packed(client: Client, connection: psycopg.Connection, users: Sequence[str], writer: Writer) -> None:
    """Search every user once, and wait until the workers have stored the index snapshots."""
    for user in users:
        client.search(user, writer.question())
    deadline = time.monotonic() + PACKING_SECONDS
    count = "SELECT count(*) FROM scope_packs WHERE tenant_id = %s AND user_id = ANY(%s)"
    while time.monotonic() < deadline:
        row = connection.execute(count, [TENANT, list(users)]).fetchone()
        if row is not None and row[0] == len(users):
            return
        time.sleep(1)
    raise SystemExit(f"The workers did not pack {len(users)} users within {PACKING_SECONDS} s.")


def measure(
    runtime: Runtime, key: str, main_user: str, others: Sequence[str], writer: Writer
) -> dict[str, Any]:
    """The figures of one user among the others."""
    client = Client(runtime.api_url, key)
    figures: dict[str, Any] = {"memory_before_mb": memory_mb(runtime.pid)}
    with psycopg.connect(runtime.database_owner_url or "", autocommit=True) as connection:
        register_vector(connection)
        floor = Floor(connection)
        floor.prepare([main_user, *others])
        queries = [writer.question() for _ in range(100)]
        vectors = writer.vectors(len(queries))
        for query, vector in zip(queries[:10], vectors, strict=False):
            floor.dense(main_user, vector)
            floor.lexical(main_user, query)
        # More users than one process caches, so each is cold again when its turn comes.
        have_packed(client, connection, others, writer)
        dense = [timed(lambda v=v: floor.dense(main_user, v)) for v in vectors]
        lexical = [timed(lambda q=q: floor.lexical(main_user, q)) for q in queries]
    figures["sql_dense"], figures["sql_lexical"] = summary(dense), summary(lexical)
    floor_ms = figures["sql_dense"]["p50_ms"] + figures["sql_lexical"]["p50_ms"]
    client = Client(runtime.api_url, key)  # the server has closed the first one, which was idle for too long
    cold = [timed(lambda u=u: client.search(u, writer.question())) for u in others]
    client.search(main_user, writer.question())
    fresh = [timed(lambda q=q: client.search(main_user, q)) for q in queries]
    repeated = [timed(lambda q=q: client.search(main_user, q)) for q in queries]
    clients = [Client(runtime.api_url, key) for _ in range(CONNECTIONS)]
    new = [writer.question() for _ in range(400)]
    figures |= {
        "cold": summary(cold),
        "hot_fresh": summary(fresh),
        "hot_repeated": summary(repeated),
        "fresh_per_s": round(rate(clients, main_user, new), 1),
        "repeated_per_s": round(rate(clients, main_user, new * 2), 1),
    }
    figures["floor_ms"] = round(floor_ms, 2)
    figures["ratio_hot_fresh"] = round(figures["hot_fresh"]["p50_ms"] / floor_ms, 2)
    figures["ratio_hot_repeated"] = round(figures["hot_repeated"]["p50_ms"] / floor_ms, 2)
    figures["ratio_cold"] = round(figures["cold"]["p50_ms"] / floor_ms, 2)
    figures["memory_after_mb"] = memory_mb(runtime.pid)
    return figures


def main() -> None:
    """Fill, measure, print JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-dir", type=Path, default=Path(".memcubed"))
    parser.add_argument("--rows", type=int, default=10_000, help="rows of each user")
    parser.add_argument("--users", type=int, default=30)
    parser.add_argument("--growth", default="", help="more sizes of one user, e.g. 1000,100000")
    args = parser.parse_args()
    runtime = read_runtime(args.data_dir.absolute())
    if runtime is None or runtime.database_owner_url is None:
        raise SystemExit(f"No service with an embedded database runs on {args.data_dir}.")
    key = (args.data_dir / "bootstrap-key").read_text().strip()
    writer = Writer()
    users = [f"scale-{args.rows}-{number}" for number in range(args.users)]
    sizes: dict[str, int] = dict.fromkeys(users, int(args.rows))
    started = time.perf_counter()
    new = fill(runtime.database_owner_url, sizes, writer)
    growth = [int(size) for size in args.growth.split(",") if size]
    for size in growth:
        new += fill(runtime.database_owner_url, {f"scale-{size}": size}, writer)
    figures: dict[str, Any] = {"users_filled": len(new), "fill_s": round(time.perf_counter() - started, 1)}
    # Different queries in each run: the service caches the vectors of those of the last hour.
    asking = Writer(seed=time.time_ns())
    figures |= measure(runtime, key, users[0], users[1:], asking)
    client = Client(runtime.api_url, key)
    for size in growth:
        user = f"scale-{size}"
        first = timed(lambda u=user: client.search(u, asking.question()))
        hot = [timed(lambda u=user: client.search(u, asking.question())) for _ in range(50)]
        figures[f"growth_{size}"] = {"first_ms": round(1e3 * first, 1)} | summary(hot)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
