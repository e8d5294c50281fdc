from __future__ import annotations

from typing import Literal, cast

Role = Literal["assistant", "system", "tool", "user"]

ROLE_VALUES: set[Role] = {
    "assistant",
    "system",
    "tool",
    "user",
}


def check_role(value: str) -> Role:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("Role", value)
