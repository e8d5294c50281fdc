"""Erasure: a person's right, different from forgetting."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.core.errors import NotFound, Unavailable
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
from app.schemas.users import ErasureReceipt
from app.services.consolidation import stage
from app.services.portability.copy_withdrawal import withdraw_copies
from app.services.portability.erasure_receipts import forget_in_process, to_erasure_out

_SALT_BYTES = 16
_SCRYPT = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}


@dataclass(frozen=True, slots=True)
class _ErasureResult:
    """What one transaction erased; `epochs` are the last ones of what each user had, of all it concerned."""

    row: Erasure
    epochs: Mapping[str, int]
    lost_source_users: set[str]


def erase_user(resources: Resources, principal: Principal, user_id: str) -> ErasureReceipt:
    """Delete every row, vector and cached text of a user, count again, and say so, and what is due.

    What others copied from the user, and what was made of it, goes too. Raises `NotFound` for a user of whom
    there is nothing, not even a key, and `Unavailable` when somebody copies meanwhile.
    """
    principal.require_scope(KeyScope.ADMIN)
    principal.require_user(user_id)
    tenant_id = principal.tenant_id
    subject = _hash_subject(user_id)
    with resources.open_transaction(principal) as session:
        erased = _erase_rows(session, resources, principal, user_id, subject)
    cleared = [
        resources.cache.delete_user_keys(tenant_id, name, gone) for name, gone in erased.epochs.items()
    ]
    resources.cache.purge()
    forget_in_process(resources, erased.row.id, [(tenant_id, name) for name in erased.epochs])
    with resources.open_transaction(principal) as session:
        rows, held = (
            users.count_user_rows(UserSession(session, tenant_id, user_id)),
            resources.cache.count_user_keys(tenant_id, user_id),
        )
        found = sum(rows.values()) + (held or 0)
        # Nothing found is nothing left only if Redis was asked; what was found is told in any case.
        remaining = None if held is None and not found else found
        done = {"remaining": remaining, "redis_at": resources.now() if all(cleared) else None}
        erasures.update_erasure(session, tenant_id, erased.row.id, done)
        session.expire_all()
        row = erasures.get_erasure(session, tenant_id, erased.row.id) or erased.row
        told = to_erasure_out(session, row)
    for name in sorted(erased.lost_source_users):
        stage.enqueue_consolidation(resources, principal, name)
    return ErasureReceipt(**dict(told), user_id=user_id, working_memory_cleared=all(cleared))


def _erase_rows(
    session: Session, resources: Resources, principal: Principal, user_id: str, subject: tuple[bytes, bytes]
) -> _ErasureResult:
    tenant_id = principal.tenant_id
    others = copies.list_receivers(session, tenant_id, user_id) - {user_id}
    granted = grants.list_grantees(session, tenant_id, user_id)
    # Whoever locks jobs before the user's row holds this lock first: no deadlock with a failing job.
    for name in sorted({user_id, *others, *granted}):
        users.lock_user(UserSession(session, tenant_id, name))
    known = users.get_revision_and_epoch(UserSession(session, tenant_id, user_id))
    # Its lock waits for whoever makes the user just now; of a user without rows it makes the row that goes.
    revision = users.next_revision(UserSession(session, tenant_id, user_id))
    rows = users.count_user_rows(UserSession(session, tenant_id, user_id))
    if known is None and revision == 1:
        rows["users"] -= 1
    if not sum(rows.values()):
        raise NotFound("There is no such user.")
    granted |= grants.list_grantees(session, tenant_id, user_id)
    grants.delete_grants_of(session, tenant_id, user_id)
    if copies.list_receivers(session, tenant_id, user_id) - {user_id, *others}:
        raise Unavailable("Memories of the user were copied just now; try again.")
    gone, robbed = withdraw_copies(session, resources, principal, user_id)
    copies.hide_shown_ids(session, tenant_id, user_id, granted | robbed)
    for name in granted - robbed:
        users.bump_epoch(UserSession(session, tenant_id, name))  # what it was shown is of the epoch before
    epochs = _last_epochs(session, tenant_id, user_id, granted | robbed)
    ann_indexes.clear_ann_indexes(session, tenant_id, user_id)
    users.delete_user(UserSession(session, tenant_id, user_id))
    salt, hashed = subject
    row = Erasure(
        tenant_id=tenant_id, id=new_id(), erased_at=resources.now(), actor=f"key:{principal.key_id}"
    )
    row.salt, row.subject, row.rows, row.copies = salt, hashed, rows, gone
    erasures.insert_erasure(session, row)
    return _ErasureResult(row, epochs, robbed)


def _last_epochs(session: Session, tenant_id: str, user_id: str, others: set[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in (user_id, *sorted(others)):
        state = users.get_revision_and_epoch(UserSession(session, tenant_id, name))
        if state is not None:
            found[name] = state[1] if name == user_id else state[1] - 1
    return found


def _hash_subject(user_id: str) -> tuple[bytes, bytes]:
    """(salt, slow hash): whoever has the id can prove that it was this one's, and nobody else can tell."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return salt, hashlib.scrypt(user_id.encode(), salt=salt, **_SCRYPT)
