"""Runs the Alembic migrations as the owner and grants the service's login role its rights."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, make_url, text

from app.core.errors import StartupRefused
from app.db.session import driver_url

SERVICE_ROLE = "memcubed_service"
_LOCK = 0x6D656D63  # one migration at a time, however many containers start together


def _alembic_config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parents[2] / "migrations"))
    config.attributes["connection"] = connection
    return config


def head_revision() -> str | None:
    """The newest revision that this code knows."""
    return ScriptDirectory.from_config(_alembic_config()).get_current_head()


def current_revision(connection: Connection) -> str | None:
    """The revision of the database."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade_schema(engine: Engine, service_url: str | None = None, revision: str = "head") -> None:
    """Upgrade the schema to `revision`; with `service_url`, let its role log in and serve.

    Raises `StartupRefused` if that role could bypass row-level security.
    """
    with _migration_lock(engine), engine.connect() as connection:
        command.upgrade(_alembic_config(connection), revision)
        connection.commit()
        if service_url is not None:
            _grant_service_role(connection, service_url)
            connection.commit()


@contextmanager
def _migration_lock(engine: Engine) -> Generator[None]:
    """Allow one migration at a time.

    A transaction on a connection of its own holds the lock, as each migration needs a connection for itself,
    and a session-level lock would remain in a session that a pooler lends to others.
    """
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        yield


def downgrade_schema(engine: Engine, revision: str = "base") -> None:
    """Downgrade the schema to `revision`."""
    with engine.connect() as connection:
        command.downgrade(_alembic_config(connection), revision)
        connection.commit()


def _grant_service_role(connection: Connection, service_url: str) -> None:
    """Make the login role of `service_url` a member of the service role; it owns and bypasses nothing."""
    url = make_url(driver_url(service_url))
    if url.username is None:
        raise StartupRefused(
            "MEMCUBED_DATABASE_URL must name a role, e.g. postgresql://memcubed:…@host/memcubed"
        )
    role = connection.dialect.identifier_preparer.quote(url.username)
    bypasses_rls = connection.execute(
        text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = :name"), {"name": url.username}
    ).scalar_one_or_none()
    if bypasses_rls:
        raise StartupRefused(
            f"The role {url.username} could bypass row-level security; give the service a role of its own"
            " in MEMCUBED_DATABASE_URL and the owner's in MEMCUBED_DATABASE_OWNER_URL."
        )
    if bypasses_rls is None:
        connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS")
        if url.password is not None:
            quoted = connection.execute(
                text("SELECT quote_literal(:p)"), {"p": str(url.password)}
            ).scalar_one()
            connection.exec_driver_sql(f"ALTER ROLE {role} PASSWORD {quoted.replace('%', '%%')}")
    connection.exec_driver_sql(f"GRANT {SERVICE_ROLE} TO {role}")
    connection.exec_driver_sql(f"GRANT SELECT ON alembic_version TO {SERVICE_ROLE}")
