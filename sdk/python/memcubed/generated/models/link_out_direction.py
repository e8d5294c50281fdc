from __future__ import annotations

from typing import Literal, cast

LinkOutDirection = Literal["in", "out"]

LINK_OUT_DIRECTION_VALUES: set[LinkOutDirection] = {
    "in",
    "out",
}


def check_link_out_direction(value: str) -> LinkOutDirection:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("LinkOutDirection", value)
