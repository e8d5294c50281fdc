from __future__ import annotations

from typing import Literal, cast

Kind = Literal[
    "artifact", "event", "example", "fact", "insight", "portrait", "preference", "procedure", "summary"
]

KIND_VALUES: set[Kind] = {
    "artifact",
    "event",
    "example",
    "fact",
    "insight",
    "portrait",
    "preference",
    "procedure",
    "summary",
}


def check_kind(value: str) -> Kind:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("Kind", value)
