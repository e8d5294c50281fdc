"""Fills a database with users of given sizes by COPY: text, vectors, memories and their sources.

Words are drawn by rank from the embedder's own vocabulary (roughly Zipf's law), vectors are mixtures of
real ones, and users' sessions lie interleaved in the tables, as they do when many users write at once.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
from numpy.typing import NDArray
from pgvector import HalfVector
from pgvector.psycopg import register_vector
from psycopg import sql

from app.core.ids import new_id
from app.llm.embeddings import LOCAL_MODEL_ID, LocalEmbedder, load_tokenizer

TENANT = "default"
SESSION_TURNS = 20
MEMORY_SHARE = 0.3  # of a user's rows; the others are turns
POOL = 2_000
NAMES = ("Ann", "Ben")
REVISION = 1
_READ = ("extracted", REVISION)
_EVENT = ("event", "event", "activated")
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
_COLUMNS = {
    "turns": "tenant_id id user_id session_id position role name content content_hash observed_at job_id "
    "state revision",
    "memories": "tenant_id id user_id kind form status content content_hash tags keywords entities origin "
    "valid_from revision",
    "assertions": "tenant_id id user_id memory_id turn_id origin asserted_at session_id position quote",
    "embeddings": "tenant_id id model_id user_id of_turn vector revision",
}


@dataclass(frozen=True, slots=True)
class Session:
    """One session of one user: the rows of its turns and memories, by table."""

    user_id: str
    rows: dict[str, list[tuple[Any, ...]]]


class Writer:
    """Generates texts and vectors from one seed."""

    def __init__(self, seed: int = 7) -> None:
        self._chance = np.random.default_rng(seed)
        known = sorted(load_tokenizer().get_vocab().items(), key=lambda entry: entry[1])
        self._words = [word for word, _ in known if word.isascii() and word.isalpha() and len(word) > 1]
        ranks = np.arange(1, len(self._words) + 1)
        self._up_to = np.cumsum(1 / ranks) / (1 / ranks).sum()
        self._pool = LocalEmbedder(threads=2).embed([self.sentence() for _ in range(POOL)])

    def sentence(self, mean_words: int = 14) -> str:
        """Words by Zipf's law, as many as a chat turn has."""
        count = max(3, int(self._chance.poisson(mean_words)))
        drawn = np.searchsorted(self._up_to, self._chance.random(count), side="right")
        return " ".join(self._words[min(at, len(self._words) - 1)] for at in drawn.tolist())

    def question(self) -> str:
        """A query of six to ten words that are rare enough to be specific."""
        at = self._chance.integers(100, 4_000, int(self._chance.integers(4, 8)))
        return "what about " + " ".join(self._words[place] for place in at)

    def vectors(self, count: int) -> NDArray[np.float32]:
        """(count, 384) unit rows: two real vectors mixed, with noise."""
        left, right = self._chance.integers(0, POOL, (2, count))
        mixed = self._pool[left] + 0.7 * self._pool[right]
        mixed = mixed + 0.02 * self._chance.standard_normal(mixed.shape)
        return (mixed / np.linalg.norm(mixed, axis=1, keepdims=True)).astype(np.float32)

    def rows(self, count: int) -> tuple[list[str], NDArray[np.float32]]:
        """`count` texts and their vectors, (count, 384)."""
        return [self.sentence() for _ in range(count)], self.vectors(count)

    def session(self, user_id: str, number: int) -> Session:
        """The next session of a user."""
        name, started = f"s{number}", BEGIN + timedelta(hours=7 * number)
        job_id = new_id()
        facts = int(SESSION_TURNS * MEMORY_SHARE / (1 - MEMORY_SHARE))
        texts, vectors = self.rows(SESSION_TURNS + facts)
        turns = [(new_id(), texts[i], started + timedelta(minutes=i)) for i in range(SESSION_TURNS)]
        rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in _COLUMNS}
        for position, (turn_id, text, said_at) in enumerate(turns):
            digest = hashlib.sha256(text.encode()).digest()
            speaker = NAMES[position % 2]
            role = "user" if position % 2 == 0 else "assistant"
            rows["turns"].append(
                (
                    TENANT,
                    turn_id,
                    user_id,
                    name,
                    position,
                    role,
                    speaker,
                    text,
                    digest,
                    said_at,
                    job_id,
                    "extracted",
                    1,
                )
            )
            rows["embeddings"].append(_vector_row(user_id, turn_id, True, vectors[position]))
        for position, (turn_id, text, said_at) in enumerate(turns[:facts]):
            memory_id = new_id()
            content = " ".join(text.split()[:8]) + f" {number}-{position}"
            digest = hashlib.sha256(content.encode()).digest()
            rows["memories"].append(
                (TENANT, memory_id, user_id, *_EVENT, content, digest, [], [], [], "user", said_at, REVISION)
            )
            rows["assertions"].append(
                (TENANT, new_id(), user_id, memory_id, turn_id, "user", said_at, name, position, text)
            )
            rows["embeddings"].append(
                _vector_row(user_id, memory_id, False, vectors[SESSION_TURNS + position])
            )
        return Session(user_id, rows)


def _vector_row(user_id: str, row_id: UUID, of_turn: bool, vector: NDArray[np.float32]) -> tuple[Any, ...]:
    return (TENANT, row_id, LOCAL_MODEL_ID, user_id, of_turn, HalfVector(vector), REVISION)


def fill(owner_url: str, sizes: dict[str, int], writer: Writer) -> list[str]:
    """Fill in that many rows, turns and memories together, for every new user of `sizes`; returns the new
    users.
    """
    with psycopg.connect(owner_url, autocommit=True) as connection:
        register_vector(connection)
        existing = connection.execute("SELECT user_id FROM users WHERE tenant_id = %s", [TENANT]).fetchall()
        new = {user: rows for user, rows in sizes.items() if (user,) not in existing}
        if not new:
            return []
        connection.execute("SET session_replication_role = replica")  # no foreign-key check for each row
        connection.execute("INSERT INTO tenants (tenant_id) VALUES (%s) ON CONFLICT DO NOTHING", [TENANT])
        batch: list[Session] = []
        for session in _interleaved(new, writer):
            batch.append(session)
            if len(batch) == 200:
                _copy(connection, batch)
                batch = []
        _copy(connection, batch)
        for user in new:
            connection.execute(
                "INSERT INTO users (tenant_id, user_id, revision, epoch) VALUES (%s, %s, 1, 1)",
                [TENANT, user],
            )
        connection.execute("VACUUM (ANALYZE) turns, memories, assertions, embeddings, users")
    return list(new)


def _interleaved(sizes: dict[str, int], writer: Writer) -> Iterator[Session]:
    """Yield the users' sessions in turn; a user that has all its rows drops out."""
    session_rows = SESSION_TURNS + int(SESSION_TURNS * MEMORY_SHARE / (1 - MEMORY_SHARE))
    remaining = {user: max(1, round(rows / session_rows)) for user, rows in sizes.items()}
    number = 0
    while remaining:
        for user in list(remaining):
            yield writer.session(user, number)
            remaining[user] -= 1
            if not remaining[user]:
                del remaining[user]
        number += 1


_TYPES = {
    "turns": "text uuid text text int4 text text text bytea timestamptz uuid text int8",
    "memories": "text uuid text text text text text bytea text[] text[] text[] text timestamptz int8",
    "assertions": "text uuid text uuid uuid text timestamptz text int4 text",
    "embeddings": "text uuid text text bool halfvec int8",
}


def _copy(connection: psycopg.Connection, sessions: Sequence[Session]) -> None:
    with connection.transaction(), connection.cursor() as cursor:
        for table, columns in _COLUMNS.items():
            names = sql.SQL(", ").join(map(sql.Identifier, columns.split()))
            statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
                sql.Identifier(table), names
            )
            with cursor.copy(statement) as copy:
                copy.set_types(_TYPES[table].split())
                for session in sessions:
                    for row in session.rows[table]:
                        copy.write_row(row)
