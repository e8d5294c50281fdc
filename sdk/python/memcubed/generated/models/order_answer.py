from __future__ import annotations

from typing import Literal, cast

OrderAnswer = Literal["first", "indeterminate", "same", "second"]

ORDER_ANSWER_VALUES: set[OrderAnswer] = {
    "first",
    "indeterminate",
    "same",
    "second",
}


def check_order_answer(value: str) -> OrderAnswer:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("OrderAnswer", value)
