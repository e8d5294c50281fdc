from __future__ import annotations

from typing import Literal, cast

DatedBy = Literal["event", "log"]

DATED_BY_VALUES: set[DatedBy] = {
    "event",
    "log",
}


def check_dated_by(value: str) -> DatedBy:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("DatedBy", value)
