from __future__ import annotations

from typing import Literal, cast

Status = Literal["activated", "archived", "expired", "generated", "merged", "superseded"]

STATUS_VALUES: set[Status] = {
    "activated",
    "archived",
    "expired",
    "generated",
    "merged",
    "superseded",
}


def check_status(value: str) -> Status:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("Status", value)
