"""The options of `memcubed import`, and the service that it posts to."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from app.cli.environment import find_api_url, find_bootstrap_key, load_settings
from app.cli.importing.options import ReadOptions
from app.cli.importing.runner import FORMATS, ImportRun, run_import
from app.core.errors import StartupRefused


def import_file(
    source: str,
    path: Path,
    console: Console,
    *,
    url: str | None,
    key: str | None,
    names: Mapping[str, str | None],
    mapped: Sequence[str],
    all_branches: bool,
    namespace_part: int,
    is_dry_run: bool,
) -> bool:
    """Import a file; return whether all of it was read and stored. Raises `StartupRefused`, `Unavailable`."""
    if source not in FORMATS:
        raise StartupRefused(f"There is no format {source}; there are {', '.join(FORMATS)}.")
    settings = load_settings()
    if key is None and not is_dry_run:
        key = find_bootstrap_key(settings) if url is None else None
        if key is None:
            raise StartupRefused("No key found: run `memcubed up`, or give one with --key.")
    options = ReadOptions(
        user=names["user"],
        users=_parse_users(mapped),
        user_name=names["user_name"],
        assistant_name=names["assistant_name"],
        all_branches=all_branches,
        namespace_part=namespace_part,
    )
    run = ImportRun(
        source,
        path,
        options,
        url=url if url is not None else find_api_url(settings),
        key=key or "",
        journals=settings.data_dir / "imports",
        is_dry_run=is_dry_run,
    )
    return not run_import(run, console).fault_count


def _parse_users(mapped: Sequence[str]) -> dict[str, str]:
    """The user_id for each user of the export. Raises `StartupRefused`."""
    users: dict[str, str] = {}
    for pair in mapped:
        old, equals, new = pair.partition("=")
        if not equals or not old or not new:
            raise StartupRefused(f"--map-user takes old=new, not {pair!r}.")
        users[old] = new
    return users
