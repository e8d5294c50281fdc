"""The second job stage: segment turns, extract and guard facts, reconcile and link them to their sources."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from app.core.ids import new_id
from app.core.vocabulary import ActorKind, Stage, TurnState
from app.db.memory_rows import NewSegment
from app.db.models import Job
from app.db.repositories.ingestion import turns
from app.db.repositories.memories import derivations, memories
from app.db.repositories.platform import jobs, operations
from app.llm.embedders import EmbeddersInUse
from app.memory.extraction.extractors import (
    ExtractedSegment,
    ModelExtractor,
    OfflineExtractor,
    SegmentContext,
)
from app.memory.extraction.guard import filter_facts
from app.memory.extraction.tags import TagVocabulary
from app.memory.types import Fact, Turn
from app.resources import Resources
from app.services.consolidation import stage
from app.services.ingestion.model_calls import request_facts, request_verdicts
from app.services.ingestion.related_memories import load_related
from app.services.ingestion.segment_input import ExtractionInput, load_input
from app.services.memories.identities import resolve_facts
from app.services.memories.reconciliation.memory_pool import FactBatch
from app.services.memories.reconciliation.reconcile import OpenPair, Verdicts, reconcile_batch
from app.services.memories.unit_of_work import Writer, user_write
from app.services.models.model_registry import embed_texts, with_models
from app.services.platform.jobs import (
    JobClaim,
    claim_due_jobs,
    finish_jobs,
    notify_if_waiting,
    process_claim,
)
from app.services.platform.user_context import UserContext
from app.services.sessions import session_states

VERDICT_ROUNDS = 3
_MAX_REASONS = 12  # per turn; a model may be wrong in as many ways as its answer has entries
TurnOutcomes = dict[UUID, tuple[TurnState, str | None, int]]


@dataclass(frozen=True, slots=True)
class ExtractionNotes:
    """The notes on turns: the reasons why facts were refused, and what was left out of a turn."""

    refused: Mapping[UUID, list[str]]
    left_out: Mapping[UUID, str]


def run_extraction(resources: Resources, *of_user: str) -> None:
    """Extract memories for the user whose job is due next, or for the given (tenant id, user id)."""
    with claim_due_jobs(resources, Stage.EXTRACT, *of_user) as claim:
        if claim is None:
            return
        ended: Sequence[Job] = ()
        with process_claim(resources, claim):
            with_models(resources, lambda in_use: _extract_claim(resources, claim, in_use))
            ended = finish_jobs(resources, claim)
    if any(job.close_session for job in ended):
        stage.enqueue_consolidation(resources, claim.principal, claim.user_id)
    notify_if_waiting(resources, Stage.EXTRACT)


def _extract_claim(resources: Resources, claim: JobClaim, in_use: EmbeddersInUse) -> None:
    reading = load_input(resources, claim, in_use)
    for segments in _iter_batches(resources, reading.segments):
        _extract_and_write(resources, claim, reading, segments)


def _iter_batches(resources: Resources, segments: list[list[Turn]]) -> Iterator[list[list[Turn]]]:
    """Yield one segment at a time with an LLM, so that paid answers are written; else all at once."""
    if resources.chat is None:
        if segments:
            yield segments
        return
    for segment in segments:
        yield [segment]


def _extract_and_write(
    resources: Resources, claim: JobClaim, reading: ExtractionInput, segments: list[list[Turn]]
) -> None:
    """Extract the segments, and write the memories together with the states of the turns."""
    admitted: list[Fact] = []
    refused: dict[UUID, list[str]] = {}
    left_out_by_turn: dict[UUID, str] = {}
    related = frozenset[UUID]()
    tags = TagVocabulary(_tags_in_use(resources, claim))
    extracted = _extract_segments(resources, claim, reading, segments)
    for segment, (facts, unread, left_out, shown, background) in zip(segments, extracted, strict=True):
        related |= shown
        left_out_by_turn |= left_out
        passed, rejected = filter_facts(facts, segment, reading.shown_contents, background)
        admitted += [replace(fact, tags=tags.reuse_all(fact.tags)) for fact in passed]
        for rejection in rejected:
            refused.setdefault(rejection.fact.turn_id, []).append(rejection.reason)
        if unread:
            refused.setdefault(segment[-1].id, []).extend(unread)
    by_id = {turn.id: turn for segment in segments for turn in segment}
    ids = [new_id() for _ in admitted]
    embedded = embed_texts(reading.in_use, [fact.content for fact in admitted])
    previous = [turn for segment in segments for turn in reading.previous_turns[segment[0].id]]
    batch = FactBatch(admitted, ids, embedded, by_id, related, previous)
    verdicts: Verdicts | None = {} if resources.chat is not None else None
    for _ in range(VERDICT_ROUNDS):
        open_pairs = _try_write(
            resources,
            claim,
            reading.in_use,
            batch,
            segments,
            ExtractionNotes(refused, left_out_by_turn),
            verdicts,
        )
        if open_pairs is None:
            return
        verdicts = {**(verdicts or {}), **request_verdicts(resources, claim, open_pairs)}
    # The memories changed during every round of verdicts: decide by the rules rather than not at all.
    _try_write(
        resources, claim, reading.in_use, batch, segments, ExtractionNotes(refused, left_out_by_turn), None
    )


def _try_write(
    resources: Resources,
    claim: JobClaim,
    in_use: EmbeddersInUse,
    batch: FactBatch,
    segments: list[list[Turn]],
    notes: ExtractionNotes,
    verdicts: Verdicts | None,
) -> list[OpenPair] | None:
    """Decide and write in one transaction; if a model should judge pairs first,
    write nothing, return them.
    """
    ctx = UserContext(resources, claim.principal, claim.user_id)
    writer = Writer.of_claim(ActorKind.EXTRACTOR, claim, resources.extractor_name)
    with user_write(ctx, writer, in_use=in_use) as change:
        batch = replace(batch, facts=resolve_facts(change, batch.facts, batch.turns))
        open_pairs = reconcile_batch(change, batch, verdicts, resources.reader.estimate_changes)
        if open_pairs:
            change.abandon()
            return open_pairs
        written = change.flush()
        session, tenant_id = change.session, change.tenant_id
        outcomes = _turn_outcomes(segments, batch.facts, notes)
        segment_of, rows = _new_segments(resources, segments)
        turns.insert_segments(change.user, rows)
        turns.update_turn_states(session, tenant_id, outcomes, segment_of, change.revision)
        sessions = {batch.turns[fact.turn_id].session_id for fact in batch.facts}
        derivations.touch_sessions(change.user, sessions, resources.now())
        session_states.rewrite_session_states(
            session, resources, claim, _group_by_session(segments), batch.facts
        )
        for job in claim.jobs:
            jobs.update_progress(session, tenant_id, job.id)
        counts = {
            "memories_written": len(written.created),
            "facts_refused": sum(len(reasons) for reasons in notes.refused.values()),
        }
        operations.add_usage_counts(session, tenant_id, resources.now().date(), counts)
    return None


def _group_by_session(segments: list[list[Turn]]) -> dict[str, list[Turn]]:
    groups: dict[str, list[Turn]] = {}
    for segment in segments:
        groups.setdefault(segment[0].session_id, []).extend(segment)
    return groups


def _turn_outcomes(segments: list[list[Turn]], facts: Sequence[Fact], notes: ExtractionNotes) -> TurnOutcomes:
    outcomes: TurnOutcomes = {}
    for turn in (turn for segment in segments for turn in segment):
        count = sum(fact.turn_id == turn.id for fact in facts)
        if count:
            outcomes[turn.id] = (TurnState.EXTRACTED, notes.left_out.get(turn.id), count)
        elif turn.role.is_instruction:
            outcomes[turn.id] = (TurnState.NOTHING, "a system turn is never extracted", 0)
        elif turn.id in notes.refused:
            reasons = list(dict.fromkeys(notes.refused[turn.id]))[:_MAX_REASONS]
            outcomes[turn.id] = (TurnState.NOTHING, "refused: " + "; ".join(reasons), 0)
        elif turn.id in notes.left_out:
            outcomes[turn.id] = (TurnState.NOTHING, notes.left_out[turn.id], 0)
        else:
            outcomes[turn.id] = (TurnState.NOTHING, "no statement worth keeping", 0)
    return outcomes


def _new_segments(
    resources: Resources, segments: list[list[Turn]]
) -> tuple[dict[UUID, UUID], list[NewSegment]]:
    segment_of: dict[UUID, UUID] = {}
    rows: list[NewSegment] = []
    for segment in segments:
        segment_id = new_id()
        segment_of |= {turn.id: segment_id for turn in segment}
        rows.append(
            NewSegment(
                id=segment_id,
                session_id=segment[0].session_id,
                first_turn_id=segment[0].id,
                last_turn_id=segment[-1].id,
                turns=len(segment),
                extractor=resources.extractor_name,
            )
        )
    return segment_of, rows


def _extract_segments(
    resources: Resources, claim: JobClaim, reading: ExtractionInput, segments: Sequence[list[Turn]]
) -> list[ExtractedSegment]:
    if resources.chat is None:
        previous = [reading.previous_turns[segment[0].id] for segment in segments]
        return OfflineExtractor(resources.reader).extract_all(segments, previous)
    extractor = ModelExtractor(lambda request: request_facts(resources, claim, request))
    ctx = UserContext(resources, claim.principal, claim.user_id)

    def load_context(segment: list[Turn]) -> SegmentContext:
        related = load_related(ctx, reading.in_use, segment, reading.vectors)
        return SegmentContext(reading.previous_turns[segment[0].id], related)

    return [extractor.extract(segment, partial(load_context, segment)) for segment in segments]


def _tags_in_use(resources: Resources, claim: JobClaim) -> list[str]:
    """List the user's tags, most used first; without a model there are none, as rules invent no tags."""
    if resources.chat is None:
        return []
    with UserContext(resources, claim.principal, claim.user_id).open_transaction() as user:
        return [tag for tag, _ in memories.count_tags(user)]
