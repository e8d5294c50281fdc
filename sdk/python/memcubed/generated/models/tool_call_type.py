from __future__ import annotations

from typing import Literal, cast

ToolCallType = Literal["custom", "function"]

TOOL_CALL_TYPE_VALUES: set[ToolCallType] = {
    "custom",
    "function",
}


def check_tool_call_type(value: str) -> ToolCallType:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("ToolCallType", value)
