"""Which problems an operation answers with: from its form where that tells it, else from the tables here.

The tests of the API check every answer of theirs against the document, so a status that is missing here fails
them, as does one that no operation gives any more.
"""

from typing import Any

from app.api.entrance.problems import MEDIA_TYPE

_PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_DESCRIPTIONS: dict[int | str, tuple[str, str]] = {
    400: ("MalformedJson", "The body is not JSON, or not UTF-8; `detail` says where"),
    401: ("Unauthorized", "No valid API key came with the request"),
    403: ("Forbidden", "The key's scopes or its user don't allow this"),
    404: ("NotFound", "There is no such thing, or not for this key"),
    409: ("Conflict", "The state of what is asked for does not allow this; `detail` says why"),
    412: ("PreconditionFailed", "The version in If-Match is not the present one: read it again"),
    413: ("TooLarge", "The body is too large; `detail` has the limit"),
    415: ("UnsupportedMediaType", "The body's Content-Type is missing, or another one than is read here"),
    422: ("InvalidInput", "A field or a parameter is not valid; `errors` names each"),
    428: ("PreconditionRequired", "Send the version that you read in If-Match"),
    429: ("TooManyRequests", "This key has too many requests under way"),
    502: ("UpstreamFailed", "The model gave no usable answer"),
    503: ("Unavailable", "The service can't answer just now: try again"),
    "default": ("OtherProblem", "Any other problem, such as 405, 408 or 500"),
}
_RETRIED = {429, 503}

# By their paths they name something, and make it when it is not there, or answer with nothing.
_MAKES_WHAT_IT_NAMES = {"put_artifact", "put_session_state", "get_working_set"}
# What they name stands in the query or in the body.
_NAMES_ELSEWHERE = {
    *("search_memory", "build_context", "get_order"),
    *("erase_named_user", "export_named_user"),
}
_CONFLICTS = {
    *("add_turns", "create_memory", "update_memory", "delete_memory", "delete_turn"),
    *("freeze_memory", "unfreeze_memory", "pin_memory", "unpin_memory", "archive_memory", "restore_memory"),
    *("merge_entities", "split_entity", "resolve_conflict", "rollback_snapshot"),
    *("create_grant", "copy_memories", "import_bundle"),
    *("retry_job", "send_feedback", "answer_question", "erase_session"),
    *("start_reembed", "cancel_reembed", "drop_old_embeddings"),
}
_ASKS_A_MODEL = {"answer_question", "start_reembed"}


def build_problem_responses() -> dict[str, Any]:
    """The shared responses of problems, by their names."""
    return {name: _build_response(status, text) for status, (name, text) in _DESCRIPTIONS.items()}


def _build_response(status: int | str, description: str) -> dict[str, Any]:
    headers = {"X-Request-ID": {"$ref": "#/components/headers/X-Request-ID"}}
    if status == 401:
        headers["WWW-Authenticate"] = {"$ref": "#/components/headers/WWW-Authenticate"}
    if status in _RETRIED:
        headers["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}
    return {"description": description, "headers": headers, "content": _PROBLEM}


def find_problem_responses(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    """References to the problems that an operation answers with, by status, and to any other one."""
    statuses: list[int | str] = [*sorted(_find_statuses(path, operation)), "default"]
    return {str(one): {"$ref": f"#/components/responses/{_DESCRIPTIONS[one][0]}"} for one in statuses}


def _find_statuses(path: str, operation: dict[str, Any]) -> set[int]:
    if not operation.get("security"):
        return set()
    name: str = operation["operationId"]
    headers = {
        part["name"]: part["required"] for part in operation.get("parameters", ()) if part["in"] == "header"
    }
    body: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    return {
        *(401, 403, 413, 422, 429, 503),
        *((400, 415) if "application/json" in body else ()),
        *((404,) if ("{" in path and name not in _MAKES_WHAT_IT_NAMES) or name in _NAMES_ELSEWHERE else ()),
        *((409,) if name in _CONFLICTS else ()),
        *((412,) if "If-Match" in headers else ()),
        *((428,) if headers.get("If-Match") else ()),
        *((502,) if name in _ASKS_A_MODEL else ()),
    }
