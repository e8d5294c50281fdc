"""Resolve user ids: normalised today, but older users may be stored under an id that was not normalised."""

from pydantic import TypeAdapter, ValidationError

from app.core.errors import InvalidInput
from app.core.security import Principal
from app.db.repositories.platform import users
from app.db.user_session import UserSession
from app.resources import Resources
from app.schemas.common import PathId

MAX_STORED_LENGTH = 200
MAX_LISTED_USERS = 100_000
_USER_ID_ADAPTER: TypeAdapter[str] = TypeAdapter(PathId)


def normalise_user_id(user_id: str) -> str:
    """Return the normalised form of an id. Raises `InvalidInput` for one that has none."""
    try:
        return _USER_ID_ADAPTER.validate_python(user_id)
    except ValidationError as exc:
        raise InvalidInput(f"user_id: {exc.errors(include_url=False)[0]['msg']}", field="user_id") from exc


def is_normalised_user_id(user_id: str) -> bool:
    """Return whether the id is normalised, as every id is that can be stored today."""
    try:
        return normalise_user_id(user_id) == user_id
    except InvalidInput:
        return False


def resolve_user_id(resources: Resources, principal: Principal, user_id: str) -> str:
    """Return the id of the user that is meant: exactly this id if it is stored, else its normalised form.

    So a user who was stored under an id that is not normalised can be read and erased by that id. Raises
    `InvalidInput`.
    """
    if is_normalised_user_id(user_id):
        return user_id
    if len(user_id) <= MAX_STORED_LENGTH and _is_storable_text(user_id):
        with resources.open_transaction(principal) as session:
            if users.get_revision_and_epoch(UserSession(session, principal.tenant_id, user_id)) is not None:
                return user_id
    return normalise_user_id(user_id)


def _is_storable_text(user_id: str) -> bool:
    """Return whether Postgres can store the text."""
    return "\0" not in user_id and not any("\ud800" <= character <= "\udfff" for character in user_id)


def list_unnormalised_users(resources: Resources) -> list[tuple[str, str]]:
    """List (tenant id, user id) of the users of all tenants whose stored id is not normalised."""
    with resources.open_transaction(None) as session:
        candidates = users.list_non_ascii_users(session, MAX_LISTED_USERS)
    return [(row.tenant_id, row.user_id) for row in candidates if not is_normalised_user_id(row.user_id)]
