from __future__ import annotations

from typing import Literal, cast

SearchKind = Literal[
    "artifact",
    "event",
    "example",
    "fact",
    "insight",
    "portrait",
    "preference",
    "procedure",
    "summary",
    "turn",
]

SEARCH_KIND_VALUES: set[SearchKind] = {
    "artifact",
    "event",
    "example",
    "fact",
    "insight",
    "portrait",
    "preference",
    "procedure",
    "summary",
    "turn",
}


def check_search_kind(value: str) -> SearchKind:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("SearchKind", value)
