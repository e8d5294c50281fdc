"""A user's store: JSON objects under a namespace and a key, found by labels, members and meaning."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.core.errors import InvalidInput
from app.core.security import Principal
from app.core.vocabulary import KeyScope
from app.db.repositories.platform import users
from app.db.repositories.sessions import store_items
from app.db.session import AnyRow
from app.db.user_session import UserSession
from app.llm.embeddings import Embedder
from app.resources import Resources
from app.schemas.sessions.store_items import (
    ANY_LABEL,
    DeleteStoreItem,
    GetStoreItem,
    ListStoreNamespaces,
    MatchType,
    PutStoreItem,
    RunStoreOperations,
    SearchStoreItems,
    StoredItem,
    StoreResult,
    StoreResults,
)
from app.services.models.model_registry import current_models
from app.services.platform.user_context import UserContext

OPERATORS = frozenset(["$eq", "$ne", "$gt", "$gte", "$lt", "$lte"])
MAX_REEMBEDDED = 256  # texts of one search that another model embedded, after a change of the model
OWN_MODEL = ""  # the model of vectors that a client made


def run_operations(resources: Resources, principal: Principal, request: RunStoreOperations) -> StoreResults:
    """Do the operations of one user's store in their order, in one transaction.

    Raises `Forbidden`, `InvalidInput`, and `UpstreamFailed` while the embedding model can't be reached.
    """
    is_write = any(isinstance(one, PutStoreItem | DeleteStoreItem) for one in request.operations)
    principal.require_scope(KeyScope.WRITE if is_write else KeyScope.READ)
    principal.require_user(request.user_id)
    _check_sizes(request, resources.settings.artifact_bytes)
    ctx = UserContext(resources, principal, request.user_id)
    embedder = current_models(resources).active
    vectors = _embed_texts(embedder, request)
    with ctx.open_transaction() as user:
        if is_write:
            users.ensure_user(user)
            store_items.lock_store(user)
            store_items.delete_expired(user, resources.now())
        run = _Run(user, embedder, vectors, may_write=KeyScope.WRITE in principal.scopes)
        return StoreResults(results=[run.do(one, resources.now()) for one in request.operations])


@dataclass(slots=True)
class _Run:
    """One request's operations inside its transaction; `vectors` are by text."""

    user: UserSession
    embedder: Embedder
    vectors: dict[str, list[float]]
    may_write: bool

    def do(self, operation: Any, now: datetime) -> StoreResult:
        """Do one operation."""
        match operation:
            case GetStoreItem():
                return self._get(operation, now)
            case PutStoreItem():
                self._put(operation, now)
                return StoreResult()
            case DeleteStoreItem():
                store_items.delete_item(self.user, operation.namespace, operation.key)
                return StoreResult()
            case SearchStoreItems():
                return self._search(operation, now)
            case _:
                return self._list_namespaces(operation, now)

    def _get(self, operation: GetStoreItem, now: datetime) -> StoreResult:
        if operation.refresh_ttl and self.may_write:
            store_items.refresh_expiry(self.user, [(operation.namespace, operation.key)], now)
        row = store_items.get_item(self.user, operation.namespace, operation.key, now)
        return StoreResult(item=_to_item(row) if row is not None else None)

    def _put(self, operation: PutStoreItem, now: datetime) -> None:
        ttl = operation.ttl_minutes
        item = {
            "namespace": operation.namespace,
            "key": operation.key,
            "value": operation.value,
            "created_at": now,
            "updated_at": now,
            "expires_at": now + timedelta(minutes=ttl) if ttl is not None else None,
            "ttl_minutes": ttl,
        }
        embedded = [
            {
                "path": one.path,
                "model_id": self.embedder.model_id,
                "text": one.text,
                "vector": self.vectors[one.text],
            }
            for one in operation.texts
            if one.text.strip()
        ]
        given = [
            {"path": one.path, "model_id": OWN_MODEL, "text": None, "vector": one.vector}
            for one in operation.vectors
        ]
        store_items.put_item(self.user, item, [*embedded, *given])

    def _search(self, operation: SearchStoreItems, now: datetime) -> StoreResult:
        nearest_to = None
        if operation.vector is not None:
            nearest_to = OWN_MODEL, operation.vector
        elif operation.query and operation.query.strip():
            self._reembed_items(operation.namespace_prefix)
            nearest_to = self.embedder.model_id, self.vectors[operation.query]
        rows = store_items.search_items(
            self.user,
            operation.namespace_prefix,
            _filter_conditions(operation.filter or {}),
            now,
            limit=operation.limit,
            offset=operation.offset,
            nearest_to=nearest_to,
        )
        if operation.refresh_ttl and self.may_write:
            store_items.refresh_expiry(self.user, [(row.namespace, row.key) for row in rows], now)
        return StoreResult(items=[_to_item(row) for row in rows])

    def _list_namespaces(self, operation: ListStoreNamespaces, now: datetime) -> StoreResult:
        conditions = [
            store_items.matches_labels(
                one.path, is_suffix=one.match_type is MatchType.SUFFIX, any_label=ANY_LABEL
            )
            for one in operation.match_conditions
        ]
        found = store_items.list_namespaces(
            self.user,
            conditions,
            now,
            max_depth=operation.max_depth,
            limit=operation.limit,
            offset=operation.offset,
        )
        return StoreResult(namespaces=found)

    def _reembed_items(self, prefix: Sequence[str]) -> None:
        """Embed texts under a prefix again that an earlier embedding model embedded: mostly there is none."""
        rows = store_items.list_texts_of_other_models(
            self.user, prefix, self.embedder.model_id, MAX_REEMBEDDED
        )
        if not rows:
            return
        store_items.lock_store(self.user)
        vectors = self.embedder.embed([row.text for row in rows])
        for row, vector in zip(rows, vectors, strict=True):
            store_items.replace_vector(self.user, row, self.embedder.model_id, vector.astype(float).tolist())


def _check_sizes(request: RunStoreOperations, most: int) -> None:
    """Raise `InvalidInput` if the value of an item is too large."""
    for at, one in enumerate(request.operations):
        if isinstance(one, PutStoreItem):
            size = len(one.model_dump_json(include={"value"}).encode())
            if size > most:
                raise InvalidInput(
                    f"A value may have {most} bytes of JSON, this has {size}.",
                    field=f"operations[{at}].value",
                )


def _embed_texts(embedder: Embedder, request: RunStoreOperations) -> dict[str, list[float]]:
    """The vector of each text of the items and of each query, by the text."""
    texts = {text.text for one in request.operations if isinstance(one, PutStoreItem) for text in one.texts}
    queries = {one.query for one in request.operations if isinstance(one, SearchStoreItems) and one.query}
    written = sorted(text for text in texts if text.strip())
    found = dict(zip(written, embedder.embed(written), strict=True)) if written else {}
    found |= {query: embedder.embed_query(query) for query in sorted(queries - found.keys()) if query.strip()}
    return {text: vector.astype(float).tolist() for text, vector in found.items()}


def _filter_conditions(given: dict[str, Any]) -> list[store_items.Condition]:
    """The conditions of a filter. Raises `InvalidInput` for an operator that there is not."""
    conditions: list[store_items.Condition] = []
    for member, wanted in given.items():
        if not (isinstance(wanted, dict) and wanted and all(name.startswith("$") for name in wanted)):
            conditions.append(store_items.compares_member(member, "$eq", wanted))
            continue
        for operator, value in wanted.items():
            if operator not in OPERATORS:
                known = ", ".join(sorted(OPERATORS))
                raise InvalidInput(
                    f"There is no operator {operator[:20]}; there are {known}.", field="filter"
                )
            conditions.append(store_items.compares_member(member, operator, value))
    return conditions


def _to_item(row: AnyRow) -> StoredItem:
    return StoredItem(
        namespace=row.namespace,
        key=row.key,
        value=row.value,
        created_at=row.created_at,
        updated_at=row.updated_at,
        expires_at=row.expires_at,
        score=row.score,
    )
