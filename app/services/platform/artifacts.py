"""Artifacts: write a version, read one, list them, delete them."""

import hashlib
import json
from typing import Any

from app.core.errors import InvalidInput, NotFound
from app.core.ids import new_id
from app.core.preconditions import IfMatch
from app.core.security import Principal
from app.core.vocabulary import KeyScope
from app.db.models import ArtifactVersion as Row
from app.db.repositories.platform import artifacts, users
from app.db.user_session import UserSession
from app.resources import Resources
from app.schemas.common import STORED
from app.schemas.platform.artifacts import (
    ArtifactOut,
    ArtifactPage,
    ArtifactReference,
    ArtifactVersionOut,
    ArtifactVersionPage,
    ProcedureStep,
    PutArtifact,
)
from app.services.platform.pagination import decode_cursor, encode_cursor
from app.services.platform.user_context import UserContext


def put_artifact(
    resources: Resources, principal: Principal, path: str, request: PutArtifact, match: IfMatch | None
) -> ArtifactOut:
    """Write the next version of an artifact, and return the newest.

    With `match` it is written only if the newest version is still that one (0 = no version yet). A version
    like the newest in content and metadata is not written. Raises `Forbidden`, `PreconditionFailed`, and
    `InvalidInput` when the content is too large.
    """
    principal.require_scope(KeyScope.WRITE)
    principal.require_user(request.user_id)
    content_type, content = _serialize_content(request)
    raw = content.encode()
    limit = resources.settings.artifact_bytes
    if len(raw) > limit:
        raise InvalidInput(f"An artifact may have {limit} bytes, this has {len(raw)}.", field="content")
    checksum = "sha256:" + hashlib.sha256(raw).hexdigest()
    ctx = UserContext(resources, principal, request.user_id)
    with ctx.open_transaction() as user:
        users.ensure_user(user)
        head = artifacts.lock_artifact(user, path)
        _check_precondition(head.version, match)
        last = artifacts.get_artifact_version(user, path, head.version)
        same = (content_type, checksum, request.metadata)
        if last is None or (last.type, last.checksum, last.metadata_) != same:
            new = Row(
                tenant_id=user.tenant_id,
                user_id=user.user_id,
                path=path,
                version=head.version + 1,
                id=new_id(),
                type=content_type,
                content=content,
                checksum=checksum,
                bytes=len(raw),
                metadata_=request.metadata,
                actor=f"key:{principal.key_id}",
                at=resources.now(),
            )
            artifacts.insert_artifact_version(user.session, new)
    return get_artifact(resources, principal, request.user_id, path, None)


def get_artifact(
    resources: Resources, principal: Principal, user_id: str, path: str, version: int | None
) -> ArtifactOut:
    """Return an artifact at a version, by default the newest. Raises `Forbidden`, `NotFound`."""
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    with UserContext(resources, principal, user_id).open_transaction() as user:
        newest = _require_newest_version(user, path)
        number = version if version is not None else newest
        row = artifacts.get_artifact_version(user, path, number)
    if row is None:
        raise NotFound(f"The artifact has no version {number}.", field="version")
    is_reference = row.type in {"activation", "parametric"}
    content = row.content if row.type == "text" else json.loads(row.content)
    return ArtifactOut(
        **_to_version_out(row).model_dump(),
        user_id=user_id,
        newest=newest,
        content=None if is_reference else content,
        reference=ArtifactReference.model_validate(content, context=STORED) if is_reference else None,
    )


def list_artifacts(
    resources: Resources,
    principal: Principal,
    *,
    user_id: str,
    prefix: str | None,
    cursor: str | None,
    limit: int,
) -> ArtifactPage:
    """List a user's artifacts at their newest version, the newest artifact first.

    `prefix` is what their paths begin with; None = any path. Raises `Forbidden`, and `InvalidInput` for a
    bad cursor.
    """
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    after = decode_cursor(cursor)
    with UserContext(resources, principal, user_id).open_transaction() as user:
        rows = artifacts.list_artifacts(user, prefix=prefix, after=after, limit=limit + 1)
    items = [_to_version_out(version) for _, version in rows[:limit]]
    return ArtifactPage(items=items, next_cursor=encode_cursor([head.id for head, _ in rows], limit))


def list_artifact_versions(
    resources: Resources, principal: Principal, user_id: str, path: str, *, cursor: str | None, limit: int
) -> ArtifactVersionPage:
    """List the versions of an artifact, newest first. Raises `Forbidden`, `NotFound`, `InvalidInput`."""
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    after = decode_cursor(cursor)
    with UserContext(resources, principal, user_id).open_transaction() as user:
        _require_newest_version(user, path)
        rows = artifacts.list_artifact_versions(user, path, after=after, limit=limit + 1)
    items = [_to_version_out(row) for row in rows[:limit]]
    return ArtifactVersionPage(items=items, next_cursor=encode_cursor([row.id for row in rows], limit))


def delete_artifact(
    resources: Resources, principal: Principal, user_id: str, path: str, match: IfMatch | None
) -> None:
    """Delete an artifact with all its versions, with `match` only if the newest is still that one.

    Raises `Forbidden`, `NotFound`, `PreconditionFailed`.
    """
    principal.require_scope(KeyScope.WRITE)
    principal.require_user(user_id)
    with UserContext(resources, principal, user_id).open_transaction() as user:
        _require_newest_version(user, path)
        head = artifacts.lock_artifact(user, path)
        _check_precondition(head.version, match)
        artifacts.delete_artifact(user, path)


def check_procedure_step(user: UserSession, pointer: ProcedureStep) -> None:
    """Raise `InvalidInput` unless the pointer names a step of an artifact's version that exists."""
    row = artifacts.get_artifact_version(user, pointer.artifact, pointer.version)
    if row is None:
        message = f"There is no version {pointer.version} of this artifact."
        raise InvalidInput(message, field="state.procedure.artifact")
    content: Any = json.loads(row.content) if row.type == "json" else None
    steps = content.get("steps") if isinstance(content, dict) else None
    if not isinstance(steps, list):
        message = "A procedure is a JSON object with a list of `steps`."
        raise InvalidInput(message, field="state.procedure.artifact")
    if pointer.step > len(steps):
        raise InvalidInput(f"The procedure has {len(steps)} steps.", field="state.procedure.step")


def _serialize_content(request: PutArtifact) -> tuple[str, str]:
    """Return the type and the text that is stored and hashed; JSON is stored in its compact form."""
    if isinstance(request.content, str):
        return "text", request.content
    reference = request.reference
    if reference is not None:
        return reference.type, _compact_json(reference.model_dump())
    return "json", _compact_json(request.content)


def _compact_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _require_newest_version(user: UserSession, path: str) -> int:
    newest = artifacts.get_newest_version(user, path)
    if newest is None:
        raise NotFound("There is no such artifact.")
    return newest


def _check_precondition(newest: int, match: IfMatch | None) -> None:
    if match is not None:
        match.check_version(newest, "artifact")


def _to_version_out(row: Row) -> ArtifactVersionOut:
    names = [name for name in ArtifactVersionOut.model_fields if name != "metadata"]
    return ArtifactVersionOut(**{name: getattr(row, name) for name in names}, metadata=row.metadata_)
