from __future__ import annotations

from typing import Literal, cast

ReembedAction = Literal["drop", "fill"]

REEMBED_ACTION_VALUES: set[ReembedAction] = {
    "drop",
    "fill",
}


def check_reembed_action(value: str) -> ReembedAction:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("ReembedAction", value)
