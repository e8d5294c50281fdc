"""Neighbouring turns of the results: what was said just before and after (EM-LLM's contiguity buffer, arXiv
2407.09450, section 3.3).

After EM-LLM's contiguity buffer (arXiv 2407.09450, section 3.3), with turns for its events.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.memory.index.documents import TurnRow
from app.memory.index.user_index import UserIndex
from app.memory.ranking.deduplication import SearchResult
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.result_candidates import find_replacements


@dataclass(frozen=True, slots=True)
class NeighbourTurn:
    """A turn, how many turns after the item's it was said (< 0 = before), and what is true instead of it."""

    turn: TurnRow
    offset: int
    superseded_by: list[UUID]


def find_neighbour_turns(
    index: UserIndex, query: SearchQuery, results: Sequence[SearchResult], reach: int
) -> list[list[NeighbourTurn]]:
    """For each item up to `reach` turns before and after its turn in the session, in order.

    No turn comes twice: not one that an item is, stands for or has folded, and one that is near two items
    only with the first. Of the filters `agent_id` holds here too; the others choose what is found, not what
    is near it.
    """
    if reach == 0:
        return [[] for _ in results]
    rows = [_find_result_turn(index, item) for item in results]
    near = [index.session_neighbours(row, reach) if row is not None else [] for row in rows]
    gone = set(index.load_turns([at for one in near for _, at in one]))
    shown = {one.id for item in results for one in (item, *item.duplicates)}
    shown |= {index.turns[row].id for row in rows if row is not None}
    answer: list[list[NeighbourTurn]] = []
    for around in near:
        told = [
            _build_neighbour(index, query, index.turns[at], offset) for offset, at in around if at not in gone
        ]
        answer.append([one for one in told if one is not None and one.turn.id not in shown])
        shown |= {one.turn.id for one in answer[-1]}
    return answer


def _find_result_turn(index: UserIndex, result: SearchResult) -> int | None:
    """The turn of an item; a memory that no turn brought has the newest that says it."""
    if result.turn is not None:
        return index.turns.id_map[result.turn.id]
    sources = result.memory.sources if result.memory is not None else []
    ids = [source.turn_id for source in sources if source.turn_id is not None and not source.is_denial]
    return next((index.turns.id_map[turn_id] for turn_id in ids if turn_id in index.turns.id_map), None)


def _build_neighbour(
    index: UserIndex, query: SearchQuery, turn: TurnRow, offset: int
) -> NeighbourTurn | None:
    """The turn with what replaced it; None where it would not be an item either: nothing of it is true."""
    if query.agent_id is not None and turn.agent_id != query.agent_id:
        return None
    successors, wholly = find_replacements(index, turn)
    if wholly and not successors and not query.include_superseded:
        return None
    return NeighbourTurn(turn, offset, successors)
