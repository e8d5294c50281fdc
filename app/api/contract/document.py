"""Builds the OpenAPI document."""

from typing import Any

from fastapi import FastAPI

from app.api.contract.component_names import rename_components
from app.api.entrance.problems import MEDIA_TYPE
from app.api.entrance.query_validation import add_alias_parameters


def build_openapi(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document, with errors as problem+json."""
    if app.openapi_schema is None:
        document = FastAPI.openapi(app)
        for path in document["paths"].values():
            for operation in path.values():
                _use_problem_json(operation["responses"])
                if "parameters" in operation:
                    operation["parameters"] = add_alias_parameters(operation["parameters"])
        document["components"]["schemas"].pop("HTTPValidationError", None)
        document["components"]["schemas"].pop("ValidationError", None)
        rename_components(document)
        app.openapi_schema = document
    return app.openapi_schema


def _use_problem_json(responses: dict[str, Any]) -> None:
    for status, answer in responses.items():
        if status.startswith("4") and "application/json" in answer.get("content", {}):
            answer["content"] = {MEDIA_TYPE: answer["content"]["application/json"]}
