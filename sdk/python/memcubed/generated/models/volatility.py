from __future__ import annotations

from typing import Literal, cast

Volatility = Literal["disputable", "static", "temporal"]

VOLATILITY_VALUES: set[Volatility] = {
    "disputable",
    "static",
    "temporal",
}


def check_volatility(value: str) -> Volatility:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("Volatility", value)
