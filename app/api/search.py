"""Search and context."""

from fastapi import APIRouter, Response

from app.api.answers import as_json
from app.api.deps import KeyDep, PrincipalDep, ResourcesDep
from app.schemas.search import ContextIn, ContextOut, SearchIn, SearchOut
from app.services import context, keys
from app.services import search as searching

router = APIRouter(prefix="/v1", tags=["search"])


@router.post("/search", operation_id="search", response_model=SearchOut)
def search(body: SearchIn, resources: ResourcesDep, key: KeyDep) -> Response:
    """The turns and memories that answer a question, best first, with their sources."""
    principal, state = keys.authenticate_for(resources, key, body.user_id)
    return as_json(searching.run(resources, principal, body, state))


@router.post("/context", operation_id="build_context", response_model=ContextOut)
def build_context(body: ContextIn, resources: ResourcesDep, principal: PrincipalDep) -> Response:
    """The same as a block for the prompt, within a token budget."""
    return as_json(context.build(resources, principal, body))
