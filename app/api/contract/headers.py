"""The headers of answers, and those that a request must have."""

from typing import Any

_TEXT = {"type": "string"}
HEADERS: dict[str, Any] = {
    "X-Request-ID": {
        "description": "The service's own id of the request; it finds it in the logs",
        "required": True,
        "schema": _TEXT,
    },
    "ETag": {
        "description": 'The version, as `"3"`: send it as If-Match with a change',
        "required": True,
        "schema": _TEXT,
    },
    "Location": {
        "description": "The path of what was made, or of the job that works on it",
        "required": True,
        "schema": _TEXT,
    },
    "Retry-After": {
        "description": "After how many seconds to try again",
        "required": True,
        "schema": {"type": "integer"},
    },
    "WWW-Authenticate": {"description": "Always `Bearer`", "required": True, "schema": _TEXT},
}
# Answers of one thing that has a version.
_VERSIONED = {"Memory", "Artifact", "SessionStateVersion"}
# What is made and can be read at a path of its own, or what is worked on in the background.
_LOCATED = {
    "add_turns": "202",
    "create_memory": "201",
    "put_artifact": "201",
    "retry_job": "202",
    "start_reembed": "202",
    "drop_old_embeddings": "202",
}


def add_required_headers(operation: dict[str, Any]) -> None:
    """Say which headers an operation can't do without: the framework has all of them optional."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "header":
            schema: dict[str, Any] = parameter["schema"]
            parameter["required"] = bool(schema.pop("x-required", False))
            if parameter["required"]:
                parameter["schema"] = _TEXT


def add_answer_headers(operation: dict[str, Any], answers: dict[str, Any]) -> None:
    """Declare the headers of an operation's answers."""
    for status, answer in answers.items():
        names = ["X-Request-ID"]
        schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
        if schema.get("$ref", "").rsplit("/", 1)[-1] in _VERSIONED:
            names.append("ETag")
        if _LOCATED.get(operation["operationId"]) == status:
            names.append("Location")
        answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
