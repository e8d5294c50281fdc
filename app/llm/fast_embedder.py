"""Models that fastembed runs in the process: the extra `memcubed[fastembed]`."""

import importlib
import importlib.util
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from app.core.errors import InvalidInput, UpstreamFailed
from app.llm.embeddings import Vectors, normalize_rows

_BATCH = 16  # texts (chosen): memory grows with the batch for long texts of a larger model


def get_model_dimensions(model: str) -> int:
    """The length of the model's vectors. Raises `InvalidInput` without the extra or for an unknown model."""
    if importlib.util.find_spec("fastembed") is None:
        raise InvalidInput(
            "fastembed is not installed here: `pip install memcubed[fastembed]`.", field="embeddings"
        )
    try:
        return int(load_library().TextEmbedding.get_embedding_size(model))
    except ValueError as exc:
        raise InvalidInput(f"fastembed has no model {model!r}.", field="embeddings") from exc


class FastEmbedder:
    """A model that fastembed runs; downloaded and loaded at first use, then shared by all threads."""

    def __init__(self, model_id: str, model: str, dimensions: int, *, threads: int) -> None:
        self.model_id = model_id
        self.dimensions = dimensions
        self._model = model
        self._threads = threads
        self._lock = threading.Lock()
        self._loaded: Any = None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32, rows of length 1, in the order of `texts`. Raises UpstreamFailed."""
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        rows = np.array(list(self._get_model().embed(list(texts), batch_size=_BATCH)), dtype=np.float32)
        return normalize_rows(rows)

    def embed_query(self, text: str) -> Vectors:
        """(d,) float32 of length 1. Raises UpstreamFailed."""
        return self.embed([text])[0]

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32, rows of length 1, in the order of `texts`. Raises UpstreamFailed."""
        return self.embed(texts)

    def _get_model(self) -> Any:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load_model()
            return self._loaded

    def _load_model(self) -> Any:
        try:
            # Without the arena the memory of a batch of long texts is freed, as with the local model.
            return load_library().TextEmbedding(
                self._model, threads=self._threads, enable_cpu_mem_arena=False
            )
        except ImportError as exc:
            message = f"{self.model_id} needs fastembed: `pip install memcubed[fastembed]`."
            raise UpstreamFailed(message) from exc
        # ValueError: the model can't be found or downloaded. The others are raised by requests,
        # huggingface_hub and onnxruntime.
        except (ValueError, OSError, RuntimeError) as exc:
            raise UpstreamFailed(f"fastembed could not load {self._model}: {exc}") from exc


def load_library() -> Any:
    """Import the optional package `fastembed`. Raises `ImportError` when it is not installed."""
    # Imported on demand: the library is optional, and importing it is slow.
    return importlib.import_module("fastembed")
