from __future__ import annotations

from typing import Literal, cast

KeyScope = Literal["admin", "read", "write"]

KEY_SCOPE_VALUES: set[KeyScope] = {
    "admin",
    "read",
    "write",
}


def check_key_scope(value: str) -> KeyScope:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("KeyScope", value)
