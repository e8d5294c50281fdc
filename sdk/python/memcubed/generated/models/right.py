from __future__ import annotations

from typing import Literal, cast

Right = Literal["copy", "read"]

RIGHT_VALUES: set[Right] = {
    "copy",
    "read",
}


def check_right(value: str) -> Right:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("Right", value)
