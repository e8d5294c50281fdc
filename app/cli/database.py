"""`memcubed migrate` and `memcubed scrub`: what the owner of the tables does."""

from rich.console import Console

from app.cli.environment import load_owner_settings
from app.core.errors import StartupRefused
from app.core.logs import configure_logging
from app.resources import open_resources
from app.services.operations import operations
from app.services.portability import scrubbing


def migrate_database(out: Console) -> None:
    """Bring the database to the newest schema and let the service's role in."""
    settings = load_owner_settings()
    configure_logging(settings.log_level)
    out.print(f"Database is at revision {operations.migrate_database(settings).revision}.")


def scrub_database(out: Console) -> None:
    """Rewrite the files that still hold what was erased, now and as the owner of the tables."""
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
