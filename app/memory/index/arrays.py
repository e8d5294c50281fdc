"""Append-only arrays and columns: growable arrays, vector matrix, id map and categorical columns."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import DTypeLike, NDArray

from app.memory.numeric import quantise_rows

_INITIAL_CAPACITY = 16
_BLOCK_ROWS = 256  # so many rows of 384 dimensions stay in the core's own cache while they are used (chosen)
_SCALE_BYTES = 4


class GrowableArray:
    """An append-only (n,) or (n, d) array; its capacity doubles when it is full."""

    def __init__(self, dtype: DTypeLike, width: int | None = None) -> None:
        self._data = np.zeros((0,) if width is None else (0, width), dtype)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, row: int) -> Any:
        return self._data[row]

    def __setitem__(self, row: Any, value: Any) -> None:
        self._data[row] = value

    def append(self, value: Any) -> None:
        """Append one row."""
        self.grow_to(self._count + 1)
        self._data[self._count - 1] = value

    def grow_to(self, count: int) -> None:
        """Extend to `count` rows; new rows are zero."""
        if count > len(self._data):
            capacity = max(count, 2 * len(self._data), _INITIAL_CAPACITY)
            data = np.zeros((capacity, *self._data.shape[1:]), self._data.dtype)
            data[: self._count] = self._data[: self._count]
            self._data = data
        self._count = max(self._count, count)

    def load_rows(self, rows: NDArray[Any]) -> None:
        """Replace the contents by a copy of these rows, (n, …)."""
        self.adopt_rows(np.array(rows, self._data.dtype))

    def adopt_rows(self, rows: NDArray[Any]) -> None:
        """Replace the contents by these rows, (n, …), which nobody else changes."""
        self._data = rows
        self._count = len(rows)

    @property
    def as_array(self) -> NDArray[Any]:
        """The contents, (n, …): a view that is valid until the next append."""
        return self._data[: self._count]


class VectorMatrix:
    """Growable (n, d) vectors of length <= 1, some of which may be missing, in 8 bits a number.

    A row is whole numbers of -127 to 127 times a scale of its own, which keeps its length. A cosine is off by
    some .0005, and a row takes a quarter of the memory of single precision. Every index of a user has the
    same rows, whether it was made from a snapshot or not.
    """

    def __init__(self, dimensions: int) -> None:
        self._codes = GrowableArray(np.int8, dimensions)
        self._scales = GrowableArray(np.float32)
        self._has_vector = GrowableArray(np.bool_)
        self._row_bytes = dimensions + _SCALE_BYTES
        self._is_shared = False  # the codes are those of a snapshot, which can't be changed

    def __len__(self) -> int:
        return len(self._has_vector)

    def grow_to(self, count: int) -> None:
        """Extend to `count` rows; new ones are missing."""
        if count > len(self):
            self._codes.grow_to(count)  # which copies those of a snapshot
            self._is_shared = False
            self._scales.grow_to(count)
            self._has_vector.grow_to(count)

    def set_row(self, doc_id: int, vector: NDArray[Any]) -> None:
        """Set one row, (d,)."""
        self.set_rows(np.array([doc_id]), np.asarray(vector, np.float32)[np.newaxis])

    def set_rows(self, doc_ids: NDArray[np.integer], vectors: NDArray[np.float32]) -> None:
        """Set these rows (k,), (k, d)."""
        self._own_codes()
        self._codes[doc_ids], self._scales[doc_ids] = quantise_rows(vectors)
        self._has_vector[doc_ids] = True

    def load_codes(
        self, codes: NDArray[np.int8], scales: NDArray[np.float32], has_vector: NDArray[np.bool_]
    ) -> None:
        """Replace the contents by these rows, (n, d), which are copied when one of them changes.

        `has_vector` (n,) says which are present.
        """
        self._codes.adopt_rows(codes)
        self._scales.load_rows(scales)
        self._has_vector.load_rows(has_vector)
        self._is_shared = True

    def _own_codes(self) -> None:
        if self._is_shared:
            self._codes.load_rows(self._codes.as_array)
            self._is_shared = False

    @property
    def row_bytes(self) -> int:
        """Size of one row in bytes."""
        return self._row_bytes

    @property
    def has_vector(self) -> NDArray[np.bool_]:
        """Which rows are present, (n,)."""
        return self._has_vector.as_array

    @property
    def codes(self) -> NDArray[np.int8]:
        """The whole numbers of all rows, (n, d)."""
        return self._codes.as_array

    @property
    def scales(self) -> NDArray[np.float32]:
        """The scale of each row, (n,); 0 if it is missing."""
        return self._scales.as_array

    @property
    def all_rows(self) -> NDArray[np.float32]:
        """All rows, (n, d); a missing row is zero."""
        return self.get_rows(np.arange(len(self)))

    def get_rows(self, doc_ids: NDArray[Any]) -> NDArray[np.float32]:
        """The rows of `doc_ids` (k,), (k, d)."""
        rows = self._codes.as_array[doc_ids].astype(np.float32)
        rows *= self._scales.as_array[doc_ids][:, np.newaxis]
        return rows

    def lookup(self, doc_ids: NDArray[Any]) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        """(which of the rows of `doc_ids` are present, (k,), the rows, (k, d))."""
        return self.has_vector[doc_ids], self.get_rows(doc_ids)

    def dot_products(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosine of each row and the query (both normalised), (n,); 0 where a row is missing."""
        codes = self._codes.as_array
        products = np.empty(len(codes), np.float32)
        block = np.empty((min(_BLOCK_ROWS, len(codes)), codes.shape[1]), np.float32)
        for start in range(0, len(codes), _BLOCK_ROWS):
            rows = codes[start : start + _BLOCK_ROWS]
            np.copyto(block[: len(rows)], rows)
            np.dot(block[: len(rows)], query, out=products[start : start + _BLOCK_ROWS])
        products *= self._scales.as_array
        return products


class IdMap:
    """Maps ids to doc ids.

    Ids of a loaded snapshot are found by binary search, as building a dict of them takes too long; later ones
    are in a dict.
    """

    def __init__(self) -> None:
        self._recent_ids: dict[UUID, int] = {}
        self._lookup_cache: dict[UUID, int] = {}  # snapshot ids that were looked up
        self._snapshot_ids = np.zeros((0, 2), np.uint64)
        self._sort_order = np.zeros(0, np.int32)
        self._sorted_keys = np.zeros(0, np.uint64)

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
        """Assign the next doc id to an id and return it."""
        row = self._recent_ids[row_id] = len(self)
        return row

    def get(self, row_id: UUID) -> int | None:
        """The doc id of an id; None if it is unknown."""
        row = self._recent_ids.get(row_id)
        if row is None and len(self._snapshot_ids):
            row = self._lookup_cache.get(row_id)
            if row is None:
                row = self._find_in_snapshot(row_id)
        return row

    def look_up(self, row_ids: Iterable[UUID]) -> None:
        """Find these ids together, which takes less than `get` for each of them; `get` knows them then."""
        unknown = [one for one in row_ids if one not in self._recent_ids and one not in self._lookup_cache]
        doc_ids = self.find_doc_ids(b"".join(one.bytes for one in unknown)) if unknown else ()
        self._lookup_cache.update(
            (one, doc_id) for one, doc_id in zip(unknown, map(int, doc_ids), strict=True) if doc_id >= 0
        )

    def _find_in_snapshot(self, row_id: UUID) -> int | None:
        high, low = np.uint64(row_id.int >> 64), np.uint64(row_id.int & 0xFFFF_FFFF_FFFF_FFFF)
        index = int(np.searchsorted(self._sorted_keys, high))
        while index < len(self._sorted_keys) and self._sorted_keys[index] == high:
            row = int(self._sort_order[index])
            if self._snapshot_ids[row, 1] == low:
                self._lookup_cache[row_id] = row
                return row
            index += 1
        return None

    def get_ids(self, doc_ids: Sequence[int]) -> list[UUID]:
        """The ids of these doc ids."""
        data = self.get_id_bytes(np.asarray(doc_ids, np.intp))
        return [UUID(bytes=data[offset : offset + 16]) for offset in range(0, len(data), 16)]

    def get_id_bytes(self, doc_ids: NDArray[np.integer]) -> bytes:
        """The ids of these doc ids (k,), 16 bytes each."""
        snapshot_size, halves = len(self._snapshot_ids), np.zeros((len(doc_ids), 2), ">u8")
        in_snapshot = doc_ids < snapshot_size
        halves[in_snapshot] = self._snapshot_ids[doc_ids[in_snapshot]]
        if not in_snapshot.all():
            recent = list(self._recent_ids)
            ids = b"".join(recent[row - snapshot_size].bytes for row in doc_ids[~in_snapshot].tolist())
            halves[~in_snapshot] = np.frombuffer(ids, ">u8").reshape(-1, 2)
        return halves.tobytes()

    def find_doc_ids(self, data: bytes) -> NDArray[np.intp]:
        """The doc ids of ids of 16 bytes each, (k,); -1 for an unknown one."""
        halves = np.frombuffer(data, ">u8").reshape(-1, 2).astype(np.uint64)
        doc_ids = np.full(len(halves), -1, np.intp)
        remaining = np.arange(len(halves)) if len(self._sorted_keys) else np.zeros(0, np.intp)
        position = np.searchsorted(self._sorted_keys, halves[remaining, 0])
        while len(remaining):  # ids that are created at the same time share their first half
            position = np.minimum(position, len(self._sorted_keys) - 1)
            rows = self._sort_order[position]
            same = (self._snapshot_ids[rows] == halves[remaining]).all(axis=1)
            doc_ids[remaining[same]] = rows[same]
            has_next = (
                ~same
                & (self._sorted_keys[position] == halves[remaining, 0])
                & (position + 1 < len(self._sorted_keys))
            )
            remaining, position = remaining[has_next], position[has_next] + 1
        for index in np.flatnonzero(doc_ids < 0).tolist():
            row = self._recent_ids.get(UUID(bytes=data[16 * index : 16 * index + 16]))
            doc_ids[index] = -1 if row is None else row
        return doc_ids

    def load_ids(self, halves: NDArray[np.uint64]) -> None:
        """Replace the contents: doc id i gets the id whose two 64-bit halves are row i of (n, 2)."""
        self._recent_ids, self._lookup_cache = {}, {}
        self._snapshot_ids = halves
        self._sort_order = np.argsort(halves[:, 0], kind="stable").astype(np.int32)
        self._sorted_keys = halves[self._sort_order, 0]

    @property
    def id_halves(self) -> NDArray[np.uint64]:
        """The two 64-bit halves of each id, in the order of doc ids, (n, 2)."""
        recent = b"".join(row_id.bytes for row_id in self._recent_ids)
        return np.concatenate(
            [self._snapshot_ids, np.frombuffer(recent, ">u8").reshape(-1, 2).astype(np.uint64)]
        )


class CategoricalColumn:
    """A dictionary-encoded column: distinct categories and one integer code per row."""

    def __init__(self) -> None:
        self.categories: list[Any] = []
        self._code_by_category: dict[Any, int] = {}
        self._codes = GrowableArray(np.int32)

    def encode_category(self, name: Any) -> int:
        """The code of a category; a new category gets a new code."""
        code = self._code_by_category.get(name)
        if code is None:
            code = self._code_by_category[name] = len(self.categories)
            self.categories.append(name)
        return code

    def find_code(self, name: Any) -> int | None:
        """The code of a category that some row has had; None if there is none."""
        return self._code_by_category.get(name)

    def append(self, name: Any) -> int:
        """Append a row of this category and return its code."""
        code = self.encode_category(name)
        self._codes.append(code)
        return code

    def set_value(self, doc_id: int, name: Any) -> None:
        """Change the category of a row."""
        self._codes[doc_id] = self.encode_category(name)

    @property
    def codes(self) -> NDArray[np.int32]:
        """The code of each row, (n,)."""
        return self._codes.as_array

    def match_any(self, accept: Iterable[Any]) -> NDArray[np.bool_]:
        """Which rows have one of these categories, (n,)."""
        accepted = np.zeros(len(self.categories), np.bool_)
        accepted[[code for name in accept if (code := self._code_by_category.get(name)) is not None]] = True
        return accepted[self._codes.as_array]

    def load_codes(self, names: Sequence[Any], column: NDArray[np.int32]) -> None:
        """Replace the contents by these categories and the codes of the rows, (n,)."""
        self.categories = list(names)
        self._code_by_category = {name: code for code, name in enumerate(self.categories)}
        self._codes.load_rows(column)
