from __future__ import annotations

from typing import Literal, cast

MetadataOperator = Literal["contains", "eq", "exists", "gt", "gte", "in", "lt", "lte", "ne", "nin"]

METADATA_OPERATOR_VALUES: set[MetadataOperator] = {
    "contains",
    "eq",
    "exists",
    "gt",
    "gte",
    "in",
    "lt",
    "lte",
    "ne",
    "nin",
}


def check_metadata_operator(value: str) -> MetadataOperator:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("MetadataOperator", value)
