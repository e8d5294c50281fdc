"""The embedding models of a process: the active one, and the target of a re-embedding."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import SecretStr

from app.core.settings import FASTEMBED, LOCAL_EMBEDDINGS, Settings
from app.llm.client import EndpointClient
from app.llm.embeddings import Embedder, HttpEmbedder, LocalEmbedder, Vectors
from app.llm.fast_embedder import FastEmbedder
from app.llm.model_specs import ModelSpec, make_spec
from app.llm.query_cache import QueryVectorCache

_READ_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class EmbeddersInUse:
    """The models that the database names as of `serial`.

    `target` is the model of a running re-embedding. `others`: vectors of models other than `active` may be
    stored.
    """

    serial: int
    spec: ModelSpec
    active: Embedder
    target: Embedder | None = None
    others: bool = False


class PrefixedEmbedder:
    """An embedder whose model needs different prefixes for queries and passages."""

    def __init__(self, inner: Embedder, spec: ModelSpec) -> None:
        self._inner = inner
        self._passage_prefix = spec.passage_prefix
        self._query_prefix = spec.query_prefix
        self.model_id = spec.model_id
        self.dimensions = inner.dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32, rows of length 1, in the order of `texts`. Raises UpstreamFailed."""
        return self._inner.embed([self._passage_prefix + text for text in texts])

    def embed_query(self, text: str) -> Vectors:
        """(d,) float32 of length 1. Raises UpstreamFailed."""
        return self._inner.embed_query(self._query_prefix + text)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32, rows of length 1, in the order of `texts`. Raises UpstreamFailed."""
        return self._inner.embed_queries([self._query_prefix + text for text in texts])


class Embedders:
    """Builds each model once, thread-safely, and holds which of them are in use.

    `configured` is the model that the settings name. Raises `InvalidInput` if they name none.
    """

    def __init__(self, settings: Settings, *, threads: int) -> None:
        self._settings = settings
        self._threads = threads
        self._lock = threading.Lock()
        self._built: dict[ModelSpec, QueryVectorCache] = {}
        self.clients: list[EndpointClient] = []
        self.in_use: EmbeddersInUse | None = None
        self.configured = make_spec(
            settings.embeddings,
            settings.embeddings_model,
            settings.embeddings_dimensions,
            settings.embeddings_query_prefix,
            settings.embeddings_passage_prefix,
        )

    @property
    def active_embedder(self) -> Embedder:
        """The active model; the configured one before the database was read."""
        return self.in_use.active if self.in_use is not None else self.get_embedder(self.configured)

    def get_embedder(self, spec: ModelSpec) -> Embedder:
        """The embedder of a model; if it is the configured model, the settings say how to reach it."""
        if spec.model_id == self.configured.model_id:
            spec = self.configured
        with self._lock:
            if spec not in self._built:
                self._built[spec] = self._build_embedder(spec)
            return self._built[spec]

    def clear_query_caches(self) -> None:
        """Drop the cached vectors of recent queries."""
        with self._lock:
            for embedder in self._built.values():
                embedder.clear_cache()

    def close(self) -> None:
        """Close the connections of the endpoints."""
        for client in self.clients:
            client.close()

    def _build_embedder(self, spec: ModelSpec) -> QueryVectorCache:
        if spec.embeddings == LOCAL_EMBEDDINGS:
            inner: Embedder = LocalEmbedder(threads=self._threads)
        elif spec.embeddings.startswith(FASTEMBED):
            inner = FastEmbedder(spec.model_id, spec.model, spec.dimensions, threads=self._threads)
        else:
            client = EndpointClient(spec.embeddings, self._api_key_for(spec), read_timeout=_READ_TIMEOUT)
            self.clients.append(client)
            inner = HttpEmbedder(client, spec.model, spec.dimensions, model_id=spec.model_id)
        if spec.query_prefix or spec.passage_prefix:
            inner = PrefixedEmbedder(inner, spec)
        return QueryVectorCache(inner)

    def _api_key_for(self, spec: ModelSpec) -> str | None:
        """The key that was set for this endpoint; it is sent to no other."""
        is_configured = spec.embeddings == self._settings.embeddings
        key: SecretStr | None = (
            self._settings.embeddings_api_key if is_configured else self._settings.embeddings_next_api_key
        )
        return key.get_secret_value() if key is not None else None
