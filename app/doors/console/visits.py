"""A request to the console: who asks, and the validated fields of its query or form."""

from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, get_args, get_origin

from fastapi import Depends
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request

from app.core.errors import InvalidInput, Unauthorized
from app.core.security import Principal
from app.core.vocabulary import KeyScope
from app.resources import Resources
from app.schemas.common import PathId
from app.services.platform import user_ids
from app.services.platform.console_sessions import ConsoleSession

COOKIE = "memcubed_console"
THEME_COOKIE = "memcubed_theme"
FormValues = dict[str, list[str]]
M = TypeVar("M", bound=BaseModel)
_LONGEST_NAME = 60


class Fields(BaseModel):
    """The fields of a query or form; an unknown one is refused."""

    model_config = ConfigDict(extra="forbid")


class PageFields(Fields):
    """The fields of a list."""

    cursor: str | None = None


class UserFields(PageFields):
    """The fields of a page about one user."""

    user: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A request with its session, if its route needs one."""

    request: Request
    resources: Resources
    session: ConsoleSession | None
    query: FormValues
    form: FormValues

    @property
    def principal(self) -> Principal:
        """Who is logged in. Raises `Unauthorized`."""
        if self.session is None:
            raise Unauthorized
        return self.session.principal

    @property
    def can_write(self) -> bool:
        """Whether to show what changes something; the services decide for themselves."""
        return self.session is not None and KeyScope.WRITE in self.session.principal.scopes

    @property
    def can_administer(self) -> bool:
        """Whether to show keys and erasures."""
        return self.session is not None and KeyScope.ADMIN in self.session.principal.scopes

    @property
    def bound_user(self) -> str | None:
        """The only user that the key sees, if it is bound to one."""
        return self.session.principal.user_id if self.session is not None else None

    def parse_query(self, model: type[M]) -> M:
        """The fields of the query. Raises `InvalidInput`."""
        return parse_fields(model, self.query)

    def parse_form(self, model: type[M]) -> M:
        """The fields of the form. Raises `InvalidInput`."""
        return parse_fields(model, self.form)

    def resolve_user(self, user_id: str) -> str:
        """The user that is meant. Raises `InvalidInput`, `Forbidden`."""
        resolved = user_ids.resolve_user_id(self.resources, self.principal, user_id)
        self.principal.require_user(resolved, "user")
        return resolved


async def get_visit(request: Request) -> Visit:
    """The visit that the route class has admitted."""
    return request.state.visit


VisitDep = Annotated[Visit, Depends(get_visit)]
SessionId = PathId


def parse_fields(model: type[M], fields: FormValues) -> M:
    """Validate the fields of a query or form; an empty one counts as left out, as browsers send them all.

    Raises `InvalidInput` naming the field.
    """
    values: dict[str, Any] = {}
    for name, given in fields.items():
        filled = [value for value in given if value.strip()]
        field = model.model_fields.get(name)
        if field is None:
            raise InvalidInput(
                f"There is no field `{name[:_LONGEST_NAME]}` here.", field=name[:_LONGEST_NAME]
            )
        if _is_list(field.annotation):
            values[name] = filled
        elif len(given) > 1:
            raise InvalidInput(f"The field `{name}` takes one value.", field=name)
        elif filled:
            values[name] = filled[0]
    return validate(model, values)


def validate(model: type[M], values: Any) -> M:
    """The model of these values. Raises `InvalidInput` naming the field."""
    try:
        return model.model_validate(values)
    except ValidationError as exc:
        first = exc.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or None
        message = first["msg"].removeprefix("Value error, ")
        raise InvalidInput(f"{field}: {message}" if field else message, field=field) from exc


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(_is_list(part) for part in get_args(annotation))
