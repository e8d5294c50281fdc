from __future__ import annotations

from typing import Literal, cast

MemoryStatus = Literal["activated", "archived", "expired", "generated", "merged", "superseded"]

MEMORY_STATUS_VALUES: set[MemoryStatus] = {
    "activated",
    "archived",
    "expired",
    "generated",
    "merged",
    "superseded",
}


def check_memory_status(value: str) -> MemoryStatus:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("MemoryStatus", value)
