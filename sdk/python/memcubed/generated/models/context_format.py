from __future__ import annotations

from typing import Literal, cast

ContextFormat = Literal["json", "markdown", "xml"]

CONTEXT_FORMAT_VALUES: set[ContextFormat] = {
    "json",
    "markdown",
    "xml",
}


def check_context_format(value: str) -> ContextFormat:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("ContextFormat", value)
