"""Import a bundle in one transaction: either all of it is stored, or nothing."""

import hashlib
from collections.abc import Iterator
from typing import IO
from uuid import UUID

import numpy as np
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.errors import Conflict, InvalidInput
from app.core.security import Principal
from app.core.vocabulary import JobStatus, KeyScope, Stage, Status
from app.db.memory_rows import NewEmbedding
from app.db.repositories.memories import memories
from app.db.repositories.portability import bundles
from app.db.user_session import UserSession
from app.llm.embedders import EmbeddersInUse
from app.memory.reconciliation.decisions import content_hash
from app.memory.text.embedding_text import format_turn_text
from app.resources import Resources
from app.schemas.common import PathId
from app.schemas.portability.bundles import (
    DerivationRecord,
    EmbeddingRecord,
    FeedbackRecord,
    ImportedBundle,
    JobRecord,
    MemoryRecord,
    Record,
    StoreVectorRecord,
    TurnRecord,
)
from app.services.memories.unit_of_work import UserWrite, user_write
from app.services.models.model_registry import VectorPair, embed_texts, lock_models, with_models
from app.services.platform.user_context import UserContext
from app.services.portability.bundle_reading import BundleContents, iter_records, line_error, validate_bundle

_EMBED_BATCH_SIZE = 256
_USER_ID_ADAPTER: TypeAdapter[str] = TypeAdapter(PathId)
# The keys are the column names of the record: one type serves all tables of a bundle.
BundleRow = dict[str, object]
VectorsByRow = dict[UUID, tuple[bool, VectorPair]]


def import_bundle(
    resources: Resources, principal: Principal, bundle: IO[bytes], user_id: str | None
) -> ImportedBundle:
    """Store the bundle's rows for `user_id` (None: the user of the bundle), who must not have data yet.

    Raises `InvalidInput` naming line and field, `Conflict` when the user has turns, memories or items and
    some of the bundle is not among them, or when its ids belong to another user of the tenant.
    """
    principal.require_scope(KeyScope.ADMIN)
    contents = validate_bundle(bundle)
    owner = user_id or _normalise_user_id(contents.header.user_id)
    principal.require_user(owner)
    try:
        added, embedded = with_models(
            resources, lambda in_use: _import_records(resources, in_use, principal, bundle, contents, owner)
        )
    except IntegrityError as exc:
        raise _translate_integrity_error(exc) from exc
    for stage in (Stage.INGEST, Stage.EXTRACT) if added else ():
        resources.notifier.notify_workers(stage)
    return ImportedBundle(
        user_id=owner, added=added or dict.fromkeys(contents.keys_by_type, 0), embedded=embedded
    )


def _normalise_user_id(user_id: str) -> str:
    try:
        return _USER_ID_ADAPTER.validate_python(user_id)
    except ValidationError as exc:
        message = f"{exc.errors(include_url=False)[0]['msg']}; give the user another name"
        raise line_error(1, "user_id", message) from exc


def _import_records(
    resources: Resources,
    in_use: EmbeddersInUse,
    principal: Principal,
    bundle: IO[bytes],
    contents: BundleContents,
    user_id: str,
) -> tuple[dict[str, int], int]:
    """Return (records added by type, or {} when all are stored already; number of embedded texts)."""
    tenant_id = principal.tenant_id
    with resources.open_transaction(principal) as session:
        if _is_already_imported(session, tenant_id, user_id, contents):
            return {}, 0
    vectors = {} if _has_active_model_vectors(contents, in_use) else _embed_texts(in_use, bundle)
    with user_write(UserContext(resources, principal, user_id), in_use=in_use) as change:
        if _is_already_imported(change.session, tenant_id, user_id, contents):
            return {}, 0
        lock_models(change.session, in_use)
        added = _insert_records(
            change, bundle, in_use if _has_active_model_vectors(contents, in_use) else None
        )
        _insert_vectors(change, vectors, in_use)
    return added, len(vectors)


def _is_already_imported(session: Session, tenant_id: str, user_id: str, contents: BundleContents) -> bool:
    """Return whether all is stored already; False means an empty user. Raises `Conflict` for a mixture."""
    if not bundles.count_user_items(UserSession(session, tenant_id, user_id)):
        return False
    user = UserSession(session, tenant_id, user_id)
    ids = {record: contents.record_ids(record) for record in ("turn", "memory")}
    known = all(bundles.count_known_ids(user, record, of) == len(of) for record, of in ids.items())
    if not any(ids.values()):
        # Items expire and are deleted without a trace, so they tell only where there is nothing else.
        keys = contents.item_keys()
        known = bundles.count_known_items(user, keys) == len(keys)
    if not known:
        raise Conflict(
            "The user has turns, memories or items of a store already, and some of the bundle is not among"
            " them: import for a user that is empty, or erase this one first.",
            field="user_id",
        )
    return True


def _has_active_model_vectors(contents: BundleContents, in_use: EmbeddersInUse) -> bool:
    model = contents.header.embedding_model
    return model is not None and model.model_id == in_use.active.model_id


def _insert_records(change: UserWrite, bundle: IO[bytes], in_use: EmbeddersInUse | None) -> dict[str, int]:
    """Store every record; vectors are stored only when `in_use`, the models they are of, is given."""
    added: dict[str, int] = dict.fromkeys(bundles.TABLES, 0)
    waiting: list[BundleRow] = []
    common: BundleRow = {"tenant_id": change.tenant_id, "user_id": change.user_id}
    kind = ""
    for record in iter_records(bundle):
        if isinstance(record, EmbeddingRecord) and in_use is None:
            continue
        if waiting and (record.type != kind or len(waiting) >= bundles.BATCH):
            bundles.insert_records(change.session, kind, waiting)
            waiting = []
        kind = record.type
        waiting.append(_record_to_row(record, change.revision, in_use) | common)
        added[kind] += 1
    bundles.insert_records(change.session, kind, waiting)
    return added


def _record_to_row(record: Record, revision: int, in_use: EmbeddersInUse | None) -> BundleRow:
    values: BundleRow = record.model_dump(exclude={"type"})
    if isinstance(record, TurnRecord | MemoryRecord | EmbeddingRecord):
        values["revision"] = revision
    if isinstance(record, TurnRecord):
        values["content_hash"] = hashlib.sha256(record.content.encode()).digest()
    elif isinstance(record, MemoryRecord):
        values["content_hash"] = content_hash(record.content)
    elif isinstance(record, EmbeddingRecord) and in_use is not None:
        vector = np.frombuffer(record.vector_bytes, dtype="<f2").astype(np.float32)
        values |= {"model_id": in_use.active.model_id, "vector": vector}
    elif isinstance(record, StoreVectorRecord):
        values["vector"] = np.frombuffer(record.vector_bytes, dtype="<f2").astype(np.float32)
    elif isinstance(record, DerivationRecord):
        values["fingerprint"] = record.fingerprint_bytes
    elif isinstance(record, FeedbackRecord):
        values["shown"] = record.model_dump(mode="json")["shown"]
    elif isinstance(record, JobRecord):
        values["status"] = JobStatus(record.status)
    return values


def _embed_texts(in_use: EmbeddersInUse, bundle: IO[bytes]) -> VectorsByRow:
    """Embed all texts, for a bundle that has no vectors of the active model."""
    vectors_by_row: VectorsByRow = {}
    waiting: list[tuple[UUID, bool, str]] = []

    def embed_waiting_texts() -> None:
        vectors = embed_texts(in_use, [text for _, _, text in waiting])
        for index, (row_id, of_turn, _) in enumerate(waiting):
            vectors_by_row[row_id] = (of_turn, vectors.vector_pair(index))
        waiting.clear()

    for text in _iter_texts(bundle):
        waiting.append(text)
        if len(waiting) >= _EMBED_BATCH_SIZE:
            embed_waiting_texts()
    embed_waiting_texts()
    return vectors_by_row


def _iter_texts(bundle: IO[bytes]) -> Iterator[tuple[UUID, bool, str]]:
    for record in iter_records(bundle):
        if isinstance(record, TurnRecord) and not record.role.is_instruction:
            yield record.id, True, format_turn_text(record.name, record.content)
        if isinstance(record, MemoryRecord) and record.status is not Status.EXPIRED:
            yield record.id, False, record.content


def _insert_vectors(change: UserWrite, vectors: VectorsByRow, in_use: EmbeddersInUse) -> None:
    """Store the vectors of the active model, and those of a migration's target model if there is one."""
    models = [in_use.active, *([in_use.target] if in_use.target is not None else [])]
    for side, model in enumerate(models):
        rows = [
            NewEmbedding(
                change.tenant_id, row_id, model.model_id, change.user_id, of_turn, vector, change.revision
            )
            for row_id, (of_turn, pair) in vectors.items()
            if (vector := pair[side]) is not None
        ]
        for start in range(0, len(rows), bundles.BATCH):
            memories.insert_embeddings(change.session, rows[start : start + bundles.BATCH])


def _translate_integrity_error(exc: IntegrityError) -> Conflict | InvalidInput:
    diagnosis = getattr(exc.orig, "diag", None)
    rule = str(getattr(diagnosis, "constraint_name", None) or "a rule of the database")
    if rule.startswith("pk_"):
        return Conflict(
            "Rows of the bundle belong to another user of this tenant, or are left of this one: a bundle goes"
            " into another tenant, or back to its user after an erasure.",
            field="user_id",
        )
    return InvalidInput(f"The bundle contradicts itself: it breaks {rule}.", field="body")
