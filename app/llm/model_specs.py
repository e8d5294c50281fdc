"""Which embedding model is used, where it is reached, and which prefixes it needs."""

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.core.errors import InvalidInput
from app.core.settings import FASTEMBED, LOCAL_EMBEDDINGS
from app.llm.embeddings import LOCAL_DIMENSIONS, LOCAL_MODEL_ID
from app.llm.fast_embedder import get_model_dimensions

NO_PREFIX = "none"
_PASSAGES = "Represent this sentence for searching relevant passages: "
_ANSWERS = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
# (pattern in the model's name, query prefix, passage prefix), from the models' cards; the first match wins.
KNOWN_PREFIXES: tuple[tuple[str, str, str], ...] = (
    (r"multilingual-e5-large-instruct|e5-mistral", _ANSWERS + " ", ""),
    (r"\be5-(small|base|large)", "query: ", "passage: "),
    (r"bge-(small|base|large)-en", _PASSAGES, ""),
    (r"bge-(small|base|large)-zh", "为这个句子生成表示以用于检索相关文章：", ""),
    (r"nomic-embed-text|modernbert-embed", "search_query: ", "search_document: "),
    (r"mxbai-embed-large", _PASSAGES, ""),
    (r"snowflake-arctic-embed.*(v2|2\.0)|snowflake-arctic-embed2", "query: ", ""),
    (r"snowflake-arctic-embed", _PASSAGES, ""),
    (r"embeddinggemma", "task: search result | query: ", "title: none | text: "),
    (r"qwen3-embedding", _ANSWERS, ""),
)


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model and how to reach it. `embeddings` is `local`, `fastembed:<model>` or a base URL."""

    embeddings: str
    model: str
    dimensions: int
    query_prefix: str = ""
    passage_prefix: str = ""

    @property
    def model_id(self) -> str:
        """The name stored with each vector: it changes whenever the vector of the same text would."""
        name = f"{self.model}@{self.dimensions}"
        if self.embeddings == LOCAL_EMBEDDINGS:
            name = self.model
        elif self.embeddings.startswith(FASTEMBED):
            name = self.embeddings
        if not self.passage_prefix:
            return name
        return f"{name}#{hashlib.sha256(self.passage_prefix.encode()).hexdigest()[:8]}"


def find_known_prefixes(model: str) -> tuple[str, str]:
    """(query prefix, passage prefix) that a model of this name is known to need; empty if none is known."""
    for pattern, query, passage in KNOWN_PREFIXES:
        if re.search(pattern, model, re.IGNORECASE):
            return query, passage
    return "", ""


def make_spec(
    embeddings: str,
    model: str | None,
    dimensions: int | None,
    query_prefix: str | None = None,
    passage_prefix: str | None = None,
) -> ModelSpec:
    """The spec of a model as an operator names it; a prefix of None means the known one, `none` no prefix.

    `model` and `dimensions` are needed for an endpoint; other models know theirs. Raises `InvalidInput`.
    """
    if embeddings == LOCAL_EMBEDDINGS:
        model, dimensions = LOCAL_MODEL_ID, LOCAL_DIMENSIONS
    elif embeddings.startswith(FASTEMBED):
        model = embeddings.removeprefix(FASTEMBED)
        dimensions = get_model_dimensions(model)
    else:
        _check_url(embeddings)
    if not model:
        raise InvalidInput("Name the endpoint's model.", field="model")
    if dimensions is None:
        raise InvalidInput("Give the length of the model's vectors.", field="dimensions")
    query, passage = find_known_prefixes(model)
    return ModelSpec(
        embeddings,
        model,
        dimensions,
        _choose_prefix(query_prefix, query),
        _choose_prefix(passage_prefix, passage),
    )


def _choose_prefix(given: str | None, known: str) -> str:
    if given is None:
        return known
    return "" if given == NO_PREFIX else given


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidInput(
            f"`{LOCAL_EMBEDDINGS}`, `{FASTEMBED}<model>` or an http(s) base URL is needed.",
            field="embeddings",
        )
    if parts.username or parts.password:
        raise InvalidInput("The URL is stored: keep the key out of it, in a setting.", field="embeddings")
