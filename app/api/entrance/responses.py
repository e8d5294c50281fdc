"""Serialises the responses of the most frequently called routes."""

from fastapi import Response
from pydantic import BaseModel


def json_response(answer: BaseModel, status_code: int = 200) -> Response:
    """The response as the framework would send it, serialised in this thread and not validated again."""
    return Response(answer.model_dump_json(), status_code, media_type="application/json")
