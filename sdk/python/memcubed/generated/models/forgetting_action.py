from __future__ import annotations

from typing import Literal, cast

ForgettingAction = Literal["archive", "expire"]

FORGETTING_ACTION_VALUES: set[ForgettingAction] = {
    "archive",
    "expire",
}


def check_forgetting_action(value: str) -> ForgettingAction:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("ForgettingAction", value)
