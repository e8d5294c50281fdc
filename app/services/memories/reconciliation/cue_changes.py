"""Apply the changes that two statements tell by their words or their sense, where no language model does."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from app.core.vocabulary import Form, Kind, Origin, Role
from app.memory.reconciliation.change_matching import find_change
from app.memory.reconciliation.end_matching import find_death
from app.memory.reconciliation.judged_changes import (
    MAX_CHECKED,
    MAX_JUDGED,
    MIN_CLOSENESS,
    EstimateChanges,
    is_refuted,
    may_be_judged,
    measure_closeness,
    read_estimate,
)
from app.memory.reconciliation.told import Finding, Found, Told, can_end
from app.memory.types import Memory
from app.services.memories.change_set import SlotKey
from app.services.memories.reconciliation.candidates import speaker_words
from app.services.memories.reconciliation.memory_pool import MemoryPool
from app.services.memories.reconciliation.statement_changes import doubt_statements, relate_statements
from app.services.memories.validity_replay import slot_of

_UNTOLD = frozenset([Kind.EXAMPLE, Kind.SUMMARY, Kind.PORTRAIT, Kind.INSIGHT])


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two statements, the later in valid time first, with what they tell."""

    later_id: UUID
    earlier_id: UUID
    later: Told
    earlier: Told


def apply_cues(pool: MemoryPool, memory_id: UUID, index: int, estimate: EstimateChanges | None) -> None:
    """Let the statement of fact `index` change the stored ones that it ends, and those that end it change it.

    The words of both tell it, unless `estimate` says that they mean something else; what they leave open is
    put to it. Where a language model has told the changes (None), a death alone is read from the words: it
    ends more than the model is shown.
    """
    find = find_death if estimate is None else find_change
    speakers = speaker_words(pool.batch.turns.values())
    self_names = pool.account_words() or speakers
    open_pairs: list[_Pair] = []
    checks = MAX_CHECKED
    for pair in _find_pairs(pool, memory_id):
        found = find(pair.later, pair.earlier, self_names, speakers)
        if found is None:
            open_pairs.append(pair)
            continue
        if estimate is not None and found.finding is Finding.CHANGED and checks > 0:
            checks -= 1
            # A death ends what says nothing of it, so both sentences together tell it least.
            is_death = find_death(pair.later, pair.earlier, self_names, speakers) is not None
            if not is_death and is_refuted(pair.later, pair.earlier, estimate):
                continue
        _apply_finding(pool, pair, found)
    if estimate is None or _is_talk(pool):
        return
    closest = _sort_close(open_pairs, pool.similarities(index), self_names | speakers)
    judged = [*islice((p for p in closest if may_be_judged(p.later, p.earlier, self_names)), MAX_JUDGED)]
    chances = estimate([(pair.earlier.content, pair.later.content) for pair in judged])
    for pair, chance in zip(judged, chances, strict=True):
        found = read_estimate(pair.later, pair.earlier, float(chance))
        if found is not None:
            _apply_finding(pool, pair, found)


def _find_pairs(pool: MemoryPool, memory_id: UUID) -> Iterator[_Pair]:
    """Yield a statement with each one of the pool that it may concern."""
    own = pool.get(memory_id)
    said = pool.first_said(memory_id)
    if own.kind == Kind.EXAMPLE or said is None:
        return
    told, key = _told(pool, memory_id, said[0]), slot_of(own)
    for other, memory in list(pool.known.items()):
        if other == memory_id or not _may_concern(pool, key, memory):
            continue
        said_of_other = pool.first_said(other)
        if said_of_other is None:
            continue
        told_of_other = _told(pool, other, said_of_other[0])
        if said >= said_of_other:
            yield _Pair(memory_id, other, told, told_of_other)
        else:
            yield _Pair(other, memory_id, told_of_other, told)


def _apply_finding(pool: MemoryPool, pair: _Pair, found: Found) -> None:
    if found.finding is Finding.CHANGED:
        relate_statements(pool, pair.later_id, pair.earlier_id, found.kind, found.reason)
    else:
        doubt_statements(pool, pair.later_id, pair.earlier_id, found.reason)


def _sort_close(pairs: Sequence[_Pair], cosines: Mapping[UUID, float], names: frozenset[str]) -> list[_Pair]:
    """Return those of a statement's pairs that are near each other, the closest first.

    `cosines` are those of the statement with others, where they are near it.
    """
    closeness: dict[_Pair, float] = {}
    for pair in pairs:
        cosine = max(cosines.get(pair.later_id, 0.0), cosines.get(pair.earlier_id, 0.0))
        closeness[pair] = measure_closeness(pair.later, pair.earlier, cosine, names)
    close = (pair for pair, near in closeness.items() if near >= MIN_CLOSENESS)
    return sorted(close, key=lambda pair: -closeness[pair])


def _is_talk(pool: MemoryPool) -> bool:
    """Return whether several people talk in the batch.

    They tell the same from many sides and of feelings: nearly all changes that an estimate sees are none.
    """
    said_by = {turn.name for turn in pool.batch.turns.values() if turn.role is Role.USER and turn.name}
    return len(said_by) > 1


def _may_concern(pool: MemoryPool, key: SlotKey | None, memory: Memory) -> bool:
    if memory.origin is Origin.INFERENCE or memory.kind in _UNTOLD:
        return False
    return key is None or key != slot_of(pool.get(memory.id))


def _told(pool: MemoryPool, memory_id: UUID, said: datetime) -> Told:
    draft = pool.change.created.get(memory_id)
    known = pool.told.get(memory_id)
    if known is not None and known[0] == said and known[1] is draft:
        return known[2]
    memory = pool.get(memory_id)
    told = Told(
        content=memory.content,
        subject=memory.subject,
        attribute=memory.attribute,
        value=memory.value,
        polarity=memory.polarity,
        form=Form(memory.form),
        is_open=can_end(memory.content, memory.form, memory.event_from, said),
        lies_ahead=memory.event_from is not None and memory.event_from > said,
    )
    pool.told[memory_id] = (said, draft, told)
    return told
