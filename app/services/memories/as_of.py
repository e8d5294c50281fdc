"""Load a user's memories as of a bitemporal point: `as_of` is valid time, `known_at` is transaction time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
import structlog

from app.core.errors import UpstreamFailed
from app.core.instants import clamp_instant, in_utc_offset
from app.core.security import Principal
from app.core.vocabulary import Status
from app.db import models
from app.db.memory_rows import VERSIONED_COLUMNS, MemoryState
from app.db.repositories.memories import history, links
from app.db.repositories.models import embedding_models
from app.db.repositories.platform import users
from app.db.repositories.search import index_feed
from app.db.user_session import UserSession
from app.llm.embedders import EmbeddersInUse
from app.llm.embeddings import Embedder
from app.memory.index.documents import MemoryRow, SourceRow, TurnRow
from app.memory.index.link_graph import EDGE_WEIGHTS
from app.memory.index.user_index import UserIndex
from app.memory.reconciliation.timeline.conflicts import conflicts_by_memory
from app.memory.reconciliation.timeline.validity import memory_spans, state_as_of, validity_spans
from app.memory.redaction import REDACTION_MARKER
from app.memory.types import Assertion
from app.resources import Resources
from app.services.memories.memory_versions import COLUMN_DEFAULTS
from app.services.memories.validity_replay import slot_of
from app.services.models.model_registry import ModelsChanged
from app.services.platform.user_context import UserContext

log = structlog.get_logger(__name__)
_INSTANT_COLUMNS = frozenset({"valid_from", "valid_to", "event_from", "event_to", "expires_at"})
MEMORY_COLUMNS = tuple(name for name in MemoryRow.__dataclass_fields__ if name != "sources")


@dataclass(frozen=True, slots=True)
class BitemporalPoint:
    """A point in valid time (`as_of`) and transaction time (`known_at`); None stands for now."""

    as_of: datetime | None = None
    known_at: datetime | None = None

    def answer_time(self, now: datetime) -> datetime:
        """Return the time that the answer describes."""
        return self.as_of or self.known_at or now

    def __bool__(self) -> bool:
        return self.as_of is not None or self.known_at is not None


NOW = BitemporalPoint()


@dataclass(frozen=True, slots=True)
class StateAsOf:
    """A user's memories as of a bitemporal point, newest first.

    `assertions` maps a memory to its assertions, `reworded` has the memories whose text has changed since,
    `conflicts` maps a memory to those that contradict it. `redacted` has the memories whose text of that time
    has been erased; they are not among `memories`.
    """

    memories: list[MemoryState]
    assertions: dict[UUID, list[Assertion]]
    reworded: frozenset[UUID]
    conflicts: dict[UUID, list[UUID]]
    redacted: frozenset[UUID] = frozenset()


def load_state_as_of(user: UserSession, point: BitemporalPoint) -> StateAsOf:
    """Load a user's memories as of a bitemporal point.

    A deletion is the one change that also applies to the past: nothing is left of a deleted memory.
    """
    stored = history.list_memories_as_of(user, point.known_at)
    assertions: dict[UUID, list[Assertion]] = {}
    for assertion in history.list_assertions_as_of(user, point.known_at):
        assertions.setdefault(assertion.memory_id, []).append(assertion)
    rows = [MemoryState.of_row(memory) for memory in stored]
    redacted: set[UUID] = set()
    if point.known_at is not None:
        versions = history.load_versions_as_of(user, point.known_at)
        redacted = {i for i, version in versions.items() if version.snapshot == REDACTION_MARKER}
        versions = {i: version for i, version in versions.items() if i not in redacted}
        rows = [_at_version(row, versions[row.id]) for row in rows if row.id in versions]
    text_now = {memory.id: memory.content for memory in stored}
    reworded = frozenset(row.id for row in rows if row.content != text_now[row.id])
    if point.as_of is not None:
        rows = list(_rows_true_at(rows, assertions, point.as_of))
    active_ids = {row.id for row in rows if row.status == Status.ACTIVATED}
    pairs = history.list_contradictions_as_of(user, point.known_at)
    conflicts = conflicts_by_memory(pair for pair in pairs if active_ids.issuperset(pair))
    return StateAsOf(rows, assertions, reworded, conflicts, frozenset(redacted))


def _at_version(state: MemoryState, version: models.MemoryVersion) -> MemoryState:
    """Return the memory with the columns of one of its versions."""
    values: dict[str, object] = {}
    for name in VERSIONED_COLUMNS:
        value = version.snapshot.get(name.rstrip("_"))
        if value is None:
            value = COLUMN_DEFAULTS.get(name)
        values[name] = _parse_instant(str(value)) if name in _INSTANT_COLUMNS and value is not None else value
    return replace(state, **values, version=version.version, updated_at=version.at)


def _parse_instant(text: str) -> datetime:
    """Parse an instant of a version; an old version may have one outside the range of the tables."""
    return clamp_instant(datetime.fromisoformat(text))


def _rows_true_at(
    rows: Sequence[MemoryState], assertions_by_memory: Mapping[UUID, list[Assertion]], as_of: datetime
) -> Iterable[MemoryState]:
    slots: dict[tuple[str, str], list[Assertion]] = {}
    for row in rows:
        key = slot_of(row)
        if key is not None and row.status != Status.MERGED:
            slots.setdefault(key, []).extend(assertions_by_memory.get(row.id, ()))
    spans = {
        memory_id: intervals
        for assertions in slots.values()
        for memory_id, intervals in validity_spans(assertions).items()
    }
    for row in rows:
        intervals = spans.get(row.id)
        if slot_of(row) is None:
            intervals = memory_spans(row.valid_from, assertions_by_memory.get(row.id, ()))
        state = state_as_of(
            row.status, intervals if intervals is not None else [(row.valid_from, row.valid_to)], as_of
        )
        if state is not None:
            yield replace(row, valid_from=state.valid_from, valid_to=state.valid_to, status=state.status)


def build_index_as_of(
    resources: Resources, in_use: EmbeddersInUse, principal: Principal, user_id: str, point: BitemporalPoint
) -> UserIndex:
    """Build a search index of what was said and recorded by then; it serves one query and is not cached.

    Raises `ModelsChanged` when another embedding model has become active.
    """
    embedder = in_use.active
    user_index = UserIndex(embedder.dimensions)
    with UserContext(resources, principal, user_id).read_transaction() as user:
        session = user.session
        _, user_index.epoch = users.get_revision_and_epoch(user) or (0, 0)
        for turn in history.list_turns_as_of(user, point.as_of, point.known_at):
            # Whether extraction had read the turn by then is not recorded, so no turn counts as pending.
            user_index.upsert_turn(to_turn_row(turn, pending=False))
        state = load_state_as_of(user, point)
        vectors = index_feed.list_vectors_since(user, embedder.model_id, 0)
        linked = links.list_outgoing_links(user, EDGE_WEIGHTS, known_at=point.known_at)
        successions = links.list_successions(user, known_at=point.known_at)
        if embedding_models.get_serial(session) != in_use.serial:
            raise ModelsChanged
    user_index.conflicts = state.conflicts
    for row in state.memories:
        sources = [to_source_row(a) for a in state.assertions.get(row.id, ())]
        user_index.upsert_memory(
            MemoryRow(**{name: getattr(row, name) for name in MEMORY_COLUMNS}, sources=sources)
        )
    user_index.replace_links([row.id for row in state.memories], [to_link_row(row) for row in linked])
    user_index.replace_successions([row.id for row in state.memories], successions)
    user_index.set_vectors(*vectors.without(state.reworded))
    _reembed_reworded(embedder, user_index, [row for row in state.memories if row.id in state.reworded])
    return user_index


def _reembed_reworded(embedder: Embedder, user_index: UserIndex, rows: Sequence[MemoryState]) -> None:
    """Embed the former texts of reworded memories, in the float16 precision of the table."""
    if not rows:
        return
    try:
        vectors = embedder.embed([row.content for row in rows])
    except UpstreamFailed as failure:
        log.warning("history_not_embedded", error=failure.code)
        return
    for row, vector in zip(rows, vectors, strict=True):
        user_index.set_vector(row.id, False, vector.astype(np.float16).astype(np.float32))


def to_turn_row(turn: Any, *, pending: bool) -> TurnRow:
    """Return a turn as the search index stores it."""
    return TurnRow(
        id=turn.id,
        session_id=turn.session_id,
        agent_id=turn.agent_id,
        role=turn.role,
        name=turn.name,
        content=turn.content,
        ref=turn.ref,
        observed_at=in_utc_offset(turn.observed_at, turn.utc_offset),
        pending=pending,
        place=turn.place,
        recorded_at=turn.recorded_at,
        metadata=turn.metadata_ or None,
    )


def to_source_row(assertion: Any) -> SourceRow:
    """Return an assertion as the search index stores it."""
    copied = (assertion.owner_user_id, assertion.owner_memory_id, assertion.owner_version)
    denies = assertion.polarity < 0
    return SourceRow(assertion.turn_id, assertion.quote, assertion.asserted_at, denies, copied)


def to_link_row(link: Any) -> tuple[UUID, UUID, float]:
    """Return a link as the search index stores it: (source, target, edge weight)."""
    return link.source_id, link.target_id, EDGE_WEIGHTS[link.type] * link.weight
