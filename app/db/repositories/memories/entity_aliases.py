"""Store and read the names of persons, places and things in a user's memories."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from app.core.vocabulary import AliasSource, Role, Status
from app.db import models
from app.db.models import EntityAlias
from app.db.user_session import UserSession
from app.memory.identity.subjects import EntityAlias as Alias

M, T, E = models.Memory, models.Turn, EntityAlias
# A text: it runs for every batch of extracted facts, and building it costs more than it takes.
_ALIASES = text(
    "SELECT alias, name, source, is_split, since FROM entity_aliases"
    " WHERE tenant_id = :tenant AND user_id = :user ORDER BY alias, name"
)
_RELATION = "relation:"


def list_aliases(user: UserSession) -> list[Alias]:
    """List all names of a user's entities."""
    rows = user.session.execute(_ALIASES, {"tenant": user.tenant_id, "user": user.user_id})
    return [Alias(row.alias, row.name, AliasSource(row.source), row.is_split, row.since) for row in rows]


def insert_aliases(
    user: UserSession, aliases: Sequence[Alias], actor: str, turn_ids: Mapping[tuple[str, str], UUID]
) -> None:
    """Store rows that are not there yet; `turn_ids` are the turns that say them."""
    if not aliases:
        return
    rows = [
        {
            "tenant_id": user.tenant_id,
            "user_id": user.user_id,
            "alias": one.alias,
            "name": one.name,
            "source": one.source,
            "since": one.since,
            "turn_id": turn_ids.get((one.alias, one.name)),
            "actor": actor,
        }
        for one in aliases
    ]
    user.session.execute(insert(E).on_conflict_do_nothing(), rows)


def upsert_link(user: UserSession, alias: str, name: str, actor: str, at: datetime) -> None:
    """Store that a client says that two names mean one, also where it was denied before."""
    values = {"source": AliasSource.CLIENT, "is_split": False, "actor": actor, "at": at, "turn_id": None}
    statement = insert(E).values(
        tenant_id=user.tenant_id, user_id=user.user_id, alias=alias, name=name, **values
    )
    user.session.execute(
        statement.on_conflict_do_update(index_elements=["tenant_id", "user_id", "alias", "name"], set_=values)
    )


def mark_split(user: UserSession, alias: str, name: str, actor: str, at: datetime) -> list[UUID]:
    """Store that a client denies that two names mean one, and return the memories that the link moved."""
    moved = user.session.execute(select(E.moved_ids).where(*_key(user, alias, name))).scalar_one_or_none()
    user.session.execute(
        update(E)
        .where(*_key(user, alias, name))
        .values(is_split=True, source=AliasSource.CLIENT, moved_ids=[], actor=actor, at=at, turn_id=None)
    )
    return list(moved or ())


def add_moved(user: UserSession, alias: str, name: str, memory_ids: Iterable[UUID]) -> None:
    """Note the memories whose subject a link has changed."""
    ids = list(memory_ids)
    if ids:
        user.session.execute(
            update(E).where(*_key(user, alias, name)).values(moved_ids=func.array_cat(E.moved_ids, ids))
        )


def _key(user: UserSession, alias: str, name: str) -> tuple[ColumnElement[bool], ...]:
    return (E.tenant_id == user.tenant_id, E.user_id == user.user_id, E.alias == alias, E.name == name)


def list_memories_about(user: UserSession, name: str) -> Sequence[models.Memory]:
    """List the memories whose subject has this name, or that relate another subject to it."""
    statement = select(M).where(
        M.tenant_id == user.tenant_id,
        M.user_id == user.user_id,
        M.status.not_in([Status.EXPIRED, Status.MERGED]),
        or_(
            M.subject == name,
            M.attribute.startswith(_RELATION, autoescape=True)
            & ((M.value == name) | M.attribute.endswith(f":{name}", autoescape=True)),
        ),
    )
    return user.session.execute(statement.order_by(M.id)).scalars().all()


def list_subjects_stored(user: UserSession, names: Iterable[str]) -> set[str]:
    """Return those of the names that are the subject of a memory of the user."""
    statement = select(M.subject).where(
        M.tenant_id == user.tenant_id, M.user_id == user.user_id, M.subject.in_(list(names))
    )
    return {name for name in user.session.execute(statement.distinct()).scalars() if name is not None}


def list_attributes_of(user: UserSession, subjects: Iterable[str]) -> dict[str, set[str]]:
    """Return the attributes that the memories of each of these subjects have."""
    statement = select(M.subject, M.attribute).where(
        M.tenant_id == user.tenant_id, M.user_id == user.user_id, M.subject.in_(list(subjects))
    )
    found: dict[str, set[str]] = {}
    for subject, attribute in user.session.execute(statement.distinct()):
        if subject is not None and attribute is not None:
            found.setdefault(subject, set()).add(attribute)
    return found


def find_first_speeches(user: UserSession) -> dict[str, datetime]:
    """Return when each speaker of role `user` first spoke, by the name that the turns carry."""
    statement = select(T.name, func.min(T.observed_at)).where(
        T.tenant_id == user.tenant_id, T.user_id == user.user_id, T.role == Role.USER, T.name.is_not(None)
    )
    return {name: at for name, at in user.session.execute(statement.group_by(T.name)) if name}
