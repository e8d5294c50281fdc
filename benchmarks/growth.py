"""Search as one user's rows grow: exact up to 50,000 vectors, by HNSW index and index snapshot beyond.

Usage: python -m benchmarks.growth --data-dir .memcubed --longmemeval FOLDER [--sizes 1000,10000,100000]
The service must run (`make up`) on its embedded database. Missing users are filled in by COPY, and
the worker stores their snapshots; prints a line of a table for each size.

Rows are made of real texts: 8,000 turns drawn from LongMemEval's sessions with a fixed seed and embedded by
the service's own model. A row is a mixture of two of them, w a + (1 - w) b with w uniform in [.6, .9],
normalised, and its text the words of a with some of b, so neighbours are distributed as those of real text.
Queries are other turns of these sessions that ask something.

ready: seconds until the worker has built the ANN index (if any) and the snapshot, if this run did it.
first: the first search in an API process without the user's index. fresh, again: queries that are
embedded first, and the same once more, with cached vectors. cpu: of all of the service's processes
for one fresh query, on which other load of the machine has less effect. nearest@10: the share of the exactly
nearest ten turns that the ANN index returns. answer@10: the share of the ten results of an exact search that
the service returns, up to 100,000 rows, as the rows of an exact index must fit into this process.
"""

import argparse
import lzma
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import orjson
import psutil
import psycopg
from numpy.typing import NDArray
from pgvector import HalfVector
from pgvector.psycopg import register_vector

from app.core.security import Principal
from app.core.settings import Settings
from app.core.vocabulary import Role
from app.db.repositories.search import ann_indexes
from app.db.user_session import UserSession
from app.embedded.runtime import Runtime, read_runtime
from app.llm.embeddings import LOCAL_MODEL_ID, LocalEmbedder
from app.memory.index.user_index import UserIndex
from app.memory.ranking.matching.ann_index import ANN_CANDIDATES
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.search_index import search_index
from app.resources import Resources, open_resources
from app.services.models.model_registry import with_models
from app.services.platform.user_context import UserContext
from app.services.search import user_indexes
from app.services.search.ann_indexes import DOCUMENT_ROWS, EXACT_ROWS
from benchmarks.filling import TENANT, Writer, fill
from benchmarks.scale import Client, memory_mb, summary, timed

TEXTS = 8_000
WORDS = 32  # of a turn, its first
ASKING = 16  # of a question, at most
QUESTIONS = 111  # of which the first ones warm up
NEAREST = 50
EXACT_TO = 100_000


def real_texts(folder: Path, seed: int) -> tuple[list[str], list[str]]:
    """(`TEXTS` distinct, shortened turns of LongMemEval's sessions, other turns that ask something)."""
    found: dict[str, bool] = {}
    with lzma.open(folder / "sessions.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            for role, text in orjson.loads(line)["turns"]:
                words = text.split()
                if len(words) >= 5:
                    asks = role == Role.USER and len(words) <= ASKING and text.rstrip().endswith("?")
                    found[" ".join(words[:WORDS])] = asks
    texts = list(found)
    mixed = [texts[at] for at in np.random.default_rng(seed).permutation(len(texts)).tolist()]
    return mixed[:TEXTS], [text for text in mixed[TEXTS:] if found[text]]


class Mixer(Writer):
    """Generates rows that are mixtures of real texts and of their vectors."""

    def __init__(self, texts: Sequence[str], vectors: NDArray[np.float32], seed: int = 7) -> None:
        self._chance = np.random.default_rng(seed)
        self._texts = [text.split() for text in texts]
        self._pool = vectors

    def rows(self, count: int) -> tuple[list[str], NDArray[np.float32]]:
        """`count` texts and their vectors, (count, 384)."""
        left, right = self._chance.integers(0, len(self._texts), (2, count))
        share = self._chance.uniform(0.6, 0.9, (count, 1)).astype(np.float32)
        mixed = share * self._pool[left] + (1 - share) * self._pool[right]
        words = self._chance.integers(3, 9, count).tolist()
        texts = [
            " ".join([*self._texts[a], *self._texts[b][:some]])
            for a, b, some in zip(left.tolist(), right.tolist(), words, strict=True)
        ]
        return texts, mixed / np.linalg.norm(mixed, axis=1, keepdims=True)


class User:
    """One user of a given size, queried over HTTP and in this process."""

    def __init__(self, runtime: Runtime, key: str, resources: Resources, size: int) -> None:
        self._runtime, self._key, self._resources = runtime, key, resources
        self.name, self.size = f"growth-{size}", size
        self._owner = psycopg.connect(runtime.database_owner_url or "", autocommit=True)
        register_vector(self._owner)

    @property
    def pid(self) -> int:
        """The pid of the service."""
        return self._runtime.pid

    def now(self) -> datetime:
        """The reference time of the queries."""
        return self._resources.now()

    def exists(self) -> bool:
        """Whether the user was filled in before."""
        sql = "SELECT 1 FROM users WHERE tenant_id = %s AND user_id = %s"
        return self._owner.execute(sql, self._of_user).fetchone() is not None

    def client(self) -> Client:
        """A new connection to the service."""
        return Client(self._runtime.api_url, self._key)

    def exact(self) -> UserIndex | None:
        """The index of an exact search, built from the rows; the user's snapshot is dropped for it."""
        if self.size > EXACT_TO:
            return None
        self._owner.execute("DELETE FROM scope_packs WHERE tenant_id = %s AND user_id = %s", self._of_user)
        ctx = UserContext(self._resources, Principal(TENANT), self.name)
        scope = UserIndex(self._resources.active_embedder.dimensions)

        def read(in_use: Any) -> None:
            user_indexes.refresh_index(ctx, in_use, scope)

        with_models(self._resources, read)
        return scope

    @property
    def _of_user(self) -> list[str]:
        return [TENANT, self.name]

    def ready(self) -> float | None:
        """Have the snapshot stored, and the ANN index built if the user is large; seconds, None if both
        existed.
        """
        if self._packed():
            return None
        self._owner.execute(
            "INSERT INTO pack_requests (tenant_id, user_id) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            self._of_user,
        )
        self._resources.notifier.notify_index_snapshot()
        started = time.monotonic()
        while not self._packed():
            time.sleep(0.1)
        return time.monotonic() - started

    def _packed(self) -> bool:
        sql = "SELECT form FROM scope_packs WHERE tenant_id = %s AND user_id = %s"
        row = self._owner.execute(sql, self._of_user).fetchone()
        return row is not None and row[0] != 0 and (row[0] < 0) == (self.size > DOCUMENT_ROWS)

    def nearest(self, vectors: NDArray[np.float32]) -> dict[str, Any]:
        """Recall of the ANN index against an exact scan of the same rows, and its time."""
        if self.size <= EXACT_ROWS:
            return {"nearest@10": 1.0}
        self._owner.execute("SET enable_indexscan = off")
        sql = (
            "SELECT id FROM embeddings WHERE tenant_id = %s AND user_id = %s AND of_turn"
            " ORDER BY vector <=> %s LIMIT 10"
        )
        recall, seconds = [], []
        for vector in vectors:
            exact = {row[0] for row in self._owner.execute(sql, [*self._of_user, HalfVector(vector)])}
            with self._resources.open_transaction(Principal(TENANT)) as session:
                user = UserSession(session, TENANT, self.name)
                started = time.perf_counter()
                found = ann_indexes.find_nearest_ids(
                    user, LOCAL_MODEL_ID, vector, of_turn=True, count=ANN_CANDIDATES
                )
                seconds.append(time.perf_counter() - started)
            recall.append(len(exact & {UUID(bytes=row_id) for row_id in found[:10]}) / 10)
        return {"nearest@10": round(float(np.mean(recall)), 4), "index_ms": summary(seconds)["p50_ms"]}


def cpu_seconds(pid: int) -> float:
    """CPU seconds that the service's processes have used so far."""
    top, total = psutil.Process(pid), 0.0
    for process in (top, *top.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):  # one that ended meanwhile
            times = process.cpu_times()
            total += times.user + times.system
    return total


def measure(
    user: User, exact: UserIndex | None, questions: Sequence[str], embedder: LocalEmbedder
) -> dict[str, Any]:
    """One line of the table."""
    client, pid = user.client(), user.pid
    before = memory_mb(pid).get("serve", 0)
    first = timed(lambda: client.search(user.name, questions[0]))
    for query in questions[1:11]:
        client.search(user.name, query)
    asked = questions[11:]
    spent = cpu_seconds(pid)
    fresh = summary([timed(lambda q=q: client.search(user.name, q)) for q in asked])
    spent = cpu_seconds(pid) - spent
    again = summary([timed(lambda q=q: client.search(user.name, q)) for q in asked])
    vectors = np.stack([embedder.embed_query(query) for query in asked])
    figures: dict[str, Any] = {
        "first_ms": round(1e3 * first),
        "memory_mb": [before, memory_mb(pid).get("serve", 0)],
    }
    figures["fresh_cpu_ms"] = round(1e3 * spent / len(asked), 1)
    figures |= {f"fresh_{name}": value for name, value in fresh.items()}
    figures |= {f"again_{name}": value for name, value in again.items()}
    figures |= user.nearest(vectors[:NEAREST])
    if exact is not None:
        client = user.client()  # the first one has been silent for too long to be kept
        shares: list[float] = []
        for query, vector in zip(asked, vectors, strict=True):
            items = {item["id"] for item in client.search(user.name, query)}
            wanted = SearchQuery(query, vector, 10, reference_time=user.now())
            best = [str(found.id) for found in search_index(exact, wanted)]
            shares.append(len(items.intersection(best)) / max(1, len(best)))
        figures["answer@10"] = round(float(np.mean(shares)), 4)
    return figures


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-dir", type=Path, default=Path(".memcubed"))
    parser.add_argument("--longmemeval", type=Path, required=True, help="folder of sessions.jsonl.xz")
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--run", type=int, default=0, help="another number for other questions")
    args = parser.parse_args()
    runtime = read_runtime(args.data_dir.absolute())
    if runtime is None or runtime.database_owner_url is None:
        raise SystemExit(f"No service with an embedded database runs on {args.data_dir}.")
    key = (args.data_dir / "bootstrap-key").read_text().strip()
    embedder, writer = LocalEmbedder(threads=2), None
    texts, questions = real_texts(args.longmemeval, seed=7)
    settings = Settings(database_url=runtime.database_url, redis_url=runtime.redis_url)
    with open_resources(settings) as resources:
        for number, size in enumerate(map(int, args.sizes.split(","))):
            user = User(runtime, key, resources, size)
            if not user.exists():
                writer = writer or Mixer(texts, embedder.embed(texts))
                fill(runtime.database_owner_url, {user.name: size}, writer)
            exact = user.exact()
            figures = {"rows": size, "ready_s": user.ready()}
            first = QUESTIONS * (4 * args.run + number)  # others than before: Redis holds those of an hour
            figures |= measure(user, exact, questions[first : first + QUESTIONS], embedder)
            print(orjson.dumps(figures).decode(), flush=True)


if __name__ == "__main__":
    main()
