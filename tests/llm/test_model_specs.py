"""Model specs, prefixes, and which key goes where."""

import importlib.util
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from app.core.errors import InvalidInput, UpstreamFailed
from app.core.settings import Settings
from app.llm import fast_embedder, query_cache
from app.llm.embedders import Embedders
from app.llm.fast_embedder import FastEmbedder
from app.llm.model_specs import ModelSpec, find_known_prefixes, make_spec
from tests.fakes import ScriptedLLM, hashed_words

URL = "http://127.0.0.1:1/v1"


class TestModelId:
    def test_tells_dimensions_apart(self):
        assert make_spec(URL, "m", 256).model_id == "m@256" != make_spec(URL, "m", 512).model_id

    def test_tells_passage_prefixes_apart_and_not_query_prefixes(self):
        plain = make_spec(URL, "m", 8)
        assert make_spec(URL, "m", 8, passage_prefix="passage: ").model_id != plain.model_id
        assert make_spec(URL, "m", 8, query_prefix="query: ").model_id == plain.model_id

    def test_does_not_depend_on_the_endpoint(self):
        assert make_spec(URL, "m", 8).model_id == make_spec("https://example.org/v1", "m", 8).model_id

    def test_of_the_local_model_is_what_it_always_was(self):
        assert make_spec("local", "text-embedding-3-small", 1536).model_id == "all-MiniLM-L6-v2-int8"


class TestKnownPrefixes:
    @pytest.mark.parametrize(
        ("model", "query", "passage"),
        [
            ("intfloat/multilingual-e5-small", "query: ", "passage: "),
            ("intfloat/e5-base-v2", "query: ", "passage: "),
            ("BAAI/bge-small-en-v1.5", "Represent this sentence for searching relevant passages: ", ""),
            ("BAAI/bge-m3", "", ""),
            ("nomic-embed-text", "search_query: ", "search_document: "),
            ("mxbai-embed-large:335m", "Represent this sentence for searching relevant passages: ", ""),
            ("Snowflake/snowflake-arctic-embed-l-v2.0", "query: ", ""),
            ("text-embedding-3-small", "", ""),
            ("sentence-transformers/all-MiniLM-L6-v2", "", ""),
        ],
    )
    def test_are_those_of_the_model(self, model: str, query: str, passage: str):
        assert find_known_prefixes(model) == (query, passage)

    def test_an_instructed_model_takes_an_instruction_before_the_query_alone(self):
        query, passage = find_known_prefixes("intfloat/multilingual-e5-large-instruct")
        assert query.startswith("Instruct: ")
        assert passage == ""

    def test_give_way_to_the_settings(self):
        spec = make_spec(URL, "nomic-embed-text", 8, "ask: ", "none")
        assert (spec.query_prefix, spec.passage_prefix) == ("ask: ", "")


@pytest.fixture
def llm() -> Iterator[ScriptedLLM]:
    with ScriptedLLM(dimensions=8) as server:
        yield server


def embedders(**values: Any) -> Embedders:
    return Embedders(Settings(**values), threads=1)


class TestEmbedders:
    def test_put_the_prefixes_before_the_texts(self, llm: ScriptedLLM):
        own = embedders(embeddings=llm.base_url, embeddings_model="nomic-embed-text", embeddings_dimensions=8)
        vector = own.active_embedder.embed_query("Where?")
        own.active_embedder.embed(["Here.", "There."])
        own.close()
        assert [body["input"] for body in llm.requests] == [
            ["search_query: Where?"],
            ["search_document: Here.", "search_document: There."],
        ]
        np.testing.assert_allclose(vector, hashed_words("search_query: Where?", 8), atol=1e-5)
        assert llm.requests[0]["model"] == "nomic-embed-text"

    def test_a_query_is_embedded_once_while_it_is_among_the_last(self, llm: ScriptedLLM, monkeypatch: Any):
        monkeypatch.setattr(query_cache, "KEPT", 2)
        own = embedders(embeddings=llm.base_url, embeddings_model="m", embeddings_dimensions=8)
        asked = ["one", "two", "one", "two", "three", "two", "one"]
        vectors = [own.active_embedder.embed_query(text) for text in asked]
        own.close()
        assert [body["input"] for body in llm.requests] == [["one"], ["two"], ["three"], ["one"]]
        np.testing.assert_array_equal(vectors[0], vectors[6])
        with pytest.raises(ValueError, match="read-only"):
            vectors[0][0] = 1

    def test_each_endpoint_gets_its_own_key(self, llm: ScriptedLLM):
        with ScriptedLLM(dimensions=8) as other:
            own = embedders(
                embeddings=llm.base_url,
                embeddings_dimensions=8,
                embeddings_api_key="the-one",
                embeddings_next_api_key="the-other",
            )
            own.active_embedder.embed(["x"])
            own.get_embedder(ModelSpec(other.base_url, "m", 8)).embed(["x"])
            own.close()
            assert llm.headers[0]["authorization"] == "Bearer the-one"
            assert other.headers[0]["authorization"] == "Bearer the-other"

    def test_no_key_goes_to_an_endpoint_that_it_was_not_set_for(self, llm: ScriptedLLM):
        own = embedders(embeddings=URL, embeddings_api_key="the-one")
        own.get_embedder(ModelSpec(llm.base_url, "m", 8)).embed(["x"])
        own.close()
        assert "authorization" not in llm.headers[0]

    def test_a_model_is_built_once(self):
        own = embedders()
        assert own.get_embedder(make_spec("local", None, None)) is own.active_embedder

    @pytest.mark.parametrize("embeddings", ["locale", "ftp://x", "http://a:b@host/v1"])
    def test_a_setting_that_names_no_model_is_refused(self, embeddings: str):
        with pytest.raises(InvalidInput):
            embedders(embeddings=embeddings)


class FakeTextEmbedding:
    """Stands for fastembed's class, which would fetch a model from the network."""

    def __init__(self, model_name: str, **_: Any) -> None:
        if model_name == "unreachable":
            raise ValueError("Could not load model from any source.")

    @classmethod
    def get_embedding_size(cls, model_name: str) -> int:
        if model_name == "unknown":
            raise ValueError("no such model")
        return 8

    def embed(self, documents: list[str], **_: Any) -> Iterator[Any]:
        for document in documents:
            yield np.array(hashed_words(document, 8)) * 3


class FakeLibrary:
    TextEmbedding = FakeTextEmbedding


class TestFastembed:
    @pytest.fixture
    def installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
        monkeypatch.setattr(fast_embedder, "load_library", FakeLibrary)

    @pytest.fixture
    def absent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail() -> None:
            raise ImportError("No module named 'fastembed'")

        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
        monkeypatch.setattr(fast_embedder, "load_library", fail)

    @pytest.mark.usefixtures("installed")
    def test_knows_its_dimensions_and_prefixes(self):
        spec = make_spec("fastembed:BAAI/bge-small-en-v1.5", "ignored", 1536)
        assert (spec.model_id, spec.dimensions) == ("fastembed:BAAI/bge-small-en-v1.5", 8)
        assert spec.query_prefix.startswith("Represent this sentence")

    @pytest.mark.usefixtures("installed")
    def test_gives_unit_vectors(self):
        own = embedders(embeddings="fastembed:some/model")
        rows = own.active_embedder.embed(["one", "two"])
        np.testing.assert_allclose(rows, [hashed_words("one", 8), hashed_words("two", 8)], atol=1e-5)
        assert own.active_embedder.embed([]).shape == (0, 8)

    @pytest.mark.usefixtures("installed")
    def test_an_unknown_model_is_named(self):
        with pytest.raises(InvalidInput, match="no model 'unknown'"):
            make_spec("fastembed:unknown", None, None)

    @pytest.mark.usefixtures("installed")
    def test_a_model_that_can_not_be_fetched_is_an_upstream_failure(self):
        with pytest.raises(UpstreamFailed, match="could not load unreachable"):
            embedders(embeddings="fastembed:unreachable").active_embedder.embed(["x"])

    @pytest.mark.usefixtures("absent")
    def test_without_the_extra_says_how_to_install_it(self):
        with pytest.raises(InvalidInput, match=r"pip install memcubed\[fastembed\]"):
            embedders(embeddings="fastembed:BAAI/bge-small-en-v1.5")

    @pytest.mark.usefixtures("absent")
    def test_a_process_that_lacks_it_fails_as_an_endpoint_would(self):
        with pytest.raises(UpstreamFailed, match=r"pip install memcubed\[fastembed\]"):
            FastEmbedder("fastembed:m", "m", 8, threads=1).embed(["x"])
