"""Erasure: all data of a user are deleted, as a person may demand; forgetting is something else."""

import hashlib
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from app.core.errors import Deadlocked, NotFound, Unavailable
from app.core.ids import new_id
from app.core.security import Principal
from app.core.vocabulary import KeyScope
from app.db.models import Erasure
from app.db.repositories.platform import users
from app.db.repositories.portability import erasures
from app.db.repositories.search import ann_indexes
from app.db.repositories.sharing import copies, grants
from app.db.user_session import UserSession
from app.resources import Resources
from app.schemas.portability.erasures import ErasureReceipt
from app.services.consolidation import stage
from app.services.platform.user_context import UserContext
from app.services.portability.copy_withdrawal import withdraw_copies
from app.services.portability.erasure_receipts import forget_in_process, to_erasure_out

_SALT_BYTES = 16
_MAX_DEADLOCKS = 3
_SCRYPT = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}


@dataclass(frozen=True, slots=True)
class _ErasureResult:
    """What one transaction erased.

    `epochs` has the last epoch before the erasure of each user whose cached data go. `lost_source_users` are
    those who had copies.
    """

    row: Erasure
    epochs: Mapping[str, int]
    lost_source_users: set[str]


def erase_user(resources: Resources, principal: Principal, user_id: str) -> ErasureReceipt:
    """Delete every row, vector and cached text of a user, count what is left, and return the receipt.

    What others copied from the user, and what was derived from it, goes too. Raises `Forbidden`, `NotFound`
    for a user without any row, not even a key, and `Unavailable` when somebody copies meanwhile.
    """
    principal.require_scope(KeyScope.ADMIN)
    principal.require_user(user_id)
    ctx = UserContext(resources, principal, user_id)
    tenant_id, cache = ctx.tenant_id, resources.cache
    subject = hash_subject(user_id)
    erased = _erase_or_retry(ctx, subject)
    is_cleared = [cache.delete_user_keys(tenant_id, name, epoch) for name, epoch in erased.epochs.items()]
    cache.purge()
    forget_in_process(resources, erased.row.id, [(tenant_id, name) for name in erased.epochs])
    with ctx.open_transaction() as user:
        row_counts = users.count_user_rows(user)
        cached_count = cache.count_user_keys(tenant_id, user_id)
        left = sum(row_counts.values()) + (cached_count or 0)
        # 0 may be reported only if Redis was asked; a number above 0 is reported in any case.
        remaining = None if cached_count is None and not left else left
        columns = {"remaining": remaining, "redis_at": resources.now() if all(is_cleared) else None}
        erasures.update_erasure(user.session, tenant_id, erased.row.id, columns)
        user.session.expire_all()
        row = erasures.get_erasure(user.session, tenant_id, erased.row.id) or erased.row
        receipt = to_erasure_out(user.session, row)
    for name in sorted(erased.lost_source_users):
        stage.enqueue_consolidation(resources, principal, name)
    return ErasureReceipt(**dict(receipt), user_id=user_id, working_memory_cleared=all(is_cleared))


def _erase_or_retry(ctx: UserContext, subject: tuple[bytes, bytes]) -> _ErasureResult:
    # An erasure locks rows of all tables in the order of their foreign keys, a worker perhaps in another one.
    for _ in range(_MAX_DEADLOCKS):
        with suppress(Deadlocked), ctx.open_transaction() as user:
            return _erase_rows(ctx, user, subject)
    with ctx.open_transaction() as user:
        return _erase_rows(ctx, user, subject)


def _erase_rows(ctx: UserContext, user: UserSession, subject: tuple[bytes, bytes]) -> _ErasureResult:
    session, tenant_id, user_id = user.session, user.tenant_id, user.user_id
    receivers = copies.list_receivers(user) - {user_id}
    grantees = grants.list_grantees(user)
    # Whoever locks jobs before the user's row takes these locks first: no deadlock with a failing job.
    for name in sorted({user_id, *receivers, *grantees}):
        users.lock_user(UserSession(session, tenant_id, name))
    known = users.get_revision_and_epoch(user)
    # It waits for a request that is creating the user; for a user without rows it inserts a row, which goes.
    revision = users.next_revision(user)
    row_counts = users.count_user_rows(user)
    if known is None and revision == 1:
        row_counts["users"] -= 1
    if not sum(row_counts.values()):
        raise NotFound("There is no such user.")
    grantees |= grants.list_grantees(user)
    grants.delete_grants_of(user)
    if copies.list_receivers(user) - {user_id, *receivers}:
        raise Unavailable("Memories of the user were copied just now; try again.")
    copy_count, lost_source_users = withdraw_copies(session, ctx.resources, ctx.principal, user_id)
    affected = grantees | lost_source_users
    copies.hide_shown_ids(user, affected)
    for name in grantees - lost_source_users:
        # So that no cache keeps what the grantee was shown.
        users.bump_epoch(UserSession(session, tenant_id, name))
    epochs = _last_epochs(user, affected)
    ann_indexes.clear_ann_indexes(user)
    users.delete_user(user)
    salt, subject_hash = subject
    row = Erasure(
        tenant_id=tenant_id,
        id=new_id(),
        erased_at=ctx.resources.now(),
        actor=f"key:{ctx.principal.key_id}",
        salt=salt,
        subject=subject_hash,
        rows=row_counts,
        copies=copy_count,
    )
    erasures.insert_erasure(session, row)
    return _ErasureResult(row, epochs, lost_source_users)


def _last_epochs(user: UserSession, others: set[str]) -> dict[str, int]:
    """Return the epoch before this erasure of the user and of the others, whose epoch it has moved by 1."""
    epochs: dict[str, int] = {}
    for name in (user.user_id, *sorted(others)):
        state = users.get_revision_and_epoch(UserSession(user.session, user.tenant_id, name))
        if state is not None:
            epochs[name] = state[1] if name == user.user_id else state[1] - 1
    return epochs


def hash_subject(user_id: str) -> tuple[bytes, bytes]:
    """Return (salt, slow hash) of the id: they prove whose erasure it was to whoever knows the id alone."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return salt, hashlib.scrypt(user_id.encode(), salt=salt, **_SCRYPT)
