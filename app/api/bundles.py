"""Export and import of all that a user has."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from app.api.entrance.dependencies import PrincipalDep, ResourcesDep, UserPath, UserQuery
from app.api.entrance.key_gate import gate_of
from app.api.entrance.request_bodies import Sent, pieces
from app.api.entrance.request_entrance import EntranceRoute, takes
from app.core.vocabulary import Scope
from app.schemas.bundles import Imported
from app.schemas.common import PathId
from app.services.portability import bundle_export, bundle_import

router = APIRouter(route_class=EntranceRoute, prefix="/v1", tags=["bundles"])
MEDIA_TYPE = "application/x-ndjson"
MAX_IMPORT_BYTES = 512 * 2**20
_LINES: dict[str, Any] = {MEDIA_TYPE: {"schema": {"type": "string", "description": "Lines of JSON"}}}


@router.get(
    "/users/{user_id:path}/export",
    operation_id="export_user",
    response_class=StreamingResponse,
    responses={200: {"description": "The bundle", "content": _LINES}},
)
def export_user(
    user_id: UserPath,
    resources: ResourcesDep,
    principal: PrincipalDep,
    embeddings: Annotated[bool, Query(description="With the vectors of the model in use")] = True,
) -> StreamingResponse:
    """Everything of a user as a bundle: a header, then a line for each record."""
    pieces = bundle_export.export(resources, principal, user_id, embeddings=embeddings)
    headers = {"Content-Disposition": 'attachment; filename="memcubed-bundle.jsonl"'}
    return StreamingResponse(pieces, media_type=MEDIA_TYPE, headers=headers)


@router.get(
    "/users/export",
    operation_id="export_named_user",
    response_class=StreamingResponse,
    responses={200: {"description": "The bundle", "content": _LINES}},
)
def export_named_user(
    user_id: UserQuery,
    resources: ResourcesDep,
    principal: PrincipalDep,
    embeddings: Annotated[bool, Query(description="With the vectors of the model in use")] = True,
) -> StreamingResponse:
    """The same for an id that no path can carry, such as `..`: stored before such ids were refused."""
    return export_user(user_id, resources, principal, embeddings)


@router.post(
    "/import",
    operation_id="import_bundle",
    tags=["admin"],
    openapi_extra={"requestBody": {"required": True, "content": _LINES}},
)
@takes(is_stream=True)
async def import_bundle(
    request: Request,
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: Annotated[PathId | None, Query(description="Another name for the user")] = None,
) -> Imported:
    """Store a bundle for a user who has nothing yet: the whole of it, or nothing."""
    principal.require(Scope.ADMIN)  # before the body is read
    gate = gate_of(request)
    with gate.one_import(), bundle_export.spool() as body:
        async with request.state.place.left():  # it may take long, and holds up nothing of the same key
            async for piece in pieces(request, Sent(request), MAX_IMPORT_BYTES, gate.limits):
                body.write(piece)
        return await run_in_threadpool(bundle_import.take_in, resources, principal, body, user_id)
