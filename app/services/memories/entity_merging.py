"""Merge and split the entities of a user, as a client says."""

from collections.abc import Sequence
from uuid import UUID

from app.core.errors import Conflict, InvalidInput, NotFound
from app.core.security import Principal
from app.core.vocabulary import AliasSource, KeyScope, Status
from app.db import models
from app.db.repositories.memories import entity_aliases, memories
from app.memory.identity.subjects import ACCOUNT, EntityAlias, Identities
from app.memory.reconciliation.relations import Entity, normalise_name
from app.resources import Resources
from app.schemas.memories.entities import EntityOut, MergeEntities, SplitEntity
from app.services.memories.entities import collect_entities, find_entity, to_entity_out
from app.services.memories.identities import load_identities, move_memories, rename_subject
from app.services.memories.unit_of_work import UserWrite, user_write
from app.services.platform.user_context import UserContext

_NAMING = frozenset([Status.ACTIVATED, Status.SUPERSEDED, Status.ARCHIVED])


def merge_entities(
    resources: Resources, principal: Principal, an_id: UUID, request: MergeEntities
) -> EntityOut:
    """Make two entities one, by new versions of the memories about them; doing it again changes nothing.

    Of the user's own person and another one, the user's own stays. Raises `NotFound` when the user has no
    such entity, `InvalidInput` when `into` is none or the same, `Conflict` when a frozen memory would have to
    change.
    """
    principal.require_scope(KeyScope.WRITE)
    principal.require_user(request.user_id)
    with user_write(UserContext(resources, principal, request.user_id)) as change:
        identities = load_identities(change.user)
        entities = _load_entities(change, identities)
        name = _require_entity(request.user_id, entities, identities, an_id)
        into = find_entity(request.user_id, entities, identities, request.into)
        if into is None:
            raise InvalidInput("This user has no entity of this id.", field="into")
        if an_id == request.into:
            raise InvalidInput("An entity is not merged into itself.", field="into")
        if name != into:
            name, into = (into, name) if name == ACCOUNT else (name, into)
            _require_unfrozen(entity_aliases.list_memories_about(change.user, name))
            entity_aliases.upsert_link(change.user, name, into, str(change.actor), change.now)
            identities = load_identities(change.user)
            move_memories(change, identities, EntityAlias(name, into, AliasSource.CLIENT))
        return _to_answer(change, identities, into)


def split_entity(resources: Resources, principal: Principal, an_id: UUID, request: SplitEntity) -> EntityOut:
    """Take one of its names from an entity; what the link had moved goes back. Returns what is left.

    What was written since then stays: nothing tells which of the two it is about. Raises `NotFound` when the
    user has no such entity, `InvalidInput` when `alias` is none of its names, `Conflict` when a frozen memory
    would have to change.
    """
    principal.require_scope(KeyScope.WRITE)
    principal.require_user(request.user_id)
    with user_write(UserContext(resources, principal, request.user_id)) as change:
        identities = load_identities(change.user)
        name = _require_entity(request.user_id, _load_entities(change, identities), identities, an_id)
        alias = normalise_name(request.alias)
        if alias not in identities.aliases_of(name):
            raise InvalidInput("The entity has no such alias.", field="alias")
        _split(change, identities, alias, name)
        return _to_answer(change, load_identities(change.user), name)


def _split(change: UserWrite, identities: Identities, alias: str, name: str) -> None:
    for target in identities.targets_of(alias):
        moved = entity_aliases.mark_split(change.user, alias, target, str(change.actor), change.now)
        rows = memories.list_memories_by_ids(change.session, change.tenant_id, moved)
        # An imported bundle may name memories of others.
        own = [row for row in rows if row.user_id == change.user_id]
        back = [row for row in own if row.status not in (Status.EXPIRED, Status.MERGED)]
        _require_unfrozen(back)
        rename_subject(change, back, name, alias)


def _load_entities(change: UserWrite, identities: Identities) -> dict[str, Entity]:
    rows = memories.list_entity_mentions(change.user, _NAMING)
    entities = collect_entities(rows, identities)
    # A subject that no memory names or relates can be merged too.
    for name in {row["subject"] for row in rows if row["subject"]} | {*identities.registered}:
        canonical = identities.follow(name)
        entities.setdefault(canonical, Entity(canonical))
    return entities


def _require_entity(user_id: str, entities: dict[str, Entity], identities: Identities, an_id: UUID) -> str:
    name = find_entity(user_id, entities, identities, an_id)
    if name is None:
        raise NotFound("This user has no entity of this id.")
    return name


def _require_unfrozen(rows: Sequence[models.Memory]) -> None:
    frozen = [row.id for row in rows if row.frozen]
    if frozen:
        raise Conflict(f"The memory {min(frozen)} is frozen, and its subject would change.")


def _to_answer(change: UserWrite, identities: Identities, name: str) -> EntityOut:
    entity = _load_entities(change, identities).get(name, Entity(name))
    return to_entity_out(change.user_id, entity, identities)
