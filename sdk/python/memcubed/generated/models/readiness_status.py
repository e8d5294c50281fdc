from __future__ import annotations

from typing import Literal, cast

ReadinessStatus = Literal["degraded", "ready", "unavailable"]

READINESS_STATUS_VALUES: set[ReadinessStatus] = {
    "degraded",
    "ready",
    "unavailable",
}


def check_readiness_status(value: str) -> ReadinessStatus:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("ReadinessStatus", value)
