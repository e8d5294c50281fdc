from __future__ import annotations

from typing import Literal, cast

MemoryLinkType = Literal["contradicts", "derived_from", "merged_into", "relates", "supersedes"]

MEMORY_LINK_TYPE_VALUES: set[MemoryLinkType] = {
    "contradicts",
    "derived_from",
    "merged_into",
    "relates",
    "supersedes",
}


def check_memory_link_type(value: str) -> MemoryLinkType:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("MemoryLinkType", value)
