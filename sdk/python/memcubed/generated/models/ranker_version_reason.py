from __future__ import annotations

from typing import Literal, cast

RankerVersionReason = Literal["learned", "reset"]

RANKER_VERSION_REASON_VALUES: set[RankerVersionReason] = {
    "learned",
    "reset",
}


def check_ranker_version_reason(value: str) -> RankerVersionReason:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("RankerVersionReason", value)
