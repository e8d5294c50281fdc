"""Which rows of a user pass a filter by metadata, for a search.

The index holds the metadata of each row to show it, and not as columns: a key can be anything, and a large
user's rows are not in memory. One query of ids serves every index alike, and is paid by searches with such a
filter only.
"""

from uuid import UUID

from app.db.repositories.memories import history
from app.db.repositories.search import metadata_filters
from app.memory.metadata_filters import Condition, matches
from app.memory.ranking.query import AllowedRows
from app.services.memories.as_of import BitemporalPoint, load_state_as_of
from app.services.platform.user_context import UserContext

_ID_BYTES = 16


def load_allowed_rows(ctx: UserContext, condition: Condition, point: BitemporalPoint) -> AllowedRows:
    """Load the ids of the turns and memories that fulfil the condition now, or as of a bitemporal point."""
    with ctx.read_transaction() as user:
        if not point:
            rows = metadata_filters.load_matching_rows(user, condition)
            return AllowedRows(rows.turn_ids, rows.memory_ids)
        turns = history.list_turns_as_of(user, point.as_of, point.known_at)
        state = load_state_as_of(user, point)
        inherited = metadata_filters.load_inherited_metadata(user, point.as_of, point.known_at)
    return AllowedRows(
        b"".join(turn.id.bytes for turn in turns if matches(condition, turn.metadata_)),
        b"".join(
            row.id.bytes
            for row in state.memories
            if matches(condition, row.metadata_, inherited.get(row.id, ()))
        ),
    )


def split_ids(ids: bytes) -> set[str]:
    """The ids of 16 bytes each as texts."""
    return {str(UUID(bytes=ids[at : at + _ID_BYTES])) for at in range(0, len(ids), _ID_BYTES)}
