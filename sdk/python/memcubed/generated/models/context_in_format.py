from __future__ import annotations

from typing import Literal, cast

ContextInFormat = Literal["json", "markdown", "xml"]

CONTEXT_IN_FORMAT_VALUES: set[ContextInFormat] = {
    "json",
    "markdown",
    "xml",
}


def check_context_in_format(value: str) -> ContextInFormat:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("ContextInFormat", value)
