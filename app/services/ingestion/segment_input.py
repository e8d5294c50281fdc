"""Reads the input of an extraction claim: its segments, and what is known of the turns around them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from uuid import UUID

import numpy as np

from app.db.repositories.ingestion import turns
from app.db.repositories.memories import memories
from app.llm.embedders import EmbeddersInUse
from app.memory.extraction.segmentation import REQUEST_RULES, SegmentRules, segment_turns
from app.memory.types import Turn
from app.resources import Resources
from app.services.platform.jobs import JobClaim
from app.services.sharing import shared_search

PREVIOUS_TURNS = 4
MAX_SLICE_CHARS = 512 * 1024  # characters of turns that one claim reads before other users' jobs run


@dataclass(frozen=True, slots=True)
class ExtractionInput:
    """The input of a claim: segments in order, the turns before each, and the memories shown to a model."""

    in_use: EmbeddersInUse
    segments: list[list[Turn]]
    previous_turns: Mapping[UUID, list[Turn]]
    shown_contents: Mapping[UUID, str]
    vectors: Mapping[UUID, np.ndarray]


def load_input(resources: Resources, claim: JobClaim, in_use: EmbeddersInUse) -> ExtractionInput:
    """Load the next turns of a claim, cut into segments, and what a model is shown with them."""
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
        rules = SegmentRules() if resources.chat is None else REQUEST_RULES
        segments: list[list[Turn]] = []
        previous: dict[UUID, list[Turn]] = {}
        for _, of_session in groupby(waiting, key=lambda turn: turn.session_id):
            session_turns = list(of_session)
            before = turns.list_turns_before(session, tenant_id, session_turns[0], PREVIOUS_TURNS)
            for segment in _cut_segments(session_turns, vectors, rules):
                previous[segment[0].id] = before
                segments.append(segment)
                before = [*before, *segment][-PREVIOUS_TURNS:]
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


def _cut_segments(
    session_turns: list[Turn], vectors: Mapping[UUID, np.ndarray], rules: SegmentRules
) -> list[list[Turn]]:
    known = [vectors[turn.id] for turn in session_turns if turn.id in vectors]
    if not known:
        return segment_turns(session_turns, None, rules)
    # A system turn has no vector.
    rows = np.stack([vectors.get(turn.id, np.zeros_like(known[0])) for turn in session_turns])
    return segment_turns(session_turns, rows, rules)
