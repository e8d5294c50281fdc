"""The prompt-ready block: a session's last turns and what the search finds, within a token budget."""

from typing import Any
from uuid import UUID

from app.core.security import Principal
from app.core.vocabulary import Scope
from app.db.repositories import turns, users
from app.llm.embeddings import count_tokens
from app.memory.packing import Line, pack
from app.resources import Resources
from app.schemas.search import ContextIn, ContextOut, Item, ItemType, SearchIn
from app.services import search

RECENT_TURNS = 8


def build(resources: Resources, principal: Principal, request: ContextIn) -> ContextOut:
    """Search, then pack: never above `max_tokens`."""
    principal.require(Scope.READ)
    principal.require_user(request.user_id)
    found = search.run(
        resources,
        principal,
        SearchIn(
            user_id=request.user_id,
            query=request.query,
            k=request.k,
            agent_id=request.agent_id,
            reference_time=request.reference_time,
            wait_for=request.wait_for,
            wait_seconds=request.wait_seconds,
        ),
    )
    recent = recent_turns(resources, principal, request.user_id, request.session_id)
    shown = {turn["id"] for turn in recent}
    lines = [_recent_line(turn) for turn in recent]
    lines += [_line(item) for item in found.items if str(item.id) not in shown]
    text, tokens, used = pack(lines, request.format, request.max_tokens, count_tokens)
    return ContextOut(
        text=text,
        tokens=tokens,
        memory_ids=[UUID(line.id) for line in used if line.is_memory],
        turn_ids=[UUID(line.id) for line in used if not line.is_memory],
    )


def recent_turns(
    resources: Resources, principal: Principal, user_id: str, session_id: str | None
) -> list[dict[str, Any]]:
    """The last turns of a session: from Redis when it holds them as they are now, else from Postgres."""
    if session_id is None:
        return []
    tenant_id = principal.tenant_id
    with resources.transaction(principal) as session:
        state = users.state(session, tenant_id, user_id)
        revision = state[0] if state is not None else 0
        held = resources.cache.recent_turns(tenant_id, user_id, session_id, revision)
        if held is not None:
            return held[-RECENT_TURNS:]
        rows = turns.recent(session, tenant_id, user_id, session_id, RECENT_TURNS)
    fresh = [
        {
            "id": str(row.id),
            "speaker": row.name or row.role,
            "content": row.content,
            "at": row.observed_at.isoformat(),
        }
        for row in rows
    ]
    resources.cache.keep_recent_turns(tenant_id, user_id, session_id, revision, fresh)
    return fresh


def _recent_line(turn: dict[str, Any]) -> Line:
    return Line(turn["id"], False, turn["at"], f"{turn['speaker']}: {turn['content']}", recent=True)


def _line(item: Item) -> Line:
    is_memory = item.type is ItemType.MEMORY
    source = item.sources[0] if item.sources else None
    said = (source.observed_at if source is not None else None) or item.valid_from
    speaker = (source.name or source.role or "") if source is not None else ""
    text = item.content if is_memory or not speaker else f"{speaker}: {item.content}"
    return Line(str(item.id), is_memory, said.isoformat() if said is not None else "", text)
