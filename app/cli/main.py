"""The commands and their options.

Each command imports what it needs when it runs: a process that prints help, or that runs the scheduler, loads
no web framework and no model, and starts in a fraction of a second.
"""

import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from app.cli.refusals import cli_errors
from app.core.errors import StartupRefused
from app.core.vocabulary import DEFAULT_TENANT, KeyScope, Stage

app = typer.Typer(
    help="memcubed: memory as a service for LLM chat apps and agents.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
keys_app = typer.Typer(help="API keys.", no_args_is_help=True)
app.add_typer(keys_app, name="keys")


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        from app.core.version import VERSION

        typer.echo(f"memcubed {VERSION}")
        raise typer.Exit


@app.callback()
def memcubed(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version")
    ] = False,
) -> None:
    """memcubed: memory as a service for LLM chat apps and agents."""


def _console() -> Any:
    from rich.console import Console

    return Console(soft_wrap=True)


@app.command()
def up() -> None:
    """Run the whole service: embedded Postgres and Valkey unless given by URL, API, worker, clock."""
    # The process lasts as long as the service, so it is replaced by one that loads only what it needs.
    os.execv(sys.executable, [sys.executable, "-P", "-m", "app.cli.up"])  # noqa: S606 -- no shell is wanted


@app.command()
def serve(
    processes: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes that answer; default: one a core, up to 4")
    ] = None,
) -> None:
    """Run the API."""
    from app.cli.process_count import choose_process_count, shared_metrics
    from app.core.settings import Settings

    count = choose_process_count(processes if processes is not None else Settings().api_processes)
    with shared_metrics() if count > 1 else nullcontext():
        # After the metrics have their place, as the library that counts looks for it when it is imported.
        from app.cli.serve import run_api

        status = run_api(count)
    raise typer.Exit(status)


@app.command()
def worker(
    queue: Annotated[list[Stage] | None, typer.Option(help="Only these queues; default: all")] = None,
    beat: Annotated[bool, typer.Option("--beat", help="Run the scheduler of the sweep too")] = False,
) -> None:
    """Run a worker."""
    from app.cli.worker import run_worker

    run_worker(queue or list(Stage), with_scheduler=beat)


@app.command()
def beat() -> None:
    """Run the scheduler of the sweep; one a service."""
    from app.cli.beat import run_beat

    run_beat()


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema and let the service's role in."""
    from app.cli.database import migrate_database

    migrate_database(_console())


@app.command()
def scrub() -> None:
    """Rewrite the files that still hold what was erased, now and as the owner of the tables."""
    from app.cli.database import scrub_database

    scrub_database(_console())


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
    from app.cli.reembed import change_model

    asked = {"embeddings": embeddings, "model": model, "dimensions": dimensions}
    went_well = change_model(asked, _console(), drop=drop, cancel=cancel, wait=wait)
    raise typer.Exit(0 if went_well else 1)


@app.command()
def demo(key: Annotated[str | None, typer.Option(help="Default: the bootstrap key")] = None) -> None:
    """Post a short dialogue, wait for its memories, ask three questions."""
    from app.cli.demo import run_demo
    from app.cli.environment import find_api_url, find_bootstrap_key, load_settings

    settings = load_settings()
    key = key if key is not None else find_bootstrap_key(settings)
    if key is None:
        raise StartupRefused("No key found: run `memcubed up`, or give one with --key.")
    run_demo(find_api_url(settings), key, _console())


@app.command(name="import")
def import_export(
    source: Annotated[
        str,
        typer.Argument(
            help="mem0, zep, langmem, openai-export, claude-export or open-webui", metavar="FORMAT"
        ),
    ],
    file: Annotated[Path, typer.Argument(help="The export: JSON, lines of JSON, or a zip with it")],
    url: Annotated[str | None, typer.Option(help="A running service; default: that of this machine")] = None,
    key: Annotated[str | None, typer.Option(help="Its key; default: the bootstrap key")] = None,
    user: Annotated[str | None, typer.Option(help="Store all of it as this user_id")] = None,
    map_user: Annotated[
        list[str] | None, typer.Option(help="old=new: store a user of the export under another user_id")
    ] = None,
    user_name: Annotated[str | None, typer.Option(help="What the person is called in conversations")] = None,
    assistant_name: Annotated[str | None, typer.Option(help="What the assistant is called")] = None,
    all_branches: Annotated[
        bool, typer.Option("--all-branches", help="Also what was edited away or answered anew")
    ] = False,
    namespace_part: Annotated[
        int, typer.Option(help="langmem: which part of a namespace is the user; -1 is the last")
    ] = -1,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read it, say what would be posted")] = False,
) -> None:
    """Bring what another product exported; run it again to go on, nothing is stored twice."""
    from app.cli.importing.command import import_file

    names = {"user": user, "user_name": user_name, "assistant_name": assistant_name}
    went_well = import_file(
        source,
        file,
        _console(),
        url=url,
        key=key,
        names=names,
        mapped=map_user or [],
        all_branches=all_branches,
        namespace_part=namespace_part,
        is_dry_run=dry_run,
    )
    raise typer.Exit(0 if went_well else 1)


@app.command(name="eval")
def evaluate(
    llm: Annotated[
        str | None, typer.Option(help="Base URL of an OpenAI-compatible endpoint; default: the setting")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Its model")] = None,
    url: Annotated[
        str | None, typer.Option(help="A running service, instead of one started for this")
    ] = None,
    key: Annotated[str | None, typer.Option(help="Its key")] = None,
    data: Annotated[
        Path | None, typer.Option(help="A folder with traps.json, changes.json or coverage.json")
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help="traps, changes or coverage")] = None,
    workers: Annotated[int, typer.Option(min=1, max=16, help="Cases at a time")] = 4,
    out: Annotated[Path | None, typer.Option(help="Write all figures here as JSON")] = None,
) -> None:
    """Measure how well memories are written, with a model or by rules, and print the table."""
    from app.cli.evaluation.command import EvaluationOptions, run_evaluation

    if (url is None) != (key is None):
        raise StartupRefused("A running service needs both --url and --key.")
    options = EvaluationOptions(url, key, llm, model, data, tuple(only or ()), workers, out=out)
    raise typer.Exit(0 if run_evaluation(options, _console()) else 1)


@app.command()
def mcp(
    stdio: Annotated[
        bool, typer.Option("--stdio", help="Speak on standard input and output, as desktop clients do")
    ] = False,
    url: Annotated[
        str | None, typer.Option(envvar="MEMCUBED_URL", help="The service; default: that of `memcubed up`")
    ] = None,
    key: Annotated[
        str | None, typer.Option(envvar="MEMCUBED_API_KEY", help="Default: the bootstrap key")
    ] = None,
    user: Annotated[
        str | None, typer.Option(envvar="MEMCUBED_USER", help="Whose memory; default: who runs this command")
    ] = None,
    session: Annotated[
        str | None, typer.Option(envvar="MEMCUBED_SESSION", help="The session; default: one a day")
    ] = None,
) -> None:
    """Connect a desktop client to the service by MCP; others use its URL, at /mcp."""
    from app.cli.mcp_bridge import run_bridge
    from app.cli.mcp_service import find_service

    if not stdio:
        raise StartupRefused("The service itself answers at /mcp; for a desktop client give --stdio.")
    run_bridge(find_service(url, key, user, session))


@app.command()
def doctor() -> None:
    """Say what is reachable, what is active, what is wrong and how to mend it."""
    from app.cli.doctor import print_diagnostics

    raise typer.Exit(0 if print_diagnostics(_console()) else 1)


@app.command()
def openapi(
    write: Annotated[bool, typer.Option("--write", help="Write openapi/openapi.json")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Fail unless openapi/openapi.json is current")
    ] = False,
) -> None:
    """Print, write or check the OpenAPI document."""
    from app.cli import openapi_document as document

    if write:
        document.write_openapi()
    elif check:
        document.check_openapi()
    else:
        typer.echo(document.render_openapi(), nl=False)


@keys_app.command("create")
def keys_create(
    name: str,
    tenant: Annotated[str, typer.Option(help="Made if it is not there")] = DEFAULT_TENANT,
    scope: Annotated[list[KeyScope] | None, typer.Option(help="Default: write, which includes read")] = None,
    user: Annotated[str | None, typer.Option(help="Bind the key to one user_id")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Days until it expires")] = None,
) -> None:
    """Make a key and print it, this once."""
    from app.cli.api_keys import create_key

    typer.echo(create_key(tenant, name, scope or [KeyScope.WRITE], user_id=user, days=days))


@keys_app.command("list")
def keys_list(tenant: Annotated[str, typer.Option()] = DEFAULT_TENANT) -> None:
    """List a tenant's keys."""
    from app.cli.api_keys import print_keys

    print_keys(tenant, _console())


@keys_app.command("revoke")
def keys_revoke(key_id: UUID, tenant: Annotated[str, typer.Option()] = DEFAULT_TENANT) -> None:
    """End a key at once and for good."""
    from app.cli.api_keys import revoke_key

    revoke_key(tenant, key_id)
    _console().print(f"Revoked {key_id}.")


def main() -> None:
    """Run a command; an operator's error is reported as a sentence, not as a stack trace."""
    with cli_errors():
        app()
