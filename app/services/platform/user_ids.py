"""The id of a user as it is stored: in the one form of today, or as it was written before there was one."""

from pydantic import TypeAdapter, ValidationError

from app.core.errors import InvalidInput
from app.core.security import Principal
from app.db.repositories.platform import users
from app.resources import Resources
from app.schemas.common import PathId

LONGEST = 200
MOST_LOOKED_AT = 100_000
_ONE_FORM: TypeAdapter[str] = TypeAdapter(PathId)


def in_one_form(user_id: str) -> str:
    """The one form of an id. Raises `InvalidInput`."""
    try:
        return _ONE_FORM.validate_python(user_id)
    except ValidationError as exc:
        raise InvalidInput(f"user_id: {exc.errors(include_url=False)[0]['msg']}", field="user_id") from exc


def is_in_one_form(user_id: str) -> bool:
    """Whether the id is one that can be given today."""
    try:
        return in_one_form(user_id) == user_id
    except InvalidInput:
        return False


def stored(resources: Resources, principal: Principal, user_id: str) -> str:
    """Which user is meant: the one of exactly this id if there is one, else that of its one form.

    So whoever was stored under another form can be read and erased by it. Raises `InvalidInput`.
    """
    if is_in_one_form(user_id):
        return user_id
    if len(user_id) <= LONGEST and _storable(user_id):
        with resources.transaction(principal) as session:
            if users.state(session, principal.tenant_id, user_id) is not None:
                return user_id
    return in_one_form(user_id)


def _storable(user_id: str) -> bool:
    """Whether Postgres can hold the text."""
    return "\0" not in user_id and not any("\ud800" <= character <= "\udfff" for character in user_id)


def in_other_forms(resources: Resources) -> list[tuple[str, str]]:
    """(tenant, user) of those who were stored under an id that can't be given today, of all tenants."""
    with resources.transaction(None) as session:
        unusual = users.unusual(session, MOST_LOOKED_AT)
    return [(row.tenant_id, row.user_id) for row in unusual if not is_in_one_form(row.user_id)]
