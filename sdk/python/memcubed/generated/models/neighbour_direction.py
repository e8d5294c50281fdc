from __future__ import annotations

from typing import Literal, cast

NeighbourDirection = Literal["in", "out"]

NEIGHBOUR_DIRECTION_VALUES: set[NeighbourDirection] = {
    "in",
    "out",
}


def check_neighbour_direction(value: str) -> NeighbourDirection:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("NeighbourDirection", value)
