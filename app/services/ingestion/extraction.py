"""The second stage of a job: segment, extract, guard, reconcile, link to sources."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any
from uuid import UUID

import numpy as np
import orjson

from app.core.ids import new_id
from app.core.vocabulary import Role, Stage, TurnState
from app.db.models import Job
from app.db.repositories.ingestion import turns
from app.db.repositories.memories import derivations, memories
from app.db.repositories.platform import jobs, operations, users
from app.llm.client import EndpointFailed, Usage
from app.llm.embedders import InUse
from app.memory.extraction import prompt
from app.memory.extraction.guard import admit
from app.memory.extraction.offline import extractor
from app.memory.extraction.segmentation import cut
from app.memory.extraction.tags import SHOWN, Tags
from app.memory.reconciliation.verdicts import VERDICT_SCHEMA, build_verdict_messages, parse_judgements
from app.memory.types import Fact, Turn
from app.resources import Resources
from app.services.consolidation import stage
from app.services.memories.memory_versions import Change, write
from app.services.memories.reconciliation import Batch, Verdicts, apply
from app.services.models.model_registry import embed, with_models
from app.services.platform.jobs import Claim, LeaseLost, claimed, finish, ring_on, working
from app.services.sessions import session_states
from app.services.sharing import shared_search

PREVIOUS_TURNS = 4
RELATED_MEMORIES = 10
VERDICT_ROUNDS = 3
SLICE = 512 * 1024  # characters of turns that one claim reads before others have their turn
_REASONS_TOLD = 12  # of one turn; a model may be wrong in as many ways as it has entries
Outcomes = dict[UUID, tuple[TurnState, str | None, int]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a job has to read: segments in order, what came before each, and the memories shown to a model."""

    in_use: InUse
    segments: list[list[Turn]]
    previous: Mapping[UUID, list[Turn]]
    shown: Mapping[UUID, str]
    vectors: Mapping[UUID, np.ndarray]


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of turns: why facts were refused, and what of them was left out."""

    refused: Mapping[UUID, list[str]]
    left_out: Mapping[UUID, str]


def run(resources: Resources, *of_user: str) -> None:
    """Turn waiting turns into memories: of whoever's turn it is, or of one user."""
    with claimed(resources, Stage.EXTRACT, *of_user) as held:
        if held is None:
            return
        ended: Sequence[Job] = ()
        with working(resources, held):
            with_models(resources, lambda in_use: _work(resources, held, in_use))
            ended = finish(resources, held)
    if any(job.close_session for job in ended):
        stage.enqueue(resources, held.principal, held.user_id)
    ring_on(resources, Stage.EXTRACT)


def _work(resources: Resources, held: Claim, in_use: InUse) -> None:
    reading = _read(resources, held, in_use)
    for segments in _batches(resources, reading.segments):
        _digest(resources, held, reading, segments)


def _batches(resources: Resources, segments: list[list[Turn]]) -> Iterator[list[list[Turn]]]:
    """With an LLM one segment at a time, so that what was paid for is written; else all together."""
    if resources.chat is None:
        if segments:
            yield segments
        return
    for segment in segments:
        yield [segment]


def _read(resources: Resources, held: Claim, in_use: InUse) -> Reading:
    tenant_id, model_id = held.principal.tenant_id, in_use.active.model_id
    # As the user: an id that a turn names does not lead to what belongs to anybody else.
    with resources.transaction(replace(held.principal, user_id=held.user_id)) as session:
        waiting = _slice(turns.unextracted(session, tenant_id, held.ids))
        vectors = turns.vectors(session, tenant_id, [turn.id for turn in waiting], model_id)
        shown_ids = {memory_id for turn in waiting for memory_id in turn.shown_memory_ids}
        shown = {row.id: row.content for row in memories.by_ids(session, tenant_id, shown_ids)}
        told_by = [a.turn_id for a in memories.assertions_of(session, tenant_id, shown_ids) if a.turn_id]
        shown |= {turn.id: turn.content for turn in turns.load(session, tenant_id, [*told_by, *shown_ids])}
        segments: list[list[Turn]] = []
        for _, of_session in groupby(waiting, key=lambda turn: turn.session_id):
            segments += _segments(list(of_session), vectors)
        previous: dict[UUID, list[Turn]] = {}
        if resources.chat is not None:
            for segment in segments:
                previous[segment[0].id] = turns.before(session, tenant_id, segment[0], PREVIOUS_TURNS)
    shown |= shared_search.granted(resources, held.principal, held.user_id, shown_ids - set(shown))
    return Reading(in_use, segments, previous, shown, vectors)


def _slice(waiting: Sequence[Turn]) -> list[Turn]:
    """The first turns, as many as one claim reads; the rest waits until it is the user's turn again."""
    length, taken = 0, list[Turn]()
    for turn in waiting:
        length += len(turn.content)
        if taken and length > SLICE:
            break
        taken.append(turn)
    return taken


def _segments(of_session: list[Turn], vectors: Mapping[UUID, np.ndarray]) -> list[list[Turn]]:
    known = [vectors[turn.id] for turn in of_session if turn.id in vectors]
    if not known:
        return cut(of_session, None)
    # A system turn has no vector.
    return cut(of_session, np.stack([vectors.get(turn.id, np.zeros_like(known[0])) for turn in of_session]))


def _digest(resources: Resources, held: Claim, reading: Reading, segments: list[list[Turn]]) -> None:
    """Extract the segments, and write what came of it together with the states of their turns."""
    admitted: list[Fact] = []
    refused: dict[UUID, list[str]] = {}
    told: dict[UUID, str] = {}
    known = _tags_in_use(resources, held)
    tags = Tags(known)
    for segment in segments:
        facts, unread, left_out = _extract(resources, held, reading, segment, known)
        told |= left_out
        passed, rejected = admit(facts, segment, reading.shown)
        admitted += [replace(fact, tags=tags.reuse_all(fact.tags)) for fact in passed]
        for rejection in rejected:
            refused.setdefault(rejection.fact.turn_id, []).append(rejection.reason)
        if unread:
            refused.setdefault(segment[-1].id, []).extend(unread)
    by_id = {turn.id: turn for segment in segments for turn in segment}
    ids = [new_id() for _ in admitted]
    batch = Batch(admitted, ids, embed(reading.in_use, [fact.content for fact in admitted]), by_id)
    verdicts: Verdicts | None = {} if resources.chat is not None else None
    for _ in range(VERDICT_ROUNDS):
        open_pairs = _attempt(resources, held, reading.in_use, batch, segments, Told(refused, told), verdicts)
        if open_pairs is None:
            return
        verdicts = {**(verdicts or {}), **_ask(resources, held, open_pairs)}
    # The memories kept changing under the question: decide by code alone rather than not at all.
    _attempt(resources, held, reading.in_use, batch, segments, Told(refused, told), None)


def _attempt(
    resources: Resources,
    held: Claim,
    in_use: InUse,
    batch: Batch,
    segments: list[list[Turn]],
    told: Told,
    verdicts: Verdicts | None,
) -> list[Any] | None:
    """Decide and write in one transaction; when a model should be asked first, write nothing and say what."""
    tenant_id = held.principal.tenant_id
    with resources.transaction(held.principal) as session:
        users.lock(session, tenant_id, held.user_id)
        revision = users.next_revision(session, tenant_id, held.user_id)
        if not jobs.hold(session, tenant_id, held.ids, held.worker):
            raise LeaseLost
        change = Change(
            tenant_id, held.user_id, revision, resources.now(), actor="extractor", model=resources.extractor
        )
        open_pairs = apply(session, change, batch, in_use.active.model_id, verdicts)
        if open_pairs:
            session.rollback()
            return open_pairs
        write(session, change, in_use)
        outcomes = _outcomes(segments, batch.facts, told)
        segment_of, rows = _segment_rows(held, resources, segments)
        turns.add_segments(session, rows)
        turns.set_state(session, tenant_id, outcomes, segment_of, revision)
        sessions = {batch.turns[fact.turn_id].session_id for fact in batch.facts}
        derivations.touch(session, tenant_id, held.user_id, sessions, resources.now())
        session_states.rewrite(session, resources, held, _by_session(segments), batch.facts)
        for job in held.jobs:
            jobs.count_done(session, tenant_id, job.id)
        counts = {
            "memories_written": len(change.new),
            "facts_refused": sum(len(reasons) for reasons in told.refused.values()),
        }
        operations.count(session, tenant_id, resources.now().date(), counts)
    return None


def _by_session(segments: list[list[Turn]]) -> dict[str, list[Turn]]:
    found: dict[str, list[Turn]] = {}
    for segment in segments:
        found.setdefault(segment[0].session_id, []).extend(segment)
    return found


def _outcomes(segments: list[list[Turn]], facts: Sequence[Fact], told: Told) -> Outcomes:
    outcomes: Outcomes = {}
    for turn in (turn for segment in segments for turn in segment):
        count = sum(fact.turn_id == turn.id for fact in facts)
        if count:
            outcomes[turn.id] = (TurnState.EXTRACTED, told.left_out.get(turn.id), count)
        elif turn.role is Role.SYSTEM:
            outcomes[turn.id] = (TurnState.NOTHING, "a system turn is never extracted", 0)
        elif turn.id in told.refused:
            reasons = list(dict.fromkeys(told.refused[turn.id]))[:_REASONS_TOLD]
            outcomes[turn.id] = (TurnState.NOTHING, "refused: " + "; ".join(reasons), 0)
        elif turn.id in told.left_out:
            outcomes[turn.id] = (TurnState.NOTHING, told.left_out[turn.id], 0)
        else:
            outcomes[turn.id] = (TurnState.NOTHING, "no statement worth keeping", 0)
    return outcomes


def _segment_rows(
    held: Claim, resources: Resources, segments: list[list[Turn]]
) -> tuple[dict[UUID, UUID], list[dict[str, Any]]]:
    segment_of: dict[UUID, UUID] = {}
    rows: list[dict[str, Any]] = []
    for segment in segments:
        segment_id = new_id()
        segment_of |= {turn.id: segment_id for turn in segment}
        rows.append(
            {
                "tenant_id": held.principal.tenant_id,
                "id": segment_id,
                "user_id": held.user_id,
                "session_id": segment[0].session_id,
                "first_turn_id": segment[0].id,
                "last_turn_id": segment[-1].id,
                "turns": len(segment),
                "extractor": resources.extractor,
            }
        )
    return segment_of, rows


def _extract(
    resources: Resources, held: Claim, reading: Reading, segment: list[Turn], tags: Sequence[str]
) -> tuple[list[Fact], list[str], dict[UUID, str]]:
    """The facts of a segment, why entries of the model's answer could not be read, and what was left out."""
    if resources.chat is None:
        facts, left_out = extractor.read(segment)
        return facts, [], left_out
    if all(turn.role is Role.SYSTEM for turn in segment):
        return [], [], {}
    related = _related(resources, held, reading, segment)
    messages = prompt.build_messages(
        segment, reading.previous.get(segment[0].id, []), related, tags=tags[:SHOWN]
    )
    # The key leaves the related memories out: a retry must find the answer though they have changed.
    key = _key([str(turn.id) for turn in segment])
    reply = _complete(resources, held, key, messages, prompt.SCHEMA, "facts")
    facts, unread = prompt.parse(reply, segment)
    # Of a turn that gave facts this is told too: what is left out is never left out in silence.
    return facts, unread, {segment[-1].id: "; ".join(unread)} if unread else {}


def _tags_in_use(resources: Resources, held: Claim) -> list[str]:
    """The user's tags, the most used first; without a model none, as rules make no words of their own."""
    if resources.chat is None:
        return []
    with resources.transaction(held.principal) as session:
        return [tag for tag, _ in memories.tags_in_use(session, held.principal.tenant_id, held.user_id)]


def _related(resources: Resources, held: Claim, reading: Reading, segment: list[Turn]) -> list[str]:
    """What is known already near the segment: shown to the model so that it does not say it again."""
    vectors = [reading.vectors[turn.id] for turn in segment if turn.id in reading.vectors]
    if not vectors:
        return []
    mean = np.mean(vectors, axis=0, keepdims=True)
    tenant_id = held.principal.tenant_id
    with resources.reading(held.principal) as session:
        near = memories.nearest(
            session,
            tenant_id,
            held.user_id,
            reading.in_use.active.model_id,
            mean,
            limit=RELATED_MEMORIES,
            least=0.3,
        )
        rows = memories.by_ids(session, tenant_id, [memory_id for _, memory_id, _ in near])
    return [row.content for row in rows]


def _ask(resources: Resources, held: Claim, open_pairs: list[Any]) -> Verdicts:
    """One call for all pairs of a batch; a pair that is not judged counts as unrelated."""
    pairs = [pair for _, _, pair in open_pairs]
    key = _key([pair.new_text + "\x1f" + pair.stored_text for pair in pairs])
    reply = _complete(resources, held, key, build_verdict_messages(pairs), VERDICT_SCHEMA, "verdicts")
    judged = parse_judgements(reply, len(pairs))
    return {
        (index, memory_id): judgement
        for (index, memory_id, _), judgement in zip(open_pairs, judged, strict=True)
    }


def _key(parts: Sequence[str]) -> str:
    return hashlib.sha256(orjson.dumps(list(parts))).hexdigest()


def _complete(
    resources: Resources,
    held: Claim,
    key: str,
    messages: Sequence[dict[str, str]],
    schema: dict[str, Any],
    name: str,
) -> dict[str, Any]:
    """The model's answer, from the job when it was bought before; what it cost is counted on the job."""
    assert resources.chat is not None
    job = held.jobs[0]
    for other in held.jobs:
        if key in other.llm_cache:
            return other.llm_cache[key]
    try:
        reply = resources.chat.complete_json(messages, schema, name)
    except EndpointFailed as failure:
        _bill(resources, held, failure.usage, None)
        raise
    job.llm_cache[key] = reply.value
    _bill(resources, held, reply.usage, (key, reply.value))
    return reply.value


def _bill(resources: Resources, held: Claim, usage: Usage, reply: tuple[str, dict[str, Any]] | None) -> None:
    tenant_id, job_id = held.principal.tenant_id, held.jobs[0].id
    counts = {
        "llm_calls": usage.calls,
        "llm_failed_calls": usage.failed_calls,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
    }
    with resources.transaction(held.principal) as session:
        jobs.add_usage(session, tenant_id, job_id, counts)
        operations.count(session, tenant_id, resources.now().date(), counts)
        if reply is not None:
            jobs.remember_reply(session, tenant_id, job_id, *reply)
