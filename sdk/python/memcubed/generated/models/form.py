from __future__ import annotations

from typing import Literal, cast

Form = Literal["event", "state"]

FORM_VALUES: set[Form] = {
    "event",
    "state",
}


def check_form(value: str) -> Form:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("Form", value)
