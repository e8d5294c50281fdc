"""Add, edit and delete memories as mem0's clients ask for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.core.errors import InvalidInput
from app.core.preconditions import IfMatch
from app.core.security import Principal
from app.core.vocabulary import KeyScope, LinkType
from app.doors.mem0 import filter_leaves, reading
from app.doors.mem0.identity import RESERVED_KEY, Entities, read_entities, reject_reserved_key
from app.doors.mem0.records import parse_expiration_date
from app.doors.mem0.refusals import NotOffered
from app.doors.mem0.requests import AddRequest, BatchMember, UpdateRequest, build_message
from app.resources import Resources
from app.schemas.ingestion.turns import AcceptedTurns, AddTurns, NewTurn
from app.schemas.memories.memories import CreateMemory, MemoryOut, UpdateMemory
from app.services.ingestion import accept_turns, unread_turns
from app.services.memories import bulk_deletion, links, memory_reads, memory_writes
from app.services.search import retrievals

_ANY_VERSION = IfMatch(None)
MAX_DELETED = 10_000  # memories by one request
_MAX_LINKED = 200
_STEP = timedelta(microseconds=1)
_SET_ASIDE = "all memories of its user, agent, app or run were deleted before it was read"


@dataclass(frozen=True, slots=True)
class _Addition:
    """A request to add, read: whose it is, when it was said and what goes with it."""

    request: AddRequest
    entities: Entities
    at: datetime | None
    metadata: dict[str, Any]


def _read_addition(request: AddRequest) -> _Addition:
    named = request.model_dump(include={"user_id", "agent_id", "app_id", "run_id"})
    beside = request.filters or {}
    unknown = sorted(beside.keys() - named.keys())
    if unknown:
        raise InvalidInput(
            f"There is no field {unknown[0][:60]!r} in the filters of an add.", field="filters"
        )
    for name, value in beside.items():
        if named[name] not in (None, "", value):
            raise InvalidInput("It stands in the filters and beside them, and differs.", field=name)
        named[name] = value
    metadata = request.metadata or {}
    reject_reserved_key(metadata)
    entities = read_entities(named)
    at = None
    if request.timestamp is not None:
        at = filter_leaves.parse_period("timestamp", request.timestamp)[0]
    return _Addition(request, entities, at, metadata | entities.reserved_metadata())


def add_turns(
    resources: Resources, principal: Principal, request: AddRequest, *, is_awaited: bool
) -> AcceptedTurns:
    """Accept the messages as turns, from which memories will be made.

    `is_awaited`: the client waits for the memories, so they are made without waiting for further turns.
    """
    if request.expiration_date is not None:
        message = "expiration_date goes with infer=False, or with an update of what was remembered."
        raise NotOffered(message, field="expiration_date")
    given = _read_addition(request)
    owner = given.entities.owner(principal.user_id)
    said_at = given.at or resources.now()
    turns = [
        build_message(
            NewTurn,
            {
                "role": message.role,
                "name": message.name,
                "content": message.content,
                # A microsecond apart: the order of the messages is that in which they were said.
                "observed_at": said_at + at * _STEP if given.at is not None else None,
                "metadata": given.metadata,
            },
        )
        for at, message in enumerate(request.messages)
    ]
    accepted = accept_turns.accept_turns(
        resources,
        principal,
        AddTurns(
            user_id=owner,
            session_id=given.entities.session_id(said_at.astimezone(UTC)),
            agent_id=given.entities.agent_id,
            turns=turns,
            close_session=is_awaited,
        ),
        None,
    )
    accept_turns.notify_workers(resources)
    return accepted


def add_memories(resources: Resources, principal: Principal, request: AddRequest) -> list[MemoryOut]:
    """Store each message word for word as a memory (`infer=False`); those of the system are no memories."""
    given = _read_addition(request)
    owner = given.entities.owner(principal.user_id)
    wanted = [message for message in request.messages if message.role != "system"]
    if not wanted:
        raise InvalidInput("There is nothing to remember but messages of the system.", field="messages")
    drafts = [
        build_message(
            CreateMemory,
            {
                "user_id": owner,
                "agent_id": given.entities.agent_id,
                "content": _check_memory_text(message.content, f"messages[{at}].content"),
                "asserted_at": given.at,
                "expires_at": parse_expiration_date(request.expiration_date),
                "metadata": given.metadata,
            },
        )
        for at, message in enumerate(wanted)
    ]
    return [memory_writes.create_memory(resources, principal, draft, None) for draft in drafts]


def _check_memory_text(text: str, field: str) -> str:
    if not text.strip() or len(text) > 4_000 or "\0" in text:
        raise InvalidInput("A memory is a text of 1 to 4000 characters.", field=field)
    return text


def update_memory(
    resources: Resources, principal: Principal, memory_id: UUID, request: UpdateRequest
) -> None:
    """Change the text, the metadata or the end of a memory. Raises `NotFound`, `InvalidInput`."""
    if request.timestamp is not None:
        message = "timestamp of an update: since when a memory holds follows from what says it."
        raise NotOffered(message, field="timestamp")
    memory = memory_reads.get_memory(resources, principal, memory_id)
    changes: dict[str, Any] = {}
    if request.text is not None:
        changes["content"] = _check_memory_text(request.text, "text")
    if request.metadata is not None:
        reject_reserved_key(request.metadata)
        kept = memory.metadata.get(RESERVED_KEY)
        changes["metadata"] = request.metadata | ({RESERVED_KEY: kept} if kept is not None else {})
    if "expiration_date" in request.model_fields_set:
        changes["expires_at"] = parse_expiration_date(request.expiration_date)
    if not changes:
        raise InvalidInput("Name a text, metadata or an expiration_date to change.", field="text")
    memory_writes.update_memory(
        resources, principal, memory_id, build_message(UpdateMemory, changes), _ANY_VERSION
    )


def update_batch(resources: Resources, principal: Principal, members: Sequence[BatchMember]) -> int:
    """Change many memories. Raises `NotFound` before anything is changed if one of them is not there."""
    ids = reading.read_ids([member.memory_id for member in members], "memories")
    changes: list[UpdateRequest] = []
    for at, member in enumerate(members):
        if member.text is None and member.metadata is None:
            raise InvalidInput("Name a text or metadata to change.", field=f"memories[{at}].text")
        given = member.model_dump(exclude_none=True, include={"text", "metadata"})
        changes.append(UpdateRequest.model_validate(given))
    for memory_id in ids:
        memory_reads.get_memory(resources, principal, memory_id)
    for memory_id, change in zip(ids, changes, strict=True):
        update_memory(resources, principal, memory_id, change)
    return len(ids)


def delete_memory(resources: Resources, principal: Principal, memory_id: UUID, *, with_linked: bool) -> int:
    """Delete a memory, with those that it replaced if asked for; returns how many those were."""
    if not with_linked:
        memory_writes.delete_memory(resources, principal, memory_id)
        return 0
    user_id = memory_reads.get_memory(resources, principal, memory_id).user_id
    found, looked_at = [memory_id], 0
    while looked_at < len(found):
        for linked in _list_replaced(resources, principal, found[looked_at]):
            if linked not in found:
                found.append(linked)
        looked_at += 1
        if len(found) > bulk_deletion.MAX_DELETED:
            raise InvalidInput("More memories are linked to this one than can be deleted at once.")
    bulk_deletion.delete_memories(resources, principal, user_id, found)
    return len(found) - 1


def _list_replaced(resources: Resources, principal: Principal, memory_id: UUID) -> list[UUID]:
    page = links.list_links(
        resources, principal, memory_id, types=[LinkType.SUPERSEDES], cursor=None, limit=_MAX_LINKED
    )
    return [link.memory_id for link in page.items if link.direction == "out"]


def delete_batch(resources: Resources, principal: Principal, members: Sequence[BatchMember]) -> int:
    """Delete many memories; all of a user's or none. Raises `NotFound` before anything is deleted."""
    ids = reading.read_ids([member.memory_id for member in members], "memories")
    by_user: dict[str, list[UUID]] = {}
    for memory_id in dict.fromkeys(ids):
        user_id = memory_reads.get_memory(resources, principal, memory_id).user_id
        by_user.setdefault(user_id, []).append(memory_id)
    for user_id, of_user in by_user.items():
        _delete_ids(resources, principal, user_id, of_user)
    return len(set(ids))


def _delete_ids(resources: Resources, principal: Principal, user_id: str, ids: Sequence[UUID]) -> None:
    size = bulk_deletion.MAX_DELETED
    for at in range(0, len(ids), size):
        bulk_deletion.delete_memories(resources, principal, user_id, ids[at : at + size])


def delete_matching(resources: Resources, principal: Principal, named: Mapping[str, Any]) -> int:
    """Delete all memories of these entities, whatever their status; returns how many they were.

    The turns stay in the log, as they do when one memory is deleted; those that were not read yet will not
    be, or what was deleted would come back by itself.
    """
    principal.require_scope(KeyScope.WRITE)
    node = reading.build_entity_filter(named)
    deleted = 0
    for scope in reading.choose_scopes(resources, principal, node):
        ids = reading.list_all_ids(resources, principal, scope, MAX_DELETED + 1)
        if deleted + len(ids) > MAX_DELETED:
            raise InvalidInput(f"One call deletes at most {MAX_DELETED} memories.", field="user_id")
        # What is refused, as for a frozen memory, is refused before any turn is set aside.
        _delete_ids(resources, principal, scope.user_id, ids)
        unread_turns.set_turns_aside(resources, principal, scope.user_id, scope.condition, _SET_ASIDE)
        late = reading.list_all_ids(resources, principal, scope, MAX_DELETED)  # written in between
        _delete_ids(resources, principal, scope.user_id, late)
        deleted += len(ids) + len(late)
    return deleted


def give_feedback(resources: Resources, principal: Principal, memory_id: UUID, *, is_useful: bool) -> UUID:
    """Keep whether a memory was of use; the id of the feedback."""
    return retrievals.give_memory_feedback(resources, principal, memory_id, is_useful=is_useful).retrieval_id
