"""The composition root: builds the adapters from the settings and passes them to the services."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from celery import Celery
from pydantic import SecretStr
from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from app.cache import Cache
from app.core.errors import InvalidInput, StartupRefused
from app.core.round_robin import TenantRoundRobin
from app.core.security import Principal
from app.core.settings import Settings
from app.db.session import (
    KeyRow,
    execute_statement,
    open_engine,
    open_key_transaction,
    open_transaction,
    with_read_committed,
)
from app.job_queue import JobNotifier, make_celery
from app.llm.chat import ChatModel
from app.llm.client import EndpointClient
from app.llm.embedders import Embedders
from app.llm.embeddings import Embedder
from app.llm.english_reader import EnglishReader
from app.memory.index.index_cache import UserIndexCache
from app.memory.ranking.weights import RankingWeights

T = TypeVar("T")
_LEAST_CONNECTIONS = 5  # of one process, and as many again while requests are many


def utc_now() -> datetime:
    """The only clock of the services."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Resources:
    """Everything that a service may use. `chat` is None if no LLM is configured: the offline extractor runs.

    `reader` serves that extractor and loads its models when they are first used.
    `rankers` has the (version, weights) of each tenant that searched, `erased_here` the erasures of this
    process.
    """

    settings: Settings
    engine: Engine
    autocommit_engine: Engine
    cache: Cache
    celery: Celery
    notifier: JobNotifier
    embedders: Embedders
    chat: ChatModel | None
    index_cache: UserIndexCache
    reader: EnglishReader = field(default_factory=EnglishReader)
    chat_clients: tuple[EndpointClient, ...] = ()
    rankers: dict[str, tuple[int, RankingWeights]] = field(
        default_factory=dict[str, tuple[int, RankingWeights]]
    )
    now: Callable[[], datetime] = field(default=utc_now)
    erased_here: set[UUID] = field(default_factory=set[UUID])
    round_robin: TenantRoundRobin = field(default_factory=TenantRoundRobin)

    def open_transaction(self, principal: Principal | None) -> AbstractContextManager[Session]:
        """Open a transaction restricted to the rows of `principal`; it commits at the end of the block."""
        return open_transaction(self.autocommit_engine, principal)

    def read_transaction(
        self, principal: Principal, *, is_read_snapshot: bool = False, served_at: datetime | None = None
    ) -> AbstractContextManager[Session]:
        """Open a transaction for reading that does not see expired rows, even before a job deletes them.

        `is_read_snapshot`: all statements read one snapshot. Expired is what had ended by `served_at`, by
        default now. Writers use `open_transaction`, which shows
        expired rows too.
        """
        return open_transaction(
            self.autocommit_engine,
            principal,
            is_read_snapshot=is_read_snapshot,
            now=served_at or self.now(),
        )

    def open_key_transaction(self, digest: bytes) -> AbstractContextManager[tuple[Session, KeyRow | None]]:
        """Open a transaction of the owner of the key with this hash; yields its key row if it exists."""
        return open_key_transaction(self.autocommit_engine, digest)

    def execute_statement(self, ask: Callable[[Connection], T]) -> T:
        """The result of `ask`, which reads by one statement; it sees no tenant's rows."""
        return execute_statement(self.autocommit_engine, ask)

    def read_snapshot(self, principal: Principal) -> AbstractContextManager[Session]:
        """Open a REPEATABLE READ transaction: all reads see one snapshot of the database."""
        return open_transaction(self.autocommit_engine, principal, is_read_snapshot=True)

    @property
    def active_embedder(self) -> Embedder:
        """The active embedding model, as far as this process knows; see `services.models.model_registry`."""
        return self.embedders.active_embedder

    @property
    def endpoint_clients(self) -> tuple[EndpointClient, ...]:
        """The clients of all model endpoints."""
        return (*self.chat_clients, *self.embedders.clients)

    @property
    def extractor_name(self) -> str:
        """The name under which memories are written: the LLM's model, or `offline`."""
        return self.settings.llm_model if self.chat is not None else "offline"


@contextmanager
def open_resources(
    settings: Settings, *, embedding_threads: int = 1, process_count: int = 1
) -> Generator[Resources]:
    """Build everything, and close it at the end of the block. Raises `StartupRefused` if a URL is missing.

    A process that answers requests embeds in the thread of each request, a worker on all cores. It is one of
    `process_count`, which share connections and the memory for indexes evenly.
    """
    if settings.database_url is None or settings.redis_url is None:
        raise StartupRefused(
            "MEMCUBED_DATABASE_URL and MEMCUBED_REDIS_URL must be set; `memcubed up` starts both for you."
        )
    try:
        embedders = Embedders(settings, threads=embedding_threads)
    except InvalidInput as exc:
        raise StartupRefused(f"MEMCUBED_EMBEDDINGS: {exc.message}") from exc
    autocommit_engine = open_engine(
        settings.database_url,
        pool_size=max(_LEAST_CONNECTIONS, max(10, settings.worker_threads * 2) // process_count),
        pooled=settings.database_pooled,
        is_autocommit=True,
    )
    cache = Cache(settings.redis_url)
    celery = make_celery(settings.redis_url)
    clients: list[EndpointClient] = []
    try:
        yield Resources(
            settings=settings,
            engine=with_read_committed(autocommit_engine),
            autocommit_engine=autocommit_engine,
            cache=cache,
            celery=celery,
            notifier=JobNotifier(celery),
            embedders=embedders,
            chat=_build_chat_model(settings, clients),
            index_cache=UserIndexCache(settings.scope_cache_mb * 2**20 // process_count),
            chat_clients=tuple(clients),
        )
    finally:
        for client in clients:
            client.close()
        embedders.close()
        cache.close()
        celery.close()
        autocommit_engine.dispose()


def _build_chat_model(settings: Settings, clients: list[EndpointClient]) -> ChatModel | None:
    if settings.llm_base_url is None:
        return None
    client = EndpointClient(
        settings.llm_base_url, _secret_value(settings.llm_api_key), read_timeout=settings.llm_timeout_seconds
    )
    clients.append(client)
    return ChatModel(client, settings.llm_model)


def _secret_value(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value is not None else None
