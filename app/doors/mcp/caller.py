"""Who calls: the tenant and scopes come from the key, user and session from the key or from headers.

So a model chooses neither, unless neither binds them: then it names the user in each call.
"""

from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import unquote_to_bytes

from pydantic import TypeAdapter, ValidationError

from app.core.errors import Forbidden, InvalidInput
from app.core.security import Principal
from app.resources import Resources
from app.schemas.common import PathId
from app.services.platform import keys

USER_HEADER, SESSION_HEADER = "X-Memcubed-User", "X-Memcubed-Session"
_MAX_HEADER = 2_000  # characters; an id of 200 has up to 2,400, percent-encoded, but then few can read it
_PATH_ID: TypeAdapter[str] = TypeAdapter(PathId)


class HeaderValues(Protocol):
    """The part of a request's headers that is read here."""

    def getlist(self, key: str) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class UserCall:
    """A call on the memory of one user.

    `reader` sees this user's rows only. `writer` is the bearer of the key: the database takes a principal
    with a user for a key that is bound to one, and refuses its writes once that user is erased. What it
    writes must therefore name the user, or have been read by `reader`.
    """

    resources: Resources
    reader: Principal
    writer: Principal
    user_id: str
    session_id: str | None  # that the connection is bound to

    def choose_session(self, named: str | None) -> str:
        """The session that turns belong to. Raises `Forbidden` if the call names another than is bound."""
        if self.session_id is not None:
            if named not in {None, self.session_id}:
                raise Forbidden("This connection is bound to one session: leave out `session_id`.")
            return self.session_id
        return named if named is not None else f"mcp-{self.resources.now().date().isoformat()}"


@dataclass(frozen=True, slots=True)
class Caller:
    """The bearer of a key, and the user and session that the connection is bound to, if any."""

    resources: Resources
    principal: Principal
    user_id: str | None
    session_id: str | None

    def as_user(self, named: str | None) -> UserCall:
        """The call on a user's memory; `named` is whom the model named.

        Raises `Forbidden` for another user than is bound, and `InvalidInput` if there is none at all.
        """
        if self.user_id is not None and named not in {None, self.user_id}:
            raise Forbidden("This connection is bound to one user: leave out `user_id`.")
        user_id = self.user_id if self.user_id is not None else named
        if user_id is None:
            raise InvalidInput("Name the user: nothing binds this connection to one.", field="user_id")
        reader = replace(self.principal, user_id=user_id)
        return UserCall(self.resources, reader, self.principal, user_id, self.session_id)


def identify_caller(resources: Resources, key: str, headers: HeaderValues) -> Caller:
    """The caller. Raises `Unauthorized`, `Forbidden` for a header against the key, `InvalidInput`."""
    principal = keys.authenticate_key(resources, key)
    user_id = _read_id(headers, USER_HEADER)
    if user_id is not None:
        principal.require_user(user_id, field=USER_HEADER)
    bound = principal.user_id if principal.user_id is not None else user_id
    return Caller(resources, principal, bound, _read_id(headers, SESSION_HEADER))


def _read_id(headers: HeaderValues, name: str) -> str | None:
    """The id in a header, percent-encoded where it is not ASCII. Raises `InvalidInput`."""
    values = headers.getlist(name)
    if not values:
        return None
    if len(values) > 1 or len(values[0]) > _MAX_HEADER:
        raise InvalidInput("Send it once, with one id of at most 200 characters.", field=name)
    try:
        return _PATH_ID.validate_python(unquote_to_bytes(values[0].encode("latin-1")).decode())
    except UnicodeDecodeError as exc:
        raise InvalidInput("This is not percent-encoded UTF-8.", field=name) from exc
    except ValidationError as exc:
        raise InvalidInput(exc.errors(include_url=False)[0]["msg"], field=name) from exc
