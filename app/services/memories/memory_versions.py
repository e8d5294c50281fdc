"""The only writer of memory versions: it writes change sets, after the replay of what they concern."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from app.core.vocabulary import Layer, Op, Status, Volatility
from app.db import models
from app.db.memory_rows import (
    MemoryChanges,
    NewEmbedding,
    NewMemory,
    NewVersion,
    trace_changes,
    version_snapshot,
)
from app.db.repositories.memories import derivations, memories
from app.db.repositories.search import feedback
from app.db.user_session import UserSession
from app.llm.embedders import EmbeddersInUse
from app.memory.consolidation.derivation import SOURCE_CHANGED, SOURCE_DELETED, makes_derived_stale
from app.memory.consolidation.retention import compute_trace
from app.memory.numeric import FloatArray
from app.services.memories.change_set import ChangeSet, sources_by_memory
from app.services.memories.validity_replay import replay_validity
from app.services.models.model_registry import VectorPair, lock_models

# The values that the database sets when a new row leaves a column out.
COLUMN_DEFAULTS: Mapping[str, object] = {
    "metadata_": {},
    "layer": Layer.SHORT,
    "strength": 1.0,
    "frozen": False,
    "pinned": False,
    "volatility": Volatility.TEMPORAL,
    "stale": False,
}


def write_changes(user: UserSession, change: ChangeSet, revision: int, in_use: EmbeddersInUse | None) -> None:
    """Replay the touched slots and memories, then write memories, assertions, links, versions and vectors.

    Raises `ModelsChanged` when the vectors are not of the models that are active now.
    """
    replay_validity(user, change)
    _mark_stale(user, change)
    rows = memories.list_memories_by_ids(user.session, user.tenant_id, change.edits)
    stored = {row.id: row for row in rows}
    _update_traces(user, change, stored)
    versions = [
        _new_version(change, draft, {}, (1, Op.ADD, change.reasons.get(draft.id)))
        for draft in change.created.values()
    ]
    memories.allow_replay(user.session)
    edited = {i: stored[i] for i in change.edits if i in stored}
    leaves = {i: change.edits[i].values.get("status") == Status.SUPERSEDED for i in edited}
    leaving, staying = ([i for i in edited if leaves[i] is wanted] for wanted in (True, False))
    for memory_id in (*leaving, *staying):
        edit, row = change.edits[memory_id], edited[memory_id]
        versions.append(_new_version(change, row, edit.values, (row.version + 1, edit.op, edit.reason)))
    # A slot has one current value: the new holder is inserted after the old one has left.
    for memory_id in leaving:
        _update_memory(user, change, edited[memory_id], revision)
    memories.insert_memories(user, list(change.created.values()), revision, change.now)
    for memory_id in staying:
        _update_memory(user, change, edited[memory_id], revision)
    memories.insert_assertions(user, change.assertions)
    memories.insert_links(user, change.links)
    memories.insert_versions(user, versions)
    if change.vectors:
        write_vectors(user, revision, in_use, change.vectors)


def _update_memory(user: UserSession, change: ChangeSet, row: models.Memory, revision: int) -> None:
    written: MemoryChanges = {"version": row.version + 1, "revision": revision, "updated_at": change.now}
    values = change.edits[row.id].values | written
    memories.update_memory(user.session, user.tenant_id, row.id, values)


def write_vectors(
    user: UserSession,
    revision: int,
    in_use: EmbeddersInUse | None,
    vectors: Mapping[UUID, VectorPair],
    *,
    of_turn: bool = False,
) -> None:
    """Store the vectors of turns or memories. Raises `ModelsChanged` when other models are active by now."""
    if in_use is None:
        raise ValueError("who writes vectors says by which models they are")
    lock_models(user.session, in_use)

    def new_embedding(row_id: UUID, vector: FloatArray, model_id: str) -> NewEmbedding:
        return NewEmbedding(user.tenant_id, row_id, model_id, user.user_id, of_turn, vector, revision)

    active_id, target = in_use.active.model_id, in_use.target
    embeddings = [new_embedding(i, pair[0], active_id) for i, pair in vectors.items()]
    memories.insert_embeddings(user.session, embeddings)
    if in_use.others and not of_turn:
        # The row's vectors by any other model belong to content that it no longer has.
        memories.delete_other_embeddings(user.session, user.tenant_id, vectors, active_id)
    if target is not None:
        pairs = [(i, pair[1]) for i, pair in vectors.items()]
        following = [new_embedding(i, vector, target.model_id) for i, vector in pairs if vector is not None]
        memories.insert_embeddings(user.session, following)


def _mark_stale(user: UserSession, change: ChangeSet) -> None:
    """Mark what is derived from a changing memory as stale until it is derived again."""
    ended = {i for i, edit in change.edits.items() if edit.values.get("status") == Status.EXPIRED}
    changed = {i for i, edit in change.edits.items() if makes_derived_stale(edit.values)}
    for ids, reason in ((ended | change.lost_source, SOURCE_DELETED), (changed - ended, SOURCE_CHANGED)):
        fresh = derivations.list_fresh_dependents(user.session, user.tenant_id, ids) if ids else ()
        for memory_id in fresh:
            if "stale" not in change.pending_values(memory_id) and memory_id not in ended:
                change.mark_stale(memory_id, reason)


def _update_traces(user: UserSession, change: ChangeSet, stored: Mapping[UUID, models.Memory]) -> None:
    """Collect the new strengths of the memories that this change asserts, from all of their assertions."""
    known = {one.memory_id for one in change.assertions} & set(stored)
    supported = {one.memory_id for one in change.assertions if one.polarity > 0}
    before = memories.list_assertions(user.session, user.tenant_id, known) if known else []
    assertions_by_memory = sources_by_memory([*before, *change.assertions])
    cited = feedback.load_citations(user, known) if known else {}
    for memory_id, assertions in assertions_by_memory.items():
        if memory_id in stored:
            row, edit = stored[memory_id], change.edits[memory_id]
            traces = trace_changes(compute_trace(row.importance, assertions, cited.get(memory_id, ())))
            if (
                memories.has_expired(row, change.now)
                and memory_id in supported
                and "expires_at" not in edit.values
            ):
                # The memory was asserted again after it had expired and before it was deleted: it must be
                # kept.
                traces |= MemoryChanges(expires_at=None)
            change.edits[memory_id] = replace(edit, values=edit.values | traces)
        elif memory_id in change.created:
            draft = change.created[memory_id]
            traces = trace_changes(compute_trace(draft.importance, assertions))
            change.created[memory_id] = replace(draft, **traces)


def _new_version(
    change: ChangeSet,
    memory: models.Memory | NewMemory,
    changes: MemoryChanges,
    done: tuple[int, Op, str | None],
) -> NewVersion:
    """Return the new version of a memory; `done` is (its number, the operation, the reason)."""
    number, op, reason = done
    snapshot = version_snapshot(memory, changes, change.turn_ids_of(memory.id))
    return NewVersion(memory.id, number, op, str(change.actor), reason, change.model, snapshot, change.now)
