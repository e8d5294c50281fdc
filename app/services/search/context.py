"""The prompt-ready block: a session's last turns and what the search finds, within a token budget."""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.core.security import Principal
from app.core.vocabulary import Form, Status
from app.db.models import Memory, Turn
from app.db.repositories.ingestion import turns
from app.db.repositories.memories import history, memories
from app.db.repositories.platform import users
from app.db.user_session import UserSession
from app.llm.embeddings import count_tokens
from app.memory.ranking.context_budget import ContextLine, fill_token_budget
from app.memory.sessions.small_talk import is_small_talk
from app.resources import Resources
from app.schemas.search import ContextIn, ContextOut, Item, ItemType, NearTurn, SearchIn
from app.services.memories.as_of import BitemporalPoint, load_state_as_of
from app.services.search import retrievals, search
from app.services.search.retrievals import ShownItem
from app.services.search.search import SearchAnswer

RECENT_TURNS = 8
HOT_MEMORIES, HOT_IMPORTANCE = 20, 0.7
MAX_SHOWN_DAYS = 5  # told of a turn that says what other turns say
CacheRow = dict[str, Any]


def build_context(
    resources: Resources, principal: Principal, request: ContextIn, waited: bool | None = None
) -> ContextOut:
    """Search, then pack: never above `max_tokens`.

    The conversation's last turns come first, then what the search finds, then the hot memories, then the
    turns beside what was found. For small talk nothing but the last turns is needed.
    """
    search.require_read_access(principal, request)
    clocks = BitemporalPoint(request.as_of, request.known_at)
    named = (request.user_id, request.session_id)
    if clocks:
        recent, hot, epoch = load_working_memory_as_of(resources, principal, *named, clocks)
    else:
        recent, hot, epoch = load_working_memory(resources, principal, *named)
    lines = [_recent_line(turn) for turn in recent]
    gated = is_small_talk(request.query)
    answer = None
    if not gated:
        answer = _search_for_context(resources, principal, request)
        lines += [_item_line(item) for item in answer.response.items]
        lines += [ContextLine(row["id"], True, row["at"], row["content"]) for row in hot]
        lines += [
            _neighbour_line(item, one)
            for item in answer.response.items
            for one in item.neighbours
            if not one.superseded_by  # a block does not tell which of its words are no longer true
        ]
    distinct = {line.id: line for line in reversed(lines)}
    ordered = [distinct[line_id] for line_id in dict.fromkeys(line.id for line in lines)]
    text, tokens, used = fill_token_budget(ordered, request.format, request.max_tokens, count_tokens)
    return ContextOut(
        text=text,
        tokens=tokens,
        memory_ids=[UUID(line.id) for line in used if line.is_memory],
        turn_ids=[UUID(line.id) for line in used if not line.is_memory],
        gated=gated,
        waited=waited,
        retrieval_id=_record_retrieval(resources, principal, (request.user_id, epoch), answer, used),
    )


def _search_for_context(resources: Resources, principal: Principal, request: ContextIn) -> SearchAnswer:
    return search.find_answer(
        resources,
        principal,
        SearchIn(
            user_id=request.user_id,
            query=request.query,
            asked_in=request.session_id,
            k=request.k,
            agent_id=request.agent_id,
            reference_time=request.reference_time,
            as_of=request.as_of,
            known_at=request.known_at,
            shared=request.shared,
            neighbours=request.neighbours,
        ),
    )


def _record_retrieval(
    resources: Resources,
    principal: Principal,
    of: tuple[str, int],
    answer: SearchAnswer | None,
    used: list[ContextLine],
) -> UUID | None:
    """Hold what the block shows of (user, epoch), in its order, until feedback comes."""
    features = {one.id: one.features for one in answer.shown_items} if answer is not None else {}
    shown = [ShownItem(UUID(line.id), features.get(UUID(line.id))) for line in used]
    ranker = answer.ranker_version if answer is not None else 0
    return retrievals.record_retrieval(resources, principal, *of, ranker, shown)


def load_working_memory(
    resources: Resources, principal: Principal, user_id: str, session_id: str | None
) -> tuple[list[CacheRow], list[CacheRow], int]:
    """(the session's last turns, the user's hot memories, the user's epoch): from Redis if it has them now.

    Otherwise from Postgres, which is then kept in Redis: a flushed Redis fills itself again.
    """
    tenant_id, cache, now = principal.tenant_id, resources.cache, resources.now()
    with resources.read_transaction(principal) as session:
        state = users.get_revision_and_epoch(UserSession(session, tenant_id, user_id)) or (0, 0)
    part = f"turns:{session_id}"
    recent = cache.get_working_memory(tenant_id, user_id, part, state) if session_id is not None else []
    hot = cache.get_working_memory(tenant_id, user_id, "hot", state)
    if recent is not None and hot is not None:
        return recent, [row for row in hot if _is_unexpired(row, now)], state[1]
    with resources.read_transaction(principal) as session:
        rows = (
            turns.list_recent_turns(session, tenant_id, user_id, session_id, RECENT_TURNS)
            if session_id
            else []
        )
        hottest = memories.list_hot_memories(
            UserSession(session, tenant_id, user_id), HOT_IMPORTANCE, HOT_MEMORIES
        )
    recent = [_to_recent_row(row) for row in rows]
    hot = [_to_hot_row(m.id, m.content, m.valid_from) | _expiry_fields(m) for m in hottest]
    if session_id is not None:
        cache.put_working_memory(tenant_id, user_id, part, state, recent)
    cache.put_working_memory(tenant_id, user_id, "hot", state, hot)
    return recent, hot, state[1]


def load_working_memory_as_of(
    resources: Resources, principal: Principal, user_id: str, session_id: str | None, point: BitemporalPoint
) -> tuple[list[CacheRow], list[CacheRow], int]:
    """As `working_memory`, of what stood then; how often it was used is not told."""
    tenant_id = principal.tenant_id
    with resources.read_transaction(principal) as session:
        _, epoch = users.get_revision_and_epoch(UserSession(session, tenant_id, user_id)) or (0, 0)
        said = (
            history.list_turns_as_of(UserSession(session, tenant_id, user_id), point.as_of, point.known_at)
            if session_id
            else []
        )
        stood = load_state_as_of(UserSession(session, tenant_id, user_id), point).memories
        recent = [_to_recent_row(turn) for turn in said if turn.session_id == session_id][-RECENT_TURNS:]
    hottest = [
        row
        for row in stood
        if row.status == Status.ACTIVATED and row.form == Form.STATE and row.importance >= HOT_IMPORTANCE
    ]
    hottest.sort(key=lambda row: (-row.importance, row.id))
    hot = [_to_hot_row(row.id, row.content, row.valid_from) for row in hottest[:HOT_MEMORIES]]
    return recent, hot, epoch


def _to_recent_row(turn: Turn) -> CacheRow:
    speaker = turn.name or turn.role
    return {
        "id": str(turn.id),
        "speaker": speaker,
        "content": turn.content,
        "at": turn.observed_at.isoformat(),
    }


def _to_hot_row(memory_id: UUID, content: str, at: datetime | None) -> CacheRow:
    return {"id": str(memory_id), "content": content, "at": at.isoformat() if at else ""}


def _expiry_fields(memory: Memory) -> CacheRow:
    """When the time to live of what Redis keeps ends, which changes nothing that Redis hears of."""
    if memory.expires_at is None or memory.frozen:
        return {}
    return {"until": memory.expires_at.isoformat()}


def _is_unexpired(row: CacheRow, now: datetime) -> bool:
    return "until" not in row or datetime.fromisoformat(row["until"]) > now


def _recent_line(turn: dict[str, Any]) -> ContextLine:
    return ContextLine(turn["id"], False, turn["at"], f"{turn['speaker']}: {turn['content']}", is_recent=True)


def _neighbour_line(item: Item, turn: NearTurn) -> ContextLine:
    text = f"{turn.name or turn.role}: {turn.content}"
    return ContextLine(
        str(turn.turn_id), False, turn.observed_at.isoformat(), text, neighbour_of=str(item.id)
    )


def _item_line(item: Item) -> ContextLine:
    is_memory = item.type is ItemType.MEMORY
    source = item.sources[0] if item.sources else None
    said = (source.observed_at if source is not None else None) or item.valid_from
    speaker = (source.name or source.role or "") if source is not None else ""
    text = item.content if is_memory or not speaker else f"{speaker}: {item.content}"
    if item.folded and not is_memory:
        days = sorted({f"{other.observed_at:%Y-%m-%d}" for other in item.sources[1:] if other.observed_at})
        text += f" (also said on {', '.join(days[:MAX_SHOWN_DAYS])})"
    if item.owner_user_id is not None:
        text += f" (shared by {item.owner_user_id})"
    return ContextLine(str(item.id), is_memory, said.isoformat() if said is not None else "", text)
