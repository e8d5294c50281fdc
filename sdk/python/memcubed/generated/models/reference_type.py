from __future__ import annotations

from typing import Literal, cast

ReferenceType = Literal["activation", "parametric"]

REFERENCE_TYPE_VALUES: set[ReferenceType] = {
    "activation",
    "parametric",
}


def check_reference_type(value: str) -> ReferenceType:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("ReferenceType", value)
