"""Rule-based drafts of derived memories (session and day summaries). Pure functions, no I/O."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.core.vocabulary import Basis, Form, Kind, Status
from app.memory.consolidation.condensation import MAX_SUMMARY_CHARS, join_statements

MIN_SOURCES = 2
MAX_SOURCES = 40
MAX_SUMMARY_SENTENCES = 8  # chosen: sentences of a summary that rules write
INFERENCE_RELIABILITY = 0.5  # factor (chosen) on the confidence of a conclusion's weakest source
SOURCE_CHANGED = "a source changed"
SOURCE_DELETED = "a source was deleted"


@dataclass(frozen=True, slots=True)
class Utterance:
    """One turn that states a current memory, with the quote; `observed_at` is on the speaker's clock."""

    memory_id: UUID
    content: str
    importance: float
    turn_id: UUID
    session_id: str
    observed_at: datetime
    position: int
    speaker: str
    quote: str

    @property
    def observed_date(self) -> date:
        """The speaker's day on which it was said."""
        return self.observed_at.date()


@dataclass(frozen=True, slots=True)
class MemoryDraft:
    """A derived memory as it should be.

    `extractive_text` is its text by rules, `sources` are (memory, content).
    """

    basis: Basis
    key: str
    kind: Kind
    form: Form
    sources: tuple[tuple[UUID, str], ...]
    extractive_text: str
    tags: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 of everything that the text depends on; an equal fingerprint means that nothing changed."""
        parts = [f"{memory_id}\x1f{content}" for memory_id, content in sorted(self.sources)]
        return hashlib.sha256("\x1e".join([*parts, self.extractive_text]).encode()).digest()

    @property
    def source_contents(self) -> list[str]:
        """The contents of the sources, in order."""
        return [content for _, content in self.sources]


def draft_summaries(
    utterances: Sequence[Utterance], sessions: Iterable[str], days: Iterable[date]
) -> list[MemoryDraft]:
    """Summaries of these sessions and days; `utterances` has everything that was said in them, in order.

    A day with a single session has no summary of its own: the session's summary gets the tag `day`.
    """
    by_session = {
        name: [utterance for utterance in utterances if utterance.session_id == name]
        for name in sorted(sessions)
    }
    by_day = {
        day: [utterance for utterance in utterances if utterance.observed_date == day] for day in sorted(days)
    }
    single_session_days = {
        parts[0].session_id: day
        for day, parts in by_day.items()
        if parts and by_session.get(parts[0].session_id) == parts
    }
    drafts: list[MemoryDraft] = []
    for name, parts in by_session.items():
        tags = ("session", "day") if name in single_session_days else ("session",)
        drafts += _draft_summary(Basis.SESSION, name, tags, parts)
    for day, parts in by_day.items():
        if day not in single_session_days.values():
            drafts += _draft_summary(Basis.DAY, day.isoformat(), ("day",), parts)
    return drafts


def _draft_summary(
    basis: Basis, key: str, tags: tuple[str, ...], utterances: Sequence[Utterance]
) -> list[MemoryDraft]:
    chosen = _most_important(utterances)
    if len({utterance.memory_id for utterance in chosen}) < MIN_SOURCES:
        return []
    sources = dict.fromkeys((utterance.memory_id, utterance.content) for utterance in chosen)
    since, until = utterances[0].observed_at, utterances[-1].observed_at
    text = join_most_important(chosen)
    return [MemoryDraft(basis, key, Kind.SUMMARY, Form.EVENT, tuple(sources), text, tags, since, until)]


def _most_important(utterances: Sequence[Utterance]) -> list[Utterance]:
    """The utterances of the `MAX_SOURCES` most important memories, in order.

    Among equally important memories those stated first count.
    """
    weight = {utterance.memory_id: utterance.importance for utterance in utterances}
    kept = sorted(weight, key=lambda memory_id: -weight[memory_id])[:MAX_SOURCES]
    return [utterance for utterance in utterances if utterance.memory_id in set(kept)]


def join_most_important(utterances: Sequence[Utterance]) -> str:
    """A summary without a model: what the most important memories say, in the order in which it was said.

    Memories have names and dates resolved, which the words of a turn ("we went there yesterday") don't.
    """
    importance = {utterance.content: utterance.importance for utterance in utterances}
    kept = sorted(importance, key=lambda content: -importance[content])[:MAX_SUMMARY_SENTENCES]
    room, fitting = MAX_SUMMARY_CHARS, set[str]()
    for content in kept:
        if len(content) + 2 <= room:
            fitting.add(content)
            room -= len(content) + 2
    return join_statements([content for content in importance if content in fitting])


def makes_derived_stale(values: Mapping[str, Any]) -> bool:
    """Whether a change of these columns of a memory makes the memories derived from it stale."""
    if values.get("status") in {Status.SUPERSEDED, Status.MERGED, Status.EXPIRED}:
        return True
    return "content" in values


def inference_confidence(source_confidences: Iterable[float]) -> float:
    """Confidence of an inferred memory: INFERENCE_RELIABILITY times that of its weakest source, in [0, 1]."""
    return round(INFERENCE_RELIABILITY * min(source_confidences, default=0.0), 4)


def derived_content_hash(draft: MemoryDraft, content: str) -> bytes:
    """The content hash of a derived memory, 32 bytes.

    It includes the basis, as two bases may produce the same words.
    """
    return hashlib.sha256(f"{draft.basis}\x1f{draft.key}\x1f{content}".encode()).digest()


def select_sources(draft: MemoryDraft, numbers: Sequence[int]) -> MemoryDraft:
    """The draft with only those of its sources (numbered from 1) that a model named."""
    return replace(draft, sources=tuple(draft.sources[number - 1] for number in numbers))
