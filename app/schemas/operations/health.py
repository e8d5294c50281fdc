"""Health on the wire."""

from typing import Literal

from pydantic import BaseModel

from app.core.vocabulary import EmbeddingSource, ReadinessStatus


class Liveness(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"
    version: str


class HealthCheck(BaseModel):
    """One part that the service leans on."""

    ok: bool
    detail: str | None = None


class Readiness(BaseModel):
    """Degraded = requests are answered, but something is slower or waits."""

    status: ReadinessStatus
    checks: dict[str, HealthCheck]
    llm: str
    llm_circuit_open: bool
    embedding_model: str
    embedding_dimensions: int
    embeddings: EmbeddingSource
