from __future__ import annotations

from typing import Literal, cast

ListTurnsOrder = Literal["asc", "desc"]

LIST_TURNS_ORDER_VALUES: set[ListTurnsOrder] = {
    "asc",
    "desc",
}


def check_list_turns_order(value: str) -> ListTurnsOrder:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("ListTurnsOrder", value)
