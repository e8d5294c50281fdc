"""Store items and their vectors."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    delete,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from app.db.models import StoreItem as I
from app.db.models import StoreVector as V
from app.db.session import AnyRow
from app.db.user_session import UserSession

Condition = ColumnElement[bool]
MAX_EXPIRED = 500  # deleted beside one write
_JSON_NULL: ColumnElement[Any] = literal_column("'null'::jsonb", JSONB)


def lock_store(user: UserSession) -> None:
    """Let one writer of a user's store at a time go on: two that write the same keys can't deadlock."""
    user.session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 92))"),
        {"name": f"{user.tenant_id}\n{user.user_id}"},
    )


def delete_expired(user: UserSession, now: datetime) -> None:
    """Delete up to `MAX_EXPIRED` items of the user that have expired."""
    due = select(I.namespace, I.key).where(_is_of_user(user), I.expires_at <= now).limit(MAX_EXPIRED)
    user.session.execute(
        delete(I)
        .where(_is_of_user(user), tuple_(I.namespace, I.key).in_(due))
        .execution_options(synchronize_session=False)
    )


def put_item(user: UserSession, values: Mapping[str, Any], vectors: Sequence[Mapping[str, Any]]) -> None:
    """Write an item, and in place of its vectors these ones. The time of its creation stays."""
    key = {"tenant_id": user.tenant_id, "user_id": user.user_id}
    statement = insert(I).values(**key, **values)
    user.session.execute(
        statement.on_conflict_do_update(
            index_elements=[I.tenant_id, I.user_id, I.namespace, I.key],
            set_={
                name: statement.excluded[name]
                for name in ("value", "updated_at", "expires_at", "ttl_minutes")
            },
        )
    )
    item = {name: values[name] for name in ("namespace", "key")}
    user.session.execute(delete(V).filter_by(**key, **item))
    if vectors:
        user.session.execute(insert(V), [{**key, **item, **one} for one in vectors])


def delete_item(user: UserSession, namespace: Sequence[str], key: str) -> None:
    """Delete an item with its vectors, if there is one."""
    user.session.execute(delete(I).where(_is_of_user(user), I.namespace == list(namespace), I.key == key))


def get_item(user: UserSession, namespace: Sequence[str], key: str, now: datetime) -> AnyRow | None:
    """Load an item that has not expired, with a score of None."""
    statement = _select_items(literal(None)).where(
        _is_of_user(user), _is_alive(now), I.namespace == list(namespace), I.key == key
    )
    return user.session.execute(statement).one_or_none()


def search_items(
    user: UserSession,
    prefix: Sequence[str],
    conditions: Sequence[Condition],
    now: datetime,
    *,
    limit: int,
    offset: int,
    nearest_to: tuple[str, Sequence[float]] | None = None,
) -> Sequence[AnyRow]:
    """List items under a prefix of namespaces, those written last first.

    `nearest_to` is (model id, vector): then items with such vectors only, nearest first, with their cosine.
    """
    passing = [_is_of_user(user), _is_alive(now), _begins_with(I.namespace, prefix), *conditions]
    if nearest_to is None:
        statement = _select_items(literal(None)).where(*passing)
        statement = statement.order_by(I.updated_at.desc(), I.namespace, I.key)
    else:
        model_id, vector = nearest_to
        cosine = 1 - V.vector.cosine_distance(vector)
        nearest = (
            select(V.namespace, V.key, func.max(cosine).label("score"))
            .where(
                V.tenant_id == user.tenant_id,
                V.user_id == user.user_id,
                V.model_id == model_id,
                func.vector_dims(V.vector) == len(vector),
                _begins_with(V.namespace, prefix),
            )
            .group_by(V.namespace, V.key)
            .subquery()
        )
        statement = (
            _select_items(nearest.c.score)
            .join(nearest, and_(nearest.c.namespace == I.namespace, nearest.c.key == I.key))
            .where(*passing)
            .order_by(nearest.c.score.desc().nulls_last(), I.namespace, I.key)
        )
    return user.session.execute(statement.limit(limit).offset(offset)).all()


def list_namespaces(
    user: UserSession,
    conditions: Sequence[Condition],
    now: datetime,
    *,
    max_depth: int | None,
    limit: int,
    offset: int,
) -> list[list[str]]:
    """List the different namespaces of items, in order."""
    shown = I.namespace if max_depth is None else I.namespace[1:max_depth]
    statement = select(shown).where(_is_of_user(user), _is_alive(now), *conditions).distinct()
    rows = user.session.execute(statement.order_by(shown).limit(limit).offset(offset)).scalars()
    return [list(namespace) for namespace in rows]


def refresh_expiry(user: UserSession, items: Sequence[tuple[Sequence[str], str]], now: datetime) -> None:
    """Let the time to live of those of these items that have not expired begin anew."""
    if not items:
        return
    keys = [(list(namespace), key) for namespace, key in items]
    user.session.execute(
        update(I)
        .where(
            _is_of_user(user),
            _is_alive(now),
            I.ttl_minutes.is_not(None),
            tuple_(I.namespace, I.key).in_(keys),
        )
        .values(expires_at=now + func.make_interval(0, 0, 0, 0, 0, 0, I.ttl_minutes * 60))
        .execution_options(synchronize_session=False)
    )


def list_texts_of_other_models(
    user: UserSession, prefix: Sequence[str], model_id: str, limit: int
) -> Sequence[AnyRow]:
    """List (namespace, key, path, text) of texts that another model than this one embedded."""
    statement = select(V.namespace, V.key, V.path, V.text).where(
        V.tenant_id == user.tenant_id,
        V.user_id == user.user_id,
        V.text.is_not(None),
        V.model_id != model_id,
        _begins_with(V.namespace, prefix),
    )
    return user.session.execute(statement.limit(limit)).all()


def replace_vector(user: UserSession, row: AnyRow, model_id: str, vector: Sequence[float]) -> None:
    """Replace the vector of a text that was listed, unless the text has changed since."""
    namespace, key, path, content = row
    user.session.execute(
        update(V)
        .where(
            V.tenant_id == user.tenant_id,
            V.user_id == user.user_id,
            V.namespace == namespace,
            V.key == key,
            V.path == path,
            V.text == content,
        )
        .values(model_id=model_id, vector=vector)
        .execution_options(synchronize_session=False)
    )


def matches_labels(path: Sequence[str], *, is_suffix: bool, any_label: str) -> Condition:
    """The condition that a namespace begins, or ends, with these labels; `any_label` stands for any one."""
    size = func.cardinality(I.namespace)
    compared = [
        I.namespace[(size - len(path) + at) if is_suffix else at] == label
        for at, label in enumerate(path, 1)
        if label != any_label
    ]
    return and_(size >= len(path), *compared)


def compares_member(member: str, operator: str, value: Any) -> Condition:
    """The condition that a member of the value stands to `value` as the operator (`$eq`, `$gt` …) says."""
    held = I.value[member]
    given = _JSON_NULL if value is None else literal(value, JSONB)
    if operator == "$eq":
        return held == given
    if operator == "$ne":
        return held.is_distinct_from(given)
    compared = {"$gt": held > given, "$gte": held >= given, "$lt": held < given, "$lte": held <= given}
    # jsonb has an order of its own between types, in which each object is more than each number.
    return and_(func.jsonb_typeof(held) == func.jsonb_typeof(given), compared[operator])


def _select_items(score: ColumnElement[Any]) -> Any:
    return select(I.namespace, I.key, I.value, I.created_at, I.updated_at, I.expires_at, score.label("score"))


def _is_of_user(user: UserSession) -> Condition:
    return and_(I.tenant_id == user.tenant_id, I.user_id == user.user_id)


def _is_alive(now: datetime) -> Condition:
    return or_(I.expires_at.is_(None), I.expires_at > now)


def _begins_with(namespace: Any, prefix: Sequence[str]) -> Condition:
    return namespace[1 : len(prefix)] == list(prefix) if prefix else literal(True)
