"""The stores of LangGraph, in their three ways of use, against the running service."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest
from faulty import Cut, FaultyServer
from langchain_core.embeddings import Embeddings
from langgraph.store.base import (
    GetOp,
    InvalidNamespaceError,
    Item,
    ListNamespacesOp,
    MatchCondition,
    PutOp,
    SearchItem,
    SearchOp,
)

from memcubed import AsyncMemcubed, ConnectionFailedError, InvalidRequestError, Memcubed, _langgraph
from memcubed.langgraph import AsyncMemcubedStore, MemcubedStore

NAMES = ("get", "put", "delete", "search", "list_namespaces", "batch")
TTL_SECONDS = 2.0


class Used:
    """A store whose methods are called synchronously, or the asynchronous ones in an event loop."""

    def __init__(self, store: Any, loop: asyncio.AbstractEventLoop | None) -> None:
        self.store, self.loop = store, loop

    def __getattr__(self, name: str) -> Any:
        assert name in NAMES, name
        if self.loop is None:
            return getattr(self.store, name)
        method, loop = getattr(self.store, f"a{name}"), self.loop
        return lambda *args, **options: loop.run_until_complete(method(*args, **options))


class Maker:
    """Makes stores of one way of use, each of a new user unless it is told whose."""

    def __init__(self, form: str, url: str, key: str) -> None:
        self.form, self.url, self.key = form, url, key
        self.loop = asyncio.new_event_loop()
        self.stores: list[Any] = []

    def __call__(self, user_id: str | None = None, **options: Any) -> Used:
        user = user_id or f"u-{uuid4().hex[:12]}"
        if self.form == "async":
            store: Any = self.loop.run_until_complete(self._make_async(user, options))
        else:
            store = MemcubedStore(Memcubed(self.url, self.key), user_id=user, **options)
        self.stores.append(store)
        return Used(store, None if self.form == "sync" else self.loop)

    async def _make_async(self, user: str, options: dict[str, Any]) -> AsyncMemcubedStore:
        return AsyncMemcubedStore(AsyncMemcubed(self.url, self.key), user_id=user, **options)

    def close(self) -> None:
        for store in self.stores:
            if self.form == "async":
                self.loop.run_until_complete(store._client._http.aclose())
                store._task.cancel()
            else:
                store._client._http.close()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()


@pytest.fixture(params=["sync", "threads", "async"])
def make_store(request: pytest.FixtureRequest, url: str, key: str) -> Iterator[Maker]:
    maker = Maker(request.param, url, key)
    yield maker
    maker.close()


@pytest.fixture
def store(make_store: Maker) -> Used:
    return make_store()


@pytest.fixture
def one_way(url: str, key: str) -> Iterator[Maker]:
    """For tables whose cases are about what the service is sent, which is the same in all ways of use."""
    maker = Maker("sync", url, key)
    yield maker
    maker.close()


class CharacterEmbeddings(Embeddings):
    """Texts of the same characters have the same direction."""

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.embedded += texts
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        vector = [0.0] * 64
        for character, count in Counter(text.lower()).items():
            vector[ord(character) % 64] += count
        return vector


class Counting(httpx.HTTPTransport):
    """Counts the requests."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sizes.append(len(request.read()))
        return super().handle_request(request)


def keys(items: list[SearchItem]) -> str:
    return "".join(item.key for item in items)


def test_an_item_is_put_read_replaced_and_deleted(store: Used) -> None:
    place = ("people", "ann")
    store.put(place, "home", {"city": "Oslo", "floors": [1, 2], "øy": None})
    item = store.get(place, "home")
    assert isinstance(item, Item)
    assert (item.namespace, item.key) == (place, "home")
    assert item.value == {"city": "Oslo", "floors": [1, 2], "øy": None}
    store.put(place, "home", {"city": "Bergen"})
    newer = store.get(place, "home")
    assert newer.value == {"city": "Bergen"}
    assert newer.created_at == item.created_at
    assert newer.updated_at > item.updated_at
    assert newer.updated_at.utcoffset() is not None
    assert store.get(("people",), "home") is None
    assert store.delete(place, "home") is None
    assert store.get(place, "home") is None
    assert store.delete(place, "home") is None


def test_a_batch_is_done_in_its_order(store: Used) -> None:
    a = ("a",)
    results = store.batch(
        [
            GetOp(a, "k"),
            PutOp(a, "k", {"n": 1}),
            GetOp(a, "k"),
            SearchOp(("a",), filter={"n": 2}),
            PutOp(a, "k", {"n": 2}),
            SearchOp(("a",), filter={"n": 2}),
            ListNamespacesOp(),
            PutOp(a, "k", None),
            GetOp(a, "k"),
            ListNamespacesOp((MatchCondition("prefix", ("a",)),)),
        ]
    )
    assert results[:2] == [None, None]
    assert results[2].value == {"n": 1}
    assert results[3] == []
    assert [type(item) for item in results[5]] == [SearchItem]
    assert results[5][0].score is None
    assert results[6] == [a]
    assert results[7:] == [None, None, []]
    assert store.batch([]) == []


@pytest.mark.parametrize(
    ("puts", "expected"),
    [
        ([("k", 1), ("k", 2)], {"k": 2}),
        ([("k", 2), ("k", 1), ("m", 3)], {"k": 1, "m": 3}),
        ([("k", 1), ("m", 2), ("k", 3), ("m", 4)], {"k": 3, "m": 4}),
        ([("k", 1), ("k", None)], {}),
        ([("k", None), ("k", 1)], {"k": 1}),
        ([("k", 1), ("k", None), ("k", 2)], {"k": 2}),
    ],
)
def test_the_last_of_the_puts_of_a_key_counts(make_store: Maker, puts: list[Any], expected: Any) -> None:
    embeddings = CharacterEmbeddings()
    store = make_store(index={"embed": embeddings})
    ops = [PutOp(("p",), key, None if n is None else {"n": n}) for key, n in puts]
    assert store.batch(ops) == [None] * len(ops)
    assert {item.key: item.value["n"] for item in store.search(("p",))} == expected
    assert len(embeddings.embedded) == len(expected), "what nobody reads is not embedded"


NAMESPACES = [
    ("foo",),
    ("foo", "child"),
    ("foo", "child", "deep"),
    ("foobar",),
    ("foobar", "baz"),
    ("foo2",),
    ("user_1",),
    ("user_1", "child"),
    ("userX1",),
    ("a%b",),
    ("axxb",),
    ("a+b",),
    ("ALICE",),
    ("uid", "users", "alice"),
    ("uid", "users", "malice"),
    ("uid", "a", "b", "alice"),
    ("uid", "alice\n"),
    ("北京", "данные"),
]


def namespaces_under(*prefix: str) -> set[tuple[str, ...]]:
    return {one for one in NAMESPACES if one[: len(prefix)] == prefix}


@pytest.fixture(scope="module")
def filled(url: str, key: str) -> Iterator[MemcubedStore]:
    with Memcubed(url, key) as client:
        store = MemcubedStore(client, user_id=f"u-{uuid4().hex[:12]}", index=None)
        store.batch([PutOp(namespace, "k", {"v": 1}) for namespace in NAMESPACES])
        yield store


@pytest.mark.parametrize(
    "prefix",
    [
        (),
        ("foo",),
        ("foo", "child"),
        ("foo2",),
        ("foobar",),
        ("fo",),
        ("user_1",),
        ("user%",),
        ("a%b",),
        ("a_xb",),
        ("a+b",),
        ("alice",),
        ("uid",),
        ("uid", "alice"),
        ("uid", "*"),
        ("北京",),
        ("foo", "child", "deep", "deeper"),
        ("foo\\",),
        ("'; --",),
        ("*",),
    ],
)
def test_a_prefix_ends_at_a_label(filled: MemcubedStore, prefix: tuple[str, ...]) -> None:
    found = {item.namespace for item in filled.search(prefix, limit=100)}
    assert found == namespaces_under(*prefix)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, set(NAMESPACES)),
        ({"prefix": ["foo"]}, namespaces_under("foo")),
        ({"prefix": ("foo", "child")}, namespaces_under("foo", "child")),
        ({"prefix": ("user_1",)}, namespaces_under("user_1")),
        ({"prefix": ("a%b",)}, namespaces_under("a%b")),
        ({"prefix": ("fo",)}, set()),
        ({"prefix": ()}, set(NAMESPACES)),
        ({"prefix": ("*", "child")}, {("foo", "child"), ("foo", "child", "deep"), ("user_1", "child")}),
        ({"prefix": ("uid", "*", "alice")}, {("uid", "users", "alice")}),
        ({"suffix": ("alice",)}, {("uid", "users", "alice"), ("uid", "a", "b", "alice")}),
        ({"suffix": ("child",)}, {("foo", "child"), ("user_1", "child")}),
        ({"suffix": ("*", "alice")}, {("uid", "users", "alice"), ("uid", "a", "b", "alice")}),
        ({"suffix": ("alice\n",)}, {("uid", "alice\n")}),
        ({"suffix": ("данные",)}, {("北京", "данные")}),
        ({"prefix": ("uid",), "suffix": ("malice",)}, {("uid", "users", "malice")}),
        ({"prefix": ("foo",), "suffix": ("foo",)}, {("foo",)}),
        ({"max_depth": 1}, {one[:1] for one in NAMESPACES}),
        ({"max_depth": 2, "prefix": ("uid",)}, {("uid", "users"), ("uid", "a"), ("uid", "alice\n")}),
        ({"max_depth": 500, "prefix": ("foo",)}, namespaces_under("foo")),
        ({"prefix": ("foo",), "limit": 2}, {("foo",), ("foo", "child")}),
        ({"prefix": ("foo",), "limit": 2, "offset": 2}, {("foo", "child", "deep")}),
        ({"prefix": ("foo",), "offset": 7}, set()),
    ],
)
def test_namespaces_are_listed(filled: MemcubedStore, options: dict[str, Any], expected: Any) -> None:
    found = filled.list_namespaces(**options)
    assert len(found) == len(set(found))
    assert set(found) == expected


VALUES = {
    "a": {"n": 1, "color": "red", "tags": ["x", "y"]},
    "b": {"n": 2.5, "color": "green"},
    "c": {"n": 10, "color": "red", "deep": {"m": [1]}},
    "d": {"n": "10", "color": None},
    "e": {"color": "Красный", "n": None, "on": True},
}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, "abcde"),
        ({}, "abcde"),
        ({"color": "red"}, "ac"),
        ({"color": "Red"}, ""),
        ({"color": "Красный"}, "e"),
        ({"color": None}, "d"),
        ({"n": 1}, "a"),
        ({"n": 1.0}, "a"),
        ({"n": "10"}, "d"),
        ({"n": {"$eq": 10}}, "c"),
        ({"n": {"$ne": 10}}, "abde"),
        ({"n": {"$gt": 1}}, "bc"),
        ({"n": {"$gt": 2.5}}, "c"),
        ({"n": {"$gte": 2.5}}, "bc"),
        ({"n": {"$lt": 10}}, "ab"),
        ({"n": {"$lte": 10}}, "abc"),
        ({"n": {"$gt": 1, "$lt": 10}}, "b"),
        ({"n": {"$gte": 1}, "color": "red"}, "ac"),
        ({"color": {"$gt": "green"}}, "ace"),
        ({"tags": ["x", "y"]}, "a"),
        ({"tags": ["y", "x"]}, ""),
        ({"deep": {"m": [1]}}, "c"),
        ({"on": True}, "e"),
        ({"on": 1}, ""),
        ({"nothing": 1}, ""),
        ({"n'; --": 1}, ""),
    ],
)
def test_filters(one_way: Maker, given: Any, expected: str) -> None:
    store = one_way(index=None)
    store.batch([PutOp(("f",), key, value) for key, value in VALUES.items()])
    assert "".join(sorted(keys(store.search(("f",), filter=given)))) == expected


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda store: store.put((), "k", {}), InvalidNamespaceError),
        (lambda store: store.put(("a.b",), "k", {}), InvalidNamespaceError),
        (lambda store: store.put(("a", ""), "k", {}), InvalidNamespaceError),
        (lambda store: store.put(("langgraph",), "k", {}), InvalidNamespaceError),
        (lambda store: store.put((1,), "k", {}), InvalidNamespaceError),
        (lambda store: store.put(("a" * 201,), "k", {}), InvalidRequestError),
        (lambda store: store.put(("a",) * 17, "k", {}), InvalidRequestError),
        (lambda store: store.batch([PutOp(("a\0",), "k", {})]), InvalidRequestError),
        (lambda store: store.put(("a",), "", {}), InvalidRequestError),
        (lambda store: store.put(("a",), "k" * 501, {}), InvalidRequestError),
        (lambda store: store.put(("a",), "k", {"n": math.nan}), ValueError),
        (lambda store: store.put(("a",), "k", {"n": math.inf}), ValueError),
        (lambda store: store.put(("a",), "k", {"t": "\0"}), InvalidRequestError),
        (lambda store: store.put(("a",), "k", {"t": "\ud800"}), UnicodeEncodeError),
        (lambda store: store.put(("a",), "k", {"t": object()}), TypeError),
        (lambda store: store.put(("a",), "k", {"t": "x" * 300_000}), InvalidRequestError),
        (lambda store: store.put(("a",), "k", {}, ttl=0), InvalidRequestError),
        (lambda store: store.put(("a",), "k", {}, ttl=-1), InvalidRequestError),
        (lambda store: store.put(("a",), "k", {}, ttl=math.nan), ValueError),
        (lambda store: store.search(("a",), filter={"n": {"$like": "x"}}), InvalidRequestError),
        (lambda store: store.search(("a",), limit=0), InvalidRequestError),
        (lambda store: store.search(("a",), offset=-1), InvalidRequestError),
        (lambda store: store.get((), "k"), InvalidRequestError),
        (lambda store: store.list_namespaces(max_depth=0), InvalidRequestError),
        (lambda store: store.batch([("get", "k")]), TypeError),
    ],
)
def test_what_no_store_can_do_is_refused(one_way: Maker, call: Any, error: type[Exception]) -> None:
    store = one_way(index=None)
    with pytest.raises(error):
        call(store)
    assert store.search(()) == []


@pytest.mark.parametrize(
    "options",
    [
        {"index": {"embed": CharacterEmbeddings(), "distance_type": "l2"}},
        {"index": {"embed": CharacterEmbeddings(), "distance_type": "inner_product"}},
        {"index": {"embed": CharacterEmbeddings(), "ann_index_config": {"vector_type": "vector"}}},
        {"index": {"dims": 3}},
        {"ttl": {"omit_expired": False}},
        {"user_id": ""},
    ],
)
def test_a_configuration_that_the_service_has_not_is_refused(
    url: str, key: str, options: dict[str, Any]
) -> None:
    with Memcubed(url, key) as client, pytest.raises(ValueError, match=r"\w"):
        MemcubedStore(client, **{"user_id": "ann", **options})


def test_what_has_expired_is_gone_and_reads_may_keep_it(make_store: Maker) -> None:
    minutes = TTL_SECONDS / 60
    store = make_store(index=None, ttl={"default_ttl": minutes, "refresh_on_read": False})
    t = ("t",)
    for key in ("by default", "by get", "by search", "read only"):
        store.put((*t, key), "k", {})
    store.put(t, "longer", {}, ttl=60)
    store.put(t, "for ever", {}, ttl=None)
    began = time.monotonic()
    while time.monotonic() < began + TTL_SECONDS * 1.5:
        assert store.get((*t, "by get"), "k", refresh_ttl=True)
        assert store.search((*t, "by search"), refresh_ttl=True)
        store.get((*t, "read only"), "k")
        store.search((*t, "by default"))
        time.sleep(0.2)
    assert store.get((*t, "by default"), "k") is None
    found = {(*item.namespace, item.key) for item in store.search(t)}
    kept = {("t", "by get", "k"), ("t", "by search", "k"), ("t", "longer"), ("t", "for ever")}
    assert found == kept
    assert ("t", "read only") not in store.list_namespaces()
    assert ("t", "by get") in store.list_namespaces()


def test_what_has_expired_leaves_no_gap_in_a_page(make_store: Maker) -> None:
    store = make_store(index=None)
    for key, ttl in (("d", None), ("c", None), ("x", 0.5 / 60), ("b", None), ("y", 0.5 / 60), ("a", None)):
        store.put(("p",), key, {}, ttl=ttl)
    time.sleep(0.6)
    assert keys(store.search(("p",), limit=2)) == "ab"
    assert keys(store.search(("p",), limit=2, offset=2)) == "cd"


PATHS: list[tuple[Any, str, bool]] = [
    (None, "aaaa", True),
    (None, "bbbb", False),
    (["title"], "aaaa", True),
    (["deep.text"], "bbbb", True),
    (["deep.text"], "aaaa", False),
    (["list[*]"], "cccc", True),
    (["list[*]"], "dddd", True),
    (["list[0]"], "cccc", True),
    (["list[0]"], "dddd", False),
    (["list[-1]"], "dddd", True),
    (["people[*].name"], "eeee", True),
    (["people[1].name"], "eeee", False),
    (["people[1].name"], "ffff", True),
    (["{title,deep.text}"], "bbbb", True),
    (["deep.*"], "bbbb", True),
    (["title", "title"], "aaaa", True),
    (["n"], "7777", True),
    (["on"], "eurt", True),
    (["missing", "title"], "aaaa", True),
    (["deep"], "bbbb", False),
]
FULL = {
    "title": "aaaa",
    "deep": {"text": "bbbb"},
    "list": ["cccc", "dddd"],
    "people": [{"name": "eeee"}, {"name": "ffff"}],
    "n": 7777,
    "on": True,
}


@pytest.mark.parametrize(("paths", "query", "is_it"), PATHS)
def test_vectors_are_made_of_the_fields(one_way: Maker, paths: Any, query: str, is_it: bool) -> None:
    store = one_way(index={"embed": CharacterEmbeddings(), "dims": 64, "fields": ["title"]})
    store.put(("v",), "k", FULL, index=paths)
    (found,) = store.search(("v",), query=query)
    assert (found.score > 0.999) is is_it
    assert found.value == FULL


@pytest.mark.parametrize("paths", [False, ["missing"], [], ["list[9]"], ["title[0]"], ["blank"], ["nothing"]])
def test_what_has_no_text_is_not_found_by_meaning(one_way: Maker, paths: Any) -> None:
    for index in ({"embed": CharacterEmbeddings()}, {"fields": ["title"]}):
        store = one_way(index=index)
        store.put(("v",), "k", {**FULL, "blank": " \n", "nothing": None}, index=paths)
        assert store.search(("v",), query="aaaa") == []
        (found,) = store.search(("v",))
        assert found.score is None


def test_own_vectors_follow_what_is_put_and_pages_follow_each_other(make_store: Maker) -> None:
    store = make_store(index={"embed": CharacterEmbeddings(), "fields": ["text"]})
    for at, text in enumerate(["zany zebra", "dogs", "birds", "这是中文", "これは日本語です", "Это русский"]):
        store.put(("v", str(at)), "k", {"text": text, "even": at % 2 == 0})
    for at, text in ((0, "zany zebra"), (3, "这是中文"), (4, "これは日本語です"), (5, "Это русский")):
        found = store.search(("v",), query=text)
        assert found[0].namespace == ("v", str(at))
        assert found[0].score == pytest.approx(1, abs=1e-3)
        assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)
    (even,) = store.search(("v",), query="dogs", filter={"even": False}, limit=1)
    assert even.value["text"] == "dogs"
    pages = [store.search(("v",), query="dogs", limit=2, offset=at) for at in (0, 2, 4, 6)]
    assert [len(page) for page in pages] == [2, 2, 2, 0]
    assert len({item.namespace for page in pages for item in page}) == 6
    store.put(("v", "0"), "k", {"text": "other"})
    assert store.search(("v",), query="zany zebra")[0].score < 0.99
    for blank in ("", " ", None):
        assert [item.score for item in store.search(("v",), query=blank)] == [None] * 6


def test_the_service_finds_by_meaning(make_store: Maker) -> None:
    whole, fields, none = make_store(), make_store(index={"fields": ["text"]}), make_store(index=None)
    for store in (whole, fields, none):
        store.put(("m",), "soup", {"text": "A soup of beans and cabbage", "n": 1})
        store.put(("m",), "bike", {"text": "How to change the tyre of a bicycle", "n": 2})
        store.put(("m",), "hidden", {"text": "Vegetable broth"}, index=False)
    for store in (whole, fields):
        for query, best in (("vegetable broth", "soup"), ("repair of a flat wheel", "bike")):
            first, second = store.search(("m",), query=query)
            assert first.key == best
            assert first.score > second.score
    assert [item.score for item in none.search(("m",), query="vegetable broth")] == [None] * 3


def test_users_have_stores_of_their_own(make_store: Maker) -> None:
    ann, bob = make_store(), make_store()
    ann.put(("x",), "k", {"of": "ann"})
    assert (bob.get(("x",), "k"), bob.search(()), bob.list_namespaces()) == (None, [], [])
    bob.delete(("x",), "k")
    assert ann.get(("x",), "k").value == {"of": "ann"}


def test_reads_that_are_longer_than_a_page_are_read_on_at_their_place(
    make_store: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_langgraph, "MAX_ITEMS", 3)
    store = make_store(index=None)
    store.batch([PutOp(("l", str(at)), "k", {"n": at}) for at in range(7)])
    ops = [
        SearchOp((), limit=100),
        PutOp(("l", "new"), "k", {}),
        ListNamespacesOp(limit=5),
        ListNamespacesOp(limit=100, offset=2),
        SearchOp((), limit=6, offset=1),
    ]
    all_items, _, five, rest, six = store.batch(ops)
    assert sorted(item.value["n"] for item in all_items) == list(range(7))
    assert five == [("l", str(at)) for at in range(5)]
    assert rest == [*(("l", str(at)) for at in range(2, 7)), ("l", "new")]
    assert len({item.namespace for item in six}) == 6


@pytest.mark.parametrize(
    ("index", "values", "requests"),
    [
        (None, [{"n": at} for at in range(450)], 3),
        (None, [{"n": "x" * 150_000}] * 7, 3),
        (None, [{"n": "x" * 260_000}] * 3, 2),
        ({"fields": ["n"]}, [{"n": f"text {at}"} for at in range(130)], 3),
        ({"embed": CharacterEmbeddings(), "fields": ["n"]}, [{"n": f"{at}"} for at in range(130)], 1),
        (None, [{}], 1),
    ],
)
def test_a_batch_takes_as_few_requests_as_sizes_allow(
    url: str, key: str, index: Any, values: list[Any], requests: int
) -> None:
    transport = Counting()
    with Memcubed(url, key, transport=transport) as client:
        store = MemcubedStore(client, user_id=f"u-{uuid4().hex[:12]}", index=index)
        store.batch([PutOp(("b",), str(at), value) for at, value in enumerate(values)])
        assert len(transport.sizes) == requests
        gets = store.batch([GetOp(("b",), str(at)) for at in range(len(values))])
        assert [item.value for item in gets] == values


@pytest.mark.parametrize(
    ("embed", "said"),
    [
        (lambda texts: [[1.0, 2.0]] * len(texts), "2 dimensions, not 3"),
        (lambda texts: [[1.0] * 3] * (len(texts) + 1), "embeddings of"),
        (lambda texts: [[math.nan] * 3] * len(texts), "JSON"),
    ],
)
def test_vectors_that_are_none_are_refused_before_anything_is_written(
    make_store: Maker, embed: Any, said: str
) -> None:
    store = make_store(index={"dims": 3, "embed": embed})
    with pytest.raises(ValueError, match=said):
        store.put(("v",), "k", {"a": "b"})
    assert store.get(("v",), "k") is None


def test_embeddings_may_be_asynchronous_and_zeros_find_nothing(url: str, key: str) -> None:
    async def embed(texts: list[str]) -> list[list[float]]:
        await asyncio.sleep(0)
        return [[float(text.count("a")), float(text.count("b"))] for text in texts]

    async def use(store: MemcubedStore) -> list[str]:
        for text in ("aa", "ab", "cc"):
            await store.aput(("v",), text, {"text": text})
        return [item.key for item in await store.asearch(("v",), query="a")]

    with Memcubed(url, key, user_id=f"u-{uuid4().hex[:12]}") as client:
        store = MemcubedStore(client, index={"embed": embed, "fields": ["text"]})
        # One store in two event loops, one after the other.
        assert asyncio.run(use(store)) == ["aa", "ab"]
        assert asyncio.run(use(store)) == ["aa", "ab"]


def test_calls_of_one_moment_are_one_batch(url: str, key: str, server: FaultyServer) -> None:
    async def use() -> int:
        async with AsyncMemcubed(server.url, key, user_id=f"u-{uuid4().hex[:12]}") as client:
            store = AsyncMemcubedStore(client, index=None)
            await asyncio.gather(*(store.aput(("m",), str(at), {"n": at}) for at in range(100)))
            return len(await store.asearch(("m",), limit=500))

    assert asyncio.run(use()) == 100
    assert len(server.seen) <= 3


def test_synchronous_calls_come_from_other_threads(url: str, key: str) -> None:
    async def use() -> Any:
        async with AsyncMemcubed(url, key, user_id=f"u-{uuid4().hex[:12]}") as client:
            store = AsyncMemcubedStore(client)
            with pytest.raises(asyncio.InvalidStateError):
                store.put(("s",), "k", {})
            with ThreadPoolExecutor(1) as pool:
                await asyncio.wrap_future(pool.submit(store.put, ("s",), "k", {"n": 1}))
                return (await asyncio.wrap_future(pool.submit(store.get, ("s",), "k"))).value

    assert asyncio.run(use()) == {"n": 1}


def test_the_environment_gives_the_service(monkeypatch: pytest.MonkeyPatch, url: str, key: str) -> None:
    monkeypatch.setenv("MEMCUBED_URL", url)
    monkeypatch.setenv("MEMCUBED_API_KEY", key)

    async def use() -> Any:
        async with AsyncMemcubedStore(user_id=user) as store:
            return (await store.aget(("e",), "k")).value

    user = f"u-{uuid4().hex[:12]}"
    with MemcubedStore(user_id=user) as store:
        store.put(("e",), "k", {"n": 1})
    assert asyncio.run(use()) == {"n": 1}


def test_a_lost_answer_is_asked_again_unless_a_read_comes_before_a_write(
    key: str, server: FaultyServer
) -> None:
    with Memcubed(server.url, key, user_id=f"u-{uuid4().hex[:12]}") as client:
        store = MemcubedStore(client, index=None)
        server.script = [Cut("after")]
        assert store.batch([PutOp(("r",), "k", {"n": 1}), GetOp(("r",), "k")])[1].value == {"n": 1}
        server.script = [Cut("after")]
        with pytest.raises(ConnectionFailedError) as raised:
            store.batch([GetOp(("r",), "k"), PutOp(("r",), "k", {"n": 2})])
        assert raised.value.maybe_done
        assert len(server.seen) == 3
        assert store.get(("r",), "k").value == {"n": 2}
