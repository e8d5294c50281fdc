"""From scored turns to the items of an answer: filters, stale turns, memories in place of their turns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.core.vocabulary import Status
from app.memory.areas import Area
from app.memory.candidates import Question, Ranked, rank_candidates
from app.memory.folding import Found, fold
from app.memory.lexical import analyze, analyze_as_written
from app.memory.ranking import Array, RankingWeights, best_first
from app.memory.rows import MemoryRow, TurnRow, recounts
from app.memory.scope import Scope
from app.memory.scoring import NOTHING, linked, score
from app.memory.tables import NEVER, microseconds
from app.memory.temporal import resolve_query_range, undated
from app.memory.time_fit import within

TURN = "turn"
SPARE = 20  # candidates beside twice as many as are asked for
STALE_SHARE = 0.6  # a turn is left out when superseded memories cover this share of its words


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question and what may answer it; `asked_with` is searched for too, but names no time.

    Below the closeness `unrelated_below` nothing is about it.
    """

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
    asked_with: str = ""

    @property
    def searched(self) -> str:
        """The words that are searched for."""
        return f"{self.query} {self.asked_with}"

    @property
    def turns_too(self) -> bool:
        """Whether a turn may be an item."""
        return (self.kinds is None or TURN in self.kinds) and not self.tags


def find(scope: Scope, wanted: Wanted) -> list[Found]:
    """The best items, best first; each turn and each memory at most once, near-duplicates in one."""
    fitting = _fitting(scope, wanted)
    terms = scope.terms(_told(wanted, fitting))
    if scope.is_large:
        return _find_among_many(scope, wanted, _question(scope, wanted, terms, fitting))
    evidence = scope.memory_evidence(terms, wanted.vector)
    turns = score(scope, terms, wanted.vector, evidence, fitting, wanted.weights) if scope.turns else NOTHING
    turns, received = linked(scope, turns, evidence, wanted.weights)
    some = wanted.kinds or wanted.tags or wanted.area
    rows, allowed = np.arange(len(turns.scores)), _allowed(scope, wanted)
    ranked = Ranked(rows, allowed, turns, evidence, scope.places.orphans, complete=True, received=received)
    return _items(scope, wanted, terms, ranked, len(turns.scores) if some else _enough(wanted))


def _find_among_many(scope: Scope, wanted: Wanted, asked: Question) -> list[Found]:
    """The items of a large user, more candidates of which are looked at until there are enough items."""
    enough = _enough(wanted)
    while True:
        ranked = rank_candidates(scope, asked, enough)
        found = _items(scope, wanted, asked.terms, ranked, enough)
        if len(found) >= wanted.count or ranked.complete:
            return found
        enough *= 4


def _items(scope: Scope, wanted: Wanted, terms: Sequence[str], ranked: Ranked, looked_at: int) -> list[Found]:
    candidates = [*_of_turns(scope, wanted, ranked, looked_at), *_orphans(scope, wanted, terms, ranked)]
    candidates.sort(key=lambda found: -found.score)
    distinct: dict[UUID, Found] = {}
    for found in candidates:
        distinct.setdefault(found.id, found)
        if len(distinct) == _enough(wanted):
            break
    return fold(scope, list(distinct.values()), wanted.count)


def _enough(wanted: Wanted) -> int:
    return 2 * wanted.count + SPARE


def period_of(wanted: Wanted) -> tuple[datetime, datetime] | None:
    """The time [from, to) that the question names."""
    return resolve_query_range(wanted.query, wanted.reference_time) if wanted.reference_time else None


def _fitting(scope: Scope, wanted: Wanted) -> Array | None:
    """Which turns fit the time that the question names, (n,); None when it names none."""
    period = period_of(wanted)
    return within(scope, *period) if period is not None and scope.turns else None


def _told(wanted: Wanted, fitting: Array | None) -> str:
    """The question whose words are looked for: without its time, if the turns' own times tell what fits."""
    if fitting is None or wanted.reference_time is None or not fitting.any():
        return wanted.searched
    return f"{undated(wanted.query, wanted.reference_time)} {wanted.asked_with}"


def _of_turns(scope: Scope, wanted: Wanted, ranked: Ranked, looked_at: int) -> Iterator[Found]:
    """Turns, each as itself or as the memory that matches better, till twice as many as are asked for."""
    turns, allowed = ranked.turns, ranked.allowed
    evidence = ranked.evidence if ranked.received is None else ranked.evidence + ranked.received.amounts
    masked = np.where(allowed, turns.scores, -np.inf).astype(np.float32)
    seen: set[UUID] = set()
    for at in best_first(masked, looked_at).tolist():
        if not allowed[at] or len(seen) >= _enough(wanted):
            return
        values = {name: float(column[at]) for name, column in turns.features.items()}
        scored = (float(turns.scores[at]), values)
        row = int(ranked.rows[at])
        for found in _of_turn(scope, wanted, row, float(turns.own[at]), evidence, scored):
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

    What tells of the speaker whom the question names counts as that speaker's word; what they have
    received over links counts too.
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
        own = sum(share * getattr(weights, name) for name, share in values.items())
        received = ranked.received
        if received is not None and received.amounts[row] > 0:
            alone = np.array([own], np.float32)
            values["graph"] = float(received.added(received.amounts[[row]], alone, weights.graph)[0])
            own += values["graph"] * weights.graph
        scored = (own, values)
        holder = _holder(scope, memory)
        if holder is not None and _fits(holder, wanted):
            yield Found(_turn_of(scope, holder), holder, *scored)
        yield Found(None, memory, *scored)


def _fits(memory: MemoryRow, wanted: Wanted) -> bool:
    if not memory.current and not (wanted.include_superseded and memory.status == Status.SUPERSEDED):
        return False
    if wanted.area is not None and not wanted.area.holds(memory.place):
        return False
    return _is_wanted(wanted, memory.kind, memory.agent_id, memory.tags)


def _is_wanted(wanted: Wanted, kind: str, agent_id: str | None, tags: Sequence[str]) -> bool:
    if wanted.kinds is not None and kind not in wanted.kinds:
        return False
    if wanted.kinds is None and not wanted.tags and recounts(kind, tags):
        return False
    if wanted.agent_id is not None and agent_id != wanted.agent_id:
        return False
    return wanted.tags <= set(tags)


def _question(scope: Scope, wanted: Wanted, terms: Sequence[str], fitting: Array | None) -> Question:
    """The question to a large user's scope, with masks of what may be an item or bring one."""
    turns, memories, places = _allowed(scope, wanted), scope.memories, scope.places
    fits, gone = memories.current, memories.columns["superseded"].rows
    if wanted.include_superseded:
        fits = fits | gone
    traits = memories.names["traits"]
    fits = fits & traits.having(one for one in traits.names if _is_wanted(wanted, one[0], one[1], one[2:]))
    if wanted.area is not None:
        fits &= memories.lying(wanted.area)
    if wanted.kinds is not None or wanted.tags or wanted.area is not None:
        said = np.zeros(len(turns), np.bool_)
        if wanted.turns_too:
            said[:] = True if wanted.area is None else scope.turns.lying(wanted.area)
        said[places.telling[(fits | gone)[places.told]]] = True
        turns &= said
    orphans = np.zeros(len(fits), np.bool_)
    if wanted.session_id is None and wanted.roles is None and wanted.speaker is None:
        orphans[places.orphans] = True
        orphans &= fits
        if wanted.since is not None or wanted.until is not None:
            said_at = memories.columns["valid_from"].rows
            orphans &= (said_at == NEVER) | _between(said_at, wanted)
    return Question(terms, wanted.vector, fitting, wanted.weights, turns, fits, orphans)


def _between(said_at: NDArray[np.int64], wanted: Wanted) -> NDArray[np.bool_]:
    """Which times, in microseconds since 1970, lie between those that the filters name, (n,)."""
    inside = np.ones(len(said_at), np.bool_)
    if wanted.since is not None:
        inside &= said_at >= microseconds(wanted.since)
    if wanted.until is not None:
        inside &= said_at < microseconds(wanted.until)
    return inside


def _allowed(scope: Scope, wanted: Wanted) -> NDArray[np.bool_]:
    """Which turns pass the filters, (n,)."""
    allowed = _between(scope.turns.columns["said_at"].rows, wanted)
    names = scope.turns.names
    if wanted.session_id is not None:
        allowed &= names["session"].having([wanted.session_id])
    if wanted.agent_id is not None:
        allowed &= names["agent"].having([wanted.agent_id])
    if wanted.roles is not None:
        allowed &= names["role"].having(wanted.roles)
    if wanted.speaker is not None:
        allowed &= names["name"].having([wanted.speaker.casefold()])
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


def replaced(scope: Scope, turn: TurnRow) -> tuple[list[UUID], bool]:
    """(what is current in place of what a turn says that is superseded, whether that is most of the turn)."""
    memories = scope.told_by(scope.turns.at[turn.id])
    gone = [memory for memory in memories if memory.status == Status.SUPERSEDED]
    return [memory.id for memory in _successors(scope, gone)], bool(gone) and _covers(gone, turn)


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
