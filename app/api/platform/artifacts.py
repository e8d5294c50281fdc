"""Routes of artifacts."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.api.entrance.dependencies import (
    CursorQuery,
    LimitQuery,
    OptionalMatchDep,
    OptionalQuery,
    PrincipalDep,
    ResourcesDep,
    UserQuery,
)
from app.api.entrance.guarded_route import BODY_BYTES, GuardedRoute, request_policy
from app.api.entrance.responses import set_location, set_version_tag
from app.core.settings import Settings
from app.schemas.platform.artifacts import (
    ArtifactOut,
    ArtifactPage,
    ArtifactPath,
    ArtifactVersionPage,
    PutArtifact,
)
from app.services.platform import artifacts

router = APIRouter(route_class=GuardedRoute, prefix="/v1/artifacts", tags=["artifacts"])


def max_artifact_body_bytes(settings: Settings) -> int:
    """Upper bound in bytes of a body with the largest artifact, every character escaped."""
    return 6 * settings.artifact_bytes + BODY_BYTES


@router.get("", operation_id="list_artifacts")
def list_artifacts(
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: UserQuery,
    prefix: OptionalQuery = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = 50,
) -> ArtifactPage:
    """A user's artifacts at their newest version; only those whose path begins with `prefix`."""
    return artifacts.list_artifacts(
        resources, principal, user_id=user_id, prefix=prefix, cursor=cursor, limit=limit
    )


@router.get("/{path:path}/versions", operation_id="list_artifact_versions")
def list_artifact_versions(
    path: ArtifactPath,
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: UserQuery,
    cursor: CursorQuery = None,
    limit: LimitQuery = 50,
) -> ArtifactVersionPage:
    """All versions of an artifact, newest first, without their content."""
    return artifacts.list_artifact_versions(resources, principal, user_id, path, cursor=cursor, limit=limit)


@router.get("/{path:path}", operation_id="get_artifact")
def get_artifact(
    path: ArtifactPath,
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: UserQuery,
    response: Response,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Default: the newest")] = None,
) -> ArtifactOut:
    """An artifact; its version is in the ETag."""
    artifact = artifacts.get_artifact(resources, principal, user_id, path, version)
    set_version_tag(response, artifact.version)
    return artifact


@router.put("/{path:path}", operation_id="put_artifact", responses={201: {"model": ArtifactOut}})
@request_policy(bound=max_artifact_body_bytes)
def put_artifact(
    path: ArtifactPath,
    body: PutArtifact,
    resources: ResourcesDep,
    principal: PrincipalDep,
    match: OptionalMatchDep,
    response: Response,
) -> ArtifactOut:
    """Write the next version; with If-Match only if that is still the newest, `0` = there is none yet."""
    written = artifacts.put_artifact(resources, principal, path, body, match)
    if written.version == 1:
        response.status_code = 201
        set_location(response, f"/v1/artifacts/{path}", user_id=body.user_id)
    set_version_tag(response, written.version)
    return written


@router.delete("/{path:path}", status_code=204, operation_id="delete_artifact")
def delete_artifact(
    path: ArtifactPath,
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: UserQuery,
    match: OptionalMatchDep,
) -> None:
    """Delete an artifact with all its versions; with If-Match only if that is still the newest."""
    artifacts.delete_artifact(resources, principal, user_id, path, match)
