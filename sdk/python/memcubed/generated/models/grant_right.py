from __future__ import annotations

from typing import Literal, cast

GrantRight = Literal["copy", "read"]

GRANT_RIGHT_VALUES: set[GrantRight] = {
    "copy",
    "read",
}


def check_grant_right(value: str) -> GrantRight:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("GrantRight", value)
