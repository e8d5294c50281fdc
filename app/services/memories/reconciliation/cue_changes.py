"""Apply the changes that two statements tell by their words or their sense, where no language model does."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from app.core.vocabulary import Kind
from app.memory.reconciliation.change_matching import find_change
from app.memory.reconciliation.end_matching import find_death
from app.memory.reconciliation.judged_changes import (
    MAX_CHECKED,
    MAX_JUDGED,
    MIN_CLOSENESS,
    MOST_OF_WORDS,
    EstimateChanges,
    check_finding,
    may_be_judged,
    measure_closeness,
    read_estimate,
)
from app.memory.reconciliation.told import Finding, Found, Told
from app.services.memories.reconciliation.memory_pool import MemoryPool
from app.services.memories.reconciliation.statement_changes import doubt_statements, relate_statements


class _Pair(NamedTuple):
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
    speakers = pool.speakers
    self_names = pool.account_words() or speakers
    # Several people tell the same from many sides and of feelings: nearly all changes that an estimate sees
    # in their talk are none. What takes something back has said what it changes.
    is_judging = estimate is not None and not pool.is_talk and not pool.batch.facts[index].changes
    open_pairs: list[_Pair] = []
    checks = MAX_CHECKED
    for pair in _find_pairs(pool, memory_id):
        found = find(pair.later, pair.earlier, self_names, speakers)
        if found is None:
            if is_judging and pair.earlier.is_open:
                open_pairs.append(pair)
            continue
        may_check = found.finding is Finding.CHANGED or (is_judging and pair.earlier.is_open)
        if estimate is not None and may_check and checks > 0:
            checks -= 1
            # A death ends what says nothing of it, so both sentences together tell it least.
            if find_death(pair.later, pair.earlier, self_names, speakers) is None:
                found = check_finding(pair.later, pair.earlier, found, estimate)
        if found is not None:
            _apply_finding(pool, pair, found)
    if estimate is None or not open_pairs:
        return
    cosines = {other: cosine for other, cosine in pool.similarities(index).items() if other != memory_id}
    closest = _sort_close(open_pairs, cosines, self_names | speakers)
    judged = [*islice((p for p in closest if may_be_judged(p.later, p.earlier, self_names)), MAX_JUDGED)]
    chances = estimate([(pair.earlier.content, pair.later.content) for pair in judged])
    for pair, chance in zip(judged, chances, strict=True):
        found = read_estimate(pair.later, pair.earlier, float(chance), self_names | speakers)
        if found is not None:
            _apply_finding(pool, pair, found)


def _find_pairs(pool: MemoryPool, memory_id: UUID) -> Iterator[_Pair]:
    """Yield a statement with each one of the pool that it may concern.

    Of most pairs it is clear at once that neither changes the other: what has ended can only be corrected.
    """
    statements = pool.statements()
    own = statements[memory_id]
    if own is None or own.memory.kind == Kind.EXAMPLE:
        return
    for other_id, other in list(statements.items()):
        if other is None or other is own or not other.is_told:
            continue
        if own.slot is not None and own.slot == other.slot:
            continue
        is_later = own.said >= other.said
        later, earlier = (own, other) if is_later else (other, own)
        if not (earlier.told.is_open or later.may_correct):
            continue
        ids = (memory_id, other_id) if is_later else (other_id, memory_id)
        yield _Pair(*ids, later.told, earlier.told)


def _apply_finding(pool: MemoryPool, pair: _Pair, found: Found) -> None:
    if found.finding is Finding.CHANGED:
        relate_statements(pool, pair.later_id, pair.earlier_id, found.kind, found.reason)
    else:
        doubt_statements(pool, pair.later_id, pair.earlier_id, found.reason)


def _sort_close(pairs: Sequence[_Pair], cosines: Mapping[UUID, float], names: frozenset[str]) -> list[_Pair]:
    """Return those of a statement's pairs that are near each other, the closest first.

    `cosines` are those of the statement with others, where they are near it.
    """
    close: list[tuple[float, _Pair]] = []
    for pair in pairs:
        cosine = max(cosines.get(pair.later_id, 0.0), cosines.get(pair.earlier_id, 0.0))
        if cosine + MOST_OF_WORDS < MIN_CLOSENESS:
            continue
        near = measure_closeness(pair.later, pair.earlier, cosine, names)
        if near >= MIN_CLOSENESS:
            close.append((near, pair))
    return [pair for _, pair in sorted(close, key=lambda one: -one[0])]
