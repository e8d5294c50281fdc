"""Health on the wire."""

from typing import Literal

from pydantic import BaseModel


class Liveness(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"
    version: str


class Check(BaseModel):
    """One part that the service leans on."""

    ok: bool
    detail: str | None = None


class Readiness(BaseModel):
    """Degraded = requests are answered, but something is slower or waits."""

    status: Literal["ready", "degraded", "unavailable"]
    checks: dict[str, Check]
    llm: str
    llm_circuit_open: bool
    embedding_model: str
    embedding_dimensions: int
    embeddings: Literal["local", "fastembed", "http"]
