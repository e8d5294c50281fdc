"""The only writer of memory versions: applies change sets and replays slot timelines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.vocabulary import Layer, LinkType, Status, Volatility
from app.db import models
from app.db.repositories.memories import derivations, memories
from app.db.repositories.search import feedback
from app.db.user_session import UserSession
from app.llm.embedders import EmbeddersInUse
from app.memory.consolidation.derivation import SOURCE_CHANGED, SOURCE_DELETED, makes_derived_stale
from app.memory.consolidation.retention import compute_trace
from app.memory.reconciliation.decisions import CONFLICT_FACTOR, ValidityInterval, is_retraction, replay_slot
from app.memory.reconciliation.reliance import default_volatility
from app.memory.types import Assertion, Slot
from app.services.models.model_registry import VectorPair, lock_models

VERSIONED_COLUMNS = (
    "content",
    "kind",
    "form",
    "status",
    "subject",
    "attribute",
    "value",
    "polarity",
    "keywords",
    "tags",
    "entities",
    "context",
    "confidence",
    "importance",
    "valid_from",
    "valid_to",
    "event_from",
    "event_to",
    "place",
    "origin",
    "metadata_",
    "layer",
    "strength",
    "frozen",
    "pinned",
    "expires_at",
    "volatility",
    "stale",
)
# What the database sets when a new row leaves it out.
COLUMN_DEFAULTS: dict[str, Any] = {
    "metadata_": {},
    "layer": Layer.SHORT,
    "strength": 1.0,
    "frozen": False,
    "pinned": False,
    "volatility": Volatility.TEMPORAL,
    "stale": False,
}
Row = dict[str, Any]
SlotKey = tuple[str, str]


@dataclass
class ChangeSet:
    """One transaction's changes of one user's memories, written together by `write`.

    `robbed` are memories that stay though a turn that says them goes.

    `vectors` are (by the model in use, by the one to follow it or None) of each new content.
    """

    tenant_id: str
    user_id: str
    revision: int
    now: datetime
    actor: str
    model: str | None = None
    new_rows: dict[UUID, Row] = field(default_factory=dict[UUID, Row])
    reasons: dict[UUID, str] = field(default_factory=dict[UUID, str])
    assertions: list[Row] = field(default_factory=list[Row])
    links: list[Row] = field(default_factory=list[Row])
    vectors: dict[UUID, VectorPair] = field(default_factory=dict[UUID, VectorPair])
    slots: set[SlotKey] = field(default_factory=set[SlotKey])
    edits: dict[UUID, tuple[str, str, Row]] = field(default_factory=dict[UUID, tuple[str, str, Row]])
    lost_source: set[UUID] = field(default_factory=set[UUID])

    def add_link(self, source_id: UUID, target_id: UUID, link_type: LinkType, weight: float = 1.0) -> None:
        """Connect two memories; `weight` is in [0, 1]."""
        row: Row = {"source_id": source_id, "target_id": target_id, "type": link_type, "weight": weight}
        row["created_by"] = self.actor
        self.links.append(row | {"tenant_id": self.tenant_id, "user_id": self.user_id})

    def edit_memory(self, memory_id: UUID, op: str, reason: str, values: Mapping[str, Any]) -> None:
        """Change a stored memory; several changes of one memory become one version."""
        if memory_id in self.new_rows:
            self.new_rows[memory_id] |= values
            return
        first_op, first_reason, before = self.edits.get(memory_id, (op, reason, {}))
        self.edits[memory_id] = (first_op, first_reason, before | dict(values))

    def expire_memory(self, memory_id: UUID, reason: str) -> None:
        """Empty a memory and end its life; its versions are wiped by the caller once this is written."""
        emptied: Row = {"content": "", "keywords": [], "tags": [], "entities": [], "context": None}
        emptied |= {"metadata_": {}, "value": None, "subject": None, "attribute": None, "place": None}
        ended = {"status": Status.EXPIRED, "retired_at": self.now}
        self.edit_memory(memory_id, "delete", reason, emptied | ended)


def write_changes(session: Session, change: ChangeSet, in_use: EmbeddersInUse) -> None:
    """Fold the touched slots, then write memories, assertions, links, vectors and versions.

    Raises `ModelsChanged` when the vectors are not of the models that are in use by now.
    """
    for key in sorted(change.slots):
        _replay_slot(session, change, key)
    _mark_stale(session, change)
    stored = {row.id: row for row in memories.list_memories_by_ids(session, change.tenant_id, change.edits)}
    _update_traces(session, change, stored)
    versions = [
        _new_version_row(change, row, 1, "add", change.reasons.get(row["id"]))
        for row in change.new_rows.values()
    ]
    memories.allow_refold(session)
    leaving = [i for i, (_, _, values) in change.edits.items() if values.get("status") == Status.SUPERSEDED]
    ordered = [*leaving, *(i for i in change.edits if i not in set(leaving))]
    for memory_id in [i for i in ordered if i in stored]:
        op, reason, values = change.edits[memory_id]
        row = stored[memory_id]
        after = _versioned_values(row) | values
        versions.append(_new_version_row(change, after | {"id": memory_id}, row.version + 1, op, reason))
        values = values | {"version": row.version + 1, "revision": change.revision, "updated_at": change.now}
        # A slot has one current value: the new holder goes in after the old one has left.
        if memory_id in leaving:
            memories.update_memory(session, change.tenant_id, memory_id, values)
            change.edits[memory_id] = (op, reason, {})
        else:
            change.edits[memory_id] = (op, reason, values)
    memories.insert_memories(session, list(change.new_rows.values()))
    for memory_id in [i for i in ordered if i in stored]:
        values = change.edits[memory_id][2]
        if values:
            memories.update_memory(session, change.tenant_id, memory_id, values)
    memories.insert_assertions(session, change.assertions)
    memories.insert_links(session, change.links)
    memories.insert_versions(session, versions)
    if change.vectors:
        _write_vectors(session, change, in_use)


def _write_vectors(session: Session, change: ChangeSet, in_use: EmbeddersInUse) -> None:
    lock_models(session, in_use)
    active_id, target = in_use.active.model_id, in_use.target
    found = [_embedding_row(change, i, pair[0], active_id) for i, pair in change.vectors.items()]
    memories.insert_embeddings(session, found)
    if in_use.others:
        # By any other model the row now has the vector of a content that it no longer has.
        memories.delete_other_embeddings(session, change.tenant_id, change.vectors, active_id)
    if target is not None:
        pairs = [(i, pair[1]) for i, pair in change.vectors.items() if pair[1] is not None]
        following = [_embedding_row(change, i, vector, target.model_id) for i, vector in pairs]
        memories.insert_embeddings(session, following)


def _mark_stale(session: Session, change: ChangeSet) -> None:
    """What was derived from what changes here is stale until it is derived again."""
    ended = {i for i, (_, _, v) in change.edits.items() if v.get("status") == Status.EXPIRED}
    changed = {i for i, (_, _, values) in change.edits.items() if makes_derived_stale(values)}
    for ids, reason in ((ended | change.lost_source, SOURCE_DELETED), (changed - ended, SOURCE_CHANGED)):
        for memory_id in derivations.list_fresh_dependents(session, change.tenant_id, ids) if ids else ():
            values = change.edits.get(memory_id, ("", "", {}))[2]
            if "stale" not in values and memory_id not in ended:
                change.edit_memory(memory_id, "stale", reason, {"stale": True})


def _update_traces(session: Session, change: ChangeSet, stored: Mapping[UUID, models.Memory]) -> None:
    """Note how strong the memories are that this change asserts, from all that was ever said of them."""
    said: dict[UUID, list[Assertion]] = {}
    known = {row["memory_id"] for row in change.assertions} & set(stored)
    told = {row["memory_id"] for row in change.assertions if row["polarity"] > 0}
    for assertion in memories.list_assertions(session, change.tenant_id, known) if known else ():
        said.setdefault(assertion.memory_id, []).append(assertion)
    for row in change.assertions:
        said.setdefault(row["memory_id"], []).append(_to_assertion(row))
    cited = (
        feedback.load_citations(UserSession(session, change.tenant_id, change.user_id), known)
        if known
        else {}
    )
    for memory_id, assertions in said.items():
        if memory_id in stored:
            found = asdict(compute_trace(stored[memory_id].importance, assertions, cited.get(memory_id, ())))
            op, reason, values = change.edits[memory_id]
            if memories.has_expired(stored[memory_id], change.now) and memory_id in told:
                # Said again after its time to live, before it was deleted: that is not to be lost with it.
                values = {"expires_at": None} | values
            change.edits[memory_id] = (op, reason, values | found)
        elif memory_id in change.new_rows:
            change.new_rows[memory_id] |= asdict(
                compute_trace(change.new_rows[memory_id]["importance"], assertions)
            )


def _replay_slot(session: Session, change: ChangeSet, key: SlotKey) -> None:
    """Recompute who held the slot when, and note what has to change for it."""
    stored = {
        row.id: row
        for row in memories.list_memories_by_slots(session, change.tenant_id, change.user_id, [key])
    }
    fresh = {i: row for i, row in change.new_rows.items() if (row["subject"], row["attribute"]) == key}
    assertions = memories.list_assertions(session, change.tenant_id, stored)
    assertions += [_to_assertion(row) for row in change.assertions if row["memory_id"] in stored | fresh]
    timeline, conflicts = replay_slot(_deduplicate_assertions(assertions))
    latest = {interval.memory_id: interval for interval in timeline}
    current = next((i.memory_id for i in timeline if i.until is None), None)
    said = {row["memory_id"] for row in change.assertions}
    for memory_id in stored | fresh:
        before = _versioned_values(stored[memory_id]) if memory_id in stored else fresh[memory_id]
        if is_retraction(Slot(*key, before["value"] or ""), before["polarity"]):
            continue  # it says what the slot is not, and so holds it at no time
        values = _slot_columns(latest.get(memory_id), memory_id in conflicts, before, change.now)
        if before["status"] == Status.ARCHIVED and memory_id not in said:
            values = values if values["status"] == Status.SUPERSEDED else {}  # still cold
        changed = {name: value for name, value in values.items() if before.get(name) != value}
        if changed and not before.get("frozen"):
            op = "restore" if changed.get("status") == Status.ACTIVATED else "fold"
            op = "supersede" if changed.get("status") == Status.SUPERSEDED else op
            change.edit_memory(memory_id, op, f"timeline of {key[1]}", changed)
    for before_it, after_it in pairwise(timeline):
        if before_it.memory_id != after_it.memory_id:
            change.add_link(after_it.memory_id, before_it.memory_id, LinkType.SUPERSEDES)
    for memory_id in conflicts:
        if current is not None:
            change.add_link(memory_id, current, LinkType.CONTRADICTS)


def _slot_columns(interval: ValidityInterval | None, conflict: bool, before: Row, now: datetime) -> Row:
    """The columns that the fold decides for one memory of a slot."""
    disputed = before.get("volatility") == Volatility.DISPUTABLE
    if conflict:
        # Also what held the slot before: a claim that is open now must not look settled.
        return {
            "volatility": Volatility.DISPUTABLE,
            "status": Status.ACTIVATED,
            "valid_to": None,
            "retired_at": None,
            "confidence": round(before["confidence"] * (1.0 if disputed else CONFLICT_FACTOR), 4),
        }
    if interval is None:
        # Every assertion of it was a denial, is gone or lost a dispute: it was never true on its own.
        return {
            "volatility": default_volatility(before["form"], before["attribute"]),
            "status": Status.SUPERSEDED,
            "valid_to": before.get("valid_from"),
            "retired_at": before.get("retired_at") or now,
        }
    ended = interval.until is not None
    return {
        "volatility": default_volatility(before["form"], before["attribute"])
        if disputed
        else before.get("volatility"),
        "status": Status.SUPERSEDED if ended else Status.ACTIVATED,
        "valid_from": interval.since,
        "valid_to": interval.until,
        "retired_at": (before.get("retired_at") or now) if ended else None,
    }


def _deduplicate_assertions(assertions: Iterable[Assertion]) -> list[Assertion]:
    """Each (memory, turn) pair once: a segment that is read again asserts nothing new."""
    seen: dict[tuple[UUID, Any], Assertion] = {}
    for index, assertion in enumerate(assertions):
        seen.setdefault((assertion.memory_id, assertion.turn_id or index), assertion)
    return list(seen.values())


def _to_assertion(row: Row) -> Assertion:
    return Assertion(
        memory_id=row["memory_id"],
        asserted_at=row["asserted_at"],
        recorded_at=row["recorded_at"],
        session_id=row["session_id"],
        position=row["position"],
        turn_id=row["turn_id"],
        quote=row["quote"],
        origin=row["origin"],
        polarity=row["polarity"],
    )


def _versioned_values(memory: models.Memory) -> Row:
    names = (*VERSIONED_COLUMNS, "retired_at")
    return {name: getattr(memory, name) for name in names}


def _new_version_row(change: ChangeSet, row: Row, number: int, op: str, reason: str | None) -> Row:
    turn_ids = [str(a["turn_id"]) for a in change.assertions if a["memory_id"] == row["id"] and a["turn_id"]]
    snapshot = {name.rstrip("_"): _to_json_value(row.get(name)) for name in VERSIONED_COLUMNS} | {
        "turn_ids": turn_ids
    }
    return {
        "tenant_id": change.tenant_id,
        "memory_id": row["id"],
        "version": number,
        "user_id": change.user_id,
        "op": op,
        "actor": change.actor,
        "reason": reason,
        "model": change.model,
        "snapshot": snapshot,
        "at": change.now,
    }


def _to_json_value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _embedding_row(change: ChangeSet, memory_id: UUID, vector: Any, model_id: str) -> Row:
    return {
        "tenant_id": change.tenant_id,
        "id": memory_id,
        "model_id": model_id,
        "user_id": change.user_id,
        "of_turn": False,
        "vector": vector,
        "revision": change.revision,
    }


def slots_of(rows: Sequence[models.Memory]) -> set[SlotKey]:
    """The slots that these memories hold or held."""
    return {
        (row.subject, row.attribute) for row in rows if row.subject is not None and row.attribute is not None
    }
