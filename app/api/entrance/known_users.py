"""Tell an unknown user from one who has nothing: by a header, where an answer is empty."""

from fastapi import Response

from app.core.security import Principal
from app.resources import Resources
from app.services.platform.user_lists import is_user_known

UNKNOWN_USER_HEADER = "X-User-Known"


def tell_unknown_user(response: Response, resources: Resources, principal: Principal, user_id: str) -> None:
    """Say in a header of an empty answer whether there is such a user: a misspelt id has nothing either.

    It is looked up for empty answers only, so that no other answer waits for it.
    """
    known = is_user_known(resources, principal, user_id)
    response.headers[UNKNOWN_USER_HEADER] = "true" if known else "false"
