from __future__ import annotations

from typing import Literal, cast

MemoryOrigin = Literal["assistant", "copy", "edit", "inference", "tool", "user"]

MEMORY_ORIGIN_VALUES: set[MemoryOrigin] = {
    "assistant",
    "copy",
    "edit",
    "inference",
    "tool",
    "user",
}


def check_memory_origin(value: str) -> MemoryOrigin:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("MemoryOrigin", value)
