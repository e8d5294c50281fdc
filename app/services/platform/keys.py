"""API keys: create, list, revoke, authenticate."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app.core.errors import Forbidden, InvalidInput, NotFound, Unauthorized
from app.core.ids import new_id
from app.core.security import Principal, expand_scopes, generate_key, hash_key
from app.core.vocabulary import DEFAULT_TENANT, KeyScope
from app.db import models
from app.db.repositories.platform import keys, users
from app.db.repositories.search.index_feed import SearchState
from app.db.session import AnyRow, KeyRow
from app.resources import Resources
from app.schemas.platform.callers import Caller
from app.schemas.platform.keys import CreateKey, KeyCreated, KeyList, KeyOut

log = structlog.get_logger(__name__)
TENANT_ID_PATTERN = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_TOUCH_INTERVAL = timedelta(minutes=1)


def authenticate_key(resources: Resources, key: str | None) -> Principal:
    """Return the bearer of an API key. Raises `Unauthorized`, without saying why."""
    if not key:
        raise Unauthorized
    return authenticate_key_hash(resources, hash_key(key))


def authenticate_key_hash(resources: Resources, digest: bytes) -> Principal:
    """Return the bearer of the API key with this hash. Raises `Unauthorized`, without saying why."""
    row = resources.execute_statement(lambda connection: keys.find_key(connection, digest))
    return _record_key_use(resources, row)


def authenticate_with_user_state(
    resources: Resources, key: str, user_id: str
) -> tuple[Principal, SearchState | None]:
    """Return the bearer of an API key, and the state of a user of its tenant, in one round trip.

    The user need not be the one that the key is bound to. Raises `Unauthorized`.
    """
    row, state = resources.execute_statement(
        lambda connection: keys.find_key_with_state(connection, hash_key(key), user_id)
    )
    return _record_key_use(resources, row), state


@contextmanager
def authenticated_transaction(resources: Resources, key: str) -> Generator[tuple[Session, Principal]]:
    """Open a transaction as the bearer of an API key, which is looked up as it begins.

    The use of the key is recorded when the block ends, not when it raises. Raises `Unauthorized`, without
    saying why.
    """
    with resources.open_key_transaction(hash_key(key)) as (session, row):
        principal, is_use_due = _verify_key(row, resources.now())
        yield session, principal
        # At the end, because an erasure locks first the user and then the user's keys.
        if is_use_due and principal.key_id is not None:
            keys.touch_key(session, principal.tenant_id, principal.key_id)


def _record_key_use(resources: Resources, row: AnyRow | None) -> Principal:
    principal, is_use_due = _verify_key(row, resources.now())
    if is_use_due and principal.key_id is not None:
        with resources.open_transaction(principal) as session:
            keys.touch_key(session, principal.tenant_id, principal.key_id)
    return principal


def _verify_key(row: AnyRow | KeyRow | None, now: datetime) -> tuple[Principal, bool]:
    """Return the bearer, and whether the use of the key is to be recorded. Raises `Unauthorized`."""
    if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
        raise Unauthorized
    is_use_due = row.last_used_at is None or now - row.last_used_at > _TOUCH_INTERVAL
    return Principal(row.tenant_id, row.id, expand_scopes(row.scopes), row.user_id), is_use_due


def create_key_for_tenant(
    resources: Resources,
    tenant: str,
    *,
    name: str,
    scopes: list[KeyScope],
    user_id: str | None,
    expires_at: datetime | None,
) -> KeyCreated:
    """Create a key of any tenant, which is created unless it exists; for the operator.

    Raises `InvalidInput` for a bad tenant, or a scope that a key bound to a user can't have.
    """
    if not TENANT_ID_PATTERN.fullmatch(tenant):
        raise InvalidInput("A tenant is 1 to 63 of a-z, 0-9, - and _, beginning with a letter or digit.")
    request = CreateKey(name=name, scopes=scopes, user_id=user_id, expires_at=expires_at)
    if user_id is not None and KeyScope.ADMIN in scopes:
        raise InvalidInput("A key that is bound to a user can't have the scope `admin`.", field="scopes")
    return store_key(resources, tenant, request, generate_key())


def create_key(resources: Resources, principal: Principal, request: CreateKey) -> KeyCreated:
    """Create a key of the caller's tenant; its text is in this response and nowhere else.

    Raises `Forbidden`, `InvalidInput`.
    """
    principal.require_scope(KeyScope.ADMIN)
    if principal.user_id is not None:
        raise Forbidden("A key that is bound to a user can't make keys.")
    if request.user_id is not None and KeyScope.ADMIN in request.scopes:
        raise InvalidInput("A key that is bound to a user can't have the scope `admin`.", field="scopes")
    if request.expires_at is not None and request.expires_at <= resources.now():
        raise InvalidInput("The key would have expired already.", field="expires_at")
    return store_key(resources, principal.tenant_id, request, generate_key())


def store_key(resources: Resources, tenant_id: str, request: CreateKey, key: str) -> KeyCreated:
    """Store `key` for a tenant, which is created unless it exists. The caller checks who may do that."""
    row = models.ApiKey(
        tenant_id=tenant_id,
        id=new_id(),
        name=request.name,
        hash=hash_key(key),
        prefix=key[:8],
        scopes=sorted(set(request.scopes)),
        user_id=request.user_id,
        created_at=resources.now(),
        expires_at=request.expires_at,
        revoked_at=None,
        last_used_at=None,
    )
    with resources.open_transaction(Principal(tenant_id)) as session:
        users.ensure_tenant(session, tenant_id)
        keys.insert_key(session, row)
    return KeyCreated(**_to_key_out(row).model_dump(), tenant=tenant_id, key=key)


def list_keys(resources: Resources, principal: Principal) -> KeyList:
    """List the tenant's keys, without their texts. Raises `Forbidden`."""
    principal.require_scope(KeyScope.ADMIN)
    with resources.open_transaction(principal) as session:
        return KeyList(items=[_to_key_out(row) for row in keys.list_keys(session, principal.tenant_id)])


def get_caller(resources: Resources, principal: Principal) -> Caller:
    """Return what the caller's own key is; any scope may ask. Raises `Unauthorized` if it has gone."""
    unbound = replace(principal, user_id=None)  # a bound key sees no rows of keys
    with resources.open_transaction(unbound) as session:
        row = (
            keys.get_key(session, principal.tenant_id, principal.key_id)
            if principal.key_id is not None
            else None
        )
    if row is None:
        raise Unauthorized
    return Caller(
        tenant=row.tenant_id,
        key_id=row.id,
        name=row.name,
        prefix=row.prefix,
        scopes=sorted(principal.scopes, key=list(KeyScope).index),
        user_id=row.user_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def revoke_key(resources: Resources, principal: Principal, key_id: UUID) -> None:
    """Revoke a key at once and for good. Raises `Forbidden`, `NotFound`."""
    principal.require_scope(KeyScope.ADMIN)
    with resources.open_transaction(principal) as session:
        if not keys.revoke_key(session, principal.tenant_id, key_id):
            raise NotFound("There is no such key.")


def bootstrap_admin_key(resources: Resources) -> str | None:
    """Ensure that an admin key exists: the configured one, or one that is generated once into a file.

    Returns the path of that file in the data directory, or None when a key is configured.
    """
    configured = resources.settings.bootstrap_api_key
    path = resources.settings.data_dir / "bootstrap-key"
    request = CreateKey(name="bootstrap", scopes=[KeyScope.ADMIN])
    if configured is not None:
        _ensure_key(resources, configured.get_secret_value(), request)
        return None
    if path.exists():
        _ensure_key(resources, path.read_text().strip(), request)
        return str(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    key = generate_key()
    path.touch(mode=0o600)
    path.write_text(key + "\n")
    _ensure_key(resources, key, request)
    log.info("bootstrap_key_written", path=str(path))
    return str(path)


def _ensure_key(resources: Resources, key: str, request: CreateKey) -> None:
    with resources.open_transaction(None) as session:
        known = keys.find_key(session, hash_key(key))
    if known is None:
        store_key(resources, DEFAULT_TENANT, request, key)


def _to_key_out(row: models.ApiKey) -> KeyOut:
    return KeyOut(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        scopes=[KeyScope(scope) for scope in row.scopes],
        user_id=row.user_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )
