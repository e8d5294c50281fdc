from __future__ import annotations

from typing import Literal, cast

Stage = Literal["consolidate", "extract", "ingest"]

STAGE_VALUES: set[Stage] = {
    "consolidate",
    "extract",
    "ingest",
}


def check_stage(value: str) -> Stage:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("Stage", value)
