from __future__ import annotations

from typing import Literal, cast

LinkDirection = Literal["in", "out"]

LINK_DIRECTION_VALUES: set[LinkDirection] = {
    "in",
    "out",
}


def check_link_direction(value: str) -> LinkDirection:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("LinkDirection", value)
