from __future__ import annotations

from typing import Literal, cast

TurnInputContentType1ItemType = Literal["input_text", "output_text", "refusal", "text"]

TURN_INPUT_CONTENT_TYPE_1_ITEM_TYPE_VALUES: set[TurnInputContentType1ItemType] = {
    "input_text",
    "output_text",
    "refusal",
    "text",
}


def check_turn_input_content_type_1_item_type(value: str) -> TurnInputContentType1ItemType:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("TurnInputContentType1ItemType", value)
