from __future__ import annotations

from typing import Literal, cast

MetadataFilterOpType0 = Literal["contains", "eq", "exists", "gt", "gte", "in", "lt", "lte", "ne", "nin"]

METADATA_FILTER_OP_TYPE_0_VALUES: set[MetadataFilterOpType0] = {
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


def check_metadata_filter_op_type_0(value: str) -> MetadataFilterOpType0:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("MetadataFilterOpType0", value)
