"""From scored turns and memories to candidates: stale turns, memories in place of their turns."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import numpy as np

from app.core.vocabulary import Status
from app.memory.index.documents import MemoryRow, TurnRow
from app.memory.index.user_index import Scope
from app.memory.numeric import Array, best_first
from app.memory.ranking.ann_candidates import Mask, Question, Ranked
from app.memory.ranking.deduplication import Candidate
from app.memory.ranking.query import Wanted
from app.memory.text.analysis import analyze, analyze_as_written

STALE_SHARE = 0.6  # a turn is left out when superseded memories cover this share of its words


def candidates(
    scope: Scope, wanted: Wanted, asked: Question, ranked: Ranked, looked_at: int
) -> list[Candidate]:
    """The best of `looked_at` turns and of the orphans, best first, each turn and each memory once."""
    found = [
        *_of_turns(scope, wanted, asked.memories, ranked, looked_at),
        *_orphans(scope, wanted, asked, ranked),
    ]
    found.sort(key=lambda one: -one.score)
    distinct: dict[tuple[bool, int], Candidate] = {}
    for one in found:
        distinct.setdefault(one.item, one)
        if len(distinct) == wanted.enough:
            break
    return list(distinct.values())


def _of_turns(
    scope: Scope, wanted: Wanted, fits: Mask, ranked: Ranked, looked_at: int
) -> Iterator[Candidate]:
    """Turns, each as itself or as the memory that matches better, till there are enough."""
    turns, allowed = ranked.turns, ranked.allowed
    evidence = ranked.evidence if ranked.received is None else ranked.evidence + ranked.received.amounts
    masked = np.where(allowed, turns.scores, -np.inf).astype(np.float32)
    seen: set[tuple[bool, int]] = set()
    for at in best_first(masked, looked_at).tolist():
        if not allowed[at] or len(seen) >= wanted.enough:
            return
        row, own = int(ranked.rows[at]), float(turns.own[at])
        for turn, memory, instead in _of_turn(scope, wanted, row, own, evidence, fits):
            found = Candidate(turn, memory, float(turns.scores[at]), at, superseded_by=instead)
            seen.add(found.item)
            yield found


def _of_turn(
    scope: Scope, wanted: Wanted, row: int, own: float, evidence: Array, fits: Mask
) -> Iterator[tuple[int | None, int | None, Sequence[UUID]]]:
    """What stands for one turn: (turn, memory, what is current instead of it).

    That is the memory that says it better, or itself. When what the question touches is no longer true, the
    current memories of that slot stand instead.
    """
    told = scope.told(row)
    fitting = [at for at in told if fits[at]]
    superseded = scope.memories.columns["superseded"].rows
    gone = [at for at in told if superseded[at] and not fits[at]]
    successors = _successors(scope, gone)
    best = max(fitting, key=lambda at: evidence[at], default=None)
    stale = max(gone, key=lambda at: evidence[at], default=None)
    newer = stale is not None and (best is None or evidence[stale] > evidence[best])
    if newer and (successors or _covers(scope.memories.many(gone), scope.turns[row])):
        for at in successors:
            if fits[at]:
                yield _turn_of(scope, at), at, ()
        return
    # Before what disputes it comes what holds the slot, with the same score: sorting keeps their order.
    holder = _holder(scope, best)
    if holder is not None and fits[holder]:
        yield _turn_of(scope, holder), holder, ()
    may_stand = wanted.turns_too and (wanted.area is None or wanted.area.holds(scope.turns[row].place))
    if best is not None and (not may_stand or evidence[best] >= own):
        yield row, best, ()
    elif may_stand:
        yield row, None, [scope.memories[at].id for at in successors]


def _turn_of(scope: Scope, memory: int) -> int | None:
    """The newest turn that says it."""
    for source in scope.memories[memory].sources:
        row = scope.turns.at.get(source.turn_id) if source.turn_id is not None else None
        if row is not None:
            return row
    return None


def orphans(scope: Scope, terms: Sequence[str], asked: Question, ranked: Ranked, count: int) -> list[int]:
    """The places of memories without a turn that may be among the best `count`, in order."""
    rows = ranked.orphans[asked.orphans[ranked.orphans]]
    if len(rows) <= count:
        return rows.tolist()
    evidence = ranked.evidence[rows]
    of_speaker = np.flatnonzero(_about(scope, _named(scope, terms))[rows])
    chosen = [best_first(evidence, count), of_speaker[best_first(evidence[of_speaker], count)]]
    if ranked.received is not None:
        chosen.append(np.flatnonzero(ranked.received.amounts[rows]))
    return rows[np.unique(np.concatenate(chosen))].tolist()


def _orphans(scope: Scope, wanted: Wanted, asked: Question, ranked: Ranked) -> Iterator[Candidate]:
    """Memories without a turn in the log: they stand for themselves, with twice their own evidence.

    What tells of the speaker whom the question names counts as that speaker's word; what they have
    received over links counts too.
    """
    weights = wanted.weights
    named = _named(scope, asked.terms)
    for row in orphans(scope, asked.terms, asked, ranked, wanted.enough):
        value = float(ranked.evidence[row])
        memory = scope.memories[row] if named else None
        about = analyze(f"{memory.subject or ''} {memory.content}") if memory is not None else ()
        values = {"memory": value, "speaker": float(not named.isdisjoint(about))}
        own = sum(share * getattr(weights, name) for name, share in values.items())
        received = ranked.received
        if received is not None and received.amounts[row] > 0:
            alone = np.array([own], np.float32)
            values["graph"] = float(received.added(received.amounts[[row]], alone, weights.graph)[0])
            own += values["graph"] * weights.graph
        holder = _holder(scope, row)
        if holder is not None and asked.memories[holder]:
            yield Candidate(_turn_of(scope, holder), holder, own, values=values)
        yield Candidate(None, row, own, values=values)


def _about(scope: Scope, named: set[str]) -> Mask:
    """Which memories may tell of the speaker with these terms in the name, (m,)."""
    subjects = scope.memories.names["subject"]
    about = subjects.having(one for one in subjects.names if one and not named.isdisjoint(analyze(one)))
    for places, _ in scope.memories.words.columns(named).values():
        about[places] = True
    return about


def _named(scope: Scope, terms: Sequence[str]) -> set[str]:
    """The terms of the name of the speaker whom the question names."""
    return set(analyze(scope.named_speaker(terms) or ""))


def _covers(memories: Sequence[MemoryRow], turn: TurnRow) -> bool:
    """Whether these memories' quotes are most of what the turn says."""
    terms, language = analyze_as_written(turn.content)
    words = set(terms)
    quoted = {
        word
        for memory in memories
        for source in memory.sources
        if source.turn_id == turn.id
        for word in analyze(source.quote, language)
    }
    return len(words & quoted) >= STALE_SHARE * max(1, len(words))


def replaced(scope: Scope, turn: TurnRow) -> tuple[list[UUID], bool]:
    """(what is current in place of what a turn says that is superseded, whether that is most of the turn)."""
    told = scope.told(scope.turns.at[turn.id])
    gone = [at for at in told if scope.memories[at].status == Status.SUPERSEDED]
    wholly = bool(gone) and _covers(scope.memories.many(gone), turn)
    return [scope.memories[at].id for at in _successors(scope, gone)], wholly


def _successors(scope: Scope, gone: Sequence[int]) -> list[int]:
    """The current memories of the slots of the given ones, the holders before what disputes them."""
    if not gone:
        return []
    memories, slots = scope.memories, scope.memories.names["slot"]
    wanted = {slots.names[slots.column[at]] for at in gone} - {None}
    if not wanted:
        return []
    found = np.flatnonzero(slots.having(wanted) & memories.current).tolist()
    absent = set(memories.load(found))
    held = [(not memories[at].holds, memories[at].id, at) for at in found if at not in absent]
    return [at for _, _, at in sorted(held)]


def _holder(scope: Scope, memory: int | None) -> int | None:
    """What holds the slot that `memory` disputes."""
    if memory is None or not scope.places.contested[memory] or not scope.memories[memory].disputed:
        return None
    return next((at for at in _successors(scope, [memory]) if scope.memories[at].holds), None)
