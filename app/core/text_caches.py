"""Caches of what is computed of users' texts, in the memory of a process.

An erasure has to reach every one of them, so all are made by one decorator, which knows them, and are emptied
by one call. Nothing else in the service may cache by a text (`tests/core/test_text_caches.py` looks for it).
"""

import re
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec, Protocol, TypeVar, cast

KEPT_TEXTS = 20_000  # a user's statements are compared with one another: fewer than those would all be lost
CHARS_PER_TEXT = 200  # of which a cache takes so many times its texts until it is emptied

P = ParamSpec("P")
R = TypeVar("R")


class TextCache(Protocol):
    """What `functools.lru_cache` returns, as far as it is used here."""

    def cache_clear(self) -> None:
        """Empty the cache."""

    def cache_info(self) -> Any:
        """Its counts."""


_caches: list[TextCache] = []


def text_cache(
    texts: int = KEPT_TEXTS, size_of: Callable[[Any], int] = len
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Cache the results of a function of a text, for the `texts` that were asked for last.

    A cache is bounded in characters too: whoever sends long texts empties it, and fills no memory. Only what
    is not in the cache is counted, because to look something up must cost nothing. `size_of` is for a first
    argument that has a text and is none.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        most_chars, taken_chars = texts * CHARS_PER_TEXT, 0

        @wraps(function)
        def compute(*args: P.args, **kwargs: P.kwargs) -> R:
            nonlocal taken_chars
            size = size_of(args[0])
            taken_chars += size
            if taken_chars > most_chars:
                cache.cache_clear()
                taken_chars = size
            return function(*args, **kwargs)

        cache = lru_cache(maxsize=texts)(compute)
        _caches.append(cache)
        return cast("Callable[P, R]", cache)

    return decorate


def clear_text_caches() -> None:
    """Empty all of them, and the patterns that `re` keeps, some of which are made of users' words."""
    for cache in _caches:
        cache.cache_clear()
    re.purge()


def list_text_caches() -> list[TextCache]:
    """All caches of the modules that are loaded."""
    return list(_caches)
