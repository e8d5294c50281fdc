"""The command line: run the service, look after it, try it."""

import gc
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import orjson
import typer
import uvicorn
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from app.api.entrance.http_protocol import BoundedProtocol
from app.cli import demo as demonstration
from app.cli.doctor import run_diagnostics
from app.cli.progress import show_progress
from app.cli.refusals import cli_errors
from app.core.errors import StartupRefused
from app.core.logs import configure_logging
from app.core.security import Principal
from app.core.settings import Settings
from app.core.vocabulary import KeyScope, ReembedStatus, Stage
from app.embedded.runtime import read_runtime
from app.main import build_openapi, create_app, run_startup_checks
from app.resources import open_resources
from app.schemas.reembedding import ReembedIn
from app.services.models import reembedding
from app.services.operations import operations
from app.services.platform import keys as key_service
from app.services.portability import erasure_receipts, scrubbing
from app.workers import run as workers

app = typer.Typer(
    help="memcubed: memory as a service for LLM chat apps and agents.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
keys_app = typer.Typer(help="API keys.", no_args_is_help=True)
app.add_typer(keys_app, name="keys")
out = Console(soft_wrap=True)
OPENAPI_FILE = Path("openapi/openapi.json")


def _load_settings() -> Settings:
    """The environment's settings; where no URL is given, those of a running `memcubed up`."""
    settings = Settings()
    runtime = read_runtime(settings.data_dir)
    if runtime is None or settings.database_url is not None:
        return settings
    found = {"database_url": runtime.database_url, "redis_url": settings.redis_url or runtime.redis_url}
    return settings.model_copy(update=found)


def _load_owner_settings() -> Settings:
    """As `_settings`, with the owner's URL of a running `memcubed up`."""
    settings = _load_settings()
    runtime = read_runtime(settings.data_dir)
    if settings.database_owner_url is not None or runtime is None:
        return settings
    return settings.model_copy(update={"database_owner_url": runtime.database_owner_url})


def _api_url(settings: Settings) -> str:
    runtime = read_runtime(settings.data_dir)
    return runtime.api_url if runtime is not None else f"http://{settings.host}:{settings.port}"


def _key_file(settings: Settings) -> Path:
    return settings.data_dir.absolute() / "bootstrap-key"


@app.command()
def up() -> None:
    """Run the whole service: embedded Postgres and Valkey unless given by URL, API, worker, clock."""
    # It stays as long as the service does: in a process that has loaded no more than it needs.
    os.execv(sys.executable, [sys.executable, "-P", "-m", "app.cli.up"])  # noqa: S606 -- no shell is wanted


@app.command()
def serve() -> None:
    """Run the API."""
    settings = _load_settings()
    configure_logging(settings.log_level)
    with open_resources(settings) as resources:
        run_startup_checks(resources)
        _tune_gc()
        with erasure_receipts.watch_erasures(resources):
            uvicorn.run(
                create_app(settings, resources),
                host=settings.host,
                port=settings.port,
                http=BoundedProtocol,
                ws="none",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=10,
                server_header=False,
            )


def _tune_gc() -> None:
    """An index is tens of thousands of objects that stay: to look them over at each 700 new ones takes as
    long as to make them (benchmarks/scale.py, `cold`).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@app.command()
def worker(
    queue: Annotated[list[Stage] | None, typer.Option(help="Only these queues; default: all")] = None,
    beat: Annotated[bool, typer.Option("--beat", help="Be the clock of the sweep too")] = False,
) -> None:
    """Run a worker."""
    settings = _load_settings()
    configure_logging(settings.log_level)
    cores = min(os.cpu_count() or 1, settings.worker_threads)
    with open_resources(settings, embedding_threads=cores) as resources:
        workers.run_worker(resources, queue or list(Stage), with_scheduler=beat)


@app.command()
def beat() -> None:
    """Run the clock of the sweep; one a service."""
    settings = _load_settings()
    configure_logging(settings.log_level)
    with open_resources(settings) as resources:
        workers.run_scheduler(resources)


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema and let the service's role in."""
    settings = _load_owner_settings()
    configure_logging(settings.log_level)
    out.print(f"Database is at revision {operations.migrate_database(settings).revision}.")


@app.command()
def scrub() -> None:
    """Rewrite the files that still hold what was erased, now and as the owner of the tables."""
    settings = _load_owner_settings()
    configure_logging("error")
    if settings.database_owner_url is None:
        raise StartupRefused("Set MEMCUBED_DATABASE_OWNER_URL: only the owner may rewrite every table.")
    with open_resources(settings) as resources:
        done = scrubbing.run_scrubbing_as_owner(resources, settings.database_owner_url)
    out.print(
        f"Rewritten for {done.erasures_finished} erasures." if done.did_run else "Nothing is to be rewritten."
    )
    if done.samples_left:
        out.print("Samples of what was erased may be left in pg_statistic: only a superuser may delete them.")
    if done.tables_left:
        raise StartupRefused(f"In use just now, try again: {', '.join(done.tables_left)}.")


@app.command()
def reembed(
    embeddings: Annotated[str | None, typer.Option(help="local, fastembed:<model> or a base URL")] = None,
    model: Annotated[str | None, typer.Option(help="The endpoint's model")] = None,
    dimensions: Annotated[int | None, typer.Option(min=1, max=4000, help="Length of a vector of it")] = None,
    drop: Annotated[
        bool, typer.Option("--drop", help="Drop the vectors of other models: after the switch, or alone")
    ] = False,
    cancel: Annotated[bool, typer.Option("--cancel", help="Stop the change under way")] = False,
    wait: Annotated[bool, typer.Option(help="Stay until it is done")] = True,
) -> None:
    """Change the embedding model while the service runs; without options, show how things stand."""
    settings = _load_settings()
    configure_logging("error")
    with open_resources(settings, embedding_threads=2) as resources:
        operator = _admin_principal(key_service.DEFAULT_TENANT)
        if cancel:
            reembedding.cancel_reembedding(resources, operator)
        elif any(value is not None for value in (embeddings, model, dimensions)):
            asked = {"embeddings": embeddings, "model": model, "dimensions": dimensions, "drop_old": drop}
            reembedding.start_reembedding(resources, operator, ReembedIn.model_validate(asked))
        elif drop:
            reembedding.drop_old_vectors(resources, operator)
        else:
            wait = False
        state = show_progress(lambda: reembedding.get_reembedding_state(resources, operator), out, wait=wait)
    raise typer.Exit(1 if state.run is not None and state.run.status == ReembedStatus.FAILED else 0)


@app.command()
def demo(key: Annotated[str | None, typer.Option(help="Default: the bootstrap key")] = None) -> None:
    """Post a short dialogue, wait for its memories, ask three questions."""
    settings = _load_settings()
    if key is None and settings.bootstrap_api_key is not None:
        key = settings.bootstrap_api_key.get_secret_value()
    if key is None and _key_file(settings).exists():
        key = _key_file(settings).read_text().strip()
    if key is None:
        raise StartupRefused("No key found: run `memcubed up`, or give one with --key.")
    demonstration.run_demo(_api_url(settings), key, out)


@app.command()
def doctor() -> None:
    """Say what is reachable, what is active, what is wrong and how to mend it."""
    settings = _load_settings()
    configure_logging("error")
    table = Table("", "part", "found", "what to do")
    healthy = True
    for finding in run_diagnostics(settings, _api_url(settings)):
        healthy &= finding.ok
        mark = "[green]ok[/green]" if finding.ok else "[red]!![/red]"
        table.add_row(mark, finding.what, escape(finding.detail), escape(finding.cure))
    out.print(table)
    raise typer.Exit(0 if healthy else 1)


@app.command()
def openapi(
    write: Annotated[bool, typer.Option("--write", help=f"Write {OPENAPI_FILE}")] = False,
    check: Annotated[bool, typer.Option("--check", help=f"Fail unless {OPENAPI_FILE} is current")] = False,
) -> None:
    """Print, write or check the OpenAPI document."""
    text = orjson.dumps(build_openapi(create_app()), option=orjson.OPT_INDENT_2).decode() + "\n"
    if write:
        OPENAPI_FILE.write_text(text)
    elif check:
        if not OPENAPI_FILE.exists() or OPENAPI_FILE.read_text() != text:
            raise StartupRefused(f"{OPENAPI_FILE} is not current: run `memcubed openapi --write`.")
    else:
        typer.echo(text, nl=False)


@keys_app.command("create")
def keys_create(
    name: str,
    tenant: Annotated[str, typer.Option(help="Made if it is not there")] = key_service.DEFAULT_TENANT,
    scope: Annotated[list[KeyScope] | None, typer.Option(help="Default: write, which includes read")] = None,
    user: Annotated[str | None, typer.Option(help="Bind the key to one user_id")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Days until it expires")] = None,
) -> None:
    """Make a key and print it, this once."""
    expires_at = datetime.now(UTC) + timedelta(days=days) if days is not None else None
    with open_resources(_load_settings()) as resources:
        made = key_service.create_key_for_tenant(
            resources,
            tenant,
            name=name,
            scopes=scope or [KeyScope.WRITE],
            user_id=user,
            expires_at=expires_at,
        )
    typer.echo(made.key)


@keys_app.command("list")
def keys_list(tenant: Annotated[str, typer.Option()] = key_service.DEFAULT_TENANT) -> None:
    """List a tenant's keys."""
    whole = Column("id", min_width=36)  # `revoke` wants all of it
    table = Table(whole, "name", "key", "scopes", "user", "expires", "revoked", "last used")
    with open_resources(_load_settings()) as resources:
        for key in key_service.list_keys(resources, _admin_principal(tenant)).items:
            when = [str(at or "") for at in (key.expires_at, key.revoked_at, key.last_used_at)]
            scopes = " ".join(key.scopes)
            table.add_row(str(key.id), escape(key.name), key.prefix + "…", scopes, key.user_id or "", *when)
    out.print(table)


@keys_app.command("revoke")
def keys_revoke(key_id: UUID, tenant: Annotated[str, typer.Option()] = key_service.DEFAULT_TENANT) -> None:
    """End a key at once and for good."""
    with open_resources(_load_settings()) as resources:
        key_service.revoke_key(resources, _admin_principal(tenant), key_id)
    out.print(f"Revoked {key_id}.")


def _admin_principal(tenant: str) -> Principal:
    """Whoever can run this command on the service's machine is the tenant's admin."""
    return Principal(tenant, scopes=frozenset(KeyScope))


def main() -> None:
    """Run a command; what the operator did wrong is a sentence, not a stack trace."""
    with cli_errors():
        app()
