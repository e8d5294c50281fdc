from __future__ import annotations

from typing import Literal, cast

NewTurnContentType1ItemType = Literal["input_text", "output_text", "refusal", "text"]

NEW_TURN_CONTENT_TYPE_1_ITEM_TYPE_VALUES: set[NewTurnContentType1ItemType] = {
    "input_text",
    "output_text",
    "refusal",
    "text",
}


def check_new_turn_content_type_1_item_type(value: str) -> NewTurnContentType1ItemType:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("NewTurnContentType1ItemType", value)
