"""Artifacts: write a version, read one, list, delete."""

import hashlib
import json
from typing import Any

from sqlalchemy.orm import Session

from app.core.errors import InvalidInput, NotFound
from app.core.ids import new_id
from app.core.preconditions import IfMatch
from app.core.security import Principal
from app.core.vocabulary import Scope
from app.db.models import ArtifactVersion as Row
from app.db.repositories.platform import artifacts, users
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
from app.services.platform.pagination import as_cursor, from_cursor


def put(
    resources: Resources, principal: Principal, path: str, request: ArtifactIn, match: IfMatch | None
) -> ArtifactOut:
    """Write the next version, only if the newest is still that of `match` where it is given; 0 = none yet.

    The same content as the newest version's is that version. Raises `PreconditionFailed`, and `InvalidInput`
    when it is too large.
    """
    principal.require(Scope.WRITE)
    principal.require_user(request.user_id)
    kind, content = _stored(request)
    raw = content.encode()
    limit = resources.settings.artifact_bytes
    if len(raw) > limit:
        raise InvalidInput(f"An artifact may have {limit} bytes, this has {len(raw)}.", field="content")
    checksum = "sha256:" + hashlib.sha256(raw).hexdigest()
    key = {"tenant_id": principal.tenant_id, "user_id": request.user_id, "path": path}
    with resources.transaction(principal) as session:
        users.ensure(session, principal.tenant_id, request.user_id)
        head = artifacts.hold(session, **key)
        _check(head.version, match)
        last = artifacts.version(session, **key, number=head.version)
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
            artifacts.add_version(session, values)
    return get(resources, principal, request.user_id, path, None)


def get(
    resources: Resources, principal: Principal, user_id: str, path: str, version: int | None
) -> ArtifactOut:
    """An artifact at a version, by default the newest. Raises `NotFound`."""
    principal.require(Scope.READ)
    principal.require_user(user_id)
    with resources.transaction(principal) as session:
        newest = _newest(session, principal, user_id, path)
        wanted = version if version is not None else newest
        row = artifacts.version(session, principal.tenant_id, user_id, path, wanted)
    if row is None:
        raise NotFound(f"The artifact has no version {wanted}.", field="version")
    reference = row.type in {"activation", "parametric"}
    content = row.content if row.type == "text" else json.loads(row.content)
    return ArtifactOut(
        **_as_version(row).model_dump(),
        user_id=user_id,
        newest=newest,
        content=None if reference else content,
        reference=ArtifactReference.model_validate(content, context=STORED) if reference else None,
    )


def page(
    resources: Resources,
    principal: Principal,
    *,
    user_id: str,
    prefix: str | None,
    cursor: str | None,
    limit: int,
) -> ArtifactPage:
    """A user's artifacts at their newest version, the newest artifact first."""
    principal.require(Scope.READ)
    principal.require_user(user_id)
    after, tenant_id = from_cursor(cursor), principal.tenant_id
    with resources.transaction(principal) as session:
        rows = artifacts.page(session, tenant_id, user_id, prefix=prefix, after=after, limit=limit + 1)
    items = [_as_version(version) for _, version in rows[:limit]]
    return ArtifactPage(items=items, next_cursor=as_cursor([head.id for head, _ in rows], limit))


def versions(
    resources: Resources, principal: Principal, user_id: str, path: str, *, cursor: str | None, limit: int
) -> ArtifactVersionPage:
    """The versions of an artifact, newest first. Raises `NotFound`."""
    principal.require(Scope.READ)
    principal.require_user(user_id)
    after, tenant_id = from_cursor(cursor), principal.tenant_id
    with resources.transaction(principal) as session:
        _newest(session, principal, user_id, path)
        rows = artifacts.versions(session, tenant_id, user_id, path, after=after, limit=limit + 1)
    items = [_as_version(row) for row in rows[:limit]]
    return ArtifactVersionPage(items=items, next_cursor=as_cursor([row.id for row in rows], limit))


def delete(
    resources: Resources, principal: Principal, user_id: str, path: str, match: IfMatch | None
) -> None:
    """Delete an artifact with all its versions, only if the newest is that of `match` where it is given.

    Raises `NotFound`, `PreconditionFailed`.
    """
    principal.require(Scope.WRITE)
    principal.require_user(user_id)
    with resources.transaction(principal) as session:
        _newest(session, principal, user_id, path)
        head = artifacts.hold(session, principal.tenant_id, user_id, path)
        _check(head.version, match)
        artifacts.remove(session, principal.tenant_id, user_id, path)


def check_step(session: Session, principal: Principal, user_id: str, pointer: ProcedureStep) -> None:
    """Raise `InvalidInput` unless the pointer is at a step of a version that is there."""
    row = artifacts.version(session, principal.tenant_id, user_id, pointer.artifact, pointer.version)
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


def _stored(request: ArtifactIn) -> tuple[str, str]:
    """The type and the text that is stored: of JSON the compact form, which is also what is hashed."""
    if isinstance(request.content, str):
        return "text", request.content
    reference = request.reference
    kind, value = (reference.type, reference.model_dump()) if reference else ("json", request.content)
    return kind, json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _newest(session: Session, principal: Principal, user_id: str, path: str) -> int:
    newest = artifacts.newest(session, principal.tenant_id, user_id, path)
    if newest is None:
        raise NotFound("There is no such artifact.")
    return newest


def _check(newest: int, match: IfMatch | None) -> None:
    if match is not None:
        match.check(newest, "artifact")


def _as_version(row: Row) -> ArtifactVersionOut:
    names = [name for name in ArtifactVersionOut.model_fields if name != "metadata"]
    return ArtifactVersionOut(**{name: getattr(row, name) for name in names}, metadata=row.metadata_)
