"""Neighbouring turns of the results: what was said just before and after.

After EM-LLM's contiguity buffer (arXiv 2407.09450, section 3.3), with turns instead of events.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.memory.index.documents import TurnRow
from app.memory.index.user_index import UserIndex
from app.memory.ranking.deduplication import SearchResult
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.turn_representation import find_replacements


@dataclass(frozen=True, slots=True)
class NeighbourTurn:
    """A turn, its offset from the result's turn (negative = before), and the memories that supersede it."""

    turn: TurnRow
    offset: int
    superseded_by: list[UUID]


def find_neighbour_turns(
    index: UserIndex, query: SearchQuery, results: Sequence[SearchResult], reach: int
) -> list[list[NeighbourTurn]]:
    """For each result up to `reach` turns before and after its turn in the session, in order.

    No turn is returned twice: none that a result is, represents or has as a duplicate, and one near two
    results only with the first. Of the filters only `agent_id` applies; the others select results, not their
    surroundings.
    """
    if reach == 0:
        return [[] for _ in results]
    rows = [_find_result_turn(index, result) for result in results]
    nearby = [index.session_neighbours(row, reach) if row is not None else [] for row in rows]
    deleted = set(index.load_turns([doc_id for entry in nearby for _, doc_id in entry]))
    seen = {entry.id for result in results for entry in (result, *result.duplicates)}
    seen |= {index.turns[row].id for row in rows if row is not None}
    neighbours: list[list[NeighbourTurn]] = []
    for offsets in nearby:
        built = [
            _build_neighbour(index, query, index.turns[doc_id], offset)
            for offset, doc_id in offsets
            if doc_id not in deleted
        ]
        neighbours.append([entry for entry in built if entry is not None and entry.turn.id not in seen])
        seen |= {entry.turn.id for entry in neighbours[-1]}
    return neighbours


def _find_result_turn(index: UserIndex, result: SearchResult) -> int | None:
    """The doc id of the result's turn; for an orphan that of the newest indexed turn that states it."""
    if result.turn is not None:
        return index.turns.id_map[result.turn.id]
    sources = result.memory.sources if result.memory is not None else []
    ids = [source.turn_id for source in sources if source.turn_id is not None and not source.is_denial]
    return next((index.turns.id_map[turn_id] for turn_id in ids if turn_id in index.turns.id_map), None)


def _build_neighbour(
    index: UserIndex, query: SearchQuery, turn: TurnRow, offset: int
) -> NeighbourTurn | None:
    """The neighbour with the memories that supersede it.

    None if it is wholly superseded without successor, or belongs to another agent.
    """
    if query.agent_id is not None and turn.agent_id != query.agent_id:
        return None
    successors, is_covered = find_replacements(index, turn)
    if is_covered and not successors and not query.include_superseded:
        return None
    return NeighbourTurn(turn, offset, successors)
