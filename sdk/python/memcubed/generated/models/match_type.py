from __future__ import annotations

from typing import Literal, cast

MatchType = Literal["prefix", "suffix"]

MATCH_TYPE_VALUES: set[MatchType] = {
    "prefix",
    "suffix",
}


def check_match_type(value: str) -> MatchType:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("MatchType", value)
