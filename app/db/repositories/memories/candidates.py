"""Find the memories whose text has one of some words."""

import re
from collections.abc import Sequence

from sqlalchemy import select

from app.core.vocabulary import Kind, Status
from app.db import models
from app.db.user_session import UserSession

M = models.Memory
_TOLD_KINDS = (Kind.FACT, Kind.PREFERENCE, Kind.EVENT, Kind.PROCEDURE)


def list_memories_with_words(user: UserSession, stems: Sequence[str], limit: int) -> Sequence[models.Memory]:
    """List the memories that say what somebody told, and have a word that begins so; the newest `limit`."""
    if not stems:
        return []
    alternatives = "|".join(re.escape(stem) for stem in sorted(stems))
    statement = (
        select(M)
        .where(
            M.tenant_id == user.tenant_id,
            M.user_id == user.user_id,
            M.status.in_([Status.ACTIVATED, Status.SUPERSEDED, Status.ARCHIVED]),
            M.kind.in_(_TOLD_KINDS),
            M.content.op("~*")(rf"\m(?:{alternatives})"),
        )
        .order_by(M.id.desc())
        .limit(limit)
    )
    return user.session.execute(statement).scalars().all()
