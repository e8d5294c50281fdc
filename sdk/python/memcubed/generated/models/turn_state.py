from __future__ import annotations

from typing import Literal, cast

TurnState = Literal["extracted", "failed", "nothing", "stored"]

TURN_STATE_VALUES: set[TurnState] = {
    "extracted",
    "failed",
    "nothing",
    "stored",
}


def check_turn_state(value: str) -> TurnState:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("TurnState", value)
