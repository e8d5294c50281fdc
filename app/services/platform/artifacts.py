"""Artifacts: write a version, read one, list, delete."""

import hashlib
import json
from typing import Any

from sqlalchemy.orm import Session

from app.core.errors import InvalidInput, NotFound
from app.core.ids import new_id
from app.core.preconditions import IfMatch
from app.core.security import Principal
from app.core.vocabulary import KeyScope
from app.db.models import ArtifactVersion as Row
from app.db.repositories.platform import artifacts, users
from app.db.user_session import UserSession
from app.resources import Resources
from app.schemas.artifacts import (
    ArtifactIn,
    ArtifactOut,
    ArtifactPage,
    ArtifactReference,
    ArtifactVersionOut,
    ArtifactVersionPage,
    ProcedureStep,
)
from app.schemas.common import STORED
from app.services.platform.pagination import decode_cursor, encode_cursor


def put_artifact(
    resources: Resources, principal: Principal, path: str, request: ArtifactIn, match: IfMatch | None
) -> ArtifactOut:
    """Write the next version, only if the newest is still that of `match` where it is given; 0 = none yet.

    The same content as the newest version's is that version. Raises `PreconditionFailed`, and `InvalidInput`
    when it is too large.
    """
    principal.require_scope(KeyScope.WRITE)
    principal.require_user(request.user_id)
    kind, content = _serialize_content(request)
    raw = content.encode()
    limit = resources.settings.artifact_bytes
    if len(raw) > limit:
        raise InvalidInput(f"An artifact may have {limit} bytes, this has {len(raw)}.", field="content")
    checksum = "sha256:" + hashlib.sha256(raw).hexdigest()
    key = {"tenant_id": principal.tenant_id, "user_id": request.user_id, "path": path}
    with resources.open_transaction(principal) as session:
        users.ensure_user(UserSession(session, principal.tenant_id, request.user_id))
        head = artifacts.lock_artifact(session, **key)
        _check_precondition(head.version, match)
        last = artifacts.get_artifact_version(session, **key, number=head.version)
        if last is None or (last.type, last.checksum, last.metadata_) != (kind, checksum, request.metadata):
            values = {
                **key,
                "version": head.version + 1,
                "id": new_id(),
                "type": kind,
                "content": content,
                "checksum": checksum,
                "bytes": len(raw),
                "metadata_": request.metadata,
                "actor": f"key:{principal.key_id}",
                "at": resources.now(),
            }
            artifacts.insert_artifact_version(session, values)
    return get_artifact(resources, principal, request.user_id, path, None)


def get_artifact(
    resources: Resources, principal: Principal, user_id: str, path: str, version: int | None
) -> ArtifactOut:
    """An artifact at a version, by default the newest. Raises `NotFound`."""
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    with resources.open_transaction(principal) as session:
        newest = _require_newest_version(session, principal, user_id, path)
        wanted = version if version is not None else newest
        row = artifacts.get_artifact_version(session, principal.tenant_id, user_id, path, wanted)
    if row is None:
        raise NotFound(f"The artifact has no version {wanted}.", field="version")
    reference = row.type in {"activation", "parametric"}
    content = row.content if row.type == "text" else json.loads(row.content)
    return ArtifactOut(
        **_to_version_out(row).model_dump(),
        user_id=user_id,
        newest=newest,
        content=None if reference else content,
        reference=ArtifactReference.model_validate(content, context=STORED) if reference else None,
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
    """A user's artifacts at their newest version, the newest artifact first."""
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    after, tenant_id = decode_cursor(cursor), principal.tenant_id
    with resources.open_transaction(principal) as session:
        rows = artifacts.list_artifacts(
            session, tenant_id, user_id, prefix=prefix, after=after, limit=limit + 1
        )
    items = [_to_version_out(version) for _, version in rows[:limit]]
    return ArtifactPage(items=items, next_cursor=encode_cursor([head.id for head, _ in rows], limit))


def list_artifact_versions(
    resources: Resources, principal: Principal, user_id: str, path: str, *, cursor: str | None, limit: int
) -> ArtifactVersionPage:
    """The versions of an artifact, newest first. Raises `NotFound`."""
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    after, tenant_id = decode_cursor(cursor), principal.tenant_id
    with resources.open_transaction(principal) as session:
        _require_newest_version(session, principal, user_id, path)
        rows = artifacts.list_artifact_versions(
            session, tenant_id, user_id, path, after=after, limit=limit + 1
        )
    items = [_to_version_out(row) for row in rows[:limit]]
    return ArtifactVersionPage(items=items, next_cursor=encode_cursor([row.id for row in rows], limit))


def delete_artifact(
    resources: Resources, principal: Principal, user_id: str, path: str, match: IfMatch | None
) -> None:
    """Delete an artifact with all its versions, only if the newest is that of `match` where it is given.

    Raises `NotFound`, `PreconditionFailed`.
    """
    principal.require_scope(KeyScope.WRITE)
    principal.require_user(user_id)
    with resources.open_transaction(principal) as session:
        _require_newest_version(session, principal, user_id, path)
        head = artifacts.lock_artifact(session, principal.tenant_id, user_id, path)
        _check_precondition(head.version, match)
        artifacts.delete_artifact(session, principal.tenant_id, user_id, path)


def check_procedure_step(
    session: Session, principal: Principal, user_id: str, pointer: ProcedureStep
) -> None:
    """Raise `InvalidInput` unless the pointer is at a step of a version that is there."""
    row = artifacts.get_artifact_version(
        session, principal.tenant_id, user_id, pointer.artifact, pointer.version
    )
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


def _serialize_content(request: ArtifactIn) -> tuple[str, str]:
    """The type and the text that is stored: of JSON the compact form, which is also what is hashed."""
    if isinstance(request.content, str):
        return "text", request.content
    reference = request.reference
    kind, value = (reference.type, reference.model_dump()) if reference else ("json", request.content)
    return kind, json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _require_newest_version(session: Session, principal: Principal, user_id: str, path: str) -> int:
    newest = artifacts.get_newest_version(session, principal.tenant_id, user_id, path)
    if newest is None:
        raise NotFound("There is no such artifact.")
    return newest


def _check_precondition(newest: int, match: IfMatch | None) -> None:
    if match is not None:
        match.check_version(newest, "artifact")


def _to_version_out(row: Row) -> ArtifactVersionOut:
    names = [name for name in ArtifactVersionOut.model_fields if name != "metadata"]
    return ArtifactVersionOut(**{name: getattr(row, name) for name in names}, metadata=row.metadata_)
