from __future__ import annotations

from typing import Literal, cast

Origin = Literal["assistant", "copy", "edit", "inference", "tool", "user"]

ORIGIN_VALUES: set[Origin] = {
    "assistant",
    "copy",
    "edit",
    "inference",
    "tool",
    "user",
}


def check_origin(value: str) -> Origin:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("Origin", value)
