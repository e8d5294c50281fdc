"""`memcubed keys`: make, list and revoke API keys."""

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
    """A new key of a tenant, which is made if it is not there; `days` = until it expires."""
    expires_at = datetime.now(UTC) + timedelta(days=days) if days is not None else None
    with open_resources(load_settings()) as resources:
        made = keys.create_key_for_tenant(
            resources, tenant, name=name, scopes=list(scopes), user_id=user_id, expires_at=expires_at
        )
    return made.key


def print_keys(tenant: str, out: Console) -> None:
    """Print the keys of a tenant as a table."""
    whole = Column("id", min_width=36)  # `revoke` wants all of it
    table = Table(whole, "name", "key", "scopes", "user", "expires", "revoked", "last used")
    with open_resources(load_settings()) as resources:
        for key in keys.list_keys(resources, admin_principal(tenant)).items:
            when = [str(at or "") for at in (key.expires_at, key.revoked_at, key.last_used_at)]
            scopes = " ".join(key.scopes)
            table.add_row(str(key.id), escape(key.name), key.prefix + "…", scopes, key.user_id or "", *when)
    out.print(table)


def revoke_key(tenant: str, key_id: UUID) -> None:
    """End a key at once and for good."""
    with open_resources(load_settings()) as resources:
        keys.revoke_key(resources, admin_principal(tenant), key_id)
