from __future__ import annotations

from typing import Literal, cast

Reembed = Literal["drop", "fill"]

REEMBED_VALUES: set[Reembed] = {
    "drop",
    "fill",
}


def check_reembed(value: str) -> Reembed:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("Reembed", value)
