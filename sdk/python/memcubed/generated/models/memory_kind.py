from __future__ import annotations

from typing import Literal, cast

MemoryKind = Literal[
    "artifact", "event", "example", "fact", "insight", "portrait", "preference", "procedure", "summary"
]

MEMORY_KIND_VALUES: set[MemoryKind] = {
    "artifact",
    "event",
    "example",
    "fact",
    "insight",
    "portrait",
    "preference",
    "procedure",
    "summary",
}


def check_memory_kind(value: str) -> MemoryKind:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("MemoryKind", value)
