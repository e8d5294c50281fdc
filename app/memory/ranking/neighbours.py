"""The turns beside what was found, as one remembers what came just before and after.

After EM-LLM's contiguity buffer (arXiv 2407.09450, section 3.3), with turns for its events.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.memory.index.documents import TurnRow
from app.memory.index.user_index import Scope
from app.memory.ranking.deduplication import Found
from app.memory.ranking.query import Wanted
from app.memory.ranking.result_candidates import replaced


@dataclass(frozen=True, slots=True)
class Beside:
    """A turn, how many turns after the item's it was said (< 0 = before), and what is true instead of it."""

    turn: TurnRow
    offset: int
    superseded_by: list[UUID]


def beside(scope: Scope, wanted: Wanted, found: Sequence[Found], reach: int) -> list[list[Beside]]:
    """For each item up to `reach` turns before and after its turn in the session, in order.

    No turn comes twice: not one that an item is, stands for or has folded, and one that is near two items
    only with the first. Of the filters `agent_id` holds here too; the others choose what is found, not what
    is near it.
    """
    if reach == 0:
        return [[] for _ in found]
    rows = [_row(scope, item) for item in found]
    near = [scope.around(row, reach) if row is not None else [] for row in rows]
    gone = set(scope.load([at for one in near for _, at in one]))
    shown = {one.id for item in found for one in (item, *item.folded)}
    shown |= {scope.turns[row].id for row in rows if row is not None}
    answer: list[list[Beside]] = []
    for around in near:
        told = [_told(scope, wanted, scope.turns[at], offset) for offset, at in around if at not in gone]
        answer.append([one for one in told if one is not None and one.turn.id not in shown])
        shown |= {one.turn.id for one in answer[-1]}
    return answer


def _row(scope: Scope, found: Found) -> int | None:
    """The turn of an item; a memory that no turn brought has the newest that says it."""
    if found.turn is not None:
        return scope.turns.at[found.turn.id]
    sources = found.memory.sources if found.memory is not None else []
    ids = [source.turn_id for source in sources if source.turn_id is not None and not source.denies]
    return next((scope.turns.at[turn_id] for turn_id in ids if turn_id in scope.turns.at), None)


def _told(scope: Scope, wanted: Wanted, turn: TurnRow, offset: int) -> Beside | None:
    """The turn with what replaced it; None where it would not be an item either: nothing of it is true."""
    if wanted.agent_id is not None and turn.agent_id != wanted.agent_id:
        return None
    successors, wholly = replaced(scope, turn)
    if wholly and not successors and not wanted.include_superseded:
        return None
    return Beside(turn, offset, successors)
