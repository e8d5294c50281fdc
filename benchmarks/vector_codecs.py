"""Vectors to and from Postgres: the codecs of `app.db.vectors` beside those that pgvector registers.

Usage: python -m benchmarks.vector_codecs [--rows 5000]

It starts a throw-away Postgres. Times are CPU milliseconds of this process, the least of five runs; what
Postgres itself spends is left out, except in what a connection costs, which is by the clock.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from pgvector import HalfVector
from pgvector.psycopg import register_vector
from psycopg import sql

from app.db.vectors import decode_joined_vectors, decode_vectors, encode_vector
from app.embedded.postgres import EmbeddedPostgres

DIMENSIONS, RUNS = 384, 5
INSERT = "INSERT INTO vectors (id, vector) VALUES (%s, %s)"
Rows = list[tuple[Any, ...]]


def least(run: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """The least milliseconds of some runs."""
    taken: list[float] = []
    for _ in range(RUNS):
        started = clock()
        run()
        taken.append(1e3 * (clock() - started))
    return round(min(taken), 2)


def measure(url: str, count: int) -> dict[str, dict[str, float]]:
    """Milliseconds of each way, by what it does."""
    vectors = np.random.default_rng(1).normal(size=(count, DIMENSIONS)).astype(np.float32)

    def connect(*, registered: bool) -> None:
        with psycopg.connect(url) as opened:
            if registered:
                register_vector(opened)

    with psycopg.connect(url, autocommit=True) as ours, psycopg.connect(url, autocommit=True) as theirs:
        register_vector(theirs)

        def write(connection: psycopg.Connection[Any], encode: Callable[[Any], Any]) -> None:
            with connection.transaction(force_rollback=True), connection.cursor() as cursor:
                cursor.executemany(INSERT, [(-at, encode(row)) for at, row in enumerate(vectors, start=1)])

        def read(connection: psycopg.Connection[Any], column: str, *, binary: bool = False) -> Rows:
            query = sql.SQL("SELECT {} FROM vectors").format(sql.SQL(column))  # pyright: ignore[reportArgumentType]
            return connection.execute(query, binary=binary).fetchall()

        def read_objects(*, binary: bool) -> np.ndarray:
            rows = read(theirs, "vector", binary=binary)
            return np.stack([vector.to_numpy() for (vector,) in rows]).astype(np.float32)

        with ours.cursor() as cursor:
            cursor.executemany(INSERT, [(at, encode_vector(row)) for at, row in enumerate(vectors)])
        joined = "string_agg(halfvec_send(vector), '')"
        return {
            "connection": {
                "plain": least(lambda: connect(registered=False), time.perf_counter),
                "registered": least(lambda: connect(registered=True), time.perf_counter),
            },
            "write": {
                "ours": least(lambda: write(ours, encode_vector)),
                "registered": least(lambda: write(theirs, HalfVector)),
            },
            "read": {
                "ours_joined": least(lambda: decode_joined_vectors(read(ours, joined)[0][0], count)),
                "ours_rows": least(
                    lambda: decode_vectors([data for (data,) in read(ours, "halfvec_send(vector)")])
                ),
                "registered_binary": least(lambda: read_objects(binary=True)),
                "registered_text": least(lambda: read_objects(binary=False)),
            },
        }


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000)
    count = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        postgres = EmbeddedPostgres(Path(folder)).start()
        try:
            with psycopg.connect(postgres.owner_url, autocommit=True) as owner:
                owner.execute("CREATE EXTENSION IF NOT EXISTS vector")
                owner.execute(
                    sql.SQL("CREATE TABLE vectors (id bigint PRIMARY KEY, vector halfvec({}))").format(
                        DIMENSIONS
                    )
                )
            print(json.dumps(measure(postgres.owner_url, count), indent=2))
        finally:
            postgres.stop()


if __name__ == "__main__":
    main()
