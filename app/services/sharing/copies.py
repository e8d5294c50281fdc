"""Copy memories between users by grants."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core.errors import Conflict, Forbidden, InvalidInput
from app.core.security import Principal
from app.core.vocabulary import CopyResult, KeyScope, Right
from app.db import models
from app.db.models import Grant
from app.db.repositories.ingestion import turns
from app.db.repositories.memories import conflicts, derivations, memories
from app.db.repositories.sharing import copies, grants
from app.db.user_session import UserSession
from app.db.vectors import Vector
from app.llm.embedders import EmbeddersInUse
from app.memory.identity.subjects import ACCOUNT, fold_subject
from app.memory.types import Assertion
from app.resources import Resources
from app.schemas.sharing.grants import MAX_COPIED, CopiedMemory, CopyMemories, CopyOut
from app.services.memories.change_set import sources_by_memory
from app.services.memories.identities import load_identities
from app.services.memories.unit_of_work import refuse_duplicates, user_write
from app.services.models.model_registry import VectorPair, embed_texts, with_models
from app.services.platform.pagination import decode_cursor, encode_cursor
from app.services.platform.user_context import UserContext
from app.services.sharing.copy_merging import CopyMerger, MemorySource, MemoryToCopy


@dataclass(frozen=True, slots=True)
class _CopySource:
    """The data read from the owner: the grants, the memories, their vectors, and the next cursor."""

    grants: Sequence[Grant]
    memories_to_copy: Sequence[MemoryToCopy]
    vectors: Mapping[UUID, Vector]
    next_cursor: str | None


def copy_memories(resources: Resources, principal: Principal, request: CopyMemories) -> CopyOut:
    """Write what grants let a user copy as memories of that user, which no revocation takes back.

    A memory that the user has already, in the same words or as the same value of a slot, gets one more
    source. A copy has less authority than anything that was said to the user: where the two disagree, a
    conflict is open. A repeated copy changes nothing; the copy of a newer version replaces the copy of the
    earlier one. Raises `Forbidden` without a grant, `InvalidInput` for an id that no grant covers or that was
    derived from copies (an erasure of their owner could not be traced through it), `Conflict` when a grant
    ends meanwhile, or when the user has a memory of the same content with another slot.
    """
    principal.require_scope(KeyScope.WRITE)
    principal.require_user(request.user_id)
    if request.owner_user_id == request.user_id:
        raise InvalidInput("A user's own memories need no copy.", field="owner_user_id")
    with refuse_duplicates():
        return with_models(resources, lambda in_use: _copy_memories(resources, in_use, principal, request))


def _copy_memories(
    resources: Resources, in_use: EmbeddersInUse, principal: Principal, request: CopyMemories
) -> CopyOut:
    read = _read(resources, in_use, principal, request)
    vectors = _reuse_or_embed_vectors(in_use, read)
    with user_write(UserContext(resources, principal, request.user_id), in_use=in_use) as change:
        session = change.session
        if not grants.lock_grants(
            session, principal.tenant_id, [grant.id for grant in read.grants], change.now
        ):
            raise Conflict("A grant ended meanwhile.", field="owner_user_id")
        merger = CopyMerger(change, read.memories_to_copy)
        ids = [merger.merge_copy(one, vectors) for one in read.memories_to_copy]
        merger.end_replaced_copies()
        created = change.flush().created
        pairs = conflicts.list_open_conflicts_of(session, principal.tenant_id, ids)
    disputed = {memory_id for pair in pairs for memory_id in pair}
    items = [
        CopiedMemory(
            owner_memory_id=one.row.id,
            owner_version=one.row.version,
            memory_id=memory_id,
            result=_copy_result(memory_id, created, disputed),
        )
        for one, memory_id in zip(read.memories_to_copy, ids, strict=True)
    ]
    return CopyOut(items=items, next_cursor=read.next_cursor)


def _copy_result(memory_id: UUID, created: Collection[UUID], disputed: set[UUID]) -> CopyResult:
    if memory_id in disputed:
        return CopyResult.CONFLICT
    return CopyResult.CREATED if memory_id in created else CopyResult.SAME


def _read(
    resources: Resources, in_use: EmbeddersInUse, principal: Principal, request: CopyMemories
) -> _CopySource:
    """Read the memories to copy as the owner, because a key that is bound to the
    grantee does not see them.
    """
    tenant_id, owner = principal.tenant_id, request.owner_user_id
    after = decode_cursor(request.cursor)
    with resources.open_transaction(principal) as session:
        grantee = UserSession(session, tenant_id, request.user_id)
        grants_in_force = grants.list_grants_to(grantee, resources.now(), owner=owner, right=Right.COPY)
    if not grants_in_force:
        raise Forbidden("No grant in force lets this user copy from that one.", field="owner_user_id")
    with resources.read_transaction(Principal(tenant_id, user_id=owner)) as session:
        if request.memory_ids is None:
            excluded_kinds, limit = derivations.DERIVED, request.limit + 1
            rows = grants.list_covered_memories(
                session, tenant_id, grants_in_force, but_kinds=excluded_kinds, after=after, limit=limit
            )
        else:
            named = grants.list_covered_memories(
                session, tenant_id, grants_in_force, ids=request.memory_ids, limit=MAX_COPIED
            )
            ungranted = set(request.memory_ids) - {row.id for row in named}
            if ungranted:
                message = f"No grant in force lets the memory {min(ungranted)} be copied."
                raise InvalidInput(message, field="memory_ids")
            copy_dependents = copies.list_copy_dependents(session, tenant_id, [row.id for row in named])
            if copy_dependents:
                message = f"The memory {min(copy_dependents)} was concluded from copies: copy those."
                raise InvalidInput(message, field="memory_ids")
            rows = [row for row in named if after is None or row.id > after]
        ids = [row.id for row in rows]
        vectors = turns.load_turn_vectors(session, tenant_id, ids, in_use.active.model_id)
        assertions = sources_by_memory(memories.list_assertions(session, tenant_id, ids))
        names = load_identities(UserSession(session, tenant_id, owner)).account_names
    _name_owner(rows, min(names, key=len) if names else fold_subject(owner))
    planned = [_plan_copy(row, assertions.get(row.id, []), request.user_id) for row in rows[: request.limit]]
    return _CopySource(grants_in_force, planned, vectors, encode_cursor(ids, request.limit))


def _name_owner(rows: Sequence[models.Memory], name: str) -> None:
    """Name the owner in rows that were read: in another user's memories, "user" is that user."""
    for row in rows:
        if row.subject == ACCOUNT:
            row.subject = name
        if row.value == ACCOUNT:
            row.value = name


def _plan_copy(row: models.Memory, said: Sequence[Assertion], user_id: str) -> MemoryToCopy:
    """Plan the copy of a memory; the copy of a copy names the original memory as its source."""
    supporting = [one for one in said if one.polarity > 0] or list(said)
    last = max((one.asserted_at for one in supporting), default=row.valid_from or row.recorded_at)
    since = row.valid_from if row.attribute is not None and row.valid_from is not None else last
    dates = tuple(sorted({min(since, last), last}))
    sources: set[MemorySource] = set()
    for one in supporting:
        if one.owner_user_id is None or one.owner_memory_id is None or one.owner_version is None:
            return MemoryToCopy(row, dates, ((row.user_id, row.id, row.version),))
        if one.owner_user_id != user_id:
            sources.add((one.owner_user_id, one.owner_memory_id, one.owner_version))
    return MemoryToCopy(row, dates, tuple(sorted(sources)) or ((row.user_id, row.id, row.version),))


def _reuse_or_embed_vectors(in_use: EmbeddersInUse, read: _CopySource) -> dict[UUID, VectorPair]:
    """Return the owner's vectors where they fit, and embed the memories that have none of a model in use."""
    vectors: dict[UUID, VectorPair] = {}
    if in_use.target is None:
        vectors = {memory_id: (vector, None) for memory_id, vector in read.vectors.items()}
    rows = [one.row for one in read.memories_to_copy if one.row.id not in vectors]
    embedded = embed_texts(in_use, [row.content for row in rows])
    return vectors | {row.id: embedded.vector_pair(index) for index, row in enumerate(rows)}
