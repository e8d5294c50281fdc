"""Neighbouring turns of the results: what was said just before and after.

After EM-LLM's contiguity buffer (arXiv 2407.09450, section 3.3), with turns instead of events.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.memory.index.documents import TurnRow
from app.memory.ranking.documents import Documents
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.results.deduplication import SearchResult
from app.memory.ranking.results.turn_representation import find_replacements


@dataclass(frozen=True, slots=True)
class NeighbourTurn:
    """A turn, its offset from the result's turn (negative = before), and the memories that supersede it."""

    turn: TurnRow
    offset: int
    superseded_by: list[UUID]


def collect_neighbours(
    documents: Documents, results: Sequence[SearchResult], reach: int
) -> list[list[tuple[int, int]]]:
    """For each result (offset, doc id) of up to `reach` turns before and after its turn in the session."""
    rows = (_find_result_turn(documents, result) for result in results)
    return [_session_neighbours(documents, row, reach) if row is not None else [] for row in rows]


def build_neighbours(
    query: SearchQuery,
    documents: Documents,
    results: Sequence[SearchResult],
    nearby: Sequence[Sequence[tuple[int, int]]],
) -> list[list[NeighbourTurn]]:
    """For each result the turns around it, in order, of those that `collect_neighbours` found.

    No turn is returned twice: none that a result is, represents or has as a duplicate, and one near two
    results only with the first. Of the filters only `agent_id` applies; the others select results, not their
    surroundings.
    """
    seen = {entry.id for result in results for entry in (result, *result.duplicates)}
    for result in results:
        row = _find_result_turn(documents, result)
        if row is not None:
            seen.add(documents.turns[row].id)
    neighbours: list[list[NeighbourTurn]] = []
    for offsets in nearby:
        built = [
            _build_neighbour(query, documents, doc_id, offset)
            for offset, doc_id in offsets
            if doc_id in documents.turns
        ]
        neighbours.append([entry for entry in built if entry is not None and entry.turn.id not in seen])
        seen |= {entry.turn.id for entry in neighbours[-1]}
    return neighbours


def _session_neighbours(documents: Documents, doc_id: int, reach: int) -> list[tuple[int, int]]:
    neighbours: list[tuple[int, int]] = []
    for step, side in ((-1, "before"), (1, "after")):
        neighbour, current = documents.index.turns.columns[side].as_array, doc_id
        for distance in range(1, reach + 1):
            if neighbour[current] == current:
                break
            current = int(neighbour[current])
            neighbours.append((step * distance, current))
    return sorted(neighbours)


def _find_result_turn(documents: Documents, result: SearchResult) -> int | None:
    """The doc id of the result's turn; for an orphan that of the newest indexed turn that states it."""
    if result.turn is not None:
        return documents.find_turn(result.turn.id)
    sources = result.memory.sources if result.memory is not None else []
    found = (documents.find_turn(source.turn_id) for source in sources if not source.is_denial)
    return next((row for row in found if row is not None), None)


def _build_neighbour(
    query: SearchQuery, documents: Documents, doc_id: int, offset: int
) -> NeighbourTurn | None:
    """The neighbour with the memories that supersede it.

    None if it is wholly superseded without successor, or belongs to another agent.
    """
    turn = documents.turns[doc_id]
    if query.agent_id is not None and turn.agent_id != query.agent_id:
        return None
    successors, is_covered = find_replacements(documents, doc_id)
    if is_covered and not successors and not query.include_superseded:
        return None
    return NeighbourTurn(turn, offset, successors)
