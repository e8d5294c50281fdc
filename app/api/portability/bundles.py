"""Routes of export and import of a user's data."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from app.api.entrance.admission import get_admission
from app.api.entrance.dependencies import PrincipalDep, ResourcesDep, UserPath, UserQuery
from app.api.entrance.guarded_route import GuardedRoute, request_policy
from app.api.entrance.request_bodies import RequestHead, iter_body
from app.core.vocabulary import KeyScope
from app.schemas.common import PathId
from app.schemas.portability.bundles import ImportedBundle
from app.services.portability import bundle_export, bundle_import

router = APIRouter(route_class=GuardedRoute, prefix="/v1", tags=["bundles"])
MEDIA_TYPE = "application/x-ndjson"
MAX_IMPORT_BYTES = 512 * 2**20
OCTETS = "application/octet-stream"  # what generated clients can read and send as bytes
_LINES = {"schema": {"type": "string", "format": "binary", "description": "Lines of JSON"}}
_JSON_LINES: dict[str, Any] = {MEDIA_TYPE: _LINES, OCTETS: _LINES}


@router.get(
    "/users/{user_id:path}/export",
    operation_id="export_user",
    response_class=StreamingResponse,
    responses={200: {"description": "The bundle", "content": _JSON_LINES}},
)
def export_user(
    user_id: UserPath,
    resources: ResourcesDep,
    principal: PrincipalDep,
    request: Request,
    embeddings: Annotated[bool, Query(description="With the vectors of the model in use")] = True,
) -> StreamingResponse:
    """Everything of a user as a bundle: a header, then a line for each record."""
    pieces = bundle_export.export_bundle(resources, principal, user_id, embeddings=embeddings)
    headers = {"Content-Disposition": 'attachment; filename="memcubed-bundle.jsonl"'}
    accepted = request.headers.get("accept", "")
    media_type = OCTETS if OCTETS in accepted and MEDIA_TYPE not in accepted else MEDIA_TYPE
    return StreamingResponse(pieces, media_type=media_type, headers=headers)


@router.get(
    "/users/export",
    operation_id="export_named_user",
    response_class=StreamingResponse,
    responses={200: {"description": "The bundle", "content": _JSON_LINES}},
)
def export_named_user(
    user_id: UserQuery,
    resources: ResourcesDep,
    principal: PrincipalDep,
    request: Request,
    embeddings: Annotated[bool, Query(description="With the vectors of the model in use")] = True,
) -> StreamingResponse:
    """The same for an id that no path can carry, such as `..`: stored before such ids were refused."""
    return export_user(user_id, resources, principal, request, embeddings)


@router.post(
    "/import",
    operation_id="import_bundle",
    # Lines of JSON are read under any type; a generator that knows no other one takes these as bytes.
    openapi_extra={"requestBody": {"required": True, "content": {OCTETS: _LINES}}},
)
@request_policy(is_stream=True)
async def import_bundle(
    request: Request,
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: Annotated[PathId | None, Query(description="Another name for the user")] = None,
) -> ImportedBundle:
    """Store a bundle for a user who has nothing yet: the whole of it, or nothing."""
    principal.require_scope(KeyScope.ADMIN)  # before the body is read
    gate = get_admission(request)
    with gate.admit_import(), bundle_export.open_spool_file() as body:
        async with (
            request.state.place.without_slot()
        ):  # it may take long, and must not occupy a request slot of the key
            async for piece in iter_body(request, RequestHead(request), MAX_IMPORT_BYTES, gate.limits):
                body.write(piece)
        return await run_in_threadpool(bundle_import.import_bundle, resources, principal, body, user_id)
