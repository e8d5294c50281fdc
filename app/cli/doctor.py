"""`memcubed doctor`: report what is reachable, what is active, what is wrong and how to repair it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.cli.environment import find_api_url, load_settings
from app.core.errors import MemcubedError
from app.core.logs import configure_logging
from app.core.settings import Settings
from app.resources import Resources, open_resources
from app.services.operations import operations
from app.services.platform import user_ids

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `cure` says how to repair what is not ok."""

    what: str
    ok: bool
    detail: str
    cure: str = ""


def print_diagnostics(out: Console) -> bool:
    """Print the findings as a table, and return whether all are ok."""
    settings = load_settings()
    configure_logging("error")
    table = Table("", "part", "found", "what to do")
    healthy = True
    for finding in run_diagnostics(settings, find_api_url(settings)):
        healthy &= finding.ok
        mark = "[green]ok[/green]" if finding.ok else "[red]!![/red]"
        table.add_row(mark, finding.what, escape(finding.detail), escape(finding.cure))
    out.print(table)
    return healthy


def run_diagnostics(settings: Settings, api_url: str) -> Iterator[Finding]:
    """Yield the findings one by one."""
    if settings.database_url is None or settings.redis_url is None:
        cure = "run `memcubed up`, or set MEMCUBED_DATABASE_URL and MEMCUBED_REDIS_URL"
        yield Finding("service", False, f"nothing runs on {settings.data_dir}", cure)
        return
    with open_resources(settings) as resources:
        state = operations.check_readiness(resources)
        cures = {
            "database": "check MEMCUBED_DATABASE_URL and that Postgres runs",
            "redis": "check MEMCUBED_REDIS_URL and that Redis runs",
            "worker": "start one: `memcubed worker`, and `memcubed beat` once",
        }
        for name, check in state.checks.items():
            yield Finding(name, check.ok, check.detail or "reachable", "" if check.ok else cures[name])
        if state.checks["database"].ok:
            connection = "through a connection pooler" if operations.is_behind_pooler(resources) else "direct"
            yield Finding("connections", True, connection)
            yield _check_call(
                "schema and role", "fit this version", lambda: operations.check_startup(resources), ""
            )
            yield _check_user_ids(resources)
        model = f"{state.embedding_model}, {state.embedding_dimensions} dimensions ({state.embeddings})"
        yield _check_call(
            "embeddings", model, lambda: resources.active_embedder.embed_query("hello"), "MEMCUBED_EMBEDDINGS"
        )
        configured = resources.embedders.configured.model_id
        if configured != state.embedding_model:
            cure = "set MEMCUBED_EMBEDDINGS and what belongs to it to the model in use"
            yield Finding("embeddings setting", False, f"the settings name {configured}", cure)
        yield Finding("extraction", True, state.llm)
    if settings.llm_base_url is not None:
        yield _check_llm(settings.llm_base_url)
    yield _check_api(api_url)


def _check_call(what: str, detail: str, attempt: Callable[[], object], setting: str) -> Finding:
    try:
        attempt()
    except MemcubedError as exc:
        return Finding(what, False, exc.message, f"check {setting}" if setting else "do what it says")
    return Finding(what, True, detail)


def _check_user_ids(resources: Resources) -> Finding:
    """Find users stored under an id that requests can only use to read or erase."""
    try:
        users = user_ids.list_unnormalised_users(resources)
    except MemcubedError as exc:
        return Finding("user ids", False, exc.message, "do what it says")
    if not users:
        return Finding("user ids", True, "all have the one form")
    shown = ", ".join(f"{tenant}: {user!a}" for tenant, user in users[:_SHOWN])
    more = f" and {len(users) - _SHOWN} more" if len(users) > _SHOWN else ""
    cure = "export each, erase it, and import it with a `user_id` (docs/operations.md)"
    return Finding("user ids", False, f"{len(users)} of another form: {shown}{more}", cure)


def _check_llm(base_url: str) -> Finding:
    try:
        status = httpx.get(base_url.rstrip("/") + "/models", timeout=5).status_code
    except httpx.HTTPError as exc:
        cure = "check MEMCUBED_LLM_BASE_URL; turns wait until it answers, nothing is lost"
        return Finding("LLM endpoint", False, type(exc).__name__, cure)
    return Finding("LLM endpoint", True, f"answers (status {status} for /models)")


def _check_api(api_url: str) -> Finding:
    try:
        httpx.get(f"{api_url}/healthz", timeout=3).raise_for_status()
    except httpx.HTTPError as exc:
        return Finding("API", False, f"{api_url}: {type(exc).__name__}", "start it: `memcubed serve`")
    return Finding("API", True, api_url)
