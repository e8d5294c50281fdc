from __future__ import annotations

from typing import Literal, cast

TurnRole = Literal["assistant", "developer", "system", "tool", "user"]

TURN_ROLE_VALUES: set[TurnRole] = {
    "assistant",
    "developer",
    "system",
    "tool",
    "user",
}


def check_turn_role(value: str) -> TurnRole:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("TurnRole", value)
