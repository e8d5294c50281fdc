"""From scored turns to the items of an answer: filters, stale turns, memories in place of their turns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.core.vocabulary import Status
from app.memory.areas import Area
from app.memory.candidates import Question, Ranked, rank_all, rank_candidates
from app.memory.folding import Found, fold
from app.memory.lexical import analyze, analyze_as_written
from app.memory.ranking import Array, RankingWeights, best_first
from app.memory.rows import MemoryRow, TurnRow
from app.memory.scope import Scope
from app.memory.tables import microseconds
from app.memory.temporal import resolve_query_range
from app.memory.time_fit import Period

TURN = "turn"
SPARE = 20  # candidates beside twice as many as are asked for
STALE_SHARE = 0.6  # a turn is left out when superseded memories cover this share of its words


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question and what may answer it; below the cosine `unrelated_below` nothing is about it."""

    query: str
    vector: Array | None
    count: int
    kinds: frozenset[str] | None = None
    session_id: str | None = None
    agent_id: str | None = None
    roles: frozenset[str] | None = None
    speaker: str | None = None
    tags: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    area: Area | None = None
    include_superseded: bool = False
    reference_time: datetime | None = None
    weights: RankingWeights = field(default_factory=RankingWeights)
    unrelated_below: float | None = None

    @property
    def turns_too(self) -> bool:
        """Whether a turn may be an item."""
        return (self.kinds is None or TURN in self.kinds) and not self.tags


def find(scope: Scope, wanted: Wanted) -> list[Found]:
    """The best items, best first; each turn and each memory at most once, near-duplicates in one."""
    terms = scope.terms(wanted.query)
    asked = Question(
        terms,
        wanted.vector,
        wanted.weights,
        allowed=_allowed(scope, wanted),
        period=period_of(wanted),
        enough=_enough(wanted),
        every=bool(wanted.kinds or wanted.tags or wanted.area),
    )
    ranked = rank_all(scope, asked) if scope.far is None else rank_candidates(scope, asked)
    candidates = [*_of_turns(scope, wanted, ranked, asked), *_orphans(scope, wanted, terms, ranked)]
    candidates.sort(key=lambda found: -found.score)
    distinct: dict[UUID, Found] = {}
    for found in candidates:
        distinct.setdefault(found.id, found)
        if len(distinct) == _enough(wanted):
            break
    return fold(scope, list(distinct.values()), wanted.count)


def _enough(wanted: Wanted) -> int:
    return 2 * wanted.count + SPARE


def period_of(wanted: Wanted) -> Period | None:
    """The time [from, to) that the question names."""
    return resolve_query_range(wanted.query, wanted.reference_time) if wanted.reference_time else None


def _of_turns(scope: Scope, wanted: Wanted, ranked: Ranked, asked: Question) -> Iterator[Found]:
    """Turns, each as itself or as the memory that matches better, till twice as many as are asked for."""
    rows, scores = ranked.rows, ranked.scores
    allowed = asked.allowed[rows]
    masked = np.where(allowed, scores, -np.inf).astype(np.float32)
    seen: set[UUID] = set()
    for at in best_first(masked, len(rows) if asked.every else asked.enough).tolist():
        if not allowed[at] or len(seen) >= asked.enough:
            return
        values = {name: float(column[at]) for name, column in ranked.features.items()}
        own = values["lexical"] + values.get("dense", values["lexical"])
        scored = (float(scores[at]), values)
        for found in _of_turn(scope, wanted, int(rows[at]), own, ranked.evidence, scored):
            seen.add(found.id)
            yield found


def _of_turn(
    scope: Scope,
    wanted: Wanted,
    row: int,
    own: float,
    evidence: Array,
    scored: tuple[float, dict[str, float]],
) -> Iterator[Found]:
    """What stands for one turn: the memory that says it better, or itself.

    When what the question touches is no longer true, the current memories of that slot stand instead.
    """
    turn = scope.turns[row]

    def match(memory: MemoryRow) -> float:
        return float(evidence[scope.memories.at[memory.id]])

    memories = scope.told_by(row)
    fitting = [memory for memory in memories if _fits(memory, wanted)]
    gone = [memory for memory in memories if memory.status == Status.SUPERSEDED and memory not in fitting]
    successors = _successors(scope, gone)
    best = max(fitting, key=match, default=None)
    stale = max(gone, key=match, default=None)
    if (
        stale is not None
        and (best is None or match(stale) > match(best))
        and (successors or _covers(gone, turn))
    ):
        for memory in successors:
            if _fits(memory, wanted):
                yield Found(_turn_of(scope, memory), memory, *scored)
        return
    # Before what disputes it comes what holds the slot, with the same score: sorting keeps their order.
    holder = _holder(scope, best)
    if holder is not None and _fits(holder, wanted):
        yield Found(_turn_of(scope, holder), holder, *scored)
    said_there = wanted.area is None or wanted.area.holds(turn.place)
    if best is not None and (not (wanted.turns_too and said_there) or match(best) >= own):
        yield Found(turn, best, *scored)
    elif wanted.turns_too and said_there:
        yield Found(turn, None, *scored, [memory.id for memory in successors])


def _turn_of(scope: Scope, memory: MemoryRow) -> TurnRow | None:
    """The newest turn that says it."""
    for source in memory.sources:
        row = scope.turns.at.get(source.turn_id) if source.turn_id is not None else None
        if row is not None:
            return scope.turns[row]
    return None


def _orphans(scope: Scope, wanted: Wanted, terms: Sequence[str], ranked: Ranked) -> Iterator[Found]:
    """Memories without a turn in the log: they stand for themselves, with twice their own evidence.

    What tells of the speaker whom the question names counts as that speaker's word.
    """
    if wanted.session_id is not None or wanted.roles is not None or wanted.speaker is not None:
        return
    weights = wanted.weights
    named = set(analyze(scope.named_speaker(terms) or ""))
    for row in ranked.orphans.tolist():
        memory, value = scope.memories[row], ranked.evidence[row]
        if not _fits(memory, wanted):
            continue
        since, until = wanted.since, wanted.until
        said = memory.valid_from
        if said is not None and ((since and said < since) or (until and said >= until)):
            continue
        about = analyze(f"{memory.subject or ''} {memory.content}") if named else ()
        values = {"memory": float(value), "speaker": float(not named.isdisjoint(about))}
        scored = (float(value) * weights.memory + values["speaker"] * weights.speaker, values)
        holder = _holder(scope, memory)
        if holder is not None and _fits(holder, wanted):
            yield Found(_turn_of(scope, holder), holder, *scored)
        yield Found(None, memory, *scored)


def _fits(memory: MemoryRow, wanted: Wanted) -> bool:
    if not memory.current and not (wanted.include_superseded and memory.status == Status.SUPERSEDED):
        return False
    if wanted.kinds is not None and memory.kind not in wanted.kinds:
        return False
    if wanted.kinds is None and not wanted.tags and memory.recounts:
        return False
    if wanted.agent_id is not None and memory.agent_id != wanted.agent_id:
        return False
    if wanted.area is not None and not wanted.area.holds(memory.place):
        return False
    return wanted.tags <= set(memory.tags)


def _allowed(scope: Scope, wanted: Wanted) -> NDArray[np.bool_]:
    """Which turns pass the filters, (n,)."""
    allowed = np.ones(len(scope.turns), np.bool_)
    names, said_at = scope.turns.names, scope.turns.columns["said_at"].rows
    if wanted.session_id is not None:
        allowed &= names["session"].having([wanted.session_id])
    if wanted.agent_id is not None:
        allowed &= names["agent"].having([wanted.agent_id])
    if wanted.roles is not None:
        allowed &= names["role"].having(wanted.roles)
    if wanted.speaker is not None:
        allowed &= names["name"].having([wanted.speaker.casefold()])
    if wanted.since is not None:
        allowed &= said_at >= microseconds(wanted.since)
    if wanted.until is not None:
        allowed &= said_at < microseconds(wanted.until)
    return allowed


def _covers(memories: list[MemoryRow], turn: TurnRow) -> bool:
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


def _successors(scope: Scope, gone: list[MemoryRow]) -> list[MemoryRow]:
    """The current memories of the slots of the given ones, the holders before what disputes them."""
    slots = {(memory.subject, memory.attribute) for memory in gone if memory.attribute is not None}
    if not slots:
        return []
    return sorted(scope.memories.of_slots(slots), key=lambda memory: (not memory.holds, memory.id))


def _holder(scope: Scope, memory: MemoryRow | None) -> MemoryRow | None:
    """What holds the slot that `memory` disputes."""
    if memory is None or not memory.disputed:
        return None
    held = [m for m in _successors(scope, [memory]) if m.holds]
    return held[0] if held else None
