"""The asynchronous client."""

from .client import AsyncMemcubed

__all__ = ["AsyncMemcubed"]
