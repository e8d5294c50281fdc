"""Recall before a chat and remember after it, with bounded waits: a memory that is ill never stops a chat."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

import structlog
from starlette.concurrency import run_in_threadpool

from app.core.logs import describe_exception
from app.core.security import Principal
from app.core.vocabulary import LlmPurpose
from app.llm.client import Usage
from app.resources import Resources
from app.schemas.ingestion.turns import AddTurns, NewTurn
from app.schemas.search.search import BuildContext
from app.services.ingestion.accept_turns import accept_turns, notify_workers
from app.services.platform.llm_usage import record_llm_usage
from app.services.search.context import build_context

log = structlog.get_logger(__name__)
T = TypeVar("T")
RECALL_SECONDS = 2.0
REMEMBER_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class ChatOwner:
    """Whose memory a chat is about, in which session, and who calls."""

    principal: Principal
    user_id: str
    session_id: str


@dataclass(frozen=True, slots=True)
class Recalled:
    """What was recalled: the text, the ids of what it shows, and what the response's header says of it."""

    text: str = ""
    ids: tuple[UUID, ...] = ()
    told: str = "none"


async def recall_context(resources: Resources, owner: ChatOwner, query: str, max_tokens: int) -> Recalled:
    """Build the context of a question; nothing if the memory fails or does not answer in time."""
    if not query or not max_tokens:
        return Recalled()

    def build() -> Recalled:
        request = BuildContext(user_id=owner.user_id, query=query, max_tokens=max_tokens)
        found = build_context(resources, owner.principal, request)
        ids = tuple(dict.fromkeys([*found.memory_ids, *found.turn_ids]))
        if not ids:
            return Recalled()
        count = len(found.memory_ids)
        told = f"{count} memories" if count else f"{len(found.turn_ids)} turns"
        return Recalled(found.text, ids, told)

    recalled = await _within(RECALL_SECONDS, "chat_not_recalled", build)
    return recalled if recalled is not None else Recalled(told="none; the memory did not answer")


async def remember_turns(
    resources: Resources, owner: ChatOwner, make_turns: Callable[[], Sequence[NewTurn]], usage: Usage
) -> None:
    """Store the turns of a chat and count what it used; after a bounded wait it goes on by itself."""

    def store() -> bool:
        turns = make_turns()
        if turns:
            request = AddTurns(user_id=owner.user_id, session_id=owner.session_id, turns=list(turns))
            accept_turns(resources, owner.principal, request, None)
            notify_workers(resources)
        record_llm_usage(resources, owner.principal, LlmPurpose.CHAT, usage)
        return True

    await _within(REMEMBER_SECONDS, "chat_not_remembered", store)


async def _within(seconds: float, event: str, work: Callable[[], T]) -> T | None:
    """The result of work in a thread; None if it fails or takes longer, which is logged."""
    task = asyncio.ensure_future(run_in_threadpool(work))
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        task.add_done_callback(_take_error)
        log.warning(event, error="timeout")
        return None
    error = task.exception()
    if error is not None:
        log.warning(event, **describe_exception(error))
        return None
    return task.result()


def _take_error(task: "asyncio.Future[T]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.warning("chat_memory_failed_late", **describe_exception(error))
