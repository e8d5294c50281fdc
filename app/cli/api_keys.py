"""`memcubed keys`: create, list and revoke API keys."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from app.cli.environment import admin_principal, load_settings
from app.core.vocabulary import KeyScope
from app.resources import open_resources
from app.services.platform import keys


def create_key(
    tenant: str, name: str, scopes: Sequence[KeyScope], *, user_id: str | None, days: int | None
) -> str:
    """Create a key of a tenant, and the tenant if it is new; the key expires after `days` (None: never)."""
    expires_at = datetime.now(UTC) + timedelta(days=days) if days is not None else None
    with open_resources(load_settings()) as resources:
        created = keys.create_key_for_tenant(
            resources, tenant, name=name, scopes=list(scopes), user_id=user_id, expires_at=expires_at
        )
    return created.key


def print_keys(tenant: str, out: Console) -> None:
    """Print the keys of a tenant as a table."""
    id_column = Column("id", min_width=36)  # `memcubed keys revoke` needs the whole id
    table = Table(id_column, "name", "key", "scopes", "user", "expires", "revoked", "last used")
    with open_resources(load_settings()) as resources:
        for key in keys.list_keys(resources, admin_principal(tenant)).items:
            times = [str(at or "") for at in (key.expires_at, key.revoked_at, key.last_used_at)]
            scopes = " ".join(key.scopes)
            table.add_row(str(key.id), escape(key.name), key.prefix + "…", scopes, key.user_id or "", *times)
    out.print(table)


def revoke_key(tenant: str, key_id: UUID) -> None:
    """Revoke a key with immediate effect and for good."""
    with open_resources(load_settings()) as resources:
        keys.revoke_key(resources, admin_principal(tenant), key_id)
