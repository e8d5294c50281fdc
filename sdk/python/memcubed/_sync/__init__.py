# Written by scripts/unasync.py from memcubed/_async; do not edit.
"""The synchronous client."""

from .client import Memcubed

__all__ = ["Memcubed"]
