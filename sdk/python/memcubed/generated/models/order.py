from __future__ import annotations

from typing import Literal, cast

Order = Literal["first", "indeterminate", "same", "second"]

ORDER_VALUES: set[Order] = {
    "first",
    "indeterminate",
    "same",
    "second",
}


def check_order(value: str) -> Order:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("Order", value)
