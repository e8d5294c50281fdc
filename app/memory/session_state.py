"""The state of a session as a value of bounded size."""

import json
from collections.abc import Mapping
from typing import Any


def size(state: Mapping[str, Any]) -> int:
    """Its bytes as compact JSON in UTF-8."""
    return len(json.dumps(state, ensure_ascii=False, separators=(",", ":")).encode())
