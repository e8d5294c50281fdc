"""Read the records of a file one by one, however large it is: JSON, lines of JSON, or a zip with it."""

import json
import zipfile
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, BinaryIO, cast

import ijson
from ijson.common import ObjectBuilder

from app.cli.importing.records import Fault
from app.core.errors import StartupRefused

MAX_RECORD_BYTES = 256 * 2**20  # of one conversation, which is held in memory
_MAX_DEPTH = 200
_BEGINS, _ENDS = {"start_map", "start_array"}, {"end_map", "end_array"}
_HEAD_BYTES, _PIECE_BYTES = 4_096, 64 * 1024
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SPACES = b" \t\r\n\xef\xbb\xbf"


class _In(IntEnum):
    """Where the records of a JSON document stand: how deep within it."""

    WHOLE = 0
    ARRAY = 1
    MEMBER = 2


@dataclass(frozen=True, slots=True)
class Located:
    """A record, and where in the file it stands."""

    place: str
    value: Any


class _CountedFile:
    """A binary file that says how far it was read, and refuses to read on within one endless record."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.read_bytes = self._record_began = 0
        self.rewind()

    def read(self, size: int = -1) -> bytes:
        """Read up to so many bytes. Raises `ValueError` when a record does not end."""
        if self.read_bytes - self._record_began > MAX_RECORD_BYTES:
            raise ValueError(f"a record of more than {MAX_RECORD_BYTES} bytes")
        data = self._file.read(size)
        self.read_bytes += len(data)
        return data

    def readline(self, size: int) -> bytes:
        """Read a line of up to so many bytes."""
        line = self._file.readline(size)
        self.read_bytes += len(line)
        return line

    def rewind(self) -> None:
        """Go back to the beginning of the file, behind a mark of the byte order."""
        self._file.seek(0)
        if self._file.read(len(_BYTE_ORDER_MARK)) != _BYTE_ORDER_MARK:
            self._file.seek(0)
        self.read_bytes = self._record_began = 0

    def begin_record(self) -> None:
        """Count the bytes of the next record from here on."""
        self._record_began = self.read_bytes


class ExportFile:
    """One file to import; `names` are those of its JSON within a zip, in the order of preference."""

    def __init__(self, path: Path, names: Sequence[str] = ()) -> None:
        self.path, self._names = path, names
        self.size = 0
        self._counted: _CountedFile | None = None

    @property
    def read_bytes(self) -> int:
        """How many bytes of its JSON were read so far."""
        return self._counted.read_bytes if self._counted is not None else 0

    def iter_records(self, *paths: str) -> Iterator[Located | Fault]:
        """Yield the records: elements of the array, or of the arrays under `paths` of the object that the
        file is, or the object of each line.

        What is no JSON ends it with a fault, but in a file of lines only the line is lost. Raises
        `StartupRefused` for a file that can't be opened.
        """
        with self._open() as file:
            begin = _first_byte(file)
            is_lines = begin == b"{" and _is_lines(file)
            counted = self._counted = _CountedFile(file)
            if is_lines:
                yield from _iter_lines(counted)
            elif begin == b"[":
                yield from _iter_elements(counted, "item", _In.ARRAY)
            else:
                yield from self._iter_object(counted, paths)

    def _iter_object(self, file: _CountedFile, paths: Sequence[str]) -> Iterator[Located | Fault]:
        """The elements of the arrays under `paths`; if there are none, the object is the only record."""
        is_empty = True
        for path in paths:
            file.rewind()
            for record in _iter_elements(file, path, _In.MEMBER):
                is_empty = False
                yield record
                if isinstance(record, Fault):
                    return
        if is_empty:
            file.rewind()
            yield from _iter_elements(file, "item", _In.WHOLE)

    @contextmanager
    def _open(self) -> Generator[BinaryIO]:
        try:
            if not zipfile.is_zipfile(self.path):
                self.size = self.path.stat().st_size
                with self.path.open("rb") as file:
                    yield cast(BinaryIO, file)
                return
            with zipfile.ZipFile(self.path) as archive:
                member = self._choose_member(archive)
                self.size = member.file_size
                with archive.open(member) as file:
                    yield cast(BinaryIO, file)
        except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError) as exc:
            raise StartupRefused(f"{self.path} can't be read: {exc}") from exc

    def _choose_member(self, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
        members = {info.filename.rsplit("/", 1)[-1]: info for info in archive.infolist() if not info.is_dir()}
        found = next((members[name] for name in self._names if name in members), None)
        if found is None:
            wanted = " or ".join(self._names) or "JSON"
            raise StartupRefused(f"{self.path} is a zip without {wanted}.")
        if found.flag_bits & 1:
            raise StartupRefused(f"{self.path} is encrypted.")
        return found


def _first_byte(file: BinaryIO) -> bytes:
    """The first byte that is no space or mark of the byte order; the file stands at its beginning after."""
    head = file.read(_HEAD_BYTES).lstrip(_SPACES)
    file.seek(0)
    return head[:1]


def _is_lines(file: BinaryIO) -> bool:
    """Whether a file is lines of JSON: its first line ends an object, and more follows."""
    last = b""
    while not last:
        piece = file.readline(_PIECE_BYTES)
        if not piece:
            break
        last = piece.rstrip(_SPACES)[-1:]
        while not piece.endswith(b"\n") and (piece := file.readline(_PIECE_BYTES)):
            last = piece.rstrip(_SPACES)[-1:] or last
    is_more = False
    while last == b"}" and not is_more:
        piece = file.readline(_PIECE_BYTES)
        if not piece:
            break
        is_more = bool(piece.strip(_SPACES))
    file.seek(0)
    return is_more


def _iter_lines(file: _CountedFile) -> Iterator[Located | Fault]:
    number = 0
    while line := file.readline(MAX_RECORD_BYTES + 1):
        number += 1
        place = f"line {number}"
        if len(line) > MAX_RECORD_BYTES:
            yield Fault(place, "", f"a record of more than {MAX_RECORD_BYTES} bytes")
            return
        text = line.strip(_SPACES)
        if not text:
            continue
        try:
            yield Located(place, json.loads(text))
        except (ValueError, RecursionError) as exc:
            yield Fault(place, "", f"is no JSON: {_describe(exc)}")


def _iter_elements(file: _CountedFile, name: str, in_what: _In) -> Iterator[Located | Fault]:
    """Yield the elements of the array that the file, or a member of its object, is; or the whole of it."""
    number = 0
    try:
        for value in _build_elements(file, name, in_what):
            number += 1
            file.begin_record()
            yield Located(f"{name} {number}", value)
    except (ijson.JSONError, ValueError, OverflowError) as exc:
        yield Fault(f"{name} {number + 1}", "", f"is no JSON from here on: {_describe(exc)}")


def _build_elements(file: _CountedFile, name: str, in_what: _In) -> Iterator[Any]:
    """Yield the values one by one. Raises `ValueError` for what is nested too deep.

    `ijson.items` does the same, but it keeps the path, which takes a time that grows with the square of the
    depth.
    """
    depth, is_list_open, member = 0, in_what is _In.WHOLE, None
    builder: ObjectBuilder | None = None
    for event, value in ijson.basic_parse(file, use_float=True):
        begins, ends = event in _BEGINS, event in _ENDS
        depth -= ends
        if builder is None and ends:
            is_list_open = is_list_open and depth >= in_what
        elif builder is None and is_list_open and depth == in_what:
            builder = ObjectBuilder()
        elif builder is None and depth == in_what - 1:
            member = value if event == "map_key" else member
            is_list_open = event == "start_array" and (in_what is _In.ARRAY or member == name)
        depth += begins
        if depth > _MAX_DEPTH:
            raise ValueError(f"it is nested more than {_MAX_DEPTH} deep")
        if builder is not None:
            builder.event(event, value)
            if depth == in_what:
                yield builder.value
                builder = None


def _describe(exc: Exception) -> str:
    told = exc.args[0] if exc.args else ""
    told = told.decode(errors="replace") if isinstance(told, bytes) else str(exc)
    return (told or type(exc).__name__).splitlines()[0][:120]
