from __future__ import annotations

from typing import Literal, cast

RankerChange = Literal["learned", "reset"]

RANKER_CHANGE_VALUES: set[RankerChange] = {
    "learned",
    "reset",
}


def check_ranker_change(value: str) -> RankerChange:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("RankerChange", value)
