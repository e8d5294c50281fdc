from __future__ import annotations

from typing import Literal, cast

Layer = Literal["long", "mid", "short", "working"]

LAYER_VALUES: set[Layer] = {
    "long",
    "mid",
    "short",
    "working",
}


def check_layer(value: str) -> Layer:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("Layer", value)
