from __future__ import annotations

from typing import Literal, cast

ProblemCode = Literal[
    "bad_request",
    "conflict",
    "forbidden",
    "internal",
    "invalid_input",
    "malformed_json",
    "method_not_allowed",
    "not_found",
    "precondition_failed",
    "precondition_required",
    "request_timeout",
    "too_large",
    "too_many_requests",
    "unauthorized",
    "unavailable",
    "unsupported_media_type",
    "upstream_failed",
]

PROBLEM_CODE_VALUES: set[ProblemCode] = {
    "bad_request",
    "conflict",
    "forbidden",
    "internal",
    "invalid_input",
    "malformed_json",
    "method_not_allowed",
    "not_found",
    "precondition_failed",
    "precondition_required",
    "request_timeout",
    "too_large",
    "too_many_requests",
    "unauthorized",
    "unavailable",
    "unsupported_media_type",
    "upstream_failed",
}


def check_problem_code(value: str) -> ProblemCode:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("ProblemCode", value)
