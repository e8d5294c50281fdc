"""Validate a bundle line by line; errors name the line and the field."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, cast
from uuid import UUID

import orjson
from pydantic import ValidationError

from app.core.errors import InvalidInput
from app.schemas.portability.bundles import (
    ANY_RECORD,
    FORMAT_VERSION,
    RECORDS,
    ArtifactVersionRecord,
    AssertionRecord,
    BundleHeader,
    DerivationRecord,
    EmbeddingRecord,
    EntityAliasRecord,
    LinkRecord,
    MemoryRecord,
    Record,
    StoreVectorRecord,
    TurnRecord,
    VersionRecord,
)

MAX_LINE_BYTES = 2**24  # the largest artifact, with room for JSON escapes
HALF_FLOAT_BYTES = 2
_RECORD_ORDER = {name: position for position, name in enumerate(RECORDS)}
RecordKey = tuple[object, ...]
# The fields that identify a record, where that is not `id`.
_KEY_FIELDS: dict[str, tuple[str, ...]] = {
    "session": ("session_id",),
    "version": ("memory_id", "version"),
    "link": ("source_id", "link_type", "target_id"),
    "entity_alias": ("alias", "name"),
    "derivation": ("basis", "key"),
    "session_state": ("session_id",),
    "artifact": ("path",),
    "artifact_version": ("path", "version"),
    "store_item": ("namespace", "key"),
    "store_vector": ("namespace", "key", "path"),
}


def line_error(line: int, name: str, message: str) -> InvalidInput:
    """Return the error that names a line, counted from 1, and a field of it."""
    return InvalidInput(f"Line {line}, {name}: {message}", field=f"lines[{line}].{name}")


@dataclass
class BundleContents:
    """The keys of a bundle's records, by which later lines are checked against earlier ones."""

    header: BundleHeader
    keys_by_type: dict[str, set[RecordKey]] = field(default_factory=lambda: {name: set() for name in RECORDS})
    newest_versions: dict[UUID, int] = field(default_factory=dict[UUID, int])
    memory_lines: dict[UUID, tuple[int, int]] = field(default_factory=dict[UUID, tuple[int, int]])

    def record_ids(self, record: str) -> list[UUID]:
        """List the ids of the records of a type, `turn` or `memory`."""
        return [key[0] for key in self.keys_by_type[record] if isinstance(key[0], UUID)]

    def item_keys(self) -> list[tuple[Sequence[str], str]]:
        """List the (namespace, key) of the items of the store."""
        return [(key[0], str(key[1])) for key in self.keys_by_type["store_item"] if isinstance(key[0], tuple)]

    def add_record(self, line: int, record: Record) -> None:
        """Validate a record against those before it, and add its key. Raises `InvalidInput`."""
        key = _record_key(record)
        if key in self.keys_by_type[record.type]:
            raise line_error(line, _key_field(record), "this record is in the bundle already")
        self.keys_by_type[record.type].add(key)
        for name, kind, target in _iter_references(record):
            if (target,) not in self.keys_by_type[kind]:
                raise line_error(line, name, f"there is no such {kind} before it in the bundle")
        if isinstance(record, StoreVectorRecord) and key[:2] not in self.keys_by_type["store_item"]:
            raise line_error(line, "key", "there is no such store_item before it in the bundle")
        if isinstance(record, EmbeddingRecord):
            self._check_vector(line, record)
        if isinstance(record, MemoryRecord):
            self.memory_lines[record.id] = (line, record.version)
        if isinstance(record, VersionRecord):
            self.newest_versions[record.memory_id] = max(
                record.version, self.newest_versions.get(record.memory_id, 0)
            )

    def _check_vector(self, line: int, record: EmbeddingRecord) -> None:
        model = self.header.embedding_model
        if model is None:
            raise line_error(line, "type", "the header names no embedding model")
        if len(record.vector_bytes) != HALF_FLOAT_BYTES * model.dimensions:
            raise line_error(line, "vector", f"must have {model.dimensions} dimensions")

    def verify_header(self, checksum: str) -> None:
        """Compare counts and checksum with those of the header. Raises `InvalidInput`."""
        record_counts = {name: len(keys) for name, keys in self.keys_by_type.items()}
        for name, count in record_counts.items():
            if self.header.counts.get(name, 0) != count:
                raise line_error(1, f"counts.{name}", f"there are {count}: the bundle is not whole")
        if self.header.checksum != checksum:
            raise line_error(1, "checksum", "does not fit the lines: the bundle was changed on its way")
        for memory_id, (line, version) in self.memory_lines.items():
            if self.newest_versions.get(memory_id) != version:
                raise line_error(line, "version", "is not that of its newest version")


def validate_bundle(bundle: IO[bytes]) -> BundleContents:
    """Read and validate a whole bundle. Raises `InvalidInput` that names the line and the field."""
    bundle.seek(0)
    contents = BundleContents(_parse_header(_read_line(bundle, 1)))
    digest, last = hashlib.sha256(), 0
    line = 2
    while raw := _read_line(bundle, line):
        digest.update(raw)
        record = _parse_record(raw, line)
        if _RECORD_ORDER[record.type] < last:
            raise line_error(line, "type", f"stands too late: the order is {', '.join(RECORDS)}")
        last = _RECORD_ORDER[record.type]
        contents.add_record(line, record)
        line += 1
    contents.verify_header(f"sha256:{digest.hexdigest()}")
    return contents


def iter_records(bundle: IO[bytes]) -> Iterator[Record]:
    """Yield the records of a bundle that was validated before."""
    bundle.seek(0)
    bundle.readline()
    while raw := bundle.readline():
        yield ANY_RECORD.validate_python(orjson.loads(raw))


def _read_line(bundle: IO[bytes], number: int) -> bytes:
    raw = bundle.readline(MAX_LINE_BYTES + 1)
    if len(raw) > MAX_LINE_BYTES:
        raise line_error(number, "line", f"is longer than {MAX_LINE_BYTES} bytes")
    return raw


def _parse_json(raw: bytes, line: int) -> object:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as exc:
        raise line_error(line, "line", f"is not JSON ({exc.msg})") from exc


def _parse_header(raw: bytes) -> BundleHeader:
    value = _parse_json(raw, 1)
    if isinstance(value, dict) and value.get("format_version") not in {None, FORMAT_VERSION}:
        raise line_error(1, "format_version", f"this service reads version {FORMAT_VERSION}")
    try:
        return BundleHeader.model_validate(value)
    except ValidationError as exc:
        raise _to_line_error(exc, 1) from exc


def _parse_record(raw: bytes, line: int) -> Record:
    try:
        return ANY_RECORD.validate_python(_parse_json(raw, line))
    except ValidationError as exc:
        raise _to_line_error(exc, line) from exc


def _to_line_error(exc: ValidationError, line: int) -> InvalidInput:
    first = exc.errors(include_url=False, include_input=False)[0]
    path = first["loc"][1:] if first["loc"][:1] and first["loc"][0] in RECORDS else first["loc"]
    location = [str(part) for part in path]
    return line_error(line, ".".join(location) or "type", first["msg"])


def _record_key(record: Record) -> RecordKey:
    values = (getattr(record, name) for name in _KEY_FIELDS.get(record.type, ("id",)))
    return tuple(cast(object, tuple(value) if isinstance(value, list) else value) for value in values)


def _key_field(record: Record) -> str:
    """Return the field that an error about a repeated key names."""
    return _KEY_FIELDS.get(record.type, ("id",))[-1]


def _iter_references(record: Record) -> Iterator[tuple[str, str, object]]:
    """Yield (field, record type, key) of each record that this one refers to."""
    if isinstance(record, TurnRecord):
        yield "session_id", "session", record.session_id
        yield "job_id", "job", record.job_id
    elif isinstance(record, AssertionRecord | EntityAliasRecord):
        if isinstance(record, AssertionRecord):
            yield "memory_id", "memory", record.memory_id
        if record.turn_id is not None:
            yield "turn_id", "turn", record.turn_id
    elif isinstance(record, VersionRecord):
        yield "memory_id", "memory", record.memory_id
    elif isinstance(record, LinkRecord):
        yield "source_id", "memory", record.source_id
        yield "target_id", "memory", record.target_id
    elif isinstance(record, DerivationRecord) and record.memory_id is not None:
        yield "memory_id", "memory", record.memory_id
    elif isinstance(record, ArtifactVersionRecord):
        yield "path", "artifact", record.path
    elif isinstance(record, EmbeddingRecord):
        yield "id", "turn" if record.of_turn else "memory", record.id
