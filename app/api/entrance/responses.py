"""Serialise the responses of the most frequently called routes."""

from fastapi import Response
from pydantic import BaseModel


def json_response(answer: BaseModel, status_code: int = 200) -> Response:
    """The answer as the framework would send it, made in this thread instead of checked again in another."""
    return Response(answer.model_dump_json(), status_code, media_type="application/json")
