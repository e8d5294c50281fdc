"""mem0's entities: the users, agents, apps and runs that have memories."""

from typing import Any, Literal

from app.core.errors import Forbidden, InvalidInput
from app.core.security import Principal
from app.core.vocabulary import KeyScope
from app.doors.mem0 import reading, writing
from app.doors.mem0.identity import RESERVED_KEY, Entities, normalise, shown_user_id
from app.resources import Resources
from app.services.platform import label_lists
from app.services.platform.label_lists import Label, UserCriterion
from app.services.portability import erasure

EntityKind = Literal["user", "agent", "app", "run"]
KINDS: tuple[EntityKind, ...] = ("user", "agent", "app", "run")
MAX_ENTITIES = 10_000  # of each kind
_USERS_AT_ONCE = 1_000


def list_entities(resources: Resources, principal: Principal) -> dict[EntityKind, list[Label]]:
    """The names of each kind. Raises `InvalidInput` when they are more than can be listed."""
    limit = MAX_ENTITIES + 1
    users = label_lists.list_user_labels(resources, principal, limit)
    found: dict[EntityKind, list[Label]] = {
        "user": [label for label in users if shown_user_id(label.name) is not None],
        "agent": label_lists.list_agent_labels(resources, principal, limit),
        "app": label_lists.list_metadata_labels(resources, principal, (RESERVED_KEY, "app_id"), limit),
        "run": label_lists.list_metadata_labels(resources, principal, (RESERVED_KEY, "run_id"), limit),
    }
    if any(len(labels) > MAX_ENTITIES for labels in (users, *found.values())):
        raise InvalidInput(f"There are more than {MAX_ENTITIES} entities; see GET /v1/users.", field="page")
    return found


def to_records(found: dict[EntityKind, list[Label]], tenant_id: str) -> list[dict[str, Any]]:
    """The entities as mem0 shows them."""
    return [
        {
            "id": label.name,
            "name": label.name,
            "type": kind,
            "created_at": label.first_at.isoformat(),
            "updated_at": label.last_at.isoformat(),
            "owner": tenant_id,
            "metadata": {},
        }
        for kind in KINDS
        for label in found[kind]
    ]


def count_entities(resources: Resources, principal: Principal) -> list[dict[str, Any]]:
    """The entities as mem0's own server shows them, which knows no apps, with the memories of each."""
    found = list_entities(resources, principal)
    return [
        {
            "id": label.name,
            "type": kind,
            "total_memories": reading.count_memories(resources, principal, {f"{kind}_id": label.name}),
            "created_at": label.first_at.isoformat(),
            "updated_at": label.last_at.isoformat(),
        }
        for kind in KINDS
        if kind != "app"
        for label in found[kind]
    ]


def delete_entity(resources: Resources, principal: Principal, kind: str, name: str) -> None:
    """Erase a user with everything; of an agent, app or run delete the memories that there are.

    An admin key is needed, as for any erasure. Raises `NotFound` for a user that there is not.
    """
    principal.require_scope(KeyScope.ADMIN)
    if kind not in KINDS:
        raise InvalidInput("An entity is a user, agent, app or run.", field="entity_type")
    name = normalise(name, f"{kind}_id")
    if kind == "user":
        erasure.erase_user(resources, principal, name)
        return
    pseudo = Entities(**{f"{kind}_id": name}).owner(None)
    # Nothing to delete is no fault: a reset deletes users first, and with them what their agents said.
    writing.delete_matching(resources, principal, {f"{kind}_id": name})
    if _is_user(resources, principal, pseudo):
        erasure.erase_user(resources, principal, pseudo)


def _is_user(resources: Resources, principal: Principal, user_id: str) -> bool:
    kind, _, name = user_id.partition(":")
    path = () if kind == "agent" else (RESERVED_KEY, f"{kind}_id")
    criterion = UserCriterion([name], path, is_session=kind == "run")
    return user_id in label_lists.find_users(resources, principal, criterion, writing.MAX_DELETED)


def delete_all_entities(resources: Resources, principal: Principal) -> int:
    """Erase every user of the tenant; returns how many they were. Raises `Forbidden`."""
    principal.require_scope(KeyScope.ADMIN)
    if principal.user_id is not None:
        raise Forbidden("A key that is bound to a user can't erase the others.")
    erased = 0
    while users := label_lists.find_users(resources, principal, None, _USERS_AT_ONCE):
        for user_id in users:
            erasure.erase_user(resources, principal, user_id)
        erased += len(users)
    return erased
