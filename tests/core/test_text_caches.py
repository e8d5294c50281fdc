"""Tests of the caches of users' texts: all are known, so that an erasure empties all, and bounded."""

import functools
import importlib
import pkgutil
import re
import sys
from functools import lru_cache

import pytest

import app
from app.core import text_caches
from app.core.text_caches import CHARS_PER_TEXT, clear_text_caches, list_text_caches, text_cache
from app.memory.text import quantities

# Caches by what a user does not write: columns, models, names of languages, files of a page, tools of a door.
OF_NO_TEXT = {
    "app.api.contract.pages._read_asset",
    "app.db.bulk_insert._insert_statement",
    "app.db.bulk_insert._insert_together_statement",
    "app.db.bulk_insert._required_attributes",
    "app.db.repositories.search.index_feed._memories_by_ids_query",
    "app.doors.console.rendering.build_asset_url",
    "app.doors.mcp.tools.input_schema",
    "app.doors.mcp.tools.output_schema",
    "app.memory.text.dates.foreign_dates._date_words",
}
# Tools that measure: they run in a process of their own, on published texts.
TOOLS = ("app.cli.evaluation",)


@pytest.fixture(autouse=True)
def only_ours(monkeypatch):
    """The caches that a test makes are not among those of the service afterwards."""
    monkeypatch.setattr(text_caches, "_caches", list(text_caches._caches))


def load_all_modules() -> None:
    for module in pkgutil.walk_packages(app.__path__, "app."):
        importlib.import_module(module.name)


def name_of(cache) -> str:
    return f"{cache.__wrapped__.__module__}.{cache.__wrapped__.__qualname__}"


def takes_arguments(cache) -> bool:
    function = cache
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function.__code__.co_argcount + function.__code__.co_kwonlyargcount > 0


def unknown_caches() -> set[str]:
    """The caches by any argument, of modules and of classes, that `text_cache` has not made."""
    modules = [module for name, module in list(sys.modules.items()) if name.startswith("app.")]
    values = [value for module in modules for value in vars(module).values()]
    values += [member for one in values if isinstance(one, type) for member in vars(one).values()]
    found = [one for one in values if isinstance(one, functools._lru_cache_wrapper)]
    known = {id(cache) for cache in list_text_caches()}
    return {
        name_of(one)
        for one in found
        if id(one) not in known
        and one.__wrapped__.__module__.startswith("app.")
        and not one.__wrapped__.__module__.startswith(TOOLS)
        and takes_arguments(one)
    }


def test_the_service_caches_by_text_only_where_an_erasure_reaches():
    load_all_modules()
    assert len(list_text_caches()) >= 30
    assert unknown_caches() == OF_NO_TEXT


@pytest.mark.parametrize("make", [lru_cache, lru_cache(maxsize=9), functools.cache])
@pytest.mark.parametrize("owner", [quantities, quantities.Quantities])
def test_a_cache_that_is_made_otherwise_is_found(monkeypatch, make, owner):
    def read(text: str) -> str:
        return text

    read.__module__ = "app.memory.text.quantities"
    monkeypatch.setattr(owner, "read_anew", make(read), raising=False)
    assert any("test_a_cache_that_is_made_otherwise" in name for name in unknown_caches())


def test_all_are_emptied_by_one_call():
    one, other = text_cache()(str.upper), text_cache(5)(lambda text, end: text + end)
    assert (one("a"), other("b", "c"), other("b", end="d")) == ("A", "bc", "bd")
    assert [cache.cache_info().currsize for cache in list_text_caches()[-2:]] == [1, 2]
    clear_text_caches()
    assert {cache.cache_info().currsize for cache in list_text_caches()} == {0}


def test_the_patterns_that_are_made_of_words_go_too():
    re.search(r"\bcanaryname\b", "a canaryname")
    assert any("canaryname" in str(key) for key in re._cache)
    clear_text_caches()
    assert not any("canaryname" in str(key) for key in re._cache)


@pytest.mark.parametrize("length", [0, 1, CHARS_PER_TEXT, 10 * CHARS_PER_TEXT, 100 * CHARS_PER_TEXT])
@pytest.mark.parametrize("texts", [1, 2, 50])
def test_a_cache_is_bounded_in_texts_and_in_characters(texts, length):
    cached = text_cache(texts)(lambda text: text.casefold())
    kept = list_text_caches()[-1]
    for number in range(300):
        assert cached(f"{number:03}".ljust(length, "X")).startswith(f"{number:03}")
        most = max(1, min(texts, texts * CHARS_PER_TEXT // max(3, length)))
        assert 1 <= kept.cache_info().currsize <= most


def test_what_was_asked_a_moment_ago_is_not_computed_again():
    asked = []
    cached = text_cache(4, size_of=lambda pair: len(pair[0]))(asked.append)
    for _ in range(3):
        cached(("text", 1))
    assert asked == [("text", 1)]


def test_a_cache_that_asks_itself_is_emptied_in_the_midst():
    @text_cache(2)
    def count(text: str) -> int:
        return 1 + count(text[1:]) if text else 0

    assert count("x" * 200) == 200
    assert list_text_caches()[-1].cache_info().currsize <= 2
