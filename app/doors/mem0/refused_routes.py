"""mem0's calls that have no counterpart here: each says so with a 501, and why."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter

from app.api.entrance.dependencies import PrincipalDep
from app.api.entrance.guarded_route import GuardedRoute, request_policy
from app.doors.mem0.refusals import NotOffered

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_REFUSED: Mapping[str, str] = {
    "/v1/exports": "Exports by a schema; GET /v1/users/{id}/export has everything of a user.",
    "/v1/summary": "Summaries of exports; GET /v1/sessions/{id}/summary has that of a session.",
    "/v1/agents": "Agents are there as soon as something is added for them.",
    "/v1/apps": "Apps are there as soon as something is added for them.",
    "/v1/runs": "Runs are there as soon as something is added for them.",
    "/v1/users": "Users are there as soon as something is added for them.",
    "/v1/entities/filters": "Lists of filters for mem0's dashboard.",
    "/v1/memories/events": "Events of memories; GET /v1/memories/{id}/history/ has those of one.",
    "/v2/entities/user/{name}/profile": "Profiles by a schema; GET /v1/users/{id}/portrait has a portrait.",
    "/v2/profiles": "Profiles by a schema; GET /v1/users/{id}/portrait has a portrait.",
    "/api/v1/orgs": "Organisations, projects and their members: the key alone says which tenant it opens.",
    "/api/v1/webhooks": "Webhooks: ask GET /v1/event/{id}/ what became of an add.",
    "/configure": "Models and stores are settings of the service, not of a client.",
    "/generate-instructions": "Instructions for extraction can't be given, so none are written.",
    "/auth": "Accounts: make keys with POST /v1/keys or `memcubed keys create`.",
    "/api-keys": "Keys are made with POST /v1/keys or `memcubed keys create`.",
    "/requests": "Logs of requests; the service counts them at /metrics.",
}
router = APIRouter(route_class=GuardedRoute)


def _refuse(reason: str) -> Callable[..., None]:
    @request_policy(is_stream=True)
    def refuse(_principal: PrincipalDep) -> None:
        raise NotOffered(f"memcubed does not offer this. {reason}")

    return refuse


for _path, _reason in _REFUSED.items():
    _endpoint: Callable[..., Any] = _refuse(_reason)
    router.add_api_route(_path, _endpoint, methods=_METHODS)
    router.add_api_route(f"{_path}/{{rest:path}}", _endpoint, methods=_METHODS)
