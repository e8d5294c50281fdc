from __future__ import annotations

from typing import Literal, cast

LinkType = Literal["contradicts", "derived_from", "merged_into", "relates", "supersedes"]

LINK_TYPE_VALUES: set[LinkType] = {
    "contradicts",
    "derived_from",
    "merged_into",
    "relates",
    "supersedes",
}


def check_link_type(value: str) -> LinkType:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("LinkType", value)
