from __future__ import annotations

from typing import Literal, cast

MemoryLayer = Literal["long", "mid", "short", "working"]

MEMORY_LAYER_VALUES: set[MemoryLayer] = {
    "long",
    "mid",
    "short",
    "working",
}


def check_memory_layer(value: str) -> MemoryLayer:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("MemoryLayer", value)
