"""mem0 as a library on rows and vectors of users of `many_users.py`, where it is installed.

Its store is pgvector in the same Postgres, filled by SQL from the service's own rows; it embeds questions by
the same model in its own process, and is asked without HTTP.
"""

import importlib
import importlib.util
import os
from collections.abc import Sequence
from typing import Any

import psycopg

from app.embedded.runtime import Runtime
from app.llm.embeddings import LOCAL_MODEL_ID, LocalEmbedder
from benchmarks.filling import TENANT
from benchmarks.scale import summary, timed

TABLE = "mem0_peer"
_CREATE = f"""
DROP TABLE IF EXISTS {TABLE};
CREATE TABLE {TABLE} (id uuid PRIMARY KEY, vector vector(384), payload jsonb)"""
_FILL = f"""
INSERT INTO {TABLE} SELECT e.id, e.vector::vector, jsonb_build_object('data', r.content, 'user_id', r.user_id,
  'hash', md5(r.content), 'created_at', now()::text, 'text_lemmatized', lower(r.content))
FROM embeddings e JOIN (
  SELECT tenant_id, id, user_id, content FROM turns UNION ALL
  SELECT tenant_id, id, user_id, content FROM memories) r ON r.tenant_id = e.tenant_id AND r.id = e.id
WHERE e.tenant_id = %s AND e.model_id = %s AND e.user_id = ANY(%s)"""
# The indexes that mem0 makes itself, here after the rows are in, which is faster.
_INDEX = (
    f"CREATE INDEX ON {TABLE} USING hnsw (vector vector_cosine_ops)",
    f"CREATE INDEX ON {TABLE} USING gin (to_tsvector('simple', payload->>'text_lemmatized'))",
    f"VACUUM (ANALYZE) {TABLE}",
)


class _SameEmbedder:
    """The service's own model under the method that mem0 calls."""

    def __init__(self) -> None:
        self._model = LocalEmbedder(threads=1)

    def embed(self, text: str, _action: str | None = None) -> list[float]:
        """The vector of a text."""
        return self._model.embed_query(text).tolist()


def measure_mem0(
    runtime: Runtime, users: Sequence[str], asked: Sequence[tuple[str, str]]
) -> dict[str, Any] | None:
    """Latencies of these searches, (user, query) each, when mem0 holds the rows of these users alone.

    None where it is not installed.
    """
    if importlib.util.find_spec("mem0") is None:
        return None
    os.environ["MEM0_TELEMETRY"] = "false"
    os.environ.setdefault("OPENAI_API_KEY", "none")  # a client is made, and asked nothing
    memory_type = importlib.import_module("mem0").Memory  # reads these as it is imported

    url = runtime.database_owner_url or ""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_CREATE)
        rows = connection.execute(_FILL, [TENANT, LOCAL_MODEL_ID, list(users)]).rowcount
        for statement in _INDEX:
            connection.execute(statement)
        store = {"connection_string": url, "collection_name": TABLE, "embedding_model_dims": 384}
        store |= {"hnsw": True}
        memory = memory_type.from_config({"vector_store": {"provider": "pgvector", "config": store}})
        memory.embedding_model = _SameEmbedder()
        found: list[int] = []

        def ask(user: str, query: str) -> None:
            found.append(len(memory.search(query, filters={"user_id": user}, top_k=10)["results"]))

        for user, query in asked[:10]:
            ask(user, query)
        times = [timed(lambda u=user, q=query: ask(u, q)) for user, query in asked]
        connection.execute(f"DROP TABLE {TABLE}")
    return {"rows": rows, **summary(times), "items": round(sum(found) / len(found), 1)}
