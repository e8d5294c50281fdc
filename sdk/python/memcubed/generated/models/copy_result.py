from __future__ import annotations

from typing import Literal, cast

CopyResult = Literal["conflict", "created", "same"]

COPY_RESULT_VALUES: set[CopyResult] = {
    "conflict",
    "created",
    "same",
}


def check_copy_result(value: str) -> CopyResult:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("CopyResult", value)
