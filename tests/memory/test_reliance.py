"""How far to rely on a memory: the thresholds, and that an open conflict comes before all."""

from datetime import timedelta
from typing import Any

import pytest

from app.memory.reconciliation.reliance import FRESH, SURE, reliance, usual_volatility

DAY = timedelta(days=1)
GOOD: dict[str, Any] = {"confidence": SURE, "volatility": "temporal", "in_conflict": False, "age": FRESH}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "prefer_memory"),
        ({"confidence": SURE - 0.01}, "verify"),
        ({"age": FRESH + DAY}, "verify"),
        ({"age": FRESH + DAY, "volatility": "static"}, "prefer_memory"),
        ({"age": -DAY}, "prefer_memory"),
        ({"volatility": "disputable"}, "verify"),
        ({"status": "superseded"}, "verify"),
        ({"in_conflict": True}, "ask_user"),
        ({"in_conflict": True, "confidence": 0.99, "volatility": "static"}, "ask_user"),
    ],
)
def test_reliance(change: dict[str, Any], expected: str):
    assert reliance(**GOOD | change) == expected


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
    assert usual_volatility(form, attribute) == expected
