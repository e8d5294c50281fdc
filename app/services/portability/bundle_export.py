"""Export a user's data as a bundle of JSON lines that another tenant can import."""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

import orjson

from app.core.errors import NotFound
from app.core.security import Principal
from app.core.vocabulary import KeyScope
from app.db.repositories.models import embedding_models
from app.db.repositories.platform import users
from app.db.repositories.portability import bundles
from app.db.user_session import UserSession
from app.db.vectors import decode_vector
from app.llm.embedders import EmbeddersInUse
from app.resources import Resources
from app.schemas.portability.bundles import FORMAT, FORMAT_VERSION, RECORDS, BundleHeader, BundleModel
from app.services.models.model_registry import ModelsChanged, with_models
from app.services.platform.user_context import UserContext

SPOOL_MEMORY_BYTES = 4 * 2**20
_CHUNK_BYTES = 256 * 1024


def open_spool_file() -> IO[bytes]:
    """Open an unnamed temporary file that stays in memory up to `SPOOL_MEMORY_BYTES`."""
    return cast(IO[bytes], SpooledTemporaryFile(SPOOL_MEMORY_BYTES))


def export_bundle(
    resources: Resources, principal: Principal, user_id: str, *, embeddings: bool
) -> Iterator[bytes]:
    """Export a user as a bundle of one snapshot of the database, in chunks; with vectors if `embeddings`.

    The bundle is complete before the first chunk is yielded, so that a slow reader keeps no transaction open.
    Raises `Forbidden`, `NotFound`.
    """
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    ctx = UserContext(resources, principal, user_id)
    with ExitStack() as closing:
        body = closing.enter_context(open_spool_file())
        header = with_models(
            resources, lambda in_use: _write_records(ctx, in_use, body, embeddings=embeddings)
        )
        closing.pop_all()
    return _iter_chunks(body, header)


def _write_records(
    ctx: UserContext, in_use: EmbeddersInUse, body: IO[bytes], *, embeddings: bool
) -> BundleHeader:
    """Write all records into `body`, and return the header that fits them."""
    digest, counts = hashlib.sha256(), dict[str, int]()
    body.seek(0)
    body.truncate()
    with ctx.read_transaction(is_read_snapshot=True) as user:
        if users.get_revision_and_epoch(user) is None:
            raise NotFound("There is no such user.")
        if embedding_models.get_serial(user.session) != in_use.serial:
            raise ModelsChanged
        for record in RECORDS:
            counts[record] = 0
            if record == "embedding" and not embeddings:
                continue
            for line in _iter_lines(user, record, in_use.active.model_id):
                body.write(line)
                digest.update(line)
                counts[record] += 1
    model = BundleModel(model_id=in_use.active.model_id, dimensions=in_use.active.dimensions)
    return BundleHeader(
        type="header",
        format=FORMAT,
        format_version=FORMAT_VERSION,
        user_id=ctx.user_id,
        exported_at=ctx.resources.now(),
        counts=counts,
        checksum=f"sha256:{digest.hexdigest()}",
        embedding_model=model if embeddings else None,
    )


def _iter_lines(user: UserSession, record: str, model_id: str) -> Iterator[bytes]:
    names = [name for name in RECORDS[record].model_fields if name != "type"]
    for row in bundles.iter_record_rows(user, record, names, model_id):
        values: dict[str, Any] = {"type": record} | row
        if record in {"embedding", "store_vector"}:
            values["vector"] = base64.b64encode(decode_vector(row["vector"]).astype("<f2").tobytes()).decode()
        if record == "derivation":
            values["fingerprint"] = base64.b64encode(row["fingerprint"]).decode()
        yield orjson.dumps(values, option=orjson.OPT_APPEND_NEWLINE)


def _iter_chunks(body: IO[bytes], header: BundleHeader) -> Iterator[bytes]:
    yield header.model_dump_json().encode() + b"\n"
    with body:
        body.seek(0)
        while chunk := body.read(_CHUNK_BYTES):
            yield chunk
