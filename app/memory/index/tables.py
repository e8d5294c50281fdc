"""One user's turns and memories as tables: documents, ids, vectors, inverted index and filter columns."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.core.vocabulary import Status
from app.memory.geography import Area
from app.memory.index.arrays import CategoricalColumn, GrowableArray, IdMap, VectorMatrix
from app.memory.index.documents import (
    DocumentStore,
    MemoryRow,
    Row,
    TurnRow,
    decode_memory,
    decode_turn,
    encode_memory,
    encode_turn,
    is_recap_memory,
)
from app.memory.index.inverted_index import InvertedIndex
from app.memory.index.serialization import NamedArrays, add_prefix, strip_prefix
from app.memory.index.vectors import sum_windows, window_norms
from app.memory.numeric import FloatArray
from app.memory.text.sentences import has_question

NEVER = np.iinfo(np.int64).max  # the time of a row that has none
_NORM_ROWS = 4_096  # windows that are summed at a time: 19 MB (chosen)
_LOCATION_FIELDS = ("name", "lat", "lon")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_microseconds(at: datetime) -> int:
    """Microseconds since 1970-01-01 UTC."""
    return (at - _EPOCH) // _MICROSECOND


class DocumentTable(DocumentStore[Row]):
    """Documents with their ids, vectors, inverted index and columns."""

    def __init__(
        self, dimensions: int, encode: Callable[[Row], bytes], decode: Callable[[memoryview], Row]
    ) -> None:
        super().__init__(encode, decode)
        self.id_map = IdMap()
        self.vectors = VectorMatrix(dimensions)
        self.inverted_index = InvertedIndex()
        self.columns: dict[str, GrowableArray] = {}
        self.categorical_columns: dict[str, CategoricalColumn] = {}

    def _add_document(
        self, row_id: UUID, row: Row, terms: list[str], values: dict[str, Any], categories: dict[str, Any]
    ) -> int:
        doc_id = self.id_map.add(row_id)
        self.append(row)
        self.vectors.grow_to(doc_id + 1)
        self.inverted_index.add_document(terms)
        for name, value in values.items():
            self.columns[name].append(value)
        for name, value in categories.items():
            self.categorical_columns[name].append(value)
        return doc_id

    def set_vectors(self, doc_ids: NDArray[np.intp], vectors: FloatArray) -> None:
        """Set the vectors (k, d) of these rows (k,)."""
        self.vectors.set_rows(doc_ids, vectors)

    def match_area(self, area: Area) -> NDArray[np.bool_]:
        """Which rows have a location in the area, (n,)."""
        locations = self.categorical_columns["place"]
        return locations.match_any(
            location
            for location in locations.categories
            if location and area.contains_location(dict(zip(_LOCATION_FIELDS, location, strict=True)))
        )

    def compact(self) -> None:
        """Convert rows added since the last call to arrays and drop the documents."""
        self.evict_rows()
        self.id_map.load_ids(self.id_map.id_halves)
        self.inverted_index.load_arrays(self.inverted_index.to_arrays())

    def to_arrays(self) -> NamedArrays:
        """Everything except the vectors and documents as arrays."""
        arrays: NamedArrays = {"ids": self.id_map.id_halves, "known": self.vectors.has_vector}
        if self.vectors.codes.shape[1]:
            arrays["scales"] = self.vectors.scales
        arrays |= add_prefix("words", self.inverted_index.to_arrays())
        for name, column in self.columns.items():
            arrays[f"column.{name}"] = column.as_array
        for name, categorical in self.categorical_columns.items():
            arrays |= {f"names.{name}": categorical.categories, f"named.{name}": categorical.codes}
        return arrays

    def load_arrays(self, parts: NamedArrays, codes: NDArray[np.int8]) -> None:
        """Replace the contents by the table of `parts` with these vectors, (n, d), without documents."""
        self.load_row_ends(parts)
        self.id_map.load_ids(parts["ids"])
        scales = parts.get("scales", np.zeros(len(codes), np.float32))  # a large user may have no vectors
        self.vectors.load_codes(codes, scales, parts["known"])
        self.inverted_index.load_arrays(strip_prefix(parts, "words"))
        for name, column in self.columns.items():
            column.load_rows(parts[f"column.{name}"])
        for name, categorical in self.categorical_columns.items():
            categories = [
                tuple(value) if isinstance(value, list) else value for value in parts[f"names.{name}"]
            ]
            categorical.load_codes(categories, parts[f"named.{name}"])


class TurnTable(DocumentTable[TurnRow]):
    """Turns. The columns `before` and `after` are a turn's neighbours in its session, itself at an end.

    `asks` tells whether a turn has a question.
    """

    def __init__(self, dimensions: int) -> None:
        super().__init__(dimensions, encode_turn, decode_turn)
        self.columns = {
            "said_at": GrowableArray(np.int64),
            "local_at": GrowableArray(np.int64),
            "before": GrowableArray(np.int32),
            "after": GrowableArray(np.int32),
            "norm": GrowableArray(np.float32),
            "asks": GrowableArray(np.bool_),
        }
        self.categorical_columns = {
            name: CategoricalColumn() for name in ("session", "agent", "role", "name", "speaker", "place")
        }
        self._last_turns: dict[int, int] = {}
        self._stale_norms: set[int] = set()

    def add_turn(self, turn: TurnRow, terms: list[str]) -> None:
        """Add a turn at its position in its session."""
        doc_id = len(self)
        said_at = to_microseconds(turn.observed_at)
        categories = {
            "session": turn.session_id,
            "agent": turn.agent_id,
            "role": turn.role,
            "name": (turn.name or "").casefold(),
            "speaker": turn.name or turn.role,
            "place": _location_key(turn),
        }
        # The same on the speaker's clock, as if that were UTC: a day is the speaker's day.
        local_at = to_microseconds(turn.observed_at.replace(tzinfo=UTC))
        values = {
            "said_at": said_at,
            "local_at": local_at,
            "before": doc_id,
            "after": doc_id,
            "norm": 0,
            "asks": has_question(turn.content),
        }
        self._add_document(turn.id, turn, terms, values, categories)
        self._stale_norms.add(doc_id)
        session = int(self.categorical_columns["session"].codes[doc_id])
        last = self._last_turns.get(session)
        if last is None:
            self._last_turns[session] = doc_id
        elif said_at < self.columns["said_at"][last]:
            self._sort_session(session)
        else:
            self._link_neighbours(last, doc_id)
            self._last_turns[session] = doc_id

    def _sort_session(self, session: int) -> None:
        """Sort the turns of a session after one arrived late; equal times keep their order."""
        rows = np.flatnonzero(self.categorical_columns["session"].codes == session)
        rows = rows[np.argsort(self.columns["said_at"].as_array[rows], kind="stable")]
        first, last = int(rows[0]), int(rows[-1])
        self.columns["before"][first], self.columns["after"][last] = first, last
        for left, right in pairwise(rows.tolist()):
            self._link_neighbours(left, right)
        self._last_turns[session] = last

    def _link_neighbours(self, left: int, right: int) -> None:
        self.columns["after"][left], self.columns["before"][right] = right, left
        self._stale_norms |= {left, right}

    def said_at(self, doc_id: int) -> datetime:
        """When a turn was said, in UTC; its document is not read for that."""
        return _EPOCH + timedelta(microseconds=int(self.columns["said_at"][doc_id]))

    def set_vectors(self, doc_ids: NDArray[np.intp], vectors: FloatArray) -> None:
        """Set the vectors (k, d) of these turns (k,)."""
        self.vectors.set_rows(doc_ids, vectors)
        for column in (
            doc_ids,
            self.columns["before"].as_array[doc_ids],
            self.columns["after"].as_array[doc_ids],
        ):
            self._stale_norms.update(column.tolist())

    @property
    def speaker_names(self) -> list[str]:
        """The names of the speakers; one who has none goes by the role, which is no name."""
        named = set(self.categorical_columns["name"].categories)
        return [name for name in self.categorical_columns["speaker"].categories if name.casefold() in named]

    @property
    def session_codes(self) -> NDArray[np.int32]:
        """The session code of each turn, (n,)."""
        return self.categorical_columns["session"].codes

    def adjacent_turns(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The turn before and after each in its session, (n,) each; n where there is none."""
        rows = np.arange(len(self))
        before, after = self.columns["before"].as_array, self.columns["after"].as_array
        return np.where(before == rows, len(rows), before), np.where(after == rows, len(rows), after)

    def window_vector_norms(self) -> FloatArray:
        """Norm of the sum of the vectors of each turn and its neighbours, (n,).

        Only norms of windows with a changed row are computed again.
        """
        norms = self.columns["norm"]
        if self._stale_norms:
            stale = np.fromiter(self._stale_norms, np.intp, len(self._stale_norms))
            for start in range(0, len(stale), _NORM_ROWS):
                rows = stale[start : start + _NORM_ROWS]
                before, after = self.columns["before"].as_array[rows], self.columns["after"].as_array[rows]
                sides = (np.where(side == rows, len(self), side) for side in (before, after))
                norms[rows] = window_norms(sum_windows(self.vectors, rows, *sides))
            self._stale_norms.clear()
        return norms.as_array

    def to_arrays(self) -> NamedArrays:
        """Everything except the vectors and documents as arrays."""
        self.window_vector_norms()
        return super().to_arrays()

    def load_arrays(self, parts: NamedArrays, codes: NDArray[np.int8]) -> None:
        """Replace the contents by the table of `parts` with these vectors, (n, d), without documents."""
        super().load_arrays(parts, codes)
        self._stale_norms.clear()
        ends = np.flatnonzero(self.columns["after"].as_array == np.arange(len(self)))
        self._last_turns = dict(zip(self.session_codes[ends].tolist(), ends.tolist(), strict=True))


class MemoryTable(DocumentTable[MemoryRow]):
    """Memories. A slot is (subject, attribute) or None; traits are (kind, agent, *tags)."""

    def __init__(self, dimensions: int) -> None:
        super().__init__(dimensions, encode_memory, decode_memory)
        self.columns = {
            "current": GrowableArray(np.bool_),
            "superseded": GrowableArray(np.bool_),
            "event_from": GrowableArray(np.int64),
            "event_to": GrowableArray(np.int64),
            "valid_from": GrowableArray(np.int64),
            "served_until": GrowableArray(np.int64),
        }
        self.earliest_expiry = NEVER  # lower bound of the column `served_until`
        self.categorical_columns = {
            "slot": CategoricalColumn(),
            "subject": CategoricalColumn(),
            "traits": CategoricalColumn(),
            "place": CategoricalColumn(),
        }

    def add_memory(self, memory: MemoryRow, terms: list[str]) -> int:
        """Add a memory and return its doc id."""
        values = _column_values(memory)
        self.earliest_expiry = min(self.earliest_expiry, values["served_until"])
        return self._add_document(memory.id, memory, terms, values, _category_values(memory))

    def replace_memory(self, doc_id: int, memory: MemoryRow) -> None:
        """Replace a memory by a newer version; its indexed terms and vector are changed separately."""
        self[doc_id] = memory
        values = _column_values(memory)
        self.earliest_expiry = min(self.earliest_expiry, values["served_until"])
        for name, value in values.items():
            self.columns[name][doc_id] = value
        for name, value in _category_values(memory).items():
            self.categorical_columns[name].set_value(doc_id, value)

    def load_arrays(self, parts: NamedArrays, codes: NDArray[np.int8]) -> None:
        """Replace the contents by the table of `parts` with these vectors, (n, d), without documents."""
        super().load_arrays(parts, codes)
        self.earliest_expiry = int(self.columns["served_until"].as_array.min(initial=NEVER))

    def expire_memories(self, now: int) -> bool:
        """Hide memories that have expired by `now` (microseconds); returns whether there were any."""
        is_served = self.current_mask | self.columns["superseded"].as_array
        expired = np.flatnonzero(is_served & (self.columns["served_until"].as_array <= now))
        for name in ("current", "superseded"):
            self.columns[name][expired] = False
        return len(expired) > 0

    @property
    def current_mask(self) -> NDArray[np.bool_]:
        """Which memories are regarded as true now, (m,)."""
        return self.columns["current"].as_array

    def contested_mask(self) -> NDArray[np.bool_]:
        """Which memories share their slot with another one that is current, (m,)."""
        slots = self.categorical_columns["slot"]
        count = np.bincount(slots.codes[self.current_mask], minlength=len(slots.categories))
        none = slots.find_code(None)
        if none is not None:
            count[none] = 0
        return count[slots.codes] > self.current_mask

    def recap_mask(self) -> NDArray[np.bool_]:
        """Which memories restate others, (m,)."""
        traits = self.categorical_columns["traits"]
        return traits.match_any(trait for trait in traits.categories if is_recap_memory(trait[0], trait[2:]))

    def is_recap(self, doc_id: int) -> bool:
        """Whether a memory restates others; its document is not read for that."""
        traits = self.categorical_columns["traits"]
        kind, _, *tags = traits.categories[traits.codes[doc_id]]
        return is_recap_memory(kind, tags)


def _column_values(memory: MemoryRow) -> dict[str, Any]:
    begun, ended, valid = memory.event_from, memory.event_to or memory.event_from, memory.valid_from
    until = memory.served_until
    return {
        "current": memory.is_current,
        "superseded": memory.status == Status.SUPERSEDED,
        "event_from": NEVER if begun is None else to_microseconds(begun),
        "event_to": NEVER if ended is None else to_microseconds(ended),
        "valid_from": NEVER if valid is None else to_microseconds(valid),
        "served_until": NEVER if until is None else to_microseconds(until),
    }


def _category_values(memory: MemoryRow) -> dict[str, Any]:
    return {
        "slot": None if memory.attribute is None else (memory.subject, memory.attribute),
        "subject": memory.subject,
        "traits": (memory.kind, memory.agent_id, *memory.tags),
        "place": _location_key(memory),
    }


def _location_key(row: TurnRow | MemoryRow) -> tuple[str, float | None, float | None] | None:
    location = row.place
    return None if location is None else (location["name"], location.get("lat"), location.get("lon"))
