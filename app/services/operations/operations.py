"""Operations of the service itself: migrations, startup checks, readiness, heartbeats, metrics."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector
from sqlalchemy import RowMapping

from app.core.errors import StartupRefused, Unavailable
from app.core.histograms import cumulate_counts
from app.core.settings import FASTEMBED, LOCAL_EMBEDDINGS, Settings
from app.core.vocabulary import EmbeddingSource, ReadinessStatus
from app.db import migrate, pooler
from app.db.repositories.platform import llm_times, operations
from app.db.session import open_engine
from app.resources import Resources
from app.schemas.operations.health import HealthCheck, Readiness
from app.services.models import model_registry

HEARTBEAT_SECONDS = 5.0
_ALIVE_SECONDS = 3 * HEARTBEAT_SECONDS


@dataclass(frozen=True, slots=True)
class MigrationResult:
    """The schema revision of the database after a migration."""

    revision: str | None


def migrate_database(settings: Settings) -> MigrationResult:
    """Migrate the schema to the newest revision, as its owner. Raises `StartupRefused` without a URL."""
    owner_url = settings.database_owner_url or settings.database_url
    if owner_url is None or settings.database_url is None:
        raise StartupRefused("Set MEMCUBED_DATABASE_URL and MEMCUBED_DATABASE_OWNER_URL to migrate.")
    # The owner may reach Postgres by another way than the service, so the setting is not about this engine.
    engine = open_engine(owner_url, pool_size=1)
    try:
        migrate.upgrade_schema(engine, settings.database_url)
        with engine.connect() as connection:
            return MigrationResult(migrate.current_revision(connection))
    finally:
        engine.dispose()


def check_startup(resources: Resources) -> None:
    """Raise `StartupRefused` for a schema, a role, an embedding model or a pooler that does not fit."""
    with resources.open_transaction(None) as session:
        revision = migrate.current_revision(session.connection())
        if revision != migrate.head_revision():
            raise StartupRefused(
                f"The database is at revision {revision}, this version needs {migrate.head_revision()}:"
                " run `memcubed migrate`."
            )
        flaws = operations.list_role_flaws(session)
        if flaws:
            raise StartupRefused(
                f"The role in MEMCUBED_DATABASE_URL could get round row-level security ({', '.join(flaws)});"
                " give the service a role of its own: see docs/operations.md."
            )
    if not is_behind_pooler(resources) and pooler.shares_sessions(resources.autocommit_engine):
        raise StartupRefused(pooler.POOLER_NOT_DETECTED)
    model_registry.check_configured_model(resources)


def is_behind_pooler(resources: Resources) -> bool:
    """Return whether the service takes its database for a connection pooler."""
    return resources.execute_statement(pooler.is_pooled)


def check_readiness(resources: Resources) -> Readiness:
    """Check each part that requests need. Without Redis or a worker the service is degraded, but ready."""
    try:
        with resources.open_transaction(None) as session:
            alive = [row.name for row in operations.list_live_workers(session, _ALIVE_SECONDS)]
        spec = model_registry.load_models(resources).spec
        database = HealthCheck(ok=True)
    except Unavailable as exc:
        database, alive = HealthCheck(ok=False, detail=exc.message), []
        spec = resources.embedders.configured
    redis_ok = resources.cache.ping()
    redis = HealthCheck(
        ok=redis_ok, detail=None if redis_ok else "unreachable: answers are the same, but slower"
    )
    worker = HealthCheck(
        ok=bool(alive), detail=f"{len(alive)} alive" if alive else "no heartbeat: turns wait"
    )
    settings = resources.settings
    llm = (
        f"{settings.llm_model} at {settings.llm_base_url}"
        if resources.chat is not None
        else "offline extractor"
    )
    parts = {"database": database, "redis": redis, "worker": worker}
    return Readiness(
        status=_overall_status(parts, has_database=database.ok),
        checks=parts,
        llm=llm,
        llm_circuit_open=any(client.is_open for client in resources.endpoint_clients),
        embedding_model=spec.model_id,
        embedding_dimensions=spec.dimensions,
        embeddings=_embedding_source(spec.embeddings),
    )


def _overall_status(parts: Mapping[str, HealthCheck], *, has_database: bool) -> ReadinessStatus:
    if all(part.ok for part in parts.values()):
        return ReadinessStatus.READY
    return ReadinessStatus.DEGRADED if has_database else ReadinessStatus.UNAVAILABLE


def _embedding_source(embeddings: str) -> EmbeddingSource:
    if embeddings == LOCAL_EMBEDDINGS:
        return EmbeddingSource.LOCAL
    return EmbeddingSource.FASTEMBED if embeddings.startswith(FASTEMBED) else EmbeddingSource.HTTP


def record_heartbeat(resources: Resources, name: str, queues: list[str]) -> None:
    """Record a worker's heartbeat."""
    with resources.open_transaction(None) as session:
        operations.record_heartbeat(session, name, queues)


class DatabaseCollector(Collector):
    """Metrics from counters in Postgres, to which many processes add."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def collect(self) -> Iterator[Metric]:
        """Yield jobs by status and age, and the totals of all workers; nothing while Postgres is away."""
        try:
            with self._resources.open_transaction(None) as session:
                counts = operations.list_job_counts(session)
                totals = operations.get_usage_totals(session)
                times = llm_times.list_llm_totals(session)
        except Unavailable:
            return
        jobs = GaugeMetricFamily(
            "memcubed_jobs", "Jobs that have not succeeded, by status and stage", labels=["status", "stage"]
        )
        age = GaugeMetricFamily(
            "memcubed_job_oldest_seconds",
            "Age in seconds of the oldest job that has not succeeded",
            labels=["status", "stage"],
        )
        for row in counts:
            jobs.add_metric([row.status, row.stage], row.jobs)
            age.add_metric([row.status, row.stage], (self._resources.now() - row.oldest).total_seconds())
        yield jobs
        yield age
        for name, value in totals.items():
            family = CounterMetricFamily(f"memcubed_{name}", f"Total {name.replace('_', ' ')} of all workers")
            family.add_metric([], float(value or 0))
            yield family
        yield from _collect_llm_times(times)


def _collect_llm_times(rows: Sequence[RowMapping]) -> Iterator[Metric]:
    """Yield the times of the LLM's answers and failures by purpose."""
    answers = HistogramMetricFamily(
        "memcubed_llm_call_seconds", "Time of one call of the LLM that was answered", labels=["purpose"]
    )
    failures = SummaryMetricFamily(
        "memcubed_llm_failed_call_seconds", "Time of one call of the LLM that failed", labels=["purpose"]
    )
    for row in rows:
        buckets = [
            ("+Inf" if math.isinf(bound) else str(float(bound)), count)
            for bound, count in cumulate_counts(row["counts"]).items()
        ]
        answers.add_metric([row["purpose"]], buckets, row["answer_ms"] / 1000)
        failures.add_metric([row["purpose"]], row["failed_calls"], row["failure_ms"] / 1000)
    yield answers
    yield failures


def build_metrics_registry(resources: Resources) -> CollectorRegistry:
    """Build a registry with the metrics from Postgres; those of the process are in the default registry."""
    registry = CollectorRegistry()
    registry.register(DatabaseCollector(resources))
    return registry
