"""How far to rely on a memory: the thresholds, and that an open conflict comes before all."""

from datetime import timedelta
from typing import Any

import pytest

from app.memory.reconciliation.timeline.reliance import (
    MAX_FRESH_AGE,
    MIN_SURE_CONFIDENCE,
    assess_reliance,
    default_volatility,
)

DAY = timedelta(days=1)
GOOD: dict[str, Any] = {
    "confidence": MIN_SURE_CONFIDENCE,
    "volatility": "temporal",
    "in_conflict": False,
    "age": MAX_FRESH_AGE,
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "prefer_memory"),
        ({"confidence": MIN_SURE_CONFIDENCE - 0.01}, "verify"),
        ({"age": MAX_FRESH_AGE + DAY}, "verify"),
        ({"age": MAX_FRESH_AGE + DAY, "volatility": "static"}, "prefer_memory"),
        ({"age": -DAY}, "prefer_memory"),
        ({"volatility": "disputable"}, "verify"),
        ({"status": "superseded"}, "verify"),
        ({"in_conflict": True}, "ask_user"),
        ({"in_conflict": True, "confidence": 0.99, "volatility": "static"}, "ask_user"),
    ],
)
def test_reliance(change: dict[str, Any], expected: str):
    assert assess_reliance(**GOOD | change) == expected


@pytest.mark.parametrize(
    ("form", "attribute", "expected"),
    [
        ("state", "residence", "temporal"),
        ("state", None, "temporal"),
        ("state", "birthday", "static"),
        ("event", None, "static"),
    ],
)
def test_usual_volatility(form: str, attribute: str | None, expected: str):
    assert default_volatility(form, attribute) == expected
