"""The second job stage: segment turns, extract and guard facts, reconcile and link them to their sources."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any
from uuid import UUID

import numpy as np
import orjson

from app.core.ids import new_id
from app.core.vocabulary import ActorKind, Role, Stage, TurnState
from app.db.memory_rows import NewSegment
from app.db.models import Job
from app.db.repositories.ingestion import turns
from app.db.repositories.memories import derivations, memories
from app.db.repositories.platform import jobs, operations
from app.llm.client import EndpointFailed, Usage
from app.llm.embedders import EmbeddersInUse
from app.memory.extraction.extractors import (
    ExtractedSegment,
    Extractor,
    ModelExtractor,
    OfflineExtractor,
    SegmentContext,
)
from app.memory.extraction.guard import filter_facts
from app.memory.extraction.prompt import EXTRACTION_SCHEMA
from app.memory.extraction.segmentation import segment_turns
from app.memory.extraction.tags import MAX_TAGS_SHOWN, TagVocabulary
from app.memory.reconciliation.verdicts import VERDICT_SCHEMA, build_verdict_messages, parse_pair_judgements
from app.memory.types import Fact, Turn
from app.resources import Resources
from app.services.consolidation import stage
from app.services.memories.identities import resolve_facts
from app.services.memories.memory_pool import FactBatch
from app.services.memories.reconciliation import OpenPair, Verdicts, reconcile_batch
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
from app.services.sharing import shared_search

PREVIOUS_TURNS = 4
RELATED_MEMORIES = 10
VERDICT_ROUNDS = 3
MAX_SLICE_CHARS = 512 * 1024  # characters of turns that one claim reads before other users' jobs run
_MAX_REASONS = 12  # per turn; a model may be wrong in as many ways as its answer has entries
TurnOutcomes = dict[UUID, tuple[TurnState, str | None, int]]


@dataclass(frozen=True, slots=True)
class ExtractionInput:
    """The input of a claim: segments in order, the turns before each, and the memories shown to a model."""

    in_use: EmbeddersInUse
    segments: list[list[Turn]]
    previous_turns: Mapping[UUID, list[Turn]]
    shown_contents: Mapping[UUID, str]
    vectors: Mapping[UUID, np.ndarray]


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
    reading = _load_input(resources, claim, in_use)
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


def _load_input(resources: Resources, claim: JobClaim, in_use: EmbeddersInUse) -> ExtractionInput:
    tenant_id, model_id = claim.principal.tenant_id, in_use.active.model_id
    # Reading as the user keeps an id that a turn names from reaching another user's memories.
    with resources.open_transaction(replace(claim.principal, user_id=claim.user_id)) as session:
        waiting = _take_slice(turns.list_unextracted_turns(session, tenant_id, claim.job_ids))
        vectors = turns.load_turn_vectors(session, tenant_id, [turn.id for turn in waiting], model_id)
        shown_ids = {memory_id for turn in waiting for memory_id in turn.shown_memory_ids}
        shown = {row.id: row.content for row in memories.list_memories_by_ids(session, tenant_id, shown_ids)}
        source_turn_ids = [
            a.turn_id for a in memories.list_assertions(session, tenant_id, shown_ids) if a.turn_id
        ]
        shown |= {
            turn.id: turn.content
            for turn in turns.load_turns(session, tenant_id, [*source_turn_ids, *shown_ids])
        }
        segments: list[list[Turn]] = []
        for _, session_turns in groupby(waiting, key=lambda turn: turn.session_id):
            segments += _cut_segments(list(session_turns), vectors)
        previous: dict[UUID, list[Turn]] = {}
        if resources.chat is not None:
            for segment in segments:
                previous[segment[0].id] = turns.list_turns_before(
                    session, tenant_id, segment[0], PREVIOUS_TURNS
                )
    shown |= shared_search.load_granted_contents(
        resources, claim.principal, claim.user_id, shown_ids - set(shown)
    )
    return ExtractionInput(in_use, segments, previous, shown, vectors)


def _take_slice(waiting: Sequence[Turn]) -> list[Turn]:
    """Return the first turns, as many as one claim reads; the others wait for the user's next claim."""
    length, selected = 0, list[Turn]()
    for turn in waiting:
        length += len(turn.content)
        if selected and length > MAX_SLICE_CHARS:
            break
        selected.append(turn)
    return selected


def _cut_segments(session_turns: list[Turn], vectors: Mapping[UUID, np.ndarray]) -> list[list[Turn]]:
    known = [vectors[turn.id] for turn in session_turns if turn.id in vectors]
    if not known:
        return segment_turns(session_turns, None)
    # A system turn has no vector.
    return segment_turns(
        session_turns, np.stack([vectors.get(turn.id, np.zeros_like(known[0])) for turn in session_turns])
    )


def _extract_and_write(
    resources: Resources, claim: JobClaim, reading: ExtractionInput, segments: list[list[Turn]]
) -> None:
    """Extract the segments, and write the memories together with the states of the turns."""
    admitted: list[Fact] = []
    refused: dict[UUID, list[str]] = {}
    left_out_by_turn: dict[UUID, str] = {}
    known = _tags_in_use(resources, claim)
    tags = TagVocabulary(known)
    for segment in segments:
        facts, unread, left_out = _extract_segment(resources, claim, reading, segment, known)
        left_out_by_turn |= left_out
        passed, rejected = filter_facts(facts, segment, reading.shown_contents)
        admitted += [replace(fact, tags=tags.reuse_all(fact.tags)) for fact in passed]
        for rejection in rejected:
            refused.setdefault(rejection.fact.turn_id, []).append(rejection.reason)
        if unread:
            refused.setdefault(segment[-1].id, []).extend(unread)
    by_id = {turn.id: turn for segment in segments for turn in segment}
    ids = [new_id() for _ in admitted]
    batch = FactBatch(admitted, ids, embed_texts(reading.in_use, [fact.content for fact in admitted]), by_id)
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
        verdicts = {**(verdicts or {}), **_request_verdicts(resources, claim, open_pairs)}
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
        open_pairs = reconcile_batch(change, batch, verdicts)
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
        elif turn.role is Role.SYSTEM:
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


def _extract_segment(
    resources: Resources, claim: JobClaim, reading: ExtractionInput, segment: list[Turn], tags: Sequence[str]
) -> ExtractedSegment:
    def load_context() -> SegmentContext:
        related = _load_related_contents(resources, claim, reading, segment)
        return SegmentContext(reading.previous_turns.get(segment[0].id, []), related, tags[:MAX_TAGS_SHOWN])

    return _make_extractor(resources, claim).extract(segment, load_context)


def _make_extractor(resources: Resources, claim: JobClaim) -> Extractor:
    if resources.chat is None:
        return OfflineExtractor()

    def complete(segment: Sequence[Turn], messages: Sequence[dict[str, str]]) -> dict[str, Any]:
        # The key leaves the related memories out: a retry must find the answer although they have changed.
        key = _cache_key([str(turn.id) for turn in segment])
        return _complete_cached(resources, claim, key, messages, EXTRACTION_SCHEMA, "facts")

    return ModelExtractor(complete)


def _tags_in_use(resources: Resources, claim: JobClaim) -> list[str]:
    """List the user's tags, most used first; without a model there are none, as rules invent no tags."""
    if resources.chat is None:
        return []
    with UserContext(resources, claim.principal, claim.user_id).open_transaction() as user:
        return [tag for tag, _ in memories.count_tags(user)]


def _load_related_contents(
    resources: Resources, claim: JobClaim, reading: ExtractionInput, segment: list[Turn]
) -> list[str]:
    """Load known memories near the segment; the model sees them so that it does not repeat them."""
    vectors = [reading.vectors[turn.id] for turn in segment if turn.id in reading.vectors]
    if not vectors:
        return []
    mean = np.mean(vectors, axis=0, keepdims=True)
    with UserContext(resources, claim.principal, claim.user_id).read_transaction() as user:
        near = memories.find_nearest_memories(
            user, reading.in_use.active.model_id, mean, limit=RELATED_MEMORIES, least=0.3
        )
        ids = [memory_id for _, memory_id, _ in near]
        rows = memories.list_memories_by_ids(user.session, user.tenant_id, ids)
    return [row.content for row in rows]


def _request_verdicts(resources: Resources, claim: JobClaim, open_pairs: list[OpenPair]) -> Verdicts:
    """Request the verdicts on all pairs of a batch in one call; a pair without one counts as unrelated."""
    pairs = [pair for _, _, pair in open_pairs]
    key = _cache_key([pair.new.text + "\x1f" + pair.stored.text for pair in pairs])
    reply = _complete_cached(resources, claim, key, build_verdict_messages(pairs), VERDICT_SCHEMA, "verdicts")
    judgements = parse_pair_judgements(reply, len(pairs))
    return {
        (index, memory_id): judgement
        for (index, memory_id, _), judgement in zip(open_pairs, judgements, strict=True)
    }


def _cache_key(parts: Sequence[str]) -> str:
    return hashlib.sha256(orjson.dumps(list(parts))).hexdigest()


def _complete_cached(
    resources: Resources,
    claim: JobClaim,
    key: str,
    messages: Sequence[dict[str, str]],
    schema: dict[str, Any],
    name: str,
) -> dict[str, Any]:
    """Return the model's answer, from the job if it has been paid for; count its usage on the job."""
    assert resources.chat is not None
    job = claim.jobs[0]
    for other in claim.jobs:
        if key in other.llm_cache:
            return other.llm_cache[key]
    try:
        reply = resources.chat.complete_json(messages, schema, name)
    except EndpointFailed as failure:
        _record_usage(resources, claim, failure.usage, None)
        raise
    job.llm_cache[key] = reply.value
    _record_usage(resources, claim, reply.usage, (key, reply.value))
    return reply.value


def _record_usage(
    resources: Resources, claim: JobClaim, usage: Usage, reply: tuple[str, dict[str, Any]] | None
) -> None:
    tenant_id, job_id = claim.principal.tenant_id, claim.jobs[0].id
    counts = {
        "llm_calls": usage.calls,
        "llm_failed_calls": usage.failed_calls,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
    }
    with resources.open_transaction(claim.principal) as session:
        jobs.add_llm_usage(session, tenant_id, job_id, counts)
        operations.add_usage_counts(session, tenant_id, resources.now().date(), counts)
        if reply is not None:
            jobs.cache_llm_reply(session, tenant_id, job_id, *reply)
