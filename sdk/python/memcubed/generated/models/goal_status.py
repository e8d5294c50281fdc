from __future__ import annotations

from typing import Literal, cast

GoalStatus = Literal["done", "dropped", "open"]

GOAL_STATUS_VALUES: set[GoalStatus] = {
    "done",
    "dropped",
    "open",
}


def check_goal_status(value: str) -> GoalStatus:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("GoalStatus", value)
