"""Search, list and show memories across the users whom a filter allows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.core.errors import InvalidInput, NotFound
from app.core.security import Principal
from app.core.vocabulary import Op, Status
from app.doors.mem0 import filter_leaves, filters, records
from app.doors.mem0.filters import Node
from app.doors.mem0.identity import RESERVED_KEY, read_entities, shown_user_id
from app.doors.mem0.requests import ListRequest, SearchRequest, build_message
from app.memory.metadata_filters import Condition, RowColumn
from app.memory.types import MemoryFilter
from app.resources import Resources
from app.schemas.search.search import SearchMemory
from app.services.memories import memory_reads, told_memories
from app.services.memories.told_memories import ToldMemory
from app.services.platform import label_lists
from app.services.platform.label_lists import UserCriterion
from app.services.search import search as searching

MAX_USERS = 50  # whose memories one request looks at
MAX_OFFSET = 10_000
_PAGE = 200
_TOP_K, _THRESHOLD = 10, 0.1


@dataclass(frozen=True, slots=True)
class Scope:
    """One user, and which of the user's memories are meant; None = all."""

    user_id: str
    condition: Condition | None


def choose_scopes(resources: Resources, principal: Principal, node: Node) -> list[Scope]:
    """The users whom the filter allows, by id. Raises `InvalidInput` when they are too many to look at."""
    named = filters.find_named_users(node)
    if named is not None:
        for user_id in named:
            principal.require_user(user_id)
        users = sorted(named)
    else:
        users = label_lists.find_users(resources, principal, _narrow(node), MAX_USERS + 1)
    if len(users) > MAX_USERS:
        message = f"This looks at more than {MAX_USERS} users: name a user_id."
        raise InvalidInput(message, field="filters.user_id")
    scopes: list[Scope] = []
    for user_id in users:
        left = filters.resolve_for_user(node, user_id, shown_user_id(user_id) is None)
        if left is not False:
            scopes.append(Scope(user_id, None if left is True else left))
    return scopes


def _narrow(node: Node) -> UserCriterion | None:
    """What a user must have for the filter to let anything of the user pass, if it says so."""
    if names := filters.find_named(node, "run_id"):
        return UserCriterion(names, (RESERVED_KEY, "run_id"), is_session=True)
    if names := filters.find_named(node, "app_id"):
        return UserCriterion(names, (RESERVED_KEY, "app_id"))
    if names := filters.find_named(node, "agent_id"):
        return UserCriterion(names)
    return None


def require_entity(principal: Principal, request: SearchRequest | ListRequest) -> None:
    """Raise `InvalidInput` for a request that names nobody, unless the key is bound to a user.

    mem0 refuses it too: a filter that was left out would be everybody's memories.
    """
    if principal.user_id is None and not (
        filters.names_an_entity(request.filters)
        or not read_entities(request.model_dump(include=set(filters.ENTITY_FIELDS))).is_empty
    ):
        message = 'Name a user_id, agent_id, app_id or run_id in the filters; {"user_id": "*"} is everybody.'
        raise InvalidInput(message, field="filters")


def build_filter(request: SearchRequest | ListRequest, *, is_open: bool) -> Node:
    """The filter of a request with what stands beside it. Raises `InvalidInput`, `NotOffered`."""
    entities = read_entities(request.model_dump(include=set(filters.ENTITY_FIELDS)))
    beside = {name: getattr(entities, name) for name in filters.ENTITY_FIELDS}
    parts = [filters.parse_filters(request.filters, is_open=is_open)]
    parts += [filters.parse_filters({name: value}) for name, value in beside.items() if value is not None]
    if request.metadata:
        parts.append(filters.parse_filters({"metadata": request.metadata}))
    if request.categories:
        parts.append(filter_leaves.is_categorised("categories", request.categories))
    if isinstance(request, ListRequest):
        created, compare = RowColumn.RECORDED_AT, filter_leaves.compare_time
        if request.start_date is not None:
            parts.append(compare(created, "start_date", "gte", request.start_date))
        if request.end_date is not None:
            parts.append(compare(created, "end_date", "lte", request.end_date))
        if request.keywords is not None:
            parts.append(filters.parse_filters({"keywords": request.keywords}))
    return filters.All(tuple(parts))


def build_entity_filter(named: Mapping[str, Any]) -> Node:
    """The filter of what belongs to all of these entities. Raises `InvalidInput` if there are none."""
    if read_entities(named).is_empty:
        raise InvalidInput("Name at least one of user_id, agent_id, app_id and run_id.", field="user_id")
    if all(named.get(name) == "*" for name in filters.ENTITY_FIELDS):
        return filters.parse_filters({})  # with all four mem0's command line means everything
    return filters.parse_filters({name: value for name, value in named.items() if value is not None})


def search_memories(
    resources: Resources, principal: Principal, request: SearchRequest, *, is_open: bool = False
) -> list[dict[str, Any]]:
    """The memories that answer a question, best first, as records with scores."""
    records.check_fields(request.fields)
    node = build_filter(request, is_open=is_open)
    count = request.top_k or request.limit or _TOP_K
    least = _THRESHOLD if request.threshold is None else request.threshold
    now = request.reference_date
    reference = filter_leaves.parse_period("reference_date", now)[0] if now is not None else None
    scores: dict[UUID, float] = {}
    for scope in choose_scopes(resources, principal, node):
        question = build_message(
            SearchMemory,
            {
                "user_id": scope.user_id,
                "query": request.query,
                "k": count,
                "kinds": list(records.REMEMBERED_KINDS),
                "reference_time": reference,
                "include_superseded": request.latest_only is False,
            },
        )
        answer = searching.search_memory(resources, principal, question, condition=scope.condition)
        scores |= {item.id: records.to_score(item) for item in answer.items}
    best = sorted((one for one in scores if scores[one] >= least), key=lambda one: -scores[one])[:count]
    found = told_memories.load_told_memories(resources, principal, best)
    return [
        records.pick_fields(records.to_record(told, scores[told.memory.id]), request.fields) for told in found
    ]


def _to_memory_filter(scope: Scope, *, with_ended: bool) -> MemoryFilter:
    statuses = [Status.ACTIVATED, *([Status.SUPERSEDED] if with_ended else [])]
    return MemoryFilter(statuses, records.REMEMBERED_KINDS, metadata=scope.condition)


def list_memories(
    resources: Resources, principal: Principal, request: ListRequest, offset: int, limit: int
) -> tuple[list[dict[str, Any]], int]:
    """The records of a page, user by user and the newest first, and how many there are on all pages."""
    if offset > MAX_OFFSET:
        raise InvalidInput(f"Pages reach {MAX_OFFSET} memories far: narrow the filter.", field="page")
    records.check_fields(request.fields)
    node = build_filter(request, is_open=False)
    ids: list[UUID] = []
    total = 0
    for scope in choose_scopes(resources, principal, node):
        matching = _to_memory_filter(scope, with_ended=request.latest_only is False)
        skipped = max(0, offset - total)
        wanted = limit - len(ids)
        found, count = _list_ids(resources, principal, scope.user_id, matching, skipped, wanted)
        ids += found
        total += count
    found = told_memories.load_told_memories(resources, principal, ids)
    return [records.pick_fields(records.to_record(told), request.fields) for told in found], total


def _list_ids(
    resources: Resources,
    principal: Principal,
    user_id: str,
    matching: MemoryFilter,
    skipped: int,
    wanted: int,
) -> tuple[list[UUID], int]:
    """The ids of one user's memories after so many of them, and how many there are."""
    ids: list[UUID] = []
    cursor: str | None = None
    total: int | None = None
    while True:
        size = max(1, min(_PAGE, skipped + wanted - len(ids)))
        page = memory_reads.list_memories(
            resources,
            principal,
            user_id=user_id,
            matching=matching,
            cursor=cursor,
            limit=size,
            is_counted=total is None,
        )
        total = page.total if total is None else total
        ids += [memory.id for memory in page.items]
        cursor = page.next_cursor
        if cursor is None or len(ids) >= skipped + wanted:
            return ids[skipped : skipped + wanted], total or 0


def count_memories(resources: Resources, principal: Principal, named: Mapping[str, Any]) -> int:
    """How many memories these entities have now."""
    total = 0
    for scope in choose_scopes(resources, principal, build_entity_filter(named)):
        matching = _to_memory_filter(scope, with_ended=False)
        total += _list_ids(resources, principal, scope.user_id, matching, 0, 0)[1]
    return total


def list_all_ids(resources: Resources, principal: Principal, scope: Scope, limit: int) -> list[UUID]:
    """The ids of up to `limit` memories of any status that are meant, those that were derived too."""
    statuses = [status for status in Status if status is not Status.EXPIRED]
    matching = MemoryFilter(statuses, metadata=scope.condition)
    return _list_ids(resources, principal, scope.user_id, matching, 0, limit)[0]


def get_memory(resources: Resources, principal: Principal, memory_id: UUID) -> ToldMemory:
    """A memory with its turns. Raises `NotFound`."""
    memory_reads.get_memory(resources, principal, memory_id)
    found = told_memories.load_told_memories(resources, principal, [memory_id])
    if not found:
        raise NotFound("There is no such memory.")
    return found[0]


def list_history(resources: Resources, principal: Principal, memory_id: UUID) -> list[dict[str, Any]]:
    """The versions of a memory that changed what a client sees of it, oldest first."""
    versions = memory_reads.get_memory_history(resources, principal, memory_id).items
    told = told_memories.load_told_memories(resources, principal, [memory_id])
    said = [{"role": turn.role, "content": turn.quote} for turn in told[0].turns] if told else []
    entries: list[dict[str, Any]] = []
    before: Mapping[str, Any] = {}
    for version in versions:
        after = (
            {} if version.op == Op.DELETE else version.snapshot.model_dump(mode="json", exclude_unset=True)
        )
        seen = ("content", "metadata", "expires_at")
        if entries and version.op != Op.DELETE and all(before.get(one) == after.get(one) for one in seen):
            continue
        event = "DELETE" if version.op == Op.DELETE else "UPDATE" if entries else "ADD"
        entries.append(
            {
                "id": f"{memory_id}:{version.version}",
                "memory_id": str(memory_id),
                "input": said,
                "old_memory": before.get("content"),
                "new_memory": after.get("content"),
                "user_id": shown_user_id(told[0].memory.user_id) if told else None,
                "event": event,
                "metadata": _without_reserved(after.get("metadata")),
                "created_at": version.at.isoformat(),
                "updated_at": version.at.isoformat(),
            }
        )
        before = after
    return entries


def _without_reserved(metadata: Any) -> dict[str, Any]:
    kept = metadata if isinstance(metadata, dict) else {}
    return {key: value for key, value in kept.items() if key != RESERVED_KEY}


def read_ids(ids: Sequence[Any], field: str) -> list[UUID]:
    """The ids of memories. Raises `InvalidInput`."""
    try:
        return [UUID(str(one)) for one in ids]
    except ValueError as exc:
        raise InvalidInput("The id of a memory is a UUID.", field=field) from exc
