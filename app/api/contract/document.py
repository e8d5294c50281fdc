"""Builds the OpenAPI document."""

from typing import Any

from fastapi import FastAPI

from app.api.contract import texts
from app.api.contract.component_names import rename_components
from app.api.contract.examples import BODIES
from app.api.contract.faults import build_problem_responses, find_problem_responses
from app.api.contract.headers import HEADERS, add_answer_headers, add_required_headers
from app.api.contract.messages import shape_messages
from app.api.entrance.query_validation import add_alias_parameters

DESCRIPTION = """\
Memory as a service: post what is said, ask for what is known.

Post the turns of a conversation (`add_turns`), wait for the job or pass it as `wait_for`, then search
(`search_memory`) or ask for a block for the prompt (`build_context`). Every call needs an API key:
`Authorization: Bearer mc_…`. Every problem is `application/problem+json` with a `code`; lists are read page
by page with `next_cursor`. The rules that a schema can't say are in docs/api.md of the repository.
"""
SERVERS = [
    {"url": "http://127.0.0.1:8000", "description": "`memcubed up` on this machine"},
    {"url": "/", "description": "The service that this document comes from"},
]
LICENSE = {"name": "Apache 2.0", "identifier": "Apache-2.0"}
CONTACT = {"name": "The maintainers of memcubed"}


def build_openapi(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    if app.openapi_schema is None:
        document = FastAPI.openapi(app)
        for name in ("HTTPValidationError", "ValidationError"):
            document["components"]["schemas"].pop(name, None)
        rename_components(document)
        for path, item in document["paths"].items():
            for operation in item.values():
                _shape_operation(path, operation)
        document["components"]["responses"] = build_problem_responses()
        document["components"]["headers"] = HEADERS
        shape_messages(document)
        app.openapi_schema = _order_parts(document)
    return app.openapi_schema


def _order_parts(document: dict[str, Any]) -> dict[str, Any]:
    """The document with what it says of itself first."""
    info = document["info"] | {"description": DESCRIPTION, "contact": CONTACT, "license": LICENSE}
    used = {
        tag for item in document["paths"].values() for operation in item.values() for tag in operation["tags"]
    }
    tags = [{"name": name, "description": text} for name, text in texts.TAGS.items() if name in used]
    first = {"openapi": document["openapi"], "info": info, "servers": SERVERS, "tags": tags}
    return first | {name: part for name, part in document.items() if name not in first}


def _shape_operation(path: str, operation: dict[str, Any]) -> None:
    name: str = operation["operationId"]
    operation["summary"] = texts.SUMMARIES.get(name, operation["summary"])
    parameters: list[dict[str, Any]] = operation.get("parameters", [])
    for parameter in parameters:
        _shape_parameter(name, parameter)
    add_required_headers(operation)
    if parameters:
        operation["parameters"] = add_alias_parameters(parameters)
    body: dict[str, Any] = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    if body and name in BODIES:
        body["example"] = BODIES[name]
    answers = {
        status: answer
        for status, answer in operation["responses"].items()
        if status.startswith("2") or not operation.get("security")
    }
    add_answer_headers(operation, answers)
    operation["responses"] = answers | find_problem_responses(path, operation)


def _shape_parameter(operation: str, parameter: dict[str, Any]) -> None:
    name: str = parameter["name"]
    text = texts.OWN_PARAMETERS.get(f"{operation}.{name}") or parameter.get("description")
    parameter["description"] = text or texts.PARAMETERS.get(name, "")
    parameter.get("schema", {}).pop("title", None)
