"""What both stores of LangGraph share: operations in the service's form, in requests of its sizes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Union, cast

from langgraph.store.base import (
    Embeddings,
    GetOp,
    IndexConfig,
    Item,
    ListNamespacesOp,
    Op,
    PutOp,
    Result,
    SearchItem,
    SearchOp,
    TTLConfig,
    ensure_embeddings,
    get_text_at_path,
)

from ._requests import to_json
from .types import StoredItem, StoreResult

# Bounds of one request: the service takes no more operations, always takes as many bytes, and embeds so many
# texts well within the time of a call. An operation that is larger than that alone is sent alone.
MAX_OPERATIONS, MAX_BYTES, MAX_TEXTS = 200, 512 * 1024, 64
MAX_ITEMS = 1_000  # of one search or list; more are read in several
MAX_LABELS = 16  # of a namespace
MAX_PATH_CHARS = 200
MAX_TEXT_CHARS = 32_000  # models of embeddings read no further

Index = Union[IndexConfig, Literal["service"], None]
Operation = dict[str, Any]
Vectors = dict[str, list[float]]
Answers = list[StoreResult]


@dataclass(frozen=True)
class Indexer:
    """How items are indexed; without `embeddings` the service embeds their texts."""

    fields: Sequence[str]
    embeddings: Embeddings | None = None
    dims: int | None = None

    def texts(self, op: PutOp) -> list[Operation]:
        """The texts by which an item is found, each under a path of its own."""
        if op.index is False:
            return []
        fields = self.fields if op.index is None else op.index
        found = [(field, text) for field in fields for text in get_text_at_path(op.value, field)]
        return [
            {"path": f"{at}:{field}"[:MAX_PATH_CHARS], "text": text[:MAX_TEXT_CHARS]}
            for at, (field, text) in enumerate(found)
            if text.strip()
        ]


@dataclass(frozen=True)
class _Texts:
    """What is to be embedded on this side."""

    documents: list[str]
    queries: list[str]
    embeddings: Embeddings
    dims: int | None

    def embed(self) -> tuple[Vectors, Vectors]:
        """The vectors of both, by their texts."""
        documents = self.embeddings.embed_documents(self.documents) if self.documents else []
        return self._by_text(documents, [self.embeddings.embed_query(query) for query in self.queries])

    async def aembed(self) -> tuple[Vectors, Vectors]:
        """The same, asynchronously."""
        documents = await self.embeddings.aembed_documents(self.documents) if self.documents else []
        queries = await asyncio.gather(*(self.embeddings.aembed_query(query) for query in self.queries))
        return self._by_text(documents, queries)

    def _by_text(
        self, documents: Sequence[Sequence[float]], queries: Sequence[Sequence[float]]
    ) -> tuple[Vectors, Vectors]:
        if len(documents) != len(self.documents):
            raise ValueError(f"There are {len(documents)} embeddings of {len(self.documents)} texts.")
        return (
            {text: self._check(vector) for text, vector in zip(self.documents, documents)},
            {text: self._check(vector) for text, vector in zip(self.queries, queries)},
        )

    def _check(self, vector: Sequence[float]) -> list[float]:
        if self.dims is not None and len(vector) != self.dims:
            raise ValueError(f"An embedding has {len(vector)} dimensions, not {self.dims}.")
        return [float(number) for number in vector]


def read_index(index: Index) -> tuple[IndexConfig | None, Indexer | None]:
    """The configuration, and what it says. Raises `ValueError` for what the service can't do."""
    if index is None:
        return None, None
    config: dict[str, Any] = {} if index == "service" else dict(index)
    unknown = config.keys() - {"dims", "embed", "fields", "distance_type"}
    if unknown:
        raise ValueError(f"There is no setting {', '.join(sorted(unknown))} of an index here.")
    distance = config.get("distance_type") or "cosine"
    if distance != "cosine":
        raise ValueError(f"The service compares by cosine, not by {distance}.")
    embed, dims = config.get("embed"), config.get("dims")
    if embed is None and dims is not None:
        raise ValueError("The dimensions are those of the service's model where no `embed` is given.")
    fields = config.get("fields") or ["$"]
    embeddings = None if embed is None else ensure_embeddings(embed)
    return cast("IndexConfig", config), Indexer(fields, embeddings, dims)


def read_ttl(ttl: TTLConfig | None) -> TTLConfig | None:
    """The configuration. Raises `ValueError` for what the service can't do."""
    if ttl is not None and ttl.get("omit_expired") is False:
        raise ValueError("The service never gives expired items; leave out omit_expired.")
    return ttl


def run(ops: list[Op], indexer: Indexer | None, send: Callable[[list[Operation]], Answers]) -> list[Result]:
    """Do operations; `send` makes one request."""
    steps = _exchange(ops, indexer)
    answer: Any = None
    while True:
        try:
            asked = steps.send(answer)
        except StopIteration as done:
            return cast("list[Result]", done.value)
        answer = asked.embed() if isinstance(asked, _Texts) else send(asked)


async def arun(
    ops: list[Op], indexer: Indexer | None, send: Callable[[list[Operation]], Awaitable[Answers]]
) -> list[Result]:
    """Do operations asynchronously."""
    steps = _exchange(ops, indexer)
    answer: Any = None
    while True:
        try:
            asked = steps.send(answer)
        except StopIteration as done:
            return cast("list[Result]", done.value)
        answer = await asked.aembed() if isinstance(asked, _Texts) else await send(asked)


def _exchange(
    ops: list[Op], indexer: Indexer | None
) -> Generator[_Texts | list[Operation], Any, list[Result]]:
    """What is to be embedded and sent, one thing after another; each answer is sent in. Gives the results."""
    operations = {at: _to_operation(ops[at], indexer) for at in _needed(ops)}
    if indexer is not None and indexer.embeddings is not None:
        texts = _texts_of(operations.values(), indexer.embeddings, indexer.dims)
        if texts.documents or texts.queries:
            documents, queries = yield texts
            for operation in operations.values():
                _replace_texts(operation, documents, queries)
    results: list[Result] = [None] * len(ops)
    for part in _parts(ops, operations):
        answers: Answers = yield [operations[at] for at in part]
        for at, answer in zip(part, answers):
            results[at] = _to_result(ops[at], answer)
        last = ops[part[-1]]
        if isinstance(last, (SearchOp, ListNamespacesOp)):
            yield from _read_on(last, operations[part[-1]], cast("list[Any]", results[part[-1]]))
    return results


def _needed(ops: list[Op]) -> list[int]:
    """The positions of the operations, but for puts after which, before any read, the same key is put."""
    needed: list[int] = []
    later: set[tuple[tuple[str, ...], str]] = set()
    for at in reversed(range(len(ops))):
        op = ops[at]
        if not isinstance(op, PutOp):
            later.clear()
        elif (tuple(op.namespace), op.key) in later:
            continue
        else:
            later.add((tuple(op.namespace), op.key))
        needed.append(at)
    return needed[::-1]


def _parts(ops: list[Op], operations: dict[int, Operation]) -> Iterator[list[int]]:
    """The positions of the operations of each request; one with further pages ends its request."""
    part: list[int] = []
    size = texts = 0
    for at, operation in operations.items():
        own_size, own_texts = len(to_json(operation)) + 1, len(operation.get("texts", ()))
        is_full = len(part) == MAX_OPERATIONS or size + own_size > MAX_BYTES or texts + own_texts > MAX_TEXTS
        if part and (is_full or _is_long(ops[part[-1]])):
            yield part
            part, size, texts = [], 0, 0
        part.append(at)
        size, texts = size + own_size, texts + own_texts
    if part:
        yield part


def _is_long(op: Op) -> bool:
    return isinstance(op, (SearchOp, ListNamespacesOp)) and op.limit > MAX_ITEMS


def _read_on(
    op: SearchOp | ListNamespacesOp, operation: Operation, found: list[Any]
) -> Generator[list[Operation], Answers, None]:
    """Ask for the further pages of a read and add them to what was found."""
    page_size = len(found)
    while page_size == MAX_ITEMS and len(found) < op.limit:
        wanted = min(MAX_ITEMS, op.limit - len(found))
        answers = yield [{**operation, "offset": op.offset + len(found), "limit": wanted}]
        page = cast("list[Any]", _to_result(op, answers[0]))
        page_size = len(page)
        found += page


def _to_operation(op: Op, indexer: Indexer | None) -> Operation:
    """An operation as the service has it."""
    if isinstance(op, GetOp):
        return {"op": "get", **_place(op), "refresh_ttl": bool(op.refresh_ttl)}
    if isinstance(op, PutOp) and op.value is None:
        return {"op": "delete", **_place(op)}
    if isinstance(op, PutOp):
        texts = indexer.texts(op) if indexer is not None else []
        return {"op": "put", **_place(op), "value": op.value, "texts": texts, "ttl_minutes": op.ttl}
    if isinstance(op, SearchOp):
        has_query = indexer is not None and op.query and op.query.strip()
        return {
            "op": "search",
            "namespace_prefix": list(op.namespace_prefix),
            "filter": op.filter,
            "query": op.query[:MAX_TEXT_CHARS] if has_query and op.query else None,
            "limit": min(op.limit, MAX_ITEMS),
            "offset": op.offset,
            "refresh_ttl": bool(op.refresh_ttl),
        }
    if isinstance(op, ListNamespacesOp):
        conditions = [
            {"match_type": one.match_type, "path": list(one.path)}
            for one in op.match_conditions or ()
            if one.path
        ]
        return {
            "op": "list_namespaces",
            "match_conditions": conditions,
            "max_depth": None if op.max_depth is None else min(op.max_depth, MAX_LABELS),
            "limit": min(op.limit, MAX_ITEMS),
            "offset": op.offset,
        }
    raise TypeError(f"A {type(op).__name__} is no operation of a store.")


def _place(op: GetOp | PutOp) -> Operation:
    return {"namespace": list(op.namespace), "key": op.key}


def _texts_of(operations: Iterable[Operation], embeddings: Embeddings, dims: int | None) -> _Texts:
    documents: dict[str, None] = {}
    queries: dict[str, None] = {}
    for operation in operations:
        documents.update((one["text"], None) for one in operation.get("texts", ()))
        if operation.get("query"):
            queries[operation["query"]] = None
    return _Texts(list(documents), list(queries), embeddings, dims)


def _replace_texts(operation: Operation, documents: Vectors, queries: Vectors) -> None:
    """Put vectors in place of texts. One of zeros has no direction: nothing is found by it."""
    texts = operation.pop("texts", None)
    if texts is not None:
        vectors = [{"path": one["path"], "vector": documents[one["text"]]} for one in texts]
        operation["vectors"] = [one for one in vectors if any(one["vector"])]
    query = operation.pop("query", None)
    if query is not None:
        operation["vector"] = queries[query]


def _to_result(op: Op, answer: StoreResult) -> Result:
    if isinstance(op, GetOp):
        return Item(**_fields(answer.item)) if isinstance(answer.item, StoredItem) else None
    if isinstance(op, SearchOp):
        # A score that was not given is an object of the generated classes and not a number.
        return [
            SearchItem(**_fields(one), score=one.score if isinstance(one.score, float) else None)
            for one in answer.items or ()
        ]
    if isinstance(op, ListNamespacesOp):
        return [tuple(namespace) for namespace in answer.namespaces or ()]
    return None


def _fields(item: StoredItem) -> dict[str, Any]:
    return {
        "namespace": tuple(item.namespace),
        "key": item.key,
        "value": item.value,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
    }
