from __future__ import annotations

from typing import Literal, cast

ReadinessEmbeddings = Literal["fastembed", "http", "local"]

READINESS_EMBEDDINGS_VALUES: set[ReadinessEmbeddings] = {
    "fastembed",
    "http",
    "local",
}


def check_readiness_embeddings(value: str) -> ReadinessEmbeddings:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("ReadinessEmbeddings", value)
