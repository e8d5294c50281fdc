"""Forgetting: computes how far a memory has faded and selects what expires or is archived. Deterministic.

R = exp(-idle / (Q * S)) after Ebbinghaus, as in MemoryBank (Zhong et al. 2023, arXiv 2305.10250, section
2.3), with a stability Q per layer as in FinMem (Yu et al. 2023, arXiv 2311.13743, section 3.2).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.core.instants import shift_instant
from app.core.vocabulary import Kind, Layer
from app.memory.types import Assertion

STABILITY_DAYS = {Layer.WORKING: 1.0, Layer.SHORT: 14.0, Layer.MID: 90.0, Layer.LONG: 365.0}
MAX_STRENGTH = 10.0
ARCHIVE_BELOW = 0.05
BORDERLINE_IMPORTANCE = 0.6
# with fewer faded memories of one subject, they are archived without a summary (chosen)
MIN_CONDENSED_MEMORIES = 5
SAFETY_ATTRIBUTES = ("allergy", "medication", "condition")


@dataclass(frozen=True, slots=True)
class MemoryTrace:
    """How a memory was used; `anchor_at` is when it was last learned or cited, `use_days` counts days."""

    layer: Layer
    strength: float
    anchor_at: datetime
    use_days: int


@dataclass(frozen=True, slots=True)
class RetentionCandidate:
    """A current memory with the values that decide on forgetting."""

    id: UUID
    kind: Kind
    content: str
    subject: str | None
    attribute: str | None
    importance: float
    trace: MemoryTrace
    pinned: bool = False
    frozen: bool = False
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ForgettingDecision:
    """A memory that is due, and why: it expires (its text is deleted) or is archived (true but unused)."""

    memory: RetentionCandidate
    expires: bool
    reason: str
    retrievability: float

    @property
    def is_borderline(self) -> bool:
        """Whether it has faded but was important: if there is an LLM, it decides."""
        return not self.expires and self.memory.importance >= BORDERLINE_IMPORTANCE


def compute_trace(
    importance: float, assertions: Sequence[Assertion], cited_at: Sequence[datetime] = ()
) -> MemoryTrace:
    """The trace of a memory from its assertions and citations, independent of their order.

    Strength starts at 1 + 2 * importance and grows by one for each further day with an assertion or citation,
    up to `MAX_STRENGTH`. Importance is in [0, 1].
    """
    affirmed = [assertion for assertion in assertions if assertion.polarity > 0] or list(assertions)
    days = {assertion.asserted_at.date() for assertion in affirmed} | {cited.date() for cited in cited_at}
    sessions = {assertion.session_id for assertion in affirmed}
    use_days = len(days) - 1
    if use_days >= 3 or importance >= 0.8:
        layer = Layer.LONG
    elif use_days >= 2 or len(sessions) >= 2 or importance >= 0.6:
        layer = Layer.MID
    else:
        layer = Layer.SHORT
    anchor = max([assertion.recorded_at for assertion in affirmed] + list(cited_at))
    return MemoryTrace(layer, min(1.0 + 2.0 * importance + use_days, MAX_STRENGTH), anchor, use_days)


def compute_retrievability(memory_trace: MemoryTrace, now: datetime) -> float:
    """R in (0, 1]; it falls with idle time, more slowly the greater strength and layer stability are."""
    idle = max(0.0, (now - memory_trace.anchor_at) / timedelta(days=1))
    return math.exp(-idle / (STABILITY_DAYS[memory_trace.layer] * memory_trace.strength))


def select_forgettable(
    candidates: Sequence[RetentionCandidate], now: datetime, quota: int, kind_ttl_days: Mapping[Kind, int]
) -> list[ForgettingDecision]:
    """The memories to forget now, each once: ended times to live, faded ones, then those over the quota.

    A frozen memory is under legal hold and never due. Pinned memories, portraits and safety-relevant ones (an
    allergy) neither fade nor count as surplus; a time to live still ends them.
    """
    decisions: list[ForgettingDecision] = []
    kept: list[tuple[float, RetentionCandidate]] = []
    for memory in sorted(candidates, key=lambda candidate: candidate.id):
        retrievability = compute_retrievability(memory.trace, now)
        if memory.frozen:
            continue
        if (expires_at := _expiry_time(memory, kind_ttl_days)) is not None and expires_at <= now:
            decisions.append(
                ForgettingDecision(
                    memory, True, f"its time to live ended on {expires_at.date()}", retrievability
                )
            )
        elif _is_protected(memory):
            continue
        elif retrievability < ARCHIVE_BELOW:
            days = (now - memory.trace.anchor_at).days
            reason = f"faded: R = {retrievability:.3f} after {days} days in layer {memory.trace.layer}"
            decisions.append(ForgettingDecision(memory, False, reason, retrievability))
        else:
            kept.append((retrievability * (0.5 + memory.importance), memory))
    surplus = len(candidates) - len(decisions) - quota
    for score, memory in sorted(kept, key=lambda pair: (pair[0], pair[1].id))[: max(0, surplus)]:
        reason = f"over the quota of {quota} memories, and worth least: {score:.3f}"
        decisions.append(ForgettingDecision(memory, False, reason, compute_retrievability(memory.trace, now)))
    return decisions


# A summary of summaries says little, and a summary of examples loses their labels.
UNCONDENSABLE_KINDS = frozenset([Kind.SUMMARY, Kind.EXAMPLE])


def group_for_condensation(forgotten: Sequence[ForgettingDecision]) -> list[list[RetentionCandidate]]:
    """Groups of memories of one subject that are archived together and kept as one summary each."""
    groups: dict[str, list[RetentionCandidate]] = {}
    for item in forgotten:
        if not item.expires and item.memory.subject and item.memory.kind not in UNCONDENSABLE_KINDS:
            groups.setdefault(item.memory.subject, []).append(item.memory)
    return [group for _, group in sorted(groups.items()) if len(group) >= MIN_CONDENSED_MEMORIES]


def _expiry_time(memory: RetentionCandidate, kind_ttl_days: Mapping[Kind, int]) -> datetime | None:
    if memory.expires_at is not None:
        return memory.expires_at
    days = kind_ttl_days.get(memory.kind)
    return shift_instant(memory.trace.anchor_at, timedelta(days=days)) if days is not None else None


def _is_protected(memory: RetentionCandidate) -> bool:
    is_safety_relevant = (
        memory.attribute is not None and memory.attribute.partition(":")[0] in SAFETY_ATTRIBUTES
    )
    return memory.pinned or is_safety_relevant or memory.kind is Kind.PORTRAIT
