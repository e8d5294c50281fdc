from __future__ import annotations

from typing import Literal, cast

Reliance = Literal["ask_user", "prefer_memory", "verify"]

RELIANCE_VALUES: set[Reliance] = {
    "ask_user",
    "prefer_memory",
    "verify",
}


def check_reliance(value: str) -> Reliance:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("Reliance", value)
