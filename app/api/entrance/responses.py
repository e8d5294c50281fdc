"""Serialises the responses of the most frequently called routes, and sets the headers of answers."""

from urllib.parse import quote, urlencode

from fastapi import Response
from pydantic import BaseModel


def json_response(answer: BaseModel, status_code: int = 200) -> Response:
    """The response as the framework would send it, serialised in this thread and not validated again."""
    return Response(answer.model_dump_json(), status_code, media_type="application/json")


def set_version_tag(response: Response, version: int) -> None:
    """Say the version of what is answered, to be sent back as If-Match."""
    response.headers["ETag"] = f'"{version}"'


def set_location(response: Response, path: str, **query: str) -> None:
    """Say at which path what was made is read, or the job that works on it."""
    response.headers["Location"] = quote(path) + ("?" + urlencode(query) if query else "")
