"""Arrays that grow row by row, and the ways from an id or a name to its row."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import DTypeLike, NDArray

_ROOM = 16


class Growing:
    """An (n,) or (n, d) array to which rows are appended."""

    def __init__(self, dtype: DTypeLike, width: int | None = None) -> None:
        self._data = np.zeros((_ROOM,) if width is None else (_ROOM, width), dtype)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, row: int) -> Any:
        return self._data[row]

    def __setitem__(self, row: Any, value: Any) -> None:
        self._data[row] = value

    def append(self, value: Any) -> None:
        """Add one row."""
        self.grow(self._count + 1)
        self._data[self._count - 1] = value

    def grow(self, count: int) -> None:
        """Make it `count` rows, the new ones zero."""
        if count > len(self._data):
            data = np.zeros((max(count, 2 * len(self._data)), *self._data.shape[1:]), self._data.dtype)
            data[: self._count] = self._data[: self._count]
            self._data = data
        self._count = max(self._count, count)

    def fill(self, rows: NDArray[Any]) -> None:
        """Let it be these rows, (n, …)."""
        self._data = np.array(rows, self._data.dtype)
        self._count = len(rows)

    @property
    def rows(self) -> NDArray[Any]:
        """What it holds, (n, …): a view until the next row comes."""
        return self._data[: self._count]


class Vectors:
    """Growing (n, d) float32 rows, of which some are not there yet."""

    def __init__(self, dimensions: int) -> None:
        self._data = Growing(np.float32, dimensions)
        self._known = Growing(np.bool_)
        self._row_bytes = dimensions * 4

    def __len__(self) -> int:
        return len(self._data)

    def grow(self, count: int) -> None:
        """Make room for `count` rows."""
        self._data.grow(count)
        self._known.grow(count)

    def put(self, row: int, vector: NDArray[Any]) -> None:
        """Set one row."""
        self._data[row], self._known[row] = vector, True

    def fill(self, rows: NDArray[Any], known: NDArray[np.bool_]) -> None:
        """Let it be these rows, (n, d), of which those `known` (n,) are there."""
        self._data.fill(rows)
        self._known.fill(known)

    @property
    def row_bytes(self) -> int:
        """The size of one row."""
        return self._row_bytes

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which rows are there, (n,)."""
        return self._known.rows

    @property
    def all(self) -> NDArray[np.float32]:
        """Every row, (n, d); zero where one is missing."""
        return self._data.rows

    def rows(self, places: NDArray[Any]) -> NDArray[np.float32]:
        """The rows at `places`, (k, d)."""
        return self._data.rows[places]

    def row(self, place: int) -> NDArray[np.float32]:
        """One row, (d,)."""
        return self._data[place]

    def dot(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosine of each row and the query (both normalised), (n,); 0 where a row is missing."""
        return self._data.rows @ query


class Ids:
    """The row of each id. Ids of a pack are searched in order, as a dict of them would take long to make."""

    def __init__(self) -> None:
        self._loose: dict[UUID, int] = {}
        self._found: dict[UUID, int] = {}  # of the pack, those that were asked for
        self._halves = np.zeros((0, 2), np.uint64)
        self._order = np.zeros(0, np.int32)
        self._sorted = np.zeros(0, np.uint64)
        self._gone: set[int] = set()

    def __len__(self) -> int:
        return len(self._halves) + len(self._loose)

    def __contains__(self, row_id: UUID) -> bool:
        return self.get(row_id) is not None

    def __getitem__(self, row_id: UUID) -> int:
        row = self.get(row_id)
        if row is None:
            raise KeyError(row_id)
        return row

    def add(self, row_id: UUID) -> int:
        """Give an id the next row."""
        row = self._loose[row_id] = len(self)
        return row

    def get(self, row_id: UUID) -> int | None:
        """The row of an id, or None."""
        row = self._loose.get(row_id)
        if row is None and len(self._halves):
            row = self._found.get(row_id)
            if row is None:
                row = self._packed(row_id)
        return None if row in self._gone else row

    def _packed(self, row_id: UUID) -> int | None:
        high, low = np.uint64(row_id.int >> 64), np.uint64(row_id.int & 0xFFFF_FFFF_FFFF_FFFF)
        at = int(np.searchsorted(self._sorted, high))
        while at < len(self._sorted) and self._sorted[at] == high:
            row = int(self._order[at])
            if self._halves[row, 1] == low:
                self._found[row_id] = row
                return row
            at += 1
        return None

    def of(self, rows: Sequence[int]) -> list[UUID]:
        """The ids of rows."""
        data = self.bytes_of(np.asarray(rows, np.intp))
        return [UUID(bytes=data[at : at + 16]) for at in range(0, len(data), 16)]

    def bytes_of(self, rows: NDArray[np.integer]) -> bytes:
        """The ids of rows, 16 bytes each."""
        packed, found = len(self._halves), np.zeros((len(rows), 2), ">u8")
        inside = rows < packed
        found[inside] = self._halves[rows[inside]]
        if not inside.all():
            loose = list(self._loose)
            ids = b"".join(loose[row - packed].bytes for row in rows[~inside].tolist())
            found[~inside] = np.frombuffer(ids, ">u8").reshape(-1, 2)
        return found.tobytes()

    def find(self, data: bytes) -> NDArray[np.intp]:
        """The rows of ids of 16 bytes each, (k,); -1 where there is none."""
        halves = np.frombuffer(data, ">u8").reshape(-1, 2).astype(np.uint64)
        found = np.full(len(halves), -1, np.intp)
        left = np.arange(len(halves)) if len(self._sorted) else np.zeros(0, np.intp)
        at = np.searchsorted(self._sorted, halves[left, 0])
        while len(left):  # ids that are made at one time share their first half
            at = np.minimum(at, len(self._sorted) - 1)
            rows = self._order[at]
            same = (self._halves[rows] == halves[left]).all(axis=1)
            found[left[same]] = rows[same]
            more = ~same & (self._sorted[at] == halves[left, 0]) & (at + 1 < len(self._sorted))
            left, at = left[more], at[more] + 1
        for place in np.flatnonzero(found < 0).tolist():
            row = self._loose.get(UUID(bytes=data[16 * place : 16 * place + 16]))
            found[place] = -1 if row is None else row
        if self._gone:
            found[np.isin(found, list(self._gone))] = -1
        return found

    def forget(self, row: int) -> None:
        """Let the id of a row no longer be found: the row itself stays, as others are counted after it."""
        self._gone.add(row)

    def fill(self, halves: NDArray[np.uint64]) -> None:
        """Let row i be that of the id whose halves stand at i, (n, 2)."""
        self._loose, self._found = {}, {}
        self._halves = halves
        self._order = np.argsort(halves[:, 0], kind="stable").astype(np.int32)
        self._sorted = halves[self._order, 0]

    @property
    def halves(self) -> NDArray[np.uint64]:
        """The two halves of each id, in the order of rows, (n, 2)."""
        loose = b"".join(row_id.bytes for row_id in self._loose)
        return np.concatenate([self._halves, np.frombuffer(loose, ">u8").reshape(-1, 2).astype(np.uint64)])


class Names:
    """A number for each of few names, and the number of each row: a column of names."""

    def __init__(self) -> None:
        self.names: list[Any] = []
        self._at: dict[Any, int] = {}
        self._column = Growing(np.int32)

    def number(self, name: Any) -> int:
        """The number of a name, a new one for a new name."""
        at = self._at.get(name)
        if at is None:
            at = self._at[name] = len(self.names)
            self.names.append(name)
        return at

    def get(self, name: Any) -> int | None:
        """The number of a name that some row had, or None."""
        return self._at.get(name)

    def append(self, name: Any) -> int:
        """Add a row of this name; returns the name's number."""
        at = self.number(name)
        self._column.append(at)
        return at

    def put(self, row: int, name: Any) -> None:
        """Give a row another name."""
        self._column[row] = self.number(name)

    @property
    def column(self) -> NDArray[np.int32]:
        """The number of each row's name, (n,)."""
        return self._column.rows

    def having(self, accept: Iterable[Any]) -> NDArray[np.bool_]:
        """Which rows have one of these names, (n,)."""
        accepted = np.zeros(len(self.names), np.bool_)
        accepted[[at for name in accept if (at := self._at.get(name)) is not None]] = True
        return accepted[self._column.rows]

    def fill(self, names: Sequence[Any], column: NDArray[np.int32]) -> None:
        """Let these be the names, and the numbers of the rows, (n,)."""
        self.names = list(names)
        self._at = {name: at for at, name in enumerate(self.names)}
        self._column.fill(column)
