"""The cache of indexes: who is evicted, and that what it holds stays within its bound."""

from typing import Any

import pytest

from app.memory.index.index_cache import UserIndexCache
from app.memory.index.user_index import UserIndex


class SizedIndex(UserIndex):
    """An index of a size that the test sets."""

    size = 0

    @property
    def memory_bytes(self) -> int:
        return self.size


@pytest.fixture(autouse=True)
def sized(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.memory.index.index_cache.UserIndex", SizedIndex)


def get(cache: UserIndexCache, user: str, model: str = "m") -> Any:
    return cache.get_index("t", user, model, 4)


def users(cache: UserIndexCache) -> list[str]:
    return [user for user, _ in cache.list_cached_users("t")]


@pytest.mark.parametrize(
    ("uses", "kept"),
    [
        ([("a", 40), ("b", 40), ("c", 20)], ["a", "b", "c"]),
        ([("a", 40), ("b", 40), ("c", 40), ("d", 0)], ["b", "c", "d"]),
        ([("a", 40), ("b", 40), ("a", 40), ("c", 40), ("d", 0)], ["a", "c", "d"]),
        ([("a", 40), ("a", 90), ("b", 20), ("c", 0)], ["b", "c"]),
        ([("a", 90), ("a", 10), ("b", 80), ("c", 0)], ["a", "b", "c"]),
        ([("a", 500), ("b", 0)], ["b"]),
        ([("a", 500), ("a", 500)], ["a"]),
        ([("a", 0), ("b", 0), ("c", 0)], ["a", "b", "c"]),
        ([(f"u{n}", 1) for n in range(100)], [f"u{n}" for n in range(100)]),
        ([*((f"u{n}", 1) for n in range(101)), ("z", 0)], [*(f"u{n}" for n in range(1, 101)), "z"]),
    ],
)
def test_those_used_last_stay_within_the_bound(uses: list[tuple[str, int]], kept: list[str]):
    cache = UserIndexCache(134)  # of which three quarters are for indexes
    for user, size in uses:
        get(cache, user).size = size  # an index grows after it was got
    assert users(cache) == sorted(kept, key=users(cache).index)
    assert sorted(users(cache)) == sorted(kept)


def test_an_index_of_another_model_or_of_a_dropped_user_is_a_new_one():
    cache = UserIndexCache(134)
    first = get(cache, "a")
    first.size = 60
    assert get(cache, "a") is first
    other = get(cache, "a", "other")
    assert other is not first
    other.size = 60
    cache.drop_user("t", "a")
    cache.drop_user("t", "nobody")
    assert users(cache) == []
    for user in ("b", "c", "d"):
        get(cache, user).size = 50
    get(cache, "e")
    assert users(cache) == ["c", "d", "e"]  # what was dropped counts no more


def test_many_that_grow_at_once_are_all_counted():
    cache = UserIndexCache(1_334)
    for index in [get(cache, f"u{n}") for n in range(40)]:
        index.size = 100
    get(cache, "last")
    assert len(users(cache)) == 11
