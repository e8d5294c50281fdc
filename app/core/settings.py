"""The settings: few, typed, read from the environment with the prefix MEMCUBED_."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.core.origins import parse_origins
from app.core.vocabulary import Kind

LOCAL_EMBEDDINGS = "local"
FASTEMBED = "fastembed:"


class Settings(BaseSettings):
    """What an operator configures. Constants of an algorithm are in the module of the algorithm instead."""

    model_config = SettingsConfigDict(env_prefix="MEMCUBED_", extra="ignore", env_ignore_empty=True)

    database_url: str | None = Field(
        default=None,
        description="Postgres of the service's own role, e.g. `postgresql://memcubed:…@host/memcubed`",
    )
    database_owner_url: str | None = Field(
        default=None, description="Postgres of the role that owns the tables; only `memcubed migrate` uses it"
    )
    database_pooled: bool | None = Field(
        default=None,
        description="Whether a connection pooler stands before Postgres; unset = each connection finds out",
    )
    redis_url: str | None = Field(default=None, description="Redis or Valkey, e.g. `redis://host:6379/0`")
    host: str = Field(default="127.0.0.1", description="Address that the API listens on")
    port: int = Field(default=8000, ge=0, le=65535, description="Port that the API listens on")
    cors_origins: str | None = Field(
        default=None,
        description="Origins whose pages may call the API, as `https://a.example,http://localhost:3000`",
    )
    api_processes: int | None = Field(
        default=None,
        ge=1,
        le=64,
        description="Processes of `memcubed serve` that answer requests; unset = one a core, up to four",
    )
    data_dir: Path = Field(
        default=Path(".memcubed"), description="Where the embedded parts keep data and the first key"
    )
    bootstrap_api_key: SecretStr | None = Field(
        default=None,
        min_length=24,
        description="The first admin key; unset = generated once, written to the data directory",
    )
    llm_base_url: str | None = Field(
        default=None, description="OpenAI-compatible base URL for extraction; unset = the offline extractor"
    )
    llm_api_key: SecretStr | None = Field(default=None, description="Bearer key of the LLM endpoint")
    llm_model: str = Field(default="gpt-4o-mini", description="Model name sent to the LLM endpoint")
    llm_timeout_seconds: float = Field(
        default=60.0, gt=0, description="Longest wait for one answer of the LLM"
    )
    chat_base_url: str | None = Field(
        default=None,
        description="OpenAI-compatible base URL that the chat proxy forwards to; unset = that of the LLM",
    )
    chat_api_key: SecretStr | None = Field(
        default=None, description="Bearer key of the chat proxy's endpoint, if that is not the LLM's"
    )
    chat_models: dict[str, str] = Field(
        default={},
        description='Names of models for callers of the chat proxy: `{"small": "gpt-4o-mini"}`',
    )
    embeddings: str = Field(
        default=LOCAL_EMBEDDINGS,
        description="`local` (MiniLM in the process), `fastembed:<model>` or an OpenAI-compatible base URL",
    )
    embeddings_api_key: SecretStr | None = Field(
        default=None, description="Bearer key of the embeddings endpoint"
    )
    embeddings_model: str = Field(
        default="text-embedding-3-small", description="Model name sent to the embeddings endpoint"
    )
    embeddings_dimensions: int = Field(
        default=1536,
        gt=0,
        le=4000,
        description="Length of a vector of the embeddings endpoint (other models know theirs)",
    )
    embeddings_query_prefix: str | None = Field(
        default=None,
        description="Put before a query to embed it, or `none`; unset = what the model is known to need",
    )
    embeddings_passage_prefix: str | None = Field(
        default=None,
        description="Put before a turn or memory to embed it, or `none`; unset = what the model needs",
    )
    embeddings_next_api_key: SecretStr | None = Field(
        default=None, description="Bearer key of the endpoint that `memcubed reembed` changes to"
    )
    extract_idle_seconds: float = Field(
        default=30.0,
        ge=0,
        description="With an LLM: how long a short run of turns waits for more before its one call",
    )
    worker_threads: int = Field(
        default=4, ge=1, le=64, description="Jobs that one worker process runs at once"
    )
    lease_seconds: float = Field(
        default=60.0, gt=0, description="How long a silent worker keeps a job before another takes it"
    )
    memories_per_user: int = Field(
        default=10_000,
        gt=0,
        description="Current memories of one user; beyond it the least worth are archived",
    )
    kind_ttl_days: dict[Kind, Annotated[int, Field(ge=1, le=1_000_000)]] = Field(
        default={},
        description='Days that memories of a kind live after they were last said, e.g. `{"event": 90}`',
    )
    session_idle_minutes: float = Field(
        default=30.0, ge=0, description="A session without new memories for so long is over and is summarised"
    )
    consolidation_calls_per_day: int = Field(
        default=200,
        ge=0,
        description="LLM calls a day that consolidation may make for one tenant; then rules",
    )
    session_state_bytes: int = Field(
        default=8192, ge=1024, le=65536, description="Largest state of a session, in bytes of JSON"
    )
    artifact_bytes: int = Field(
        default=262144, ge=1024, le=8388608, description="Largest version of an artifact, in bytes"
    )
    scope_cache_mb: int = Field(
        default=160,
        ge=16,
        description="Memory that the processes of one `memcubed serve` give to users' indexes together",
    )
    mcp_allowed_hosts: str | None = Field(
        default=None,
        description="Hosts that `/mcp` may be called by, and pages call it from, with commas; unset ="
        " any host, and no page but of this machine",
    )
    mcp_erasure: bool = Field(
        default=False, description="Whether `/mcp` has the tool `erase_user`, for keys with the scope `admin`"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severity that is logged"
    )

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, value: str | None) -> str | None:
        parse_origins(value or "")
        return value

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The origins of `cors_origins`."""
        return parse_origins(self.cors_origins or "")
