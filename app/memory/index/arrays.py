"""Append-only arrays and columns: growable arrays, vector matrix, id map and categorical columns."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import DTypeLike, NDArray

_INITIAL_CAPACITY = 16


class GrowableArray:
    """An (n,) or (n, d) array to which rows are appended."""

    def __init__(self, dtype: DTypeLike, width: int | None = None) -> None:
        self._data = np.zeros((_INITIAL_CAPACITY,) if width is None else (_INITIAL_CAPACITY, width), dtype)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, row: int) -> Any:
        return self._data[row]

    def __setitem__(self, row: Any, value: Any) -> None:
        self._data[row] = value

    def append(self, value: Any) -> None:
        """Add one row."""
        self.grow_to(self._count + 1)
        self._data[self._count - 1] = value

    def grow_to(self, count: int) -> None:
        """Make it `count` rows, the new ones zero."""
        if count > len(self._data):
            data = np.zeros((max(count, 2 * len(self._data)), *self._data.shape[1:]), self._data.dtype)
            data[: self._count] = self._data[: self._count]
            self._data = data
        self._count = max(self._count, count)

    def load_rows(self, rows: NDArray[Any]) -> None:
        """Let it be these rows, (n, …)."""
        self._data = np.array(rows, self._data.dtype)
        self._count = len(rows)

    @property
    def as_array(self) -> NDArray[Any]:
        """What it holds, (n, …): a view until the next row comes."""
        return self._data[: self._count]


class VectorMatrix:
    """Growing (n, d) float32 rows, of which some are not there yet."""

    def __init__(self, dimensions: int) -> None:
        self._data = GrowableArray(np.float32, dimensions)
        self._has_vector = GrowableArray(np.bool_)
        self._row_bytes = dimensions * 4

    def __len__(self) -> int:
        return len(self._data)

    def grow_to(self, count: int) -> None:
        """Make room for `count` rows."""
        self._data.grow_to(count)
        self._has_vector.grow_to(count)

    def set_row(self, doc_id: int, vector: NDArray[Any]) -> None:
        """Set one row."""
        self._data[doc_id], self._has_vector[doc_id] = vector, True

    def load_rows(self, rows: NDArray[Any], has_vector: NDArray[np.bool_]) -> None:
        """Let it be these rows, (n, d), of which those `known` (n,) are there."""
        self._data.load_rows(rows)
        self._has_vector.load_rows(has_vector)

    @property
    def row_bytes(self) -> int:
        """The size of one row."""
        return self._row_bytes

    @property
    def has_vector(self) -> NDArray[np.bool_]:
        """Which rows are there, (n,)."""
        return self._has_vector.as_array

    @property
    def all_rows(self) -> NDArray[np.float32]:
        """Every row, (n, d); zero where one is missing."""
        return self._data.as_array

    def get_rows(self, doc_ids: NDArray[Any]) -> NDArray[np.float32]:
        """The rows at `places`, (k, d)."""
        return self._data.as_array[doc_ids]

    def dot_products(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosine of each row and the query (both normalised), (n,); 0 where a row is missing."""
        return self._data.as_array @ query


class IdMap:
    """The row of each id. Ids of a pack are searched in order, as a dict of them would take long to make."""

    def __init__(self) -> None:
        self._recent_ids: dict[UUID, int] = {}
        self._lookup_cache: dict[UUID, int] = {}  # of the pack, those that were asked for
        self._snapshot_ids = np.zeros((0, 2), np.uint64)
        self._sort_order = np.zeros(0, np.int32)
        self._sorted_keys = np.zeros(0, np.uint64)
        self._deleted: set[int] = set()

    def __len__(self) -> int:
        return len(self._snapshot_ids) + len(self._recent_ids)

    def __contains__(self, row_id: UUID) -> bool:
        return self.get(row_id) is not None

    def __getitem__(self, row_id: UUID) -> int:
        row = self.get(row_id)
        if row is None:
            raise KeyError(row_id)
        return row

    def add(self, row_id: UUID) -> int:
        """Give an id the next row."""
        row = self._recent_ids[row_id] = len(self)
        return row

    def get(self, row_id: UUID) -> int | None:
        """The row of an id, or None."""
        row = self._recent_ids.get(row_id)
        if row is None and len(self._snapshot_ids):
            row = self._lookup_cache.get(row_id)
            if row is None:
                row = self._find_in_snapshot(row_id)
        return None if row in self._deleted else row

    def _find_in_snapshot(self, row_id: UUID) -> int | None:
        high, low = np.uint64(row_id.int >> 64), np.uint64(row_id.int & 0xFFFF_FFFF_FFFF_FFFF)
        at = int(np.searchsorted(self._sorted_keys, high))
        while at < len(self._sorted_keys) and self._sorted_keys[at] == high:
            row = int(self._sort_order[at])
            if self._snapshot_ids[row, 1] == low:
                self._lookup_cache[row_id] = row
                return row
            at += 1
        return None

    def get_ids(self, doc_ids: Sequence[int]) -> list[UUID]:
        """The ids of rows."""
        data = self.get_id_bytes(np.asarray(doc_ids, np.intp))
        return [UUID(bytes=data[at : at + 16]) for at in range(0, len(data), 16)]

    def get_id_bytes(self, doc_ids: NDArray[np.integer]) -> bytes:
        """The ids of rows, 16 bytes each."""
        packed, found = len(self._snapshot_ids), np.zeros((len(doc_ids), 2), ">u8")
        inside = doc_ids < packed
        found[inside] = self._snapshot_ids[doc_ids[inside]]
        if not inside.all():
            loose = list(self._recent_ids)
            ids = b"".join(loose[row - packed].bytes for row in doc_ids[~inside].tolist())
            found[~inside] = np.frombuffer(ids, ">u8").reshape(-1, 2)
        return found.tobytes()

    def find_doc_ids(self, data: bytes) -> NDArray[np.intp]:
        """The rows of ids of 16 bytes each, (k,); -1 where there is none."""
        halves = np.frombuffer(data, ">u8").reshape(-1, 2).astype(np.uint64)
        found = np.full(len(halves), -1, np.intp)
        left = np.arange(len(halves)) if len(self._sorted_keys) else np.zeros(0, np.intp)
        at = np.searchsorted(self._sorted_keys, halves[left, 0])
        while len(left):  # ids that are made at one time share their first half
            at = np.minimum(at, len(self._sorted_keys) - 1)
            rows = self._sort_order[at]
            same = (self._snapshot_ids[rows] == halves[left]).all(axis=1)
            found[left[same]] = rows[same]
            more = ~same & (self._sorted_keys[at] == halves[left, 0]) & (at + 1 < len(self._sorted_keys))
            left, at = left[more], at[more] + 1
        for place in np.flatnonzero(found < 0).tolist():
            row = self._recent_ids.get(UUID(bytes=data[16 * place : 16 * place + 16]))
            found[place] = -1 if row is None else row
        if self._deleted:
            found[np.isin(found, list(self._deleted))] = -1
        return found

    def mark_deleted(self, doc_id: int) -> None:
        """Let the id of a row no longer be found: the row itself stays, as others are counted after it."""
        self._deleted.add(doc_id)

    def load_ids(self, halves: NDArray[np.uint64]) -> None:
        """Let row i be that of the id whose halves stand at i, (n, 2)."""
        self._recent_ids, self._lookup_cache = {}, {}
        self._snapshot_ids = halves
        self._sort_order = np.argsort(halves[:, 0], kind="stable").astype(np.int32)
        self._sorted_keys = halves[self._sort_order, 0]

    @property
    def id_halves(self) -> NDArray[np.uint64]:
        """The two halves of each id, in the order of rows, (n, 2)."""
        loose = b"".join(row_id.bytes for row_id in self._recent_ids)
        return np.concatenate(
            [self._snapshot_ids, np.frombuffer(loose, ">u8").reshape(-1, 2).astype(np.uint64)]
        )


class CategoricalColumn:
    """A number for each of few names, and the number of each row: a column of names."""

    def __init__(self) -> None:
        self.categories: list[Any] = []
        self._code_by_category: dict[Any, int] = {}
        self._codes = GrowableArray(np.int32)

    def encode_category(self, name: Any) -> int:
        """The number of a name, a new one for a new name."""
        at = self._code_by_category.get(name)
        if at is None:
            at = self._code_by_category[name] = len(self.categories)
            self.categories.append(name)
        return at

    def find_code(self, name: Any) -> int | None:
        """The number of a name that some row had, or None."""
        return self._code_by_category.get(name)

    def append(self, name: Any) -> int:
        """Add a row of this name; returns the name's number."""
        at = self.encode_category(name)
        self._codes.append(at)
        return at

    def set_value(self, doc_id: int, name: Any) -> None:
        """Give a row another name."""
        self._codes[doc_id] = self.encode_category(name)

    @property
    def codes(self) -> NDArray[np.int32]:
        """The number of each row's name, (n,)."""
        return self._codes.as_array

    def match_any(self, accept: Iterable[Any]) -> NDArray[np.bool_]:
        """Which rows have one of these names, (n,)."""
        accepted = np.zeros(len(self.categories), np.bool_)
        accepted[[at for name in accept if (at := self._code_by_category.get(name)) is not None]] = True
        return accepted[self._codes.as_array]

    def load_codes(self, names: Sequence[Any], column: NDArray[np.int32]) -> None:
        """Let these be the names, and the numbers of the rows, (n,)."""
        self.categories = list(names)
        self._code_by_category = {name: at for at, name in enumerate(self.categories)}
        self._codes.load_rows(column)
