from __future__ import annotations

from typing import Literal, cast

AbstainReason = Literal["conflict", "no_match", "only_superseded", "out_of_range"]

ABSTAIN_REASON_VALUES: set[AbstainReason] = {
    "conflict",
    "no_match",
    "only_superseded",
    "out_of_range",
}


def check_abstain_reason(value: str) -> AbstainReason:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("AbstainReason", value)
