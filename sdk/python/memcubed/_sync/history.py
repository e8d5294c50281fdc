# Written by scripts/unasync.py from memcubed/_async; do not edit.
"""The messages of a session as a framework writes them, kept whole in the turns of the session."""

from __future__ import annotations

from .._history import Entry, StoredEntry, artifact_paths, artifact_prefix, batches, read_stored, to_turn
from ..errors import NotFoundError
from ..types import Turn
from .client import Memcubed


class History:
    """A list of entries that is one session of one user: what is said in it is searched and remembered."""

    def __init__(self, client: Memcubed, session_id: str) -> None:
        self._client = client
        self._session_id = session_id

    def append(self, entries: list[Entry]) -> None:
        """Add entries at the end, in their order."""
        turns = []
        for entry in entries:
            turn, parts = to_turn(entry, self._session_id)
            for path, text in parts:
                self._client.put_artifact(path, text)
            turns.append(turn)
        for batch in batches(turns):
            self._client.add(batch, self._session_id)

    def latest(self, limit: int | None = None) -> list[StoredEntry]:
        """The last entries, oldest first; all without a limit."""
        found: list[StoredEntry] = []
        if limit is not None and limit <= 0:
            return found
        page = 100 if limit is None else min(limit, 100)
        for turn in self._client.turns(session_id=self._session_id, order="desc", limit=page):
            found.append(self._read(turn))
            if len(found) == limit:
                break
        return found[::-1]

    def pop(self) -> StoredEntry | None:
        """Take the last entry away; two who pop at once get two entries."""
        while (turn := self._last()) is not None:
            entry = self._read(turn)
            try:
                self._client.delete_turn(turn.id)
            except NotFoundError:
                continue
            for path in artifact_paths(turn):
                self._client.delete_artifact(path)
            return entry
        return None

    def clear(self) -> None:
        """Take all entries away, with what is known from this session alone."""
        self._client.delete_session(self._session_id)
        for artifact in self._client.artifacts(artifact_prefix(self._session_id)):
            self._client.delete_artifact(artifact.path)

    def _last(self) -> Turn | None:
        for turn in self._client.turns(session_id=self._session_id, order="desc", limit=1):
            return turn
        return None

    def _read(self, turn: Turn) -> StoredEntry:
        try:
            parts = [(self._client.get_artifact(path)).content for path in artifact_paths(turn)]
        except NotFoundError:
            parts = []
        return read_stored(turn, parts)
