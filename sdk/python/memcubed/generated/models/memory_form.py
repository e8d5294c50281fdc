from __future__ import annotations

from typing import Literal, cast

MemoryForm = Literal["event", "state"]

MEMORY_FORM_VALUES: set[MemoryForm] = {
    "event",
    "state",
}


def check_memory_form(value: str) -> MemoryForm:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("MemoryForm", value)
