from __future__ import annotations

from typing import Literal, cast

ReembedStatus = Literal["cancelled", "failed", "queued", "running", "succeeded"]

REEMBED_STATUS_VALUES: set[ReembedStatus] = {
    "cancelled",
    "failed",
    "queued",
    "running",
    "succeeded",
}


def check_reembed_status(value: str) -> ReembedStatus:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("ReembedStatus", value)
