from __future__ import annotations

from typing import Literal, cast

EmbeddingSource = Literal["fastembed", "http", "local"]

EMBEDDING_SOURCE_VALUES: set[EmbeddingSource] = {
    "fastembed",
    "http",
    "local",
}


def check_embedding_source(value: str) -> EmbeddingSource:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("EmbeddingSource", value)
