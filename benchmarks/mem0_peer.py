"""mem0 as a library on the same rows and vectors as `many_users.py`, where it is installed."""

from typing import Any


def measure_mem0(_runtime: Any, _asked: Any) -> None:
    """Nothing yet."""
