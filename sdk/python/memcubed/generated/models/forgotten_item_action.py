from __future__ import annotations

from typing import Literal, cast

ForgottenItemAction = Literal["archive", "expire"]

FORGOTTEN_ITEM_ACTION_VALUES: set[ForgottenItemAction] = {
    "archive",
    "expire",
}


def check_forgotten_item_action(value: str) -> ForgottenItemAction:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("ForgottenItemAction", value)
