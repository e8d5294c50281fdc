"""`memcubed migrate` and `memcubed scrub`: the commands that run as the owner of the tables."""

from rich.console import Console

from app.cli.environment import load_owner_settings
from app.core.errors import StartupRefused
from app.core.logs import configure_logging
from app.resources import open_resources
from app.services.operations import operations
from app.services.portability import scrubbing


def migrate_database(out: Console) -> None:
    """Bring the database to the newest schema and grant access to the service's role."""
    settings = load_owner_settings()
    configure_logging(settings.log_level)
    out.print(f"Database is at revision {operations.migrate_database(settings).revision}.")


def scrub_database(out: Console) -> None:
    """Rewrite the files that still contain erased data, now and as the owner of the tables.

    Raises `StartupRefused` without an owner's URL, or when a table is in use.
    """
    settings = load_owner_settings()
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
